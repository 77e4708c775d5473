package ivr

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/sip/media"
)

func espeak(t *testing.T) Speech {
	t.Helper()
	if _, err := exec.LookPath("espeak-ng"); err != nil {
		t.Skip("espeak-ng is not installed")
	}
	return Speech{
		Command: []string{"espeak-ng", "-v", "{voice}", "-z", "-s", "210", "--stdout", "--"},
		Voices:  map[string]string{"en": "en-us", "zh-CN": "cmn-latn-pinyin"},
	}
}

func wavOf(t *testing.T, s media.Sound) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.WriteWAV(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// committed is a folder of sounds with one prompt and one sound without words.
func committed(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	put(t, folder, ManifestFile, []byte(`{"sounds":[{"prompt":"hello","language":"en","file":"en/hello.wav","text":"`+HashText("Hello.")+`"}]}`))
	put(t, folder, "en/hello.wav", wavOf(t, media.Tone(440, 700*time.Millisecond)))
	put(t, folder, "hold.wav", wavOf(t, media.Tone(330, 2*time.Second)))
	return folder
}

func put(t *testing.T, folder, name string, body []byte) {
	t.Helper()
	file := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCommittedSoundIsUsedForItsText(t *testing.T) {
	p := NewPrompts(Options{Folder: committed(t)})
	if err := p.Load(t.Context(), []Prompt{{Name: "hello", Texts: map[string]string{"en": "Hello."}}, {Name: "hold", File: "hold.wav"}}); err != nil {
		t.Fatal(err)
	}
	sound, err := p.Get("hello", "en")
	if err != nil || sound.Duration() != 700*time.Millisecond {
		t.Errorf("hello: %v, %v", sound.Duration(), err)
	}
	for _, language := range []string{"en", "zh-CN"} {
		if sound, err := p.Get("hold", language); err != nil || sound.Duration() != 2*time.Second {
			t.Errorf("hold in %s: %v, %v", language, sound.Duration(), err)
		}
	}
}

func TestChangedTextIsRenderedOnceIntoTheFolder(t *testing.T) {
	folder := committed(t)
	speech := espeak(t)
	list := []Prompt{{Name: "hello", Texts: map[string]string{"en": "Hello, this is a changed text.", "zh-CN": "你好，这是新的提示。"}}}
	first := NewPrompts(Options{Folder: folder, Speech: speech})
	if err := first.Load(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(folder, "*", "hello-*.wav"))
	if len(files) != 2 {
		t.Fatalf("kept %v, want one file per language", files)
	}
	for _, language := range []string{"en", "zh-CN"} {
		sound, err := first.Get("hello", language)
		if err != nil || sound.Duration() < time.Second || sound.Duration() > 5*time.Second || !audible(wavOf(t, sound)) {
			t.Errorf("%s: %v long, %v", language, sound.Duration(), err)
		}
	}
	// The same again needs no command: a second server with a broken one finds the files, since they are
	// known by text and command. Its command is the same but in a folder where it cannot be found.
	before := modified(t, files)
	t.Setenv("PATH", t.TempDir())
	second := NewPrompts(Options{Folder: folder, Speech: speech})
	if err := second.Load(t.Context(), list); err != nil {
		t.Fatalf("what was rendered is not found again: %v", err)
	}
	if modified(t, files) != before {
		t.Error("the files were written again")
	}
}

func modified(t *testing.T, files []string) string {
	t.Helper()
	var all []string
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, info.ModTime().String())
	}
	return strings.Join(all, " ")
}

