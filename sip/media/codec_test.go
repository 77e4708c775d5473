package media

import (
	"bytes"
	"math"
	"testing"
	"time"
)

func TestG711KnownValues(t *testing.T) {
	for _, c := range []struct {
		codec Codec
		pcm   int16
		coded byte
	}{
		{PCMU, 0, 0xFF},
		{PCMU, 32767, 0x80},
		{PCMU, -32768, 0x00},
		{PCMU, 1000, 0xCE},
		{PCMU, -1000, 0x4E},
		{PCMA, 0, 0xD5},
		{PCMA, 32767, 0xAA},
		{PCMA, -32768, 0x2A},
		{PCMA, 1000, 0xFA},
		{PCMA, -1000, 0x7A},
	} {
		if got := encodeSample(c.codec, c.pcm); got != c.coded {
			t.Errorf("%v of %d is %02x, want %02x", c.codec, c.pcm, got, c.coded)
		}
	}
}

func TestG711RoundTripIsStable(t *testing.T) {
	for _, c := range []Codec{PCMU, PCMA} {
		for i := range 256 {
			v := decodeTable[c][i]
			if got := decodeTable[c][encodeSample(c, v)]; got != v {
				t.Errorf("%v: %d comes back as %d", c, v, got)
			}
		}
		for v := -32768; v < 32768; v += 7 {
			got := int(decodeTable[c][encodeSample(c, int16(v))])
			if d := got - v; d*d > max(v*v/400, 36*36) && v > -32000 && v < 32000 {
				t.Fatalf("%v: %d becomes %d", c, v, got)
			}
		}
		if decodeTable[c][c.silence()] > 8 {
			t.Errorf("%v: silence is %d", c, decodeTable[c][c.silence()])
		}
	}
}

func TestWAVRoundTrip(t *testing.T) {
	for _, d := range []time.Duration{time.Second, 1001 * time.Microsecond * 125 / 125} {
		want := Tone(440, d)
		var b bytes.Buffer
		if err := want.WriteWAV(&b); err != nil {
			t.Fatal(err)
		}
		got, err := LoadWAV(&b)
		if err != nil {
			t.Fatal(err)
		}
		if got.Duration() != want.Duration() || !bytes.Equal(got.body.coded[PCMU], want.body.coded[PCMU]) {
			t.Errorf("%v: came back as %v", want.Duration(), got.Duration())
		}
	}
}

// pcmWAV makes a 16 bit file of a tone.
func pcmWAV(rate, channels int, hz float64) []byte {
	n := rate
	h := wavHeader(channels, 2*n*channels)
	b := append([]byte(nil), h[:]...)
	b[20] = wavPCM
	b[24], b[25], b[26] = byte(rate), byte(rate>>8), byte(rate>>16)
	b[34] = 16
	for i := range n {
		v := int16(10000 * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
		for range channels {
			b = append(b, byte(v), byte(uint16(v)>>8))
		}
	}
	return b
}

func TestLoadWAVResamples(t *testing.T) {
	for _, rate := range []int{8000, 16000, 22050, 44100, 48000} {
		for channels := 1; channels <= 2; channels++ {
			s, err := LoadWAV(bytes.NewReader(pcmWAV(rate, channels, 1000)))
			if err != nil {
				t.Fatal(err)
			}
			if d := s.Duration() - time.Second; d < -time.Millisecond || d > time.Millisecond {
				t.Errorf("%d Hz: lasts %v", rate, s.Duration())
			}
			pcm := make([]int16, 1600)
			decodeFrame(PCMU, pcm, s.body.coded[PCMU][3200:4800])
			if hz, level := pitch(pcm); hz != 1000 || math.Abs(level-10000) > 500 {
				t.Errorf("%d Hz: %v Hz at %v", rate, hz, level)
			}
		}
	}
	// What is above 4 kHz must not come back as something else.
	s, err := LoadWAV(bytes.NewReader(pcmWAV(22050, 1, 6000)))
	if err != nil {
		t.Fatal(err)
	}
	if e := energy(PCMU, s.body.coded[PCMU][1600:4800]); e > 200*200 {
		t.Errorf("6 kHz folds back with energy %d", e)
	}
}

func TestLoadWAVSaysWhatIsWrong(t *testing.T) {
	good := pcmWAV(8000, 1, 440)
	with := func(at int, v byte) []byte {
		b := append([]byte(nil), good...)
		b[at] = v
		return b
	}
	for name, b := range map[string][]byte{
		"empty": nil, "not RIFF": []byte("hello, this is no sound at all"), "cut": good[:30],
		"float": with(20, 3), "three channels": with(22, 3), "24 bits": with(34, 24), "no data": good[:50],
	} {
		if _, err := LoadWAV(bytes.NewReader(b)); err == nil {
			t.Errorf("%s: taken", name)
		} else {
			t.Log(err)
		}
	}
	if _, err := LoadWAV(bytes.NewReader(good[:len(good)-1001])); err != nil {
		t.Errorf("a file cut short: %v, want what is there", err)
	}
}

func TestMusicIsOneStream(t *testing.T) {
	m := MusicOnHold(Tone(440, time.Second))
	if got := m.frameAt(m.start.Add(250 * time.Millisecond)); got != 12 {
		t.Errorf("frame %d, want 12", got)
	}
	if got := m.frameAt(m.start.Add(10*time.Second + 20*time.Millisecond)); got != 1 {
		t.Errorf("frame %d, want 1", got)
	}
	if got := MusicOnHold(Sound{}).frameAt(time.Now()); got != 0 {
		t.Errorf("nothing: frame %d", got)
	}
}

func TestPlayerGoesThroughItsSounds(t *testing.T) {
	p := &player{sounds: []Sound{{}, Silence(40 * time.Millisecond), {}, Silence(20 * time.Millisecond), {}}}
	for i := range 3 {
		if p.last() {
			t.Errorf("last before frame %d", i)
		}
		if _, ok := p.next(PCMU); !ok {
			t.Errorf("no frame %d", i)
		}
	}
	if !p.last() {
		t.Error("not the last")
	}
	if _, ok := p.next(PCMU); ok {
		t.Error("a fourth frame")
	}
	for _, empty := range []*player{{loop: true}, {loop: true, sounds: []Sound{{}, {}}}, {}} {
		if _, ok := empty.next(PCMU); ok {
			t.Error("a frame of nothing")
		}
	}
	loop := &player{loop: true, sounds: []Sound{Silence(20 * time.Millisecond), {}}}
	for range 10 {
		if _, ok := loop.next(PCMU); !ok {
			t.Fatal("a loop ended")
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	src, dst := make([]byte, 160), make([]int16, 160)
	for b.Loop() {
		decodeFrame(PCMU, dst, src)
	}
}

func BenchmarkEncode(b *testing.B) {
	src, dst := make([]int16, 160), make([]byte, 160)
	for b.Loop() {
		encodeFrame(PCMU, dst, src)
	}
}

func BenchmarkRecode(b *testing.B) {
	src := make([]byte, 160)
	for b.Loop() {
		recode(PCMU, src)
	}
}

func FuzzWAV(f *testing.F) {
	var b bytes.Buffer
	_ = Tone(440, 50*time.Millisecond).WriteWAV(&b)
	f.Add(b.Bytes())
	f.Add(pcmWAV(16000, 2, 440)[:400])
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := LoadWAV(bytes.NewReader(in))
		if err == nil && s.frames()*frameSamples < s.body.samples {
			t.Fatal("frames are missing")
		}
	})
}
