package media

import (
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// Sound is a piece of sound in memory, in every codec, cut into frames of 20 ms. It never changes, so it
// may play on any number of legs at once. The zero Sound is empty.
type Sound struct{ body *soundBody }

type soundBody struct {
	coded   [2][]byte // by Codec; whole frames
	samples int       // without the silence that fills the last frame
}

// newSound makes a sound of coded bytes, which it keeps.
func newSound(c Codec, coded []byte) Sound {
	b := &soundBody{samples: len(coded)}
	for len(coded)%frameSamples != 0 {
		coded = append(coded, c.silence())
	}
	other := append([]byte(nil), coded...)
	recode(c, other)
	b.coded[c], b.coded[1-c] = coded, other
	return Sound{b}
}

// newPCM makes a sound of samples.
func newPCM(pcm []int16) Sound {
	coded := make([]byte, len(pcm), (len(pcm)+frameSamples-1)/frameSamples*frameSamples)
	encodeFrame(PCMU, coded, pcm)
	s := newSound(PCMU, coded)
	encodeFrame(PCMA, s.body.coded[PCMA], pcm) // from the samples: better than from µ-law
	return s
}

// Tone is a sine of so many Hz, 10 dB below full scale.
func Tone(hz float64, d time.Duration) Sound {
	pcm := make([]int16, samplesOf(d))
	for i := range pcm {
		pcm[i] = int16(10362 * math.Sin(2*math.Pi*hz*float64(i)/sampleRate))
	}
	return newPCM(pcm)
}

// Silence is no sound for so long.
func Silence(d time.Duration) Sound { return newPCM(make([]int16, samplesOf(d))) }

func samplesOf(d time.Duration) int {
	return int(max(d, 0) / (time.Second / sampleRate))
}

// Duration is how long the sound plays, without the silence that fills its last frame.
func (s Sound) Duration() time.Duration {
	if s.body == nil {
		return 0
	}
	return time.Duration(s.body.samples) * (time.Second / sampleRate)
}

// WriteWAV writes the sound as a µ-law WAV file.
func (s Sound) WriteWAV(w io.Writer) error {
	var data []byte
	if s.body != nil {
		data = s.body.coded[PCMU][:s.body.samples]
	}
	h := wavHeader(1, len(data))
	if _, err := w.Write(h[:]); err != nil {
		return fmt.Errorf("write sound: %w", err)
	}
	if len(data)%2 == 1 {
		data = append(data[:len(data):len(data)], PCMU.silence()) // chunks have even lengths
	}
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("write sound: %w", err)
	}
	return nil
}

func (s Sound) frames() int {
	if s.body == nil {
		return 0
	}
	return len(s.body.coded[PCMU]) / frameSamples
}

func (s Sound) frame(c Codec, i int) []byte {
	return s.body.coded[c][i*frameSamples : (i+1)*frameSamples]
}

// maxSound bounds a WAV file that is read into memory: an hour of µ-law.
const maxSound = 64 << 20

// LoadWAV reads a sound from a WAV file: µ-law, A-law or 16 bit PCM; one channel or two (mixed to one); PCM
// of 8,000 to 48,000 samples a second, which are filtered down to 8,000.
func LoadWAV(r io.Reader) (Sound, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxSound+1))
	if err != nil {
		return Sound{}, fmt.Errorf("read sound: %w", err)
	}
	if len(b) > maxSound {
		return Sound{}, fmt.Errorf("read sound: longer than %d MB", maxSound>>20)
	}
	w, err := parseWAV(b)
	if err != nil {
		return Sound{}, fmt.Errorf("read sound: %w", err)
	}
	return w.sound()
}

func (w wavFile) sound() (Sound, error) {
	if (w.format == wavUlaw || w.format == wavAlaw) && w.channels == 1 {
		if w.rate != sampleRate {
			return Sound{}, fmt.Errorf("read sound: G.711 at %d Hz: it must be 8000", w.rate)
		}
		c := PCMU
		if w.format == wavAlaw {
			c = PCMA
		}
		return newSound(c, append([]byte(nil), w.data...)), nil
	}
	pcm := w.mono()
	if w.rate != sampleRate {
		pcm = resample(pcm, int(w.rate))
	}
	if len(pcm) == 0 {
		return Sound{}, errors.New("read sound: it has no samples")
	}
	return newPCM(pcm), nil
}

// resample filters sound of a higher rate down to 8,000 samples a second, by a windowed sinc that ends at 3.6 kHz.
func resample(in []int16, rate int) []int16 {
	const lobes = 16
	ratio := float64(rate) / sampleRate
	cut := 0.9 / ratio // in units of half the input's rate
	half := int(lobes * ratio)
	out := make([]int16, int(float64(len(in))/ratio))
	for i := range out {
		at := float64(i) * ratio
		first := int(at) - half + 1
		var sum, weight float64
		for k := first; k < first+2*half; k++ {
			x := float64(k) - at
			w := cut
			if x != 0 {
				w = math.Sin(math.Pi*cut*x) / (math.Pi * x)
			}
			w *= 0.5 + 0.5*math.Cos(math.Pi*x/float64(half)) // Hann
			weight += w
			if k >= 0 && k < len(in) {
				sum += w * float64(in[k])
			}
		}
		out[i] = int16(min(max(sum/weight, math.MinInt16), math.MaxInt16))
	}
	return out
}
