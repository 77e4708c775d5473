package siptest

import (
	"encoding/binary"
	"errors"
	"net"
	"time"
)

// reportEvery is how often a call sends a sender report. RFC 3550, 6.2 asks for 5 s and allows less.
const reportEvery = 2 * time.Second

func (m *media) readRTCP() {
	buf := make([]byte, 2048)
	for {
		n, _, err := m.rtcp.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			m.takeReport(buf[:n], time.Now())
		}
	}
}

// takeReport notes a sender report's time, which our own report quotes (RFC 3550, 6.4.1: LSR).
func (m *media) takeReport(b []byte, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(b) < 8 || b[0]>>6 != 2 {
		m.strange++
		return
	}
	m.reports++
	if b[1] == 200 && len(b) >= 28 {
		m.lastSR, m.lastSRAt = binary.BigEndian.Uint32(b[10:]), at
	}
}

// report sends a sender report with one report block and a CNAME, when one is due.
func (m *media) report(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	// The sequence of sent packets is the clock: one packet in 20 ms.
	if m.closed || m.sent == 0 || m.sent%uint64(reportEvery/frameTime) != 1 {
		return
	}
	b := make([]byte, 52, 64)
	b[0], b[1] = 0x81, 200
	binary.BigEndian.PutUint16(b[2:], 12)
	binary.BigEndian.PutUint32(b[4:], m.ssrc)
	sec := uint64(now.Unix()) + 2208988800 // from 1900
	binary.BigEndian.PutUint32(b[8:], uint32(sec))
	binary.BigEndian.PutUint32(b[12:], uint32(uint64(now.Nanosecond())<<32/1e9))
	binary.BigEndian.PutUint32(b[16:], m.ts)
	binary.BigEndian.PutUint32(b[20:], uint32(m.sent))
	binary.BigEndian.PutUint32(b[24:], uint32(m.sent)*frame)
	binary.BigEndian.PutUint32(b[28:], m.peerSSRC)
	lost := max(0, m.lastSeq-m.firstSeq+1-int64(m.received))
	binary.BigEndian.PutUint32(b[32:], uint32(lost)&0xffffff)
	binary.BigEndian.PutUint32(b[36:], uint32(m.lastSeq))
	binary.BigEndian.PutUint32(b[44:], m.lastSR)
	if m.lastSR != 0 {
		binary.BigEndian.PutUint32(b[48:], uint32(now.Sub(m.lastSRAt)*65536/time.Second))
	}
	// Source description: CNAME "t", padded to 32 bits.
	b = append(b, 0x81, 202, 0, 2)
	b = binary.BigEndian.AppendUint32(b, m.ssrc)
	b = append(b, 1, 1, 't', 0)
	to := m.remote
	_, _ = m.rtcp.WriteToUDPAddrPort(b, addPort(to))
}
