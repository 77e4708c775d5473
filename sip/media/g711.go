package media

// G.711: 8,000 samples a second, one byte each. The tables are made at start; encoding looks up the
// 14 (µ-law) or 13 (A-law) bits that the standard keeps, so the results are exact.

const (
	frameSamples = 160 // 20 ms
	sampleRate   = 8000
)

var (
	decodeTable [2][256]int16
	encodeUlaw  [1 << 14]byte // index: sample>>2, as unsigned
	encodeAlaw  [1 << 13]byte // index: sample>>3, as unsigned
	recodeTable [2][256]byte  // from the codec of the index to the other one
	halfTable   [2][256]byte  // the same sound at half the amplitude, for concealment
	silentFrame [2][frameSamples]byte
)

func init() {
	for i := range 256 {
		decodeTable[PCMU][i] = expandUlaw(byte(i))
		decodeTable[PCMA][i] = expandAlaw(byte(i))
	}
	for i := range encodeUlaw {
		encodeUlaw[i] = compressUlaw(int16(i << 2))
	}
	for i := range encodeAlaw {
		encodeAlaw[i] = compressAlaw(int16(i << 3))
	}
	for i := range 256 {
		recodeTable[PCMU][i] = encodeSample(PCMA, decodeTable[PCMU][i])
		recodeTable[PCMA][i] = encodeSample(PCMU, decodeTable[PCMA][i])
		halfTable[PCMU][i] = encodeSample(PCMU, decodeTable[PCMU][i]/2)
		halfTable[PCMA][i] = encodeSample(PCMA, decodeTable[PCMA][i]/2)
	}
	for c := range silentFrame {
		for i := range silentFrame[c] {
			silentFrame[c][i] = Codec(c).silence()
		}
	}
}

func encodeSample(c Codec, v int16) byte {
	if c == PCMA {
		return encodeAlaw[uint16(v)>>3]
	}
	return encodeUlaw[uint16(v)>>2]
}

// decodeFrame turns coded bytes into samples; dst is at least as long as src.
func decodeFrame(c Codec, dst []int16, src []byte) {
	t := &decodeTable[c]
	dst = dst[:len(src)]
	for i, b := range src {
		dst[i] = t[b]
	}
}

// encodeFrame turns samples into coded bytes; dst is at least as long as src.
func encodeFrame(c Codec, dst []byte, src []int16) {
	dst = dst[:len(src)]
	if c == PCMA {
		for i, v := range src {
			dst[i] = encodeAlaw[uint16(v)>>3]
		}
		return
	}
	for i, v := range src {
		dst[i] = encodeUlaw[uint16(v)>>2]
	}
}

// recode turns bytes of one codec into the other's, in place.
func recode(from Codec, b []byte) {
	t := &recodeTable[from]
	for i, v := range b {
		b[i] = t[v]
	}
}

// segment is the number of the chord that a magnitude falls into, 8 if above all.
func segment(v, first int) int {
	for i := range 8 {
		if v <= first {
			return i
		}
		first = first<<1 | 1
	}
	return 8
}

// compressUlaw is ITU-T G.711, table 2a, on the upper 14 bits of the sample.
func compressUlaw(s int16) byte {
	v, mask := int(s)>>2, byte(0xFF)
	if v < 0 {
		v, mask = -v, 0x7F
	}
	v = min(v, 8159) + 33 // the bias that makes chords powers of two
	seg := segment(v, 0x3F)
	if seg == 8 {
		return 0x7F ^ mask
	}
	return byte(seg<<4|v>>(seg+1)&0x0F) ^ mask
}

func expandUlaw(b byte) int16 {
	b = ^b
	v := (int(b&0x0F)<<3 + 0x84) << (b >> 4 & 7)
	if b&0x80 != 0 {
		return int16(0x84 - v)
	}
	return int16(v - 0x84)
}

// compressAlaw is ITU-T G.711, table 1a, on the upper 13 bits of the sample.
func compressAlaw(s int16) byte {
	v, mask := int(s)>>3, byte(0xD5)
	if v < 0 {
		v, mask = -v-1, 0x55
	}
	seg := segment(v, 0x1F)
	if seg == 8 {
		return 0x7F ^ mask
	}
	return byte(seg<<4|v>>max(seg, 1)&0x0F) ^ mask
}

func expandAlaw(b byte) int16 {
	b ^= 0x55
	v := int(b&0x0F) << 4
	if seg := b >> 4 & 7; seg == 0 {
		v += 8
	} else {
		v = (v + 0x108) << (seg - 1)
	}
	if b&0x80 != 0 {
		return int16(v)
	}
	return int16(-v)
}

// energy is the mean square of a frame's samples.
func energy(c Codec, b []byte) int64 {
	if len(b) == 0 {
		return 0
	}
	t := &decodeTable[c]
	var sum int64
	for _, v := range b {
		s := int64(t[v])
		sum += s * s
	}
	return sum / int64(len(b))
}
