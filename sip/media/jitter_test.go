package media

import (
	"math/rand/v2"
	"testing"
)

// jitterRun plays so many packets of 20 ms into a buffer, each delayed by delay(i) ticks of 1 ms (below 0:
// lost), and gives the frames that come out, one every 20 ms. The time is virtual.
func jitterRun(j *jitter, n int, delay func(i int) int) (out [][frameSamples]byte, heard []bool) {
	arrivals := map[int][]int{}
	for i := range n {
		if d := delay(i); d >= 0 {
			arrivals[i*20+d] = append(arrivals[i*20+d], i)
		}
	}
	for ms := range n*20 + 400 {
		for _, i := range arrivals[ms] {
			j.put(uint32(i*frameSamples)+0xFFFFF000, numbered(i))
		}
		if ms%20 == 10 {
			var f [frameSamples]byte
			ok := j.get(&f)
			out, heard = append(out, f), append(heard, ok)
		}
	}
	return out, heard
}

// numbered is a frame that can be told from others, and is loud.
func numbered(i int) []byte {
	b := make([]byte, frameSamples)
	for k := range b {
		b[k] = byte(i%100 + 1)
	}
	b[frameSamples-1] = 0 // a concealed frame has something quieter here
	return b
}

// played gives the numbers of whole frames in the order they were heard.
func played(out [][frameSamples]byte, heard []bool) []int {
	var nums []int
	for i, f := range out {
		if heard[i] && f[frameSamples-1] == 0 {
			nums = append(nums, int(f[0])-1)
		}
	}
	return nums
}

func TestJitterPlaysASteadyStreamWholeAfter40ms(t *testing.T) {
	j := &jitter{}
	out, heard := jitterRun(j, 90, func(int) int { return 0 })
	first := 0
	for !heard[first] {
		first++
	}
	if first > 2 {
		t.Errorf("first frame after %d ticks", first)
	}
	for i := range 90 {
		if out[first+i][0] != byte(i+1) {
			t.Fatalf("frame %d is %d", i, out[first+i][0]-1)
		}
	}
	if j.late+j.skipped+j.added > 0 {
		t.Errorf("late %d, skipped %d, added %d", j.late, j.skipped, j.added)
	}
}

func TestJitterPutsPacketsInOrderAndConcealsLoss(t *testing.T) {
	j := &jitter{}
	out, heard := jitterRun(j, 90, func(i int) int {
		switch {
		case i == 30:
			return -1
		case i%10 == 5:
			return 25 // behind its successor
		}
		return 0
	})
	nums := played(out, heard)
	for i := 1; i < len(nums); i++ {
		if nums[i] < nums[i-1] {
			t.Fatalf("frame %d after %d", nums[i], nums[i-1])
		}
	}
	if len(nums) < 88 {
		t.Errorf("%d whole frames heard, want 89", len(nums))
	}
	lost := -1
	for i := range out {
		if heard[i] && out[i][0] == halfTable[PCMU][30] {
			lost = i
		}
	}
	if lost < 0 {
		t.Error("the lost frame was not concealed by the one before")
	}
}

func TestJitterDelayGrowsWithWhatIsNeededAndShrinksAgain(t *testing.T) {
	j := &jitter{}
	r := rand.New(rand.NewPCG(1, 2))
	depth := func() int { return int(int32(j.head - j.play)) }
	// 80 ms of jitter for 10 s, then none for 20 s.
	out, heard := jitterRun(j, 1500, func(i int) int {
		switch {
		case i < 500:
			return r.IntN(80)
		default:
			return 0
		}
	})
	if j.added == 0 {
		t.Error("the delay never grew")
	}
	if j.skipped == 0 {
		t.Error("the delay never shrank")
	}
	if d := depth(); d > 3*frameSamples {
		t.Errorf("at the end %d ms wait in the buffer", d/8)
	}
	if n := len(played(out, heard)); n < 1500-40 {
		t.Errorf("%d whole frames of 1500 heard", n)
	}
	t.Logf("late %d, added %d, skipped %d", j.late, j.added, j.skipped)
}

func TestJitterNeverHoldsMoreThanItsMost(t *testing.T) {
	j := &jitter{}
	// 100 packets at once: a burst after an outage.
	for i := range 100 {
		j.put(uint32(i*frameSamples), numbered(i))
		if d := int32(j.head - j.play); d > jitterMost+2*frameSamples {
			t.Fatalf("%d samples held", d)
		}
	}
}

func TestJitterBeginsAnewWhenTheSenderJumps(t *testing.T) {
	for _, jump := range []uint32{1 << 20, 1 << 31, 0xFFFF0000, 8000} {
		j := &jitter{}
		var f [frameSamples]byte
		ts := uint32(5000)
		for i := range 20 {
			j.put(ts, numbered(i))
			j.get(&f)
			ts += frameSamples
		}
		ts += jump
		for i := range 10 {
			j.put(ts, numbered(50+i))
			j.get(&f)
			ts += frameSamples
		}
		if f[0] < 51 {
			t.Errorf("jump %x: hears %d still", jump, f[0])
		}
	}
}

func TestJitterTakesPacketsOfAnyLength(t *testing.T) {
	for _, n := range []int{80, 240, 320, 480} {
		j := &jitter{}
		sent, got := 0, 0
		var f [frameSamples]byte
		for ms := 0; ms < 4000; ms += 10 {
			if ms*8 >= sent {
				b := make([]byte, n)
				for i := range b {
					b[i] = 7
				}
				j.put(uint32(sent), b)
				sent += n
			}
			if ms%20 == 0 && j.get(&f) && f[0] == 7 && f[159] == 7 {
				got++
			}
		}
		if got < 190 {
			t.Errorf("packets of %d ms: %d whole frames of 200", n/8, got)
		}
	}
}

func TestJitterFallsSilentWhenTheSenderStops(t *testing.T) {
	j := &jitter{}
	var f [frameSamples]byte
	for i := range 10 {
		j.put(uint32(i*frameSamples), numbered(i))
		j.get(&f)
	}
	for range 20 {
		j.get(&f)
	}
	if j.get(&f) || f != silentFrame[PCMU] || j.state != jitterIdle {
		t.Errorf("still heard: state %d, %x", j.state, f[:4])
	}
}

func FuzzJitter(f *testing.F) {
	f.Add([]byte{0, 160, 1, 2, 3, 4})
	f.Fuzz(func(t *testing.T, in []byte) {
		j := &jitter{}
		var ts uint32
		var frame [frameSamples]byte
		for i := 0; i+3 < len(in); i += 4 {
			ts += uint32(int16(uint16(in[i])<<8|uint16(in[i+1]))) << (in[i+2] & 15)
			j.put(ts, make([]byte, int(in[i+3])*8+int(in[i+2]>>6)))
			if in[i+2]&16 != 0 {
				j.get(&frame)
			}
			if d := int32(j.head - j.play); d > jitterBytes {
				t.Fatalf("%d samples held", d)
			}
		}
	})
}

func BenchmarkJitter(b *testing.B) {
	j := &jitter{}
	p := numbered(1)
	var f [frameSamples]byte
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		j.put(uint32(i*frameSamples), p)
		j.get(&f)
	}
}
