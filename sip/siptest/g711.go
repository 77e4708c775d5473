package siptest

// The tables of G.711, computed once from its formulas.
var (
	muLaw = decodeTable(decodeMu)
	aLaw  = decodeTable(decodeA)
)

func decodeTable(f func(byte) int16) (t [256]int16) {
	for i := range t {
		t[i] = f(byte(i))
	}
	return t
}

func decodeMu(b byte) int16 {
	b = ^b
	v := (int(b&0x0f)<<3 + 132) << (b & 0x70 >> 4)
	v -= 132
	if b&0x80 != 0 {
		v = -v
	}
	return int16(v)
}

func decodeA(b byte) int16 {
	b ^= 0x55
	v := int(b&0x0f)<<4 + 8
	if e := b & 0x70 >> 4; e > 0 {
		v = (v + 256) << (e - 1)
	}
	if b&0x80 == 0 {
		v = -v
	}
	return int16(v)
}

func encodeMu(s int16) byte {
	v, sign := int(s), byte(0)
	if v < 0 {
		v, sign = -v, 0x80
	}
	v = min(v, 32635) + 132
	e := 7
	for v < 128<<e {
		e--
	}
	return ^(sign | byte(e)<<4 | byte(v>>(e+3))&0x0f)
}

func encodeA(s int16) byte {
	v, sign := int(s), byte(0x80)
	if v < 0 {
		v, sign = -v-1, 0
	}
	v = min(v, 32767)
	e := 7
	for e > 0 && v < 128<<e {
		e--
	}
	shift := max(e, 1) + 3
	return (sign | byte(e)<<4 | byte(v>>shift)&0x0f) ^ 0x55
}

func (c Codec) encode(dst []byte, pcm []int16) []byte {
	f := encodeMu
	if c == PCMA {
		f = encodeA
	}
	for _, s := range pcm {
		dst = append(dst, f(s))
	}
	return dst
}

func (c Codec) decode(payload []byte) []int16 {
	t := &muLaw
	if c == PCMA {
		t = &aLaw
	}
	pcm := make([]int16, len(payload))
	for i, b := range payload {
		pcm[i] = t[b]
	}
	return pcm
}
