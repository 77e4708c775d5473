package siptest

import (
	"math"
	"math/bits"
	"math/cmplx"
)

// Silent is the level of no sound at all, in dBov.
const Silent = -127.0

// sampleRate of G.711, in Hz.
const sampleRate = 8000

// level is the energy of some sound in dBov: 0 is a square wave of full scale, −3 a sine, −15 what Tone sends.
func level(pcm []int16) float64 {
	var sum float64
	for _, s := range pcm {
		sum += float64(s) * float64(s)
	}
	if sum == 0 {
		return Silent
	}
	return max(Silent, 10*math.Log10(sum/float64(len(pcm))/(32768*32768)))
}

// purity is the part of a sound's energy, 0…1, that lies at one frequency (Goertzel).
func purity(pcm []int16, freq float64) float64 {
	var total float64
	coeff := 2 * math.Cos(2*math.Pi*freq/sampleRate)
	var s1, s2 float64
	for i, v := range pcm {
		// Hann's window, lest a tone that doesn't fit the stretch leak.
		x := float64(v) * (0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(len(pcm))))
		total += x * x
		s1, s2 = x+coeff*s1-s2, s1
	}
	if total == 0 {
		return 0
	}
	power := s1*s1 + s2*s2 - coeff*s1*s2
	// A pure sine under the window gives power = total·N/3.
	return min(1, power/total/float64(len(pcm))*3)
}

// pitch is the frequency at which a sound is strongest, in Hz, 0 if there is too little of it.
func pitch(pcm []int16) float64 {
	if len(pcm) < 256 || level(pcm) <= Silent {
		return 0
	}
	n := 1 << (bits.Len(uint(len(pcm))) - 1)
	pcm = pcm[len(pcm)-n:]
	x := make([]complex128, n)
	for i, v := range pcm {
		x[i] = complex(float64(v)*(0.5-0.5*math.Cos(2*math.Pi*float64(i)/float64(n))), 0)
	}
	fft(x)
	best := 1
	for i := 2; i < n/2-1; i++ {
		if cmplx.Abs(x[i]) > cmplx.Abs(x[best]) {
			best = i
		}
	}
	// A parabola through the three highest points finds the top between the bins.
	a, b, c := logAbs(x[best-1]), logAbs(x[best]), logAbs(x[best+1])
	shift := 0.0
	if d := a - 2*b + c; d != 0 {
		shift = (a - c) / (2 * d)
	}
	return (float64(best) + shift) * sampleRate / float64(n)
}

func logAbs(c complex128) float64 { return math.Log(cmplx.Abs(c) + 1e-9) }

// fft is the transform of a power of two of points, in place.
func fft(x []complex128) {
	n := len(x)
	for i, j := 1, 0; i < n; i++ {
		bit := n >> 1
		for ; j&bit != 0; bit >>= 1 {
			j ^= bit
		}
		j ^= bit
		if i < j {
			x[i], x[j] = x[j], x[i]
		}
	}
	for size := 2; size <= n; size <<= 1 {
		step := cmplx.Rect(1, -2*math.Pi/float64(size))
		for start := 0; start < n; start += size {
			w := complex(1, 0)
			for k := start; k < start+size/2; k++ {
				u, v := x[k], x[k+size/2]*w
				x[k], x[k+size/2] = u+v, u-v
				w *= step
			}
		}
	}
}
