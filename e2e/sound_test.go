package e2e

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"time"

	"github.com/linedesk/linedesk/sip/siptest"
)

// heardPrompt waits until a caller hears a stretch of one of the demo's sounds, such as "zh-CN/main_menu":
// 200 ms that are no silence, sample by sample what is in the file.
func heardPrompt(ctx context.Context, c *siptest.Call, name string) error {
	b, err := os.ReadFile("../configs/demo/sounds/" + name + ".wav")
	if err != nil {
		return err
	}
	prompt, err := readWAV(b)
	if err != nil {
		return err
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		heard := c.Sound(200 * time.Millisecond)
		if len(heard) >= 1600 && loudness(heard) > -45 && contains(prompt, heard) {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s did not hear %s; the last was %.0f dBov: %w", c, name, loudness(heard), context.Cause(ctx))
		}
	}
}

func contains(sound, part []int16) bool {
	for i := 0; i+len(part) <= len(sound); i++ {
		if sound[i] == part[0] && slices.Equal(sound[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

// readWAV reads a WAV file of 8000 samples a second, one channel, µ-law or 16 bits.
func readWAV(b []byte) ([]int16, error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return nil, errors.New("this is no WAV file")
	}
	format := uint16(0)
	for b = b[12:]; len(b) >= 8; {
		size := int(binary.LittleEndian.Uint32(b[4:]))
		chunk := b[8:min(8+size, len(b))]
		switch string(b[:4]) {
		case "fmt ":
			format = binary.LittleEndian.Uint16(chunk)
			if channels, rate := binary.LittleEndian.Uint16(chunk[2:]), binary.LittleEndian.Uint32(chunk[4:]); channels != 1 || rate != 8000 {
				return nil, fmt.Errorf("the WAV file has %d channels at %d Hz", channels, rate)
			}
		case "data":
			return samples(format, chunk)
		}
		b = b[min(8+size+size%2, len(b)):]
	}
	return nil, errors.New("the WAV file has no data")
}

func samples(format uint16, data []byte) ([]int16, error) {
	var pcm []int16
	switch format {
	case 1:
		pcm = make([]int16, len(data)/2)
		return pcm, binary.Read(bytes.NewReader(data), binary.LittleEndian, pcm)
	case 7:
		for _, v := range data {
			pcm = append(pcm, muLaw(v))
		}
		return pcm, nil
	}
	return nil, fmt.Errorf("the WAV file has format %d", format)
}

// muLaw decodes a byte of G.711 µ-law.
func muLaw(b byte) int16 {
	b = ^b
	v := (int16(b&0x0f)<<3+132)<<(b&0x70>>4) - 132
	if b&0x80 != 0 {
		return -v
	}
	return v
}

// loudness is the energy of some sound in dBov.
func loudness(pcm []int16) float64 {
	sum := 1e-9
	for _, s := range pcm {
		sum += float64(s) * float64(s)
	}
	return 10 * math.Log10(sum/float64(max(1, len(pcm)))/(32768*32768))
}

// share is the part of a sound's energy, 0…1, that lies at one frequency.
func share(pcm []int16, hz float64) float64 {
	var re, im, total float64
	for i, s := range pcm {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / 8000)
		re, im, total = re+float64(s)*cos, im+float64(s)*sin, total+float64(s)*float64(s)
	}
	if total == 0 {
		return 0
	}
	return (re*re + im*im) / total / float64(len(pcm)) * 2
}
