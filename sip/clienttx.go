package sip

import (
	"bytes"
	"time"

	"github.com/linedesk/linedesk/sip/transport"
	"github.com/linedesk/linedesk/sip/wire"
)

// clientTx is a request that we sent (RFC 3261, 17.1; RFC 6026). The answers are given to told: each
// provisional one, each 2xx to an INVITE, the first final one otherwise; nil when none will come.
type clientTx struct {
	w        *worker
	key      txKey
	invite   bool
	state    txState
	flow     transport.Flow
	request  []byte // as sent, until it need not be repeated
	head     []byte // of an INVITE without a final answer: its lines, for ACK and CANCEL
	ack      []byte // to a refused INVITE: repeated with each repetition of the refusal
	told     func(*wire.Message)
	interval time.Duration
	repeat   alarm // timers A, E
	end      alarm // timers B, F, D, M
}

const (
	clientRepeats uint8 = iota
	clientEnds
)

// ask sends a request and waits for its answers. Wait is timer B or F.
func (w *worker) ask(flow transport.Flow, branch, method string, request []byte, wait time.Duration, told func(*wire.Message)) *clientTx {
	tx := &clientTx{
		w: w, key: w.e.clientKey(branch, method), invite: method == "INVITE", state: txCalling, flow: flow, told: told,
		interval: t1,
	}
	w.asked[tx.key] = tx
	w.clock.set(&tx.end, tx, clientEnds, w.now+wait)
	tx.request = exact(request)
	if tx.invite {
		tx.head = tx.request[:bytes.Index(tx.request, []byte("\r\n\r\n"))+2]
	}
	w.e.trace("out", flow, request)
	if err := flow.Send(request); err != nil {
		// RFC 3261, 8.1.3.1: as if it had timed out, but not from within ask.
		w.e.count.add("send_error")
		w.clock.set(&tx.end, tx, clientEnds, w.now)
		return tx
	}
	if !flow.Reliable() {
		w.clock.set(&tx.repeat, tx, clientRepeats, w.now+t1)
	}
	return tx
}

// response takes an answer to the transaction that it belongs to.
func (w *worker) response(m *wire.Message) {
	if m.ViaCount != 1 { // for somebody else (RFC 3261, 18.1.2)
		w.e.count.add("response_of_others")
		return
	}
	tx := w.asked[w.e.clientKey(m.Via.Branch, m.CSeq.Method)]
	if tx == nil {
		w.e.count.add("response_unexpected")
		return
	}
	if tx.invite {
		tx.inviteAnswered(m)
	} else {
		tx.answered(m)
	}
}

func (tx *clientTx) answered(m *wire.Message) {
	if m.Status < 200 {
		if tx.state == txCalling && tx.repeat.pos != 0 { // timer E goes on at T2
			tx.interval = t2
			tx.w.clock.set(&tx.repeat, tx, clientRepeats, tx.w.now+t2)
		}
		tx.state = txProceeding
		return
	}
	// Repetitions of the answer find no transaction and are dropped, which is all that timer K is for.
	tx.over()
	tx.told(m)
}

func (tx *clientTx) inviteAnswered(m *wire.Message) {
	switch {
	case m.Status < 200:
		if tx.state == txCalling {
			tx.state, tx.request = txProceeding, nil
			tx.w.clock.stop(&tx.repeat)
			tx.w.clock.stop(&tx.end) // the leg has its own idea of how long it may ring
		}
		if tx.state == txProceeding {
			tx.told(m)
		}
	case m.Status < 300:
		if tx.state == txCompleted {
			return
		}
		if tx.state != txAccepted {
			tx.state, tx.request, tx.head = txAccepted, nil, nil
			tx.w.clock.stop(&tx.repeat)
			tx.w.clock.set(&tx.end, tx, clientEnds, tx.w.now+timeout)
		}
		tx.told(m)
	default:
		if tx.state == txCompleted {
			tx.w.e.send(tx.flow, tx.ack)
			return
		}
		if tx.state == txAccepted {
			return
		}
		tx.ack = refusalAck(tx.head, m)
		tx.state, tx.request, tx.head = txCompleted, nil, nil
		tx.w.clock.stop(&tx.repeat)
		tx.w.e.send(tx.flow, tx.ack)
		if tx.flow.Reliable() {
			tx.over()
		} else {
			tx.w.clock.set(&tx.end, tx, clientEnds, tx.w.now+timeout)
		}
		tx.told(m)
	}
}

func (tx *clientTx) ring(kind uint8) {
	if kind == clientEnds {
		waiting := tx.state == txCalling || tx.state == txProceeding
		tx.over()
		if waiting {
			tx.told(nil)
		}
		return
	}
	tx.w.e.count.add("request_repeated")
	tx.w.e.send(tx.flow, tx.request)
	tx.interval *= 2
	if !tx.invite {
		tx.interval = min(tx.interval, t2)
	}
	tx.w.clock.set(&tx.repeat, tx, clientRepeats, tx.w.now+tx.interval)
}

func (tx *clientTx) over() {
	tx.w.clock.stop(&tx.repeat)
	tx.w.clock.stop(&tx.end)
	tx.state, tx.request, tx.head, tx.ack = txOver, nil, nil, nil
	if tx.w.asked[tx.key] == tx {
		delete(tx.w.asked, tx.key)
	}
}

// refusalAck makes the ACK to a refused INVITE out of the INVITE's own lines: same request URI, Via,
// Route, From, Call-ID and CSeq number; To as the refusal has it (RFC 3261, 17.1.1.3).
func refusalAck(invite []byte, m *wire.Message) []byte {
	b := make([]byte, 0, 512)
	for rest := invite; len(rest) > 0; {
		line := rest
		if end := bytes.Index(rest, []byte("\r\n")); end >= 0 {
			line, rest = rest[:end], rest[end+2:]
		} else {
			rest = nil
		}
		if len(line) == 0 {
			break
		}
		switch {
		case bytes.HasPrefix(line, []byte("INVITE ")):
			b = append(append(b, "ACK "...), line[len("INVITE "):]...)
		case bytes.HasPrefix(line, []byte("To: ")):
			b = append(append(b, "To: "...), m.Get(wire.To)...)
		case bytes.HasPrefix(line, []byte("CSeq: ")):
			b = append(bytes.TrimSuffix(append(b, line...), []byte("INVITE")), "ACK"...)
		case hasAnyPrefix(line, "Via: ", "Route: ", "From: ", "Call-ID: ", "Max-Forwards: "):
			b = append(b, line...)
		default:
			continue
		}
		b = append(b, "\r\n"...)
	}
	return append(b, "Content-Length: 0\r\n\r\n"...)
}

func hasAnyPrefix(line []byte, prefixes ...string) bool {
	for _, p := range prefixes {
		if len(line) >= len(p) && string(line[:len(p)]) == p {
			return true
		}
	}
	return false
}
