package siptest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"
)

const (
	frame     = 160 // samples in 20 ms
	frameTime = 20 * time.Millisecond
	// toneLevel is the height of the tones sent: −15 dBov.
	toneLevel = 8000
)

// media is a call's sound: one RTP port, what is sent over it and what came.
type media struct {
	rtp, rtcp *net.UDPConn
	running   sync.WaitGroup

	mu      sync.Mutex
	changed chan struct{} // closed and made anew with every frame, key or end

	// The agreement.
	remote  netip.AddrPort
	codec   Codec
	pt      uint8
	dtmfPT  uint8     // that we send, 0: none
	dtmfIn  uint8     // that the peer sends
	dir     direction // ours
	started bool

	// Sending. The pacer calls tick.
	quiet   bool // nothing is sent at all
	freq    float64
	phase   float64
	ssrc    uint32
	seq     uint16
	ts      uint32
	marker  bool
	keys    []key
	sent    uint64
	refused int // sends that an ICMP message answered
	payload []byte
	packet  []byte
	closed  bool

	// Receiving.
	heard    []heard // the newest last, no more than keep
	keep     int
	received uint64
	firstSeq int64 // extended
	lastSeq  int64
	peerSSRC uint32
	digits   []byte
	lastKey  uint32 // timestamp of the event that came last
	anyKey   bool
	strange  uint64 // packets that are not of the agreement
	firstAt  time.Time
	reports  uint64 // RTCP packets that came
	lastSR   uint32 // middle of the NTP time of the peer's last sender report
	lastSRAt time.Time
}

// heard is a frame that came.
type heard struct {
	at  time.Time
	pcm []int16
}

// key is a telephone event being sent (RFC 4733, 2.3).
type key struct {
	event byte
	ts    uint32
	sent  int // packets
}

const (
	keyFrames = 5 // 100 ms
	keyEnds   = 3 // the end is sent three times (RFC 4733, 2.5.1.4)
	keyPause  = 3 // frames between keys
)

// openMedia binds an even port and the one above it (RFC 3550, 11).
func openMedia(addr netip.Addr, keepFor time.Duration, quiet bool) (*media, error) {
	m := &media{
		changed: make(chan struct{}), keep: int(keepFor / frameTime), quiet: quiet,
		ssrc: rand.Uint32(), seq: uint16(rand.Uint32() >> 17), ts: rand.Uint32() >> 1, marker: true,
	}
	for range 100 {
		rtp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, 0)))
		if err != nil {
			return nil, fmt.Errorf("open an RTP port: %w", err)
		}
		port := rtp.LocalAddr().(*net.UDPAddr).AddrPort().Port()
		if port%2 == 0 {
			rtcp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, port+1)))
			if err == nil {
				m.rtp, m.rtcp = rtp, rtcp
				m.running.Go(m.readRTP)
				m.running.Go(m.readRTCP)
				return m, nil
			}
		}
		_ = rtp.Close()
	}
	return nil, errors.New("open an RTP port: no pair is free")
}

func (m *media) addr() netip.AddrPort { return plain(m.rtp.LocalAddr().(*net.UDPAddr).AddrPort()) }

// agree takes what both sides have said.
func (m *media) agree(own, peer session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := own.codecs[0]
	if len(own.codecs) > 1 { // we offered: the answer decides
		c = peer.codecs[0]
	}
	m.remote, m.codec, m.pt = peer.addr, c, peer.pts[c]
	m.dtmfPT, m.dtmfIn = 0, 0
	if own.dtmf != 0 && peer.dtmf != 0 {
		m.dtmfPT, m.dtmfIn = peer.dtmf, own.dtmf
	}
	m.dir = both(own.dir, peer.dir.reverse())
	if !m.started && !m.closed {
		m.started = true
		pace.add(m)
	}
	m.changedNow()
}

func (m *media) close() {
	m.mu.Lock()
	was := m.closed
	m.closed = true
	m.changedNow()
	m.mu.Unlock()
	if was {
		return
	}
	pace.remove(m)
	_ = m.rtp.Close()
	_ = m.rtcp.Close()
	m.running.Wait()
}

// changedNow wakes who waits for a change. Under mu.
func (m *media) changedNow() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// tick sends the packet that is due. The pacer calls it every 20 ms.
func (m *media) tick() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ts += frame
	if m.closed || m.dir != sendRecv || m.remote.Port() == 0 { // who holds the other has nothing to say
		m.marker = true
		return
	}
	switch {
	case len(m.keys) > 0:
		m.sendKey()
	case m.quiet:
		m.marker = true
	default:
		m.payload = m.codec.encode(m.payload[:0], m.sound())
		m.send(m.pt, m.ts, m.payload)
	}
}

