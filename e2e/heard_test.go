package e2e

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/sip/siptest"
)

// Somebody who knows Chinese only gets through the demo by telephone: all that is said is said in Chinese, and in
// Chinese first. The whole call is recorded and compared with the demo's sounds, so that nothing else is heard in
// between. The recordings are among the artifacts (-artifacts) of the test.
func TestChineseIsHeardFirst(t *testing.T) {
	t.Parallel()
	s := start(t, options{})
	sounds := demoSounds(t)

	t.Run("menu: a wrong key, no key, the announcement", func(t *testing.T) {
		t.Parallel()
		c := dial(t, s.recorder(t, "13912340051"), "4000")
		ok(t, heardPrompt(soon(t, aMoment), c, "zh-CN/main_menu"))
		ok(t, c.SendDTMF(soon(t, aMoment), "7"))
		ok(t, heardPrompt(soon(t, aMoment), c, "en/wrong_key"))
		ok(t, heardPrompt(soon(t, aMoment), c, "en/main_menu"))
		ok(t, heardPrompt(soon(t, 20*time.Second), c, "zh-CN/wrong_key")) // nothing is pressed for 5 s
		ok(t, heardPrompt(soon(t, aMoment), c, "zh-CN/main_menu"))
		ok(t, c.SendDTMF(soon(t, aMoment), "3"))
		ok(t, heardPrompt(soon(t, 20*time.Second), c, "en/self_service"))
		gone(t, c)
		checkHeard(t, sounds, c, "zh-CN/main_menu", // cut short
			"zh-CN/wrong_key", "en/wrong_key", "zh-CN/main_menu", "en/main_menu",
			"zh-CN/wrong_key", "en/wrong_key", "zh-CN/main_menu", // cut short
			"zh-CN/self_service", "en/self_service")
	})
	t.Run("waiting in a queue", func(t *testing.T) {
		t.Parallel()
		c := dial(t, s.recorder(t, "13912340052"), "4001")
		ok(t, heardPrompt(soon(t, aMoment), c, "hold"))
		ok(t, heardPrompt(soon(t, time.Minute), c, "en/please_wait"))
		ok(t, heardPrompt(soon(t, aMoment), c, "hold"))
		ok(t, c.HangUp(soon(t, aMoment)))
		checkHeard(t, sounds, c, "hold", "zh-CN/please_wait", "en/please_wait", "hold")
	})
	t.Run("leaving a message", func(t *testing.T) {
		t.Parallel()
		c := dial(t, s.recorder(t, "13912340053"), "4004")
		ok(t, heardPrompt(soon(t, 20*time.Second), c, "beep"))
		ok(t, c.HeardSilence(soon(t, aMoment)))
		speak(t, c)
		ok(t, c.SendDTMF(soon(t, aMoment), "#"))
		ok(t, heardPrompt(soon(t, aMoment), c, "en/message_kept"))
		gone(t, c)
		checkHeard(t, sounds, c, "zh-CN/leave_message", "en/leave_message", "beep", "zh-CN/message_kept", "en/message_kept")
	})
}

// recorder is a caller whose phone keeps all that it hears.
func (s *server) recorder(tb testing.TB, number string) *siptest.Phone {
	tb.Helper()
	return siptest.NewPhone(tb, siptest.Options{Server: s.sipAddr(), User: number, Keep: longestHeard})
}

const longestHeard = 2 * time.Minute

// checkHeard compares all that a caller heard with the names of the sounds that should have been.
func checkHeard(t *testing.T, sounds map[string][]int16, c *siptest.Call, want ...string) {
	t.Helper()
	recording := c.Sound(longestHeard)
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), "heard.wav"), writeWAV(recording), 0o600); err != nil {
		t.Error(err)
	}
	if got := heardIn(sounds, recording); !slices.Equal(got, want) {
		t.Errorf("heard in %.1f s:\n got %s\nwant %s", float64(len(recording))/8000, strings.Join(got, " "), strings.Join(want, " "))
	}
}

// heardIn tells which of the sounds follow one another in a recording; "?" is one that none of them has.
func heardIn(sounds map[string][]int16, recording []int16) []string {
	const stretch, quiet = 400, -45 // 50 ms; dBov
	var order []string
	last, unknown := "", 0
	for len(recording) >= stretch {
		if loudness(recording[:stretch]) < quiet {
			recording, unknown = recording[stretch:], 0
			continue
		}
		name, length := whose(sounds, recording, stretch, last)
		if name == "" { // where two meet it is neither
			name, length = last, stretch
			if unknown++; unknown == 4 {
				name = "?"
			}
		} else {
			unknown = 0
		}
		if name != last {
			order, last = append(order, name), name
		}
		recording = recording[length:]
	}
	return order
}

// whose gives the sound that a recording goes on with for longest, and for how long: sounds may begin in the same words,
// or end in them, and then it is the last one that goes on. It is "" if none is the same for the shortest stretch that counts.
func whose(sounds map[string][]int16, recording []int16, shortest int, last string) (name string, length int) {
	for _, n := range slices.Sorted(maps.Keys(sounds)) {
		sound := sounds[n]
		for i := range sound[:max(0, len(sound)-shortest)] {
			same := 0
			for same < min(len(recording), len(sound)-i) && sound[i+same] == recording[same] {
				same++
			}
			if same >= shortest && (same > length || same == length && n == last) {
				name, length = n, same
			}
		}
	}
	return name, length
}

// demoSounds are the sounds of the demo by their names, such as "zh-CN/main_menu".
func demoSounds(t *testing.T) map[string][]int16 {
	t.Helper()
	out := map[string][]int16{}
	root := os.DirFS("../configs/demo/sounds")
	ok(t, fs.WalkDir(root, ".", func(file string, _ fs.DirEntry, err error) error {
		name, found := strings.CutSuffix(file, ".wav")
		if err != nil || !found {
			return err
		}
		b, err := fs.ReadFile(root, file)
		if err == nil {
			out[name], err = readWAV(b)
		}
		return err
	}))
	return out
}

// writeWAV makes a WAV file of 8000 samples a second, one channel, 16 bits.
func writeWAV(pcm []int16) []byte {
	var b bytes.Buffer
	size := uint32(2 * len(pcm))
	for _, v := range []any{
		[]byte("RIFF"), 36 + size, []byte("WAVEfmt "), uint32(16),
		uint16(1), uint16(1), uint32(8000), uint32(16000), uint16(2), uint16(16), // PCM, one channel
		[]byte("data"), size, pcm,
	} {
		_ = binary.Write(&b, binary.LittleEndian, v) // a buffer takes everything
	}
	return b.Bytes()
}
