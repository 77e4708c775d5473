package transport

import (
	"bytes"
	"errors"
)

// maxStreamMessage bounds a message on a stream; what is longer ends the connection.
const maxStreamMessage = 65535

// Errors of a [Framer]: the stream can not be read on.
var (
	ErrNoLength = errors.New("message without a usable Content-Length")
	ErrTooLong  = errors.New("message longer than 65535 bytes")
)

// Framer cuts a stream into messages by Content-Length (RFC 3261, 18.3). It allocates by what has
// come, never by what was declared.
type Framer struct {
	buf  []byte
	from int // where the unread part begins
	seen int // how much of the unread part has been searched for the end of the headers
	head int // length of the headers with their blank line, once found
	body int // declared length of the body
}

// Write takes what was read from the stream.
func (f *Framer) Write(b []byte) (int, error) {
	if f.from > 0 && len(f.buf)+len(b) > cap(f.buf) {
		f.buf = f.buf[:copy(f.buf, f.buf[f.from:])]
		f.from = 0
	}
	f.buf = append(f.buf, b...)
	return len(b), nil
}

// Partial says whether a message has begun and not ended.
func (f *Framer) Partial() bool { return f.from < len(f.buf) }

// Pings takes the CRLFs between messages away and counts the pairs, each of which is a keep-alive that
// wants a CRLF back (RFC 5626, 4.4.1, partly: answered when it comes, never sent by us).
func (f *Framer) Pings() (pairs int) {
	if f.seen > 0 || f.head > 0 {
		return 0
	}
	b := f.buf[f.from:]
	n := 0
	for n+1 < len(b) && b[n] == '\r' && b[n+1] == '\n' {
		n += 2
	}
	f.from += n
	f.rewind()
	return n / 4
}

// Next gives the next whole message, or nil if it has not come yet. What it gives is good until the next
// call of any method. With an error it gives what there is of the message, so that it can be answered.
func (f *Framer) Next() ([]byte, error) {
	b := f.buf[f.from:]
	if f.head == 0 {
		if len(b) == 0 || b[0] == '\r' && len(b) == 1 { // perhaps half of a ping
			return nil, nil
		}
		at := max(0, f.seen-3)
		i := bytes.Index(b[at:], []byte("\r\n\r\n"))
		if i < 0 {
			f.seen = len(b)
			if len(b) > maxStreamMessage {
				return b[:maxStreamMessage], ErrTooLong
			}
			return nil, nil
		}
		head := at + i + 4
		if head > maxStreamMessage {
			return b[:maxStreamMessage], ErrTooLong
		}
		body, ok := contentLength(b[:head])
		if !ok {
			return b[:head], ErrNoLength
		}
		if body > maxStreamMessage-head {
			return b[:head], ErrTooLong
		}
		f.head, f.body = head, body
	}
	if len(b) < f.head+f.body {
		return nil, nil
	}
	msg := b[:f.head+f.body]
	f.from += len(msg)
	f.seen, f.head, f.body = 0, 0, 0
	f.rewind()
	return msg, nil
}

// rewind starts the buffer over when all of it is read, and lets a big one go.
func (f *Framer) rewind() {
	if f.from < len(f.buf) {
		return
	}
	f.from = 0
	if cap(f.buf) > 16<<10 {
		f.buf = nil
	}
	f.buf = f.buf[:0]
}

// contentLength finds the one Content-Length among the headers. Two of them are a fault even if they
// agree: a proxy in front of us may take the other one (RFC 4475, 3.3.9).
func contentLength(head []byte) (n int, ok bool) {
	n = -1
	for len(head) > 0 {
		line := head
		if end := bytes.Index(head, []byte("\r\n")); end >= 0 {
			line, head = head[:end], head[end+2:]
		} else {
			head = nil
		}
		colon := bytes.IndexByte(line, ':')
		if colon <= 0 || len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
			continue
		}
		name := bytes.TrimRight(line[:colon], " \t")
		if !bytes.EqualFold(name, []byte("l")) && !bytes.EqualFold(name, []byte("Content-Length")) {
			continue
		}
		value := bytes.Trim(line[colon+1:], " \t")
		for len(value) == 0 && len(head) > 0 && (head[0] == ' ' || head[0] == '\t') { // folded
			end := bytes.Index(head, []byte("\r\n"))
			value, head = bytes.Trim(head[:end], " \t"), head[end+2:]
		}
		if n >= 0 || len(head) > 0 && (head[0] == ' ' || head[0] == '\t') {
			return 0, false
		}
		if n, ok = digits(value); !ok {
			return 0, false
		}
	}
	return n, n >= 0
}

func digits(b []byte) (n int, ok bool) {
	if len(b) == 0 || len(b) > 10 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}