// sound makes the next frame: the tone, or silence. Under mu.
func (m *media) sound() []int16 {
	var pcm [frame]int16
	if m.freq > 0 {
		for i := range pcm {
			pcm[i] = int16(toneLevel * math.Sin(m.phase))
			m.phase += 2 * math.Pi * m.freq / sampleRate
		}
		m.phase = math.Mod(m.phase, 2*math.Pi)
	}
	return pcm[:]
}

// send writes one RTP packet (RFC 3550, 5.1). Under mu.
func (m *media) send(pt uint8, ts uint32, payload []byte) {
	m.packet = append(m.packet[:0], 0x80, pt, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	b := m.packet
	if m.marker {
		b[1] |= 0x80
		m.marker = false
	}
	binary.BigEndian.PutUint16(b[2:], m.seq)
	binary.BigEndian.PutUint32(b[4:], ts)
	binary.BigEndian.PutUint32(b[8:], m.ssrc)
	m.packet = append(m.packet, payload...)
	m.seq++
	if _, err := m.rtp.WriteToUDPAddrPort(m.packet, m.remote); err != nil {
		m.refused++
		return
	}
	m.sent++
}

// sendKey sends the next packet of the first key, or keeps the pause behind it. Under mu.
func (m *media) sendKey() {
	k := &m.keys[0]
	if k.sent == 0 {
		k.ts = m.ts
		m.marker = true // the first packet of an event (RFC 4733, 2.5.1.1)
	}
	if k.sent < keyFrames+keyEnds-1 {
		n := min(k.sent+1, keyFrames)
		flags := byte(10) // volume −10 dBm0
		if k.sent >= keyFrames-1 {
			flags |= 0x80
		}
		m.send(m.dtmfPT, k.ts, []byte{k.event, flags, byte(n * frame >> 8), byte(n * frame & 0xff)})
	}
	if k.sent++; k.sent == keyFrames+keyEnds-1+keyPause {
		m.keys = m.keys[1:]
		m.marker = true
		m.changedNow()
	}
}

const keyNames = "0123456789*#ABCD"

func (m *media) readRTP() {
	buf := make([]byte, 2048)
	for {
		n, _, err := m.rtp.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			m.take(buf[:n], time.Now())
		}
	}
}

// take reads one packet that came.
func (m *media) take(b []byte, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(b) < 12 || b[0]>>6 != 2 {
		m.strange++
		return
	}
	head := 12 + 4*int(b[0]&0x0f)
	if b[0]&0x10 != 0 { // extension
		if len(b) < head+4 {
			m.strange++
			return
		}
		head += 4 + 4*int(binary.BigEndian.Uint16(b[head+2:]))
	}
	if len(b) <= head {
		m.strange++
		return
	}
	payload := b[head:]
	pt, ts := b[1]&0x7f, binary.BigEndian.Uint32(b[4:])
	m.count(int64(binary.BigEndian.Uint16(b[2:])), binary.BigEndian.Uint32(b[8:]), at)
	switch {
	case m.dtmfIn != 0 && pt == m.dtmfIn && len(payload) >= 4:
		// All packets of a key carry the same timestamp.
		if (!m.anyKey || ts != m.lastKey) && int(payload[0]) < len(keyNames) {
			m.digits = append(m.digits, keyNames[payload[0]])
			m.lastKey, m.anyKey = ts, true
		}
	case pt == m.pt && m.codec != "":
		m.heard = append(m.heard, heard{at, m.codec.decode(payload)})
		if len(m.heard) > m.keep {
			m.heard = m.heard[1:]
		}
	default:
		m.strange++
		return
	}
	m.changedNow()
}

// count notes a packet's place, for what was lost. A new source begins anew.
func (m *media) count(seq int64, ssrc uint32, at time.Time) {
	if m.received == 0 || ssrc != m.peerSSRC {
		m.peerSSRC, m.firstSeq, m.lastSeq, m.received = ssrc, seq, seq, 0
		m.firstAt = at
	} else {
		m.lastSeq = max(m.lastSeq, m.lastSeq+int64(int16(uint16(seq)-uint16(m.lastSeq))))
	}
	m.received++
}

// since gives the sound that came after a moment, no more than the newest so much of it.
func (m *media) since(after time.Time, most time.Duration) []int16 {
	n := int(most / time.Second * sampleRate)
	n += int(most%time.Second) * sampleRate / int(time.Second)
	var pcm []int16
	i := len(m.heard)
	for total := 0; i > 0 && total < n && m.heard[i-1].at.After(after); i-- {
		total += len(m.heard[i-1].pcm)
	}
	for _, h := range m.heard[i:] {
		pcm = append(pcm, h.pcm...)
	}
	return pcm
}

// await waits until a condition holds. Under mu when it is asked.
func (m *media) await(ctx context.Context, holds func() bool) error {
	for {
		m.mu.Lock()
		ok, closed, changed := holds(), m.closed, m.changed
		m.mu.Unlock()
		switch {
		case ok:
			return nil
		case closed:
			return errors.New("the call's sound has ended")
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
