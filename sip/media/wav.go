package media

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Formats of a WAV file's samples (RFC 2361).
const (
	wavPCM  = 1
	wavAlaw = 6
	wavUlaw = 7
)

type wavFile struct {
	format, channels, bits uint16
	rate                   uint32
	data                   []byte // whole samples
}

// parseWAV finds the fmt and data chunks. A data chunk that claims more than there is, as of a recording
// whose end was never written, gives what is there.
func parseWAV(b []byte) (wavFile, error) {
	var w wavFile
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return w, errors.New("not a WAV file: it does not begin with RIFF … WAVE")
	}
	for b = b[12:]; len(b) >= 8; {
		id, size := string(b[:4]), uint64(binary.LittleEndian.Uint32(b[4:]))
		b = b[8:]
		chunk := b[:min(size, uint64(len(b)))]
		switch id {
		case "fmt ":
			if len(chunk) < 16 {
				return w, errors.New("the WAV file's fmt chunk is cut short")
			}
			w.format, w.channels = binary.LittleEndian.Uint16(chunk), binary.LittleEndian.Uint16(chunk[2:])
			w.rate, w.bits = binary.LittleEndian.Uint32(chunk[4:]), binary.LittleEndian.Uint16(chunk[14:])
		case "data":
			if w.channels == 0 {
				return w, errors.New("the WAV file has sound before it says of what kind")
			}
			return w.check(chunk)
		}
		b = b[min(size+size%2, uint64(len(b))):]
	}
	return w, errors.New("the WAV file has no sound: no data chunk")
}

func (w wavFile) check(data []byte) (wavFile, error) {
	switch {
	case w.format == wavPCM && w.bits == 16:
	case (w.format == wavUlaw || w.format == wavAlaw) && w.bits == 8:
	default:
		return w, fmt.Errorf("WAV format %d with %d bits: it must be 16 bit PCM, µ-law or A-law", w.format, w.bits)
	}
	if w.channels < 1 || w.channels > 2 {
		return w, fmt.Errorf("%d channels: one or two are possible", w.channels)
	}
	if w.rate < sampleRate || w.rate > 48000 {
		return w, fmt.Errorf("%d samples a second: it must be 8000 to 48000", w.rate)
	}
	whole := int(w.bits/8) * int(w.channels)
	w.data = data[:len(data)/whole*whole]
	return w, nil
}

// mono decodes the samples and mixes two channels to one.
func (w wavFile) mono() []int16 {
	var pcm []int16
	switch w.format {
	case wavPCM:
		pcm = make([]int16, len(w.data)/2)
		for i := range pcm {
			pcm[i] = int16(binary.LittleEndian.Uint16(w.data[2*i:]))
		}
	case wavUlaw, wavAlaw:
		pcm = make([]int16, len(w.data))
		c := PCMU
		if w.format == wavAlaw {
			c = PCMA
		}
		decodeFrame(c, pcm, w.data)
	}
	if w.channels == 2 {
		for i := range len(pcm) / 2 {
			pcm[i] = int16((int(pcm[2*i]) + int(pcm[2*i+1])) / 2)
		}
		pcm = pcm[:len(pcm)/2]
	}
	return pcm
}

// wavHeaderSize is the length of what is before the samples of a file of ours.
const wavHeaderSize = 58

// wavHeader begins a µ-law file of so many channels and so many bytes of samples. Formats other than PCM have a
// longer fmt chunk and a fact chunk that counts the samples of one channel.
func wavHeader(channels, size int) [wavHeaderSize]byte {
	var h [wavHeaderSize]byte
	le := binary.LittleEndian
	copy(h[0:], "RIFF")
	le.PutUint32(h[4:], uint32(wavHeaderSize-8+size+size%2))
	copy(h[8:], "WAVEfmt ")
	le.PutUint32(h[16:], 18)
	le.PutUint16(h[20:], wavUlaw)
	le.PutUint16(h[22:], uint16(channels))
	le.PutUint32(h[24:], sampleRate)
	le.PutUint32(h[28:], uint32(sampleRate*channels))
	le.PutUint16(h[32:], uint16(channels))
	le.PutUint16(h[34:], 8)
	copy(h[38:], "fact")
	le.PutUint32(h[42:], 4)
	le.PutUint32(h[46:], uint32(size/channels))
	copy(h[50:], "data")
	le.PutUint32(h[54:], uint32(size))
	return h
}
