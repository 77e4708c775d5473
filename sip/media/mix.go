package media

// mixer is a shard's scratch for one bridge at a time.
type mixer struct {
	in    []mixIn
	total [frameSamples]int32
	sum   [frameSamples]int32
	pcm   [frameSamples]int16
	out   [frameSamples]byte
}

// mixIn is what one member says in this frame.
type mixIn struct {
	leg   *Leg
	heard bool
	coded [frameSamples]byte
	pcm   [frameSamples]int16
}

// tick mixes 20 ms and sends it to every member.
func (b *Bridge) tick(s *shard, frames int) {
	x := &s.mix
	n := len(b.members)
	for len(x.in) < n {
		x.in = append(x.in, mixIn{})
	}
	speakers := 0
	for i, l := range b.members {
		in := &x.in[i]
		in.leg, s.mixing = l, l
		if b.listen(s, in) {
			speakers++
		}
	}
	s.mixing = nil
	if b.matrix == nil && speakers > 1 {
		x.add(n)
	}
	for i := range n {
		l := x.in[i].leg
		if !l.negotiated || l.bridge != b {
			continue
		}
		s.mixing = l
		s.speak(l, b.hearing(x, i, n, speakers, l.playFrame()), frames)
	}
	for i := range n {
		if l := x.in[i].leg; l.bridge == b {
			s.mixing = l
			s.playEnd(l)
		}
		x.in[i].leg = nil
	}
	s.mixing = nil
}

// listen gets what a member says, and records it.
func (b *Bridge) listen(s *shard, in *mixIn) bool {
	l := in.leg
	in.heard = false
	if l.jitter != nil {
		in.heard = l.jitter.get(&in.coded)
		if l.muted || !l.mayHear() {
			in.coded, in.heard = silentFrame[l.params.Codec], false
		}
	}
	if l.rec != nil {
		s.record(l, &in.coded, in.heard)
	}
	if in.heard {
		decodeFrame(l.params.Codec, in.pcm[:], in.coded[:])
	}
	return in.heard
}

// add makes the sum of all that is said.
func (x *mixer) add(n int) {
	x.total = [frameSamples]int32{}
	for i := range n {
		if x.in[i].heard {
			for k, v := range x.in[i].pcm {
				x.total[k] += int32(v)
			}
		}
	}
}

// hearing is what member i hears: the others by their gains, with what is played to it on top. nil: nothing.
func (b *Bridge) hearing(x *mixer, i, n, speakers int, played []byte) []byte {
	me := &x.in[i]
	codec := me.leg.params.Codec
	others := speakers
	if me.heard {
		others--
	}
	switch {
	case others == 0:
		return played
	case b.matrix != nil:
		if x.weigh(b.matrix[i*n:(i+1)*n]) == 0 {
			return played
		}
	case others == 1 && played == nil:
		return x.only(i, n, codec)
	case speakers > 1:
		x.sum = x.total
		if me.heard {
			for k, v := range me.pcm {
				x.sum[k] -= int32(v)
			}
		}
	default:
		x.sum = [frameSamples]int32{}
		for j := range n {
			if j != i && x.in[j].heard {
				for k, v := range x.in[j].pcm {
					x.sum[k] = int32(v)
				}
			}
		}
	}
	if played != nil {
		t := &decodeTable[codec]
		for k, v := range played {
			x.sum[k] += int32(t[v])
		}
	}
	for k, v := range x.sum {
		x.pcm[k] = int16(min(max(v, -32768), 32767))
	}
	encodeFrame(codec, x.out[:], x.pcm[:])
	return x.out[:]
}

// weigh sums what is said by one listener's gains, and counts whom it hears.
func (x *mixer) weigh(gains []float32) int {
	x.sum = [frameSamples]int32{}
	count := 0
	for j, g := range gains {
		if g == 0 || !x.in[j].heard {
			continue
		}
		count++
		q := int32(g * 4096)
		for k, v := range x.in[j].pcm {
			x.sum[k] += int32(v) * q >> 12
		}
	}
	return count
}

// only is the sound of the one other who speaks, as it came where the codecs are the same.
func (x *mixer) only(i, n int, codec Codec) []byte {
	for j := range n {
		in := &x.in[j]
		if j == i || !in.heard {
			continue
		}
		if in.leg.params.Codec == codec {
			return in.coded[:]
		}
		x.out = in.coded
		recode(in.leg.params.Codec, x.out[:])
		return x.out[:]
	}
	return nil
}
