package wire

import (
	"net/netip"
	"sync"
)

// Field is one header field as it came.
type Field struct {
	Name  Name
	Label string // the name as written
	Value string // unfolded, without blanks at its ends
}

// Fault says what is wrong with a message and how a request is to be answered. The zero value is none.
type Fault struct {
	Code   int    // of the answer
	Reason string // of the answer; "": the code's usual one
	Why    string // for counters: one of a small set, such as "bad_via"
}

// Message is a SIP message that was read. Its strings are parts of its fields' values, which live as long as
// any part does: what is kept beyond the message's handling ought to be copied.
type Message struct {
	// A request has a method and a URI, a response has a status.
	Method string
	URI    URI
	Status int
	Reason string

	Fields []Field
	Body   string

	// These are read from the fields. A message without a fault has them all.
	Via    ViaValue // the topmost
	From   Address
	To     Address
	CallID string
	CSeq   CSeqValue

	// Hops is Max-Forwards; −1 if there is none.
	Hops int
	// ViaCount counts the hops.
	ViaCount int

	Fault Fault

	// Size is the length of the whole message in bytes.
	Size int

	// Src is where it came from; whoever received it fills it in.
	Src netip.AddrPort

	first [names]uint16 // 1 + where the first field of a name is; 0: there is none
}

// CSeqValue is a CSeq header.
type CSeqValue struct {
	Number uint32
	Method string
}

var pool = sync.Pool{New: func() any { return &Message{Fields: make([]Field, 0, 24)} }}

// Release gives the message back for another use. Strings taken from it stay good.
func (m *Message) Release() {
	fields := m.Fields
	clear(fields)
	*m = Message{Fields: fields[:0]}
	pool.Put(m)
}

// IsRequest says whether the message is one.
func (m *Message) IsRequest() bool { return m.Status == 0 }

// Get gives the first value of a header, "" if there is none.
func (m *Message) Get(n Name) string {
	if i := m.first[n]; i > 0 {
		return m.Fields[i-1].Value
	}
	return ""
}

// Has says whether the message has a header.
func (m *Message) Has(n Name) bool { return m.first[n] > 0 }

// Values gives all values of a header that can be a list, commas taken apart, in their order.
func (m *Message) Values(n Name) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		first := m.first[n]
		if first == 0 {
			return
		}
		for i := int(first) - 1; i < len(m.Fields); i++ {
			if m.Fields[i].Name != n {
				continue
			}
			for rest := m.Fields[i].Value; rest != ""; {
				var v string
				if v, rest = NextValue(rest); v != "" && !yield(v) {
					return
				}
			}
		}
	}
}

// Lines gives each field of a name whole, for headers whose values have commas of their own
// (Authorization, WWW-Authenticate).
func (m *Message) Lines(n Name) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for i := range m.Fields {
			if m.Fields[i].Name == n && !yield(m.Fields[i].Value) {
				return
			}
		}
	}
}