func TestPromptWithoutSoundIsAnErrorNotSilence(t *testing.T) {
	silentWAV := filepath.Join(t.TempDir(), "silence.wav")
	if err := os.WriteFile(silentWAV, wavOf(t, media.Silence(2*time.Second)), 0o600); err != nil {
		t.Fatal(err)
	}
	hello := []Prompt{{Name: "hello", Texts: map[string]string{"en": "A text."}}}
	for _, test := range []struct {
		name   string
		speech Speech
		list   []Prompt
		want   string
	}{
		{"no command", Speech{Voices: map[string]string{"en": "x"}}, hello, "there is no speech command: name one"},
		{"not installed", Speech{Command: []string{"no-such-program"}, Voices: map[string]string{"en": "x"}}, hello, "no-such-program is not installed: install it"},
		{"no voice", Speech{Command: []string{"true"}, Voices: map[string]string{"zh-CN": "cmn-latn-pinyin"}}, hello, "no voice speaks en: add it to the voices (there are: zh-CN)"},
		{"fails", Speech{Command: []string{"sh", "-c", "echo broken >&2; exit 3"}, Voices: map[string]string{"en": "x"}}, hello, "exit status 3: broken"},
		{"prints no sound", Speech{Command: []string{"echo"}, Voices: map[string]string{"en": "x"}}, hello, "not a WAV file"},
		{"prints silence", Speech{Command: []string{"sh", "-c", "cat " + silentWAV}, Voices: map[string]string{"en": "x"}}, hello, "made no sound of the text"},
		{"file missing", Speech{}, []Prompt{{Name: "hold", File: "gone.wav"}}, "the file gone.wav is missing: put it into"},
		{"bad name", Speech{}, []Prompt{{Name: "../../x", Texts: map[string]string{"en": "x"}}}, "its name may have"},
		{"bad language", Speech{Command: []string{"true"}, Voices: map[string]string{"../en": "x"}}, []Prompt{{Name: "hello", Texts: map[string]string{"../en": "x"}}}, "is no language tag"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := NewPrompts(Options{Folder: t.TempDir(), Speech: test.speech})
			err := p.Load(t.Context(), test.list)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
			if _, err := p.Get("hello", "en"); !errors.Is(err, ErrNoSound) {
				t.Errorf("Get gives %v, want ErrNoSound", err)
			}
		})
	}
}

func TestLibraryStaysAsItWasWhenOnePromptIsMissing(t *testing.T) {
	p := NewPrompts(Options{Folder: committed(t)})
	hello := Prompt{Name: "hello", Texts: map[string]string{"en": "Hello."}}
	if err := p.Load(t.Context(), []Prompt{hello}); err != nil {
		t.Fatal(err)
	}
	hello.Texts = map[string]string{"en": "Changed, and nobody can say it."}
	err := p.Load(t.Context(), []Prompt{hello, {Name: "gone", File: "gone.wav"}})
	if err == nil || !strings.Contains(err.Error(), `"hello" in en`) || !strings.Contains(err.Error(), `"gone"`) {
		t.Fatalf("got %v, want both problems", err)
	}
	if sound, err := p.Get("hello", "en"); err != nil || sound.Duration() != 700*time.Millisecond {
		t.Errorf("the old sound is gone: %v, %v", sound.Duration(), err)
	}
}

func TestSoundRecordedAgainIsHeardAfterLoad(t *testing.T) {
	sounds := committed(t)
	p := NewPrompts(Options{Folder: sounds})
	list := []Prompt{{Name: "hello", Texts: map[string]string{"en": "Hello."}}, {Name: "hold", File: "hold.wav"}}
	if err := p.Load(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	again := wavOf(t, media.Tone(500, 3*time.Second))
	for _, file := range []string{"en/hello.wav", "hold.wav"} {
		put(t, sounds, file, again)
	}
	if err := p.Load(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"hello", "hold"} {
		if sound, err := p.Get(name, "en"); err != nil || sound.Duration() != 3*time.Second {
			t.Errorf("%s is still the old one: %v, %v", name, sound.Duration(), err)
		}
	}
}

func TestAllWhoWaitHearOneStream(t *testing.T) {
	p := NewPrompts(Options{Folder: committed(t)})
	hold := Prompt{Name: "hold", File: "hold.wav"}
	if err := p.Load(t.Context(), []Prompt{hold}); err != nil {
		t.Fatal(err)
	}
	one, err := p.Music("hold")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Load(t.Context(), []Prompt{hold}); err != nil {
		t.Fatal(err)
	}
	if two, err := p.Music("hold"); err != nil || one != two {
		t.Errorf("a second stream for the same music: %p, %p, %v", one, two, err)
	}
	if _, err := p.Music("jazz"); !errors.Is(err, ErrNoSound) {
		t.Errorf("music that is not there: %v", err)
	}
}
