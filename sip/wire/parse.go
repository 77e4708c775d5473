package wire

import (
	"strconv"
	"strings"
)

// MaxMessage is the longest message that is read: what one UDP datagram can carry.
const MaxMessage = 65535

const maxFields = 512

// Parse reads one message. Data is a whole datagram, or a whole message cut out of a stream, where
// Content-Length is a must (stream). It gives nil for what is no SIP message at all; otherwise the
// message, whose Fault tells whether it is a good one.
func Parse(data []byte, stream bool) *Message {
	if len(data) > MaxMessage {
		return nil
	}
	for len(data) >= 2 && data[0] == '\r' && data[1] == '\n' { // RFC 3261, 7.5
		data = data[2:]
	}
	p := parser{rest: string(data)}
	line, ok := p.line()
	if !ok || !strings.Contains(line, "SIP/") {
		return nil
	}
	p.m = pool.Get().(*Message)
	p.m.Hops, p.m.Size = -1, len(data)
	p.startLine(line)
	p.headers()
	p.mandatory()
	p.body(stream)
	return p.m
}

type parser struct {
	m    *Message
	rest string
}

// fault notes what is wrong. The first counts, but a version or method that we do not have is the
// better answer whatever else is wrong: the rest may be right in its own terms.
func (p *parser) fault(code int, reason, why string) {
	f := &p.m.Fault
	if f.Code == 0 || rank(code) > rank(f.Code) {
		*f = Fault{Code: code, Reason: reason, Why: why}
	}
}

func rank(code int) int {
	switch code {
	case 505:
		return 2
	case 501:
		return 1
	}
	return 0
}

// line cuts the next line off, without its CRLF.
func (p *parser) line() (string, bool) {
	for at := 0; ; {
		i := strings.IndexByte(p.rest[at:], '\r')
		if i < 0 || at+i+1 >= len(p.rest) {
			return "", false
		}
		at += i + 1
		if p.rest[at] == '\n' {
			line := p.rest[:at-1]
			p.rest = p.rest[at+1:]
			return line, true
		}
	}
}

func (p *parser) startLine(line string) {
	if HasControl(line) {
		p.fault(400, "Control Character In Start Line", "control_character")
	}
	if len(line) > 4 && line[:4] == "SIP/" {
		p.statusLine(line)
		return
	}
	method, rest, _ := strings.Cut(line, " ")
	end := strings.LastIndexByte(rest, ' ')
	p.m.Method = method
	if !IsToken(method) || end < 0 {
		p.badRequestLine()
		return
	}
	uri, version := rest[:end], rest[end+1:]
	if version != "SIP/2.0" {
		if strings.HasPrefix(version, "SIP/") {
			p.fault(505, "", "version")
		} else {
			p.badRequestLine()
		}
	}
	var ok bool
	if p.m.URI, ok = ParseURI(uri); !ok {
		p.fault(400, "Bad Request URI", "bad_request_uri")
	} else if p.m.URI.Headers != "" {
		// RFC 3261, 19.1.1 and RFC 4475, 3.1.2.11: headers are not for a request line, least of all
		// to be acted on.
		p.fault(400, "Headers In Request URI", "bad_request_uri")
	}
}

func (p *parser) badRequestLine() { p.fault(400, "Bad Request Line", "bad_request_line") }

func (p *parser) statusLine(line string) {
	version, rest, _ := strings.Cut(line, " ")
	code, reason, _ := strings.Cut(rest, " ")
	n, err := strconv.ParseUint(code, 10, 16)
	if version != "SIP/2.0" || err != nil || len(code) != 3 || n < 100 || n > 699 {
		p.m.Status = 999 // no request, whatever it is
		p.fault(400, "", "bad_status_line")
		return
	}
	p.m.Status, p.m.Reason = int(n), reason
}

// headers reads the fields up to the blank line.
func (p *parser) headers() {
	clean := true
	for {
		line, ok := p.line()
		if !ok {
			p.fault(400, "No Blank Line After Headers", "truncated")
			p.rest = ""
			return
		}
		if line == "" {
			return
		}
		for p.rest != "" && blank(p.rest[0]) { // RFC 3261, 7.3.1: a line that begins with a blank goes on
			more, ok := p.line()
			if !ok {
				break
			}
			line = strings.TrimRight(line, " \t") + " " + trim(more)
		}
		if clean && HasControl(line) {
			clean = false
			p.fault(400, "Control Character In Header", "control_character")
		}
		if len(p.m.Fields) == maxFields {
			p.fault(400, "Too Many Headers", "too_many_headers")
			continue
		}
		p.field(line)
	}
}

