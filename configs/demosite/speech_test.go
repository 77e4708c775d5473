package demosite

import (
	"fmt"
	"io/fs"
	"math"
	"os/exec"
	"strings"
	"testing"
	"unicode"

	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/sip/ivr"
)

// saidInChinese asks espeak-ng for the sounds that it would make of a Chinese text: all of them must be Mandarin's, one
// syllable for each character. What a voice takes for English stands behind an "(en)".
func saidInChinese(voice, text string) error {
	out, err := exec.Command("espeak-ng", "-v", voice, "-x", "-q", "--", text).Output()
	if err != nil {
		return err
	}
	said := strings.Join(strings.Fields(string(out)), " ")
	if strings.Contains(said, "(en)") {
		return fmt.Errorf("read as English: %s", said)
	}
	if got, want := strings.Count(said, "_|"), syllables(text); got != want {
		return fmt.Errorf("%d syllables for %d characters: %s", got, want, said)
	}
	return nil
}

func syllables(text string) (n int) {
	for _, r := range text {
		if unicode.Is(unicode.Han, r) {
			n++
		}
	}
	return n
}

func TestChinesePromptsAreSaidInChinese(t *testing.T) {
	if _, err := exec.LookPath("espeak-ng"); err != nil {
		t.Skip("espeak-ng is not installed")
	}
	voice, refused := configs.DefaultSpeech().Voices["zh-CN"], 0
	for name, p := range demoSite(t, Options{}).Prompts {
		text, ok := p.Texts["zh-CN"]
		if !ok {
			continue
		}
		if err := saidInChinese(voice, text); err != nil {
			t.Errorf("%s: %s: %v", name, text, err)
		}
		if saidInChinese("cmn", text) != nil {
			refused++
		}
	}
	if refused == 0 {
		t.Error("this test would not notice a voice that reads Chinese as English")
	}
}

// TestDemoSoundsAreSpeech: each sound of a text is as long as the text takes to be said, loud enough to be understood
// on a telephone, not clipped, and said by the voice that renders today.
func TestDemoSoundsAreSpeech(t *testing.T) {
	site := demoSite(t, Options{})
	manifest, err := ivr.ReadManifest(configs.DemoSounds())
	if err != nil || len(manifest.Sounds) == 0 {
		t.Fatal(manifest, err)
	}
	for _, e := range manifest.Sounds {
		body, err := fs.ReadFile(configs.DemoSounds(), e.File)
		if err != nil {
			t.Fatal(err)
		}
		const header = 58 // of a µ-law WAV file
		sum, peak, clipped := 0.0, 0, 0
		for _, b := range body[header:] {
			v := expand(b)
			sum += float64(v) * float64(v)
			peak = max(peak, v, -v)
			if v >= loudest || -v >= loudest {
				clipped++
			}
		}
		samples := float64(len(body) - header)
		text := site.Prompts[e.Prompt].Texts[e.Language]
		seconds, level := samples/8000, 10*math.Log10(sum/samples/(1<<30)) // dB below full scale
		per := seconds / float64(len(strings.Fields(text)))                // a word
		least, most := 0.15, 0.7
		if e.Language == "zh-CN" {
			per, least, most = seconds/float64(syllables(text)), 0.15, 0.35
		}
		t.Logf("%-28s %5.2f s, %.2f each, %.0f dB, peak %d, clipped %d", e.File, seconds, per, level, peak, clipped)
		switch {
		case e.Voice != configs.DefaultSpeech().Voices[e.Language]:
			t.Errorf("%s: said by the voice %q: run go generate ./configs", e.File, e.Voice)
		case per < least || per > most:
			t.Errorf("%s: %.2f s for each word or character of %q", e.File, per, text)
		case level < -30 || level > -12:
			t.Errorf("%s: %.0f dB", e.File, level)
		case float64(clipped) > samples/1000:
			t.Errorf("%s: %d samples are clipped", e.File, clipped)
		}
	}
}

// loudest is the largest value that µ-law has.
const loudest = 32124

// expand decodes a µ-law sample (ITU-T G.711, table 2a).
func expand(b byte) int {
	b = ^b
	v := (int(b&0x0f)<<3+0x84)<<(b>>4&7) - 0x84
	if b&0x80 != 0 {
		return -v
	}
	return v
}
