package sip

import (
	"hash/maphash"
	"strings"
	"time"

	"github.com/linedesk/linedesk/sip/transport"
	"github.com/linedesk/linedesk/sip/wire"
)

// txKey names a transaction: a hash under a secret seed of what RFC 3261, 17.1.3 and 17.2.3 compare.
type txKey [2]uint64

const cookie = "z9hG4bK"

// serverKey is the key of the transaction that a request belongs to. An ACK (to a refusal) belongs to
// its INVITE's; so does a CANCEL, with method given as INVITE.
func (e *Endpoint) serverKey(m *wire.Message, method string) txKey {
	if method == "ACK" {
		method = "INVITE"
	}
	var h maphash.Hash
	h.SetSeed(e.seed)
	part(&h, method)
	// More than the RFC asks for: there are clients that use the same branch for everything.
	part(&h, m.CallID)
	number(&h, m.CSeq.Number)
	if b := m.Via.Branch; len(b) > len(cookie) && strings.HasPrefix(b, cookie) {
		part(&h, b)
		part(&h, m.Via.Host)
		_ = h.WriteByte(byte(m.Via.Port >> 8))
		_ = h.WriteByte(byte(m.Via.Port))
	} else {
		// Branches that are nothing but the cookie (RFC 4475, 3.2.1), and those of old peers: RFC 2543, partly:
		// a request without the cookie in its branch is matched by its tags, Via and URI.
		part(&h, m.From.Tag())
		part(&h, m.Via.Value)
		part(&h, m.URI.Text)
	}
	return sum(&h)
}

// mergedKey tells an INVITE that came by two ways (RFC 3261, 8.2.2.2).
func (e *Endpoint) mergedKey(m *wire.Message) txKey {
	var h maphash.Hash
	h.SetSeed(e.seed)
	part(&h, "merged")
	part(&h, m.CallID)
	part(&h, m.From.Tag())
	number(&h, m.CSeq.Number)
	return sum(&h)
}

func (e *Endpoint) clientKey(branch, method string) txKey {
	var h maphash.Hash
	h.SetSeed(e.seed)
	part(&h, branch)
	part(&h, method)
	return sum(&h)
}

func part(h *maphash.Hash, s string) {
	_, _ = h.WriteString(s)
	_ = h.WriteByte(0)
}

func number(h *maphash.Hash, n uint32) {
	for range 4 {
		_ = h.WriteByte(byte(n))
		n >>= 8
	}
}

func sum(h *maphash.Hash) (k txKey) {
	k[0] = h.Sum64()
	_ = h.WriteByte(1)
	k[1] = h.Sum64()
	return k
}

type txState uint8

const (
	txProceeding txState = iota // nothing final yet
	txCompleted                 // a refusal is repeated until it is acknowledged
	txConfirmed                 // acknowledged
	txAccepted                  // INVITE: a 2xx was sent; the leg repeats it (RFC 6026, 7.1)
	txCalling                   // client: nothing heard yet
	txOver
)

// serverTx is a request that we answer (RFC 3261, 17.2; RFC 6026). Of the answers it keeps the last one,
// as sent.
type serverTx struct {
	w        *worker
	key      txKey
	merged   txKey
	invite   bool
	state    txState
	flow     transport.Flow
	last     []byte
	leg      *Leg // of an INVITE: what a CANCEL is for
	interval time.Duration
	repeat   alarm // timer G
	end      alarm // timers H, I, J, L
}

const (
	serverRepeats uint8 = iota
	serverEnds
)

// newServerTx begins a transaction for a request.
func (w *worker) newServerTx(m *wire.Message, flow transport.Flow) *serverTx {
	tx := &serverTx{
		w: w, key: w.e.serverKey(m, m.Method), invite: m.Method == "INVITE", flow: w.e.replyFlow(m, flow),
	}
	w.served[tx.key] = tx
	if tx.invite && m.To.Tag() == "" {
		tx.merged = w.e.mergedKey(m)
		w.served[tx.merged] = tx
	}
	return tx
}

// send sends a response; code tells what it means for the transaction.
func (tx *serverTx) send(code int, b []byte) {
	tx.w.e.send(tx.flow, b)
	switch {
	case code < 200:
		tx.last = append(tx.last[:0], b...)
	case !tx.invite:
		if tx.flow.Reliable() { // timer J is 0: there will be no repetition
			tx.over()
			return
		}
		tx.state, tx.last = txCompleted, exact(b)
		tx.w.clock.set(&tx.end, tx, serverEnds, tx.w.now+timeout)
	case code < 300:
		tx.state, tx.last = txAccepted, nil
		tx.w.clock.set(&tx.end, tx, serverEnds, tx.w.now+timeout)
	default:
		tx.state, tx.last, tx.leg = txCompleted, exact(b), nil
		tx.w.clock.set(&tx.end, tx, serverEnds, tx.w.now+timeout)
		if !tx.flow.Reliable() {
			tx.interval = t1
			tx.w.clock.set(&tx.repeat, tx, serverRepeats, tx.w.now+t1)
		}
	}
}

func exact(b []byte) []byte { return append(make([]byte, 0, len(b)), b...) }

// again answers a repeated request.
func (tx *serverTx) again() {
	if len(tx.last) > 0 && tx.state != txConfirmed {
		tx.w.e.send(tx.flow, tx.last)
	}
}

// acked takes the ACK to a refusal.
func (tx *serverTx) acked() {
	if tx.state != txCompleted {
		return
	}
	tx.w.clock.stop(&tx.repeat)
	tx.state, tx.last = txConfirmed, nil
	if tx.flow.Reliable() {
		tx.over()
		return
	}
	tx.w.clock.set(&tx.end, tx, serverEnds, tx.w.now+t4)
}

func (tx *serverTx) ring(kind uint8) {
	if kind == serverEnds {
		tx.over()
		return
	}
	tx.w.e.count.add("response_repeated")
	tx.w.e.send(tx.flow, tx.last)
	tx.interval = min(2*tx.interval, t2)
	tx.w.clock.set(&tx.repeat, tx, serverRepeats, tx.w.now+tx.interval)
}

func (tx *serverTx) over() {
	tx.w.clock.stop(&tx.repeat)
	tx.w.clock.stop(&tx.end)
	tx.state, tx.last, tx.leg = txOver, nil, nil
	delete(tx.w.served, tx.key)
	if tx.merged != (txKey{}) && tx.w.served[tx.merged] == tx {
		delete(tx.w.served, tx.merged)
	}
}
