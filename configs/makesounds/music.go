package main

import (
	"encoding/binary"
	"math"
)

const rate = 8000 // samples a second, as on the line

// beep is what callers hear before they are recorded: 1 kHz for 0.4 s, with soft edges.
func beep() []float64 {
	const edge = rate / 100
	s := make([]float64, rate*4/10)
	for i := range s {
		soft := math.Min(1, math.Min(float64(i), float64(len(s)-1-i))/edge)
		s[i] = 0.35 * soft * math.Sin(2*math.Pi*1000*float64(i)/rate)
	}
	return s
}

// Notes as MIDI numbers.
const (
	c3, d3, e3, f3, g3, a3 = 48, 50, 52, 53, 55, 57
	c4, d4, e4, f4, g4, a4 = 60, 62, 64, 65, 67, 69
	b4, c5, d5, e5, g5     = 71, 72, 74, 76, 79
)

// bar is four beats: a bass note, a chord that is played up and down in eighths, and a tune in quarters
// (0: a rest).
type bar struct {
	bass   int
	chord  [3]int
	melody [4]int
}

// holdMusic is eight quiet bars of our own, made to be repeated: what sounds on at the end is mixed into
// the beginning, so that the joint is not heard.
func holdMusic() []float64 {
	bars := []bar{
		{c3, [3]int{c4, e4, g4}, [4]int{e5, 0, g5, e5}},
		{a3 - 12, [3]int{a3, c4, e4}, [4]int{c5, 0, e5, c5}},
		{f3, [3]int{f3 + 12, a4, c5}, [4]int{a4, c5, 0, d5}},
		{g3, [3]int{d4, g4, b4}, [4]int{d5, 0, b4, 0}},
		{c3, [3]int{c4, e4, g4}, [4]int{e5, d5, c5, 0}},
		{e3, [3]int{e4, g4, b4}, [4]int{b4, 0, g4, 0}},
		{f3, [3]int{f4, a4, c5}, [4]int{a4, 0, c5, a4}},
		{g3, [3]int{d4, g4, b4}, [4]int{b4, d5, 0, d3 + 24}},
	}
	const beat = rate * 60 / 96 // 96 beats a minute
	s := make([]float64, len(bars)*4*beat)
	for i, b := range bars {
		at := i * 4 * beat
		pluck(s, at, b.bass, 0.20, 1.6)
		pluck(s, at+2*beat, b.bass+7, 0.12, 1.2)
		for e, note := range []int{0, 1, 2, 1, 0, 1, 2, 1} {
			pluck(s, at+e*beat/2, b.chord[note], 0.075, 0.7)
		}
		for q, note := range b.melody {
			if note != 0 {
				pluck(s, at+q*beat, note, 0.15, 1.1)
			}
		}
	}
	return s
}

// pluck adds a note that is struck and dies away in so many seconds: a few harmonics, the higher ones the
// sooner gone. It runs over the end into the beginning.
func pluck(s []float64, at, midi int, loud, seconds float64) {
	hz := 440 * math.Pow(2, float64(midi-69)/12)
	n := int(seconds * 2 * rate)
	for i := range n {
		t := float64(i) / rate
		attack := math.Min(1, t/0.006)
		v := 0.0
		for h, part := range []float64{1, 0.35, 0.12} {
			if f := hz * float64(h+1); f < 3200 {
				v += part * math.Exp(-t*3*(1+0.8*float64(h))/seconds) * math.Sin(2*math.Pi*f*t)
			}
		}
		s[(at+i)%len(s)] += loud * attack * v
	}
}

// pcmWAV makes a 16 bit WAV file of samples from −1 to 1.
func pcmWAV(s []float64) []byte {
	b := make([]byte, 0, 44+2*len(s))
	le := binary.LittleEndian
	b = append(b, "RIFF"...)
	b = le.AppendUint32(b, uint32(36+2*len(s)))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(b, 1)
	b = le.AppendUint16(b, 1)
	b = le.AppendUint32(b, rate)
	b = le.AppendUint32(b, 2*rate)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = le.AppendUint32(b, uint32(2*len(s)))
	for _, v := range s {
		b = le.AppendUint16(b, uint16(int16(math.Max(-1, math.Min(1, v))*32767)))
	}
	return b
}