func (p *parser) field(line string) {
	label, value, ok := strings.Cut(line, ":")
	label = strings.TrimRight(label, " \t")
	if !ok || !IsToken(label) {
		p.fault(400, "Bad Header", "bad_header")
		return
	}
	n := nameOf(label)
	p.m.Fields = append(p.m.Fields, Field{Name: n, Label: label, Value: trim(value)})
	if n == Other {
		return
	}
	if p.m.first[n] == 0 {
		p.m.first[n] = uint16(len(p.m.Fields))
	} else if once[n] {
		p.fault(400, "Duplicate "+canonical[n]+" Header", "duplicate_header")
	}
}

var canonical = [names]string{
	CallID: "Call-ID", ContentLength: "Content-Length", ContentType: "Content-Type", CSeq: "CSeq", Event: "Event",
	Expires: "Expires", From: "From", MaxForwards: "Max-Forwards", MinExpires: "Min-Expires", MinSE: "Min-SE",
	RAck: "RAck", ReferTo: "Refer-To", Replaces: "Replaces", RSeq: "RSeq", SessionExpires: "Session-Expires", To: "To",
	Via: "Via",
}

// mandatory reads what every message must have (RFC 3261, 8.1.1).
func (p *parser) mandatory() {
	m := p.m
	for _, n := range [...]Name{Via, From, To, CallID, CSeq} {
		if !m.Has(n) {
			p.fault(400, "Missing "+canonical[n]+" Header", "missing_header")
		}
	}
	p.vias()
	var ok bool
	if m.From, ok = ParseAddress(m.Get(From)); !ok {
		p.fault(400, "Bad From Header", "bad_from")
	}
	if m.To, ok = ParseAddress(m.Get(To)); !ok {
		p.fault(400, "Bad To Header", "bad_to")
	}
	if m.CallID = m.Get(CallID); m.CallID == "" || strings.ContainsAny(m.CallID, " \t,;") {
		p.fault(400, "Bad Call-ID Header", "bad_call_id")
	}
	if m.CSeq, ok = parseCSeq(m.Get(CSeq)); !ok {
		p.fault(400, "Bad CSeq Header", "bad_cseq")
	} else if m.IsRequest() && m.CSeq.Method != m.Method {
		p.fault(400, "CSeq Method Differs From Request", "cseq_method")
	}
	if m.Has(MaxForwards) {
		n, err := strconv.ParseUint(m.Get(MaxForwards), 10, 8)
		if m.Hops = int(n); err != nil {
			p.fault(400, "Bad Max-Forwards Header", "bad_max_forwards")
		}
	}
}

func (p *parser) vias() {
	for v := range p.m.Values(Via) {
		via, ok := ParseVia(v)
		if p.m.ViaCount == 0 {
			p.m.Via = via
		}
		p.m.ViaCount++
		if !ok {
			p.fault(400, "Bad Via Header", "bad_via")
		}
	}
	if p.m.ViaCount == 0 {
		p.fault(400, "Bad Via Header", "bad_via")
	}
}

func parseCSeq(s string) (c CSeqValue, ok bool) {
	end := strings.IndexAny(s, " \t")
	if end < 0 {
		return c, false
	}
	// RFC 3261, 8.1.1.5: less than 2^31.
	n, err := strconv.ParseUint(s[:end], 10, 31)
	c = CSeqValue{Number: uint32(n), Method: trim(s[end:])}
	return c, err == nil && IsToken(c.Method)
}

// body cuts the body out of what follows the headers (RFC 3261, 18.3).
func (p *parser) body(stream bool) {
	p.m.Body = p.rest
	if !p.m.Has(ContentLength) {
		if stream {
			p.fault(400, "Missing Content-Length Header", "content_length")
		}
		return
	}
	n, err := strconv.ParseUint(p.m.Get(ContentLength), 10, 31)
	switch {
	case err != nil:
		p.fault(400, "Bad Content-Length Header", "content_length")
	case n > uint64(len(p.rest)):
		p.fault(400, "Body Shorter Than Content-Length", "content_length")
	default:
		p.m.Body = p.rest[:n]
	}
}
