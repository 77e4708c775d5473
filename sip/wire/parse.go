package wire

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// MaxMessage is the longest message that is read: what one UDP datagram can carry.
const MaxMessage = 65535

const maxFields = 512

// sipgo's parsers of single headers, which it gives by their names.
var (
	cseqField          = sip.DefaultHeadersParser()["cseq"]
	contentLengthField = sip.DefaultHeadersParser()["content-length"]
	maxForwardsField   = sip.DefaultHeadersParser()["max-forwards"]
)

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
	p := parser{rest: data}
	first, ok := p.line()
	if !ok || !bytes.Contains(first, []byte("SIP/")) {
		return nil
	}
	p.m = pool.Get().(*Message)
	p.m.Hops, p.m.Size = -1, len(data)
	p.startLine(string(first))
	p.headers()
	p.mandatory()
	p.body(stream)
	return p.m
}

type parser struct {
	m    *Message
	rest []byte
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
func (p *parser) line() ([]byte, bool) {
	for at := 0; ; {
		i := bytes.IndexByte(p.rest[at:], '\r')
		if i < 0 || at+i+1 >= len(p.rest) {
			return nil, false
		}
		at += i + 1
		if p.rest[at] == '\n' {
			line := p.rest[:at-1]
			p.rest = p.rest[at+1:]
			return line, true
		}
	}
}

// startLine reads the first line but for its URI. sipgo reads it only at the head of a whole message, of which
// it gives nothing if the line is bad, where an answer must quote the headers; it writes methods in upper case,
// though "invite" is not INVITE; and it takes any version and any number for a status.
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
			p.rest = nil
			return
		}
		if len(line) == 0 {
			return
		}
		line = p.unfold(line)
		dirty := hasControl(line)
		if dirty {
			line = scrubName(line)
			dirty = hasControl(line)
		}
		if clean && dirty {
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

// unfold adds the lines that go on with a line because they begin with a blank (RFC 3261, 7.3.1). sipgo
// unfolds whole messages only, and ends at the first bad line, where an answer must quote those after it.
func (p *parser) unfold(line []byte) []byte {
	for own := false; len(p.rest) > 0 && blank(p.rest[0]); own = true {
		more, ok := p.line()
		if !ok {
			break
		}
		line = bytes.TrimRight(line, blanks)
		if !own {
			line = bytes.Clone(line) // what is added must not be written over the message
		}
		line = append(append(line, ' '), bytes.Trim(more, blanks)...)
	}
	return line
}

func (p *parser) field(line []byte) {
	// Cut here: sipgo takes anything for a name, and blanks of other scripts off the value, and makes four strings of it.
	name, value, ok := strings.Cut(string(line), ":")
	name = strings.TrimRight(name, blanks)
	if !ok || !IsToken(name) {
		p.fault(400, "Bad Header", "bad_header")
		return
	}
	f := Field{Label: name, Value: trim(value)}
	n := nameOf(f.Label)
	f.Name = n
	p.m.Fields = append(p.m.Fields, f)
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
		h, err := maxForwardsField(nil, m.Get(MaxForwards))
		if m.Hops = int(*h.(*sip.MaxForwardsHeader)); err != nil || m.Hops > 255 {
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
	h, err := cseqField(nil, s) // sees to it that the number is less than 2^31 (RFC 3261, 8.1.1.5)
	if err != nil {
		return c, false
	}
	r := h.(*sip.CSeqHeader)
	c = CSeqValue{Number: r.SeqNo, Method: trim(string(r.MethodName))}
	return c, IsToken(c.Method)
}

// body cuts the body out of what follows the headers (RFC 3261, 18.3).
func (p *parser) body(stream bool) {
	p.m.Body = string(p.rest[:p.length(stream)])
}

// length is the body's, as far as it came.
func (p *parser) length(stream bool) int {
	whole := len(p.rest)
	if !p.m.Has(ContentLength) {
		if stream {
			p.fault(400, "Missing Content-Length Header", "content_length")
		}
		return whole
	}
	declared := p.m.Get(ContentLength)
	h, err := contentLengthField(nil, declared)
	if err != nil || !all(declared, classDigit) { // sipgo takes the blanks of other scripts around it
		p.fault(400, "Bad Content-Length Header", "content_length")
		return whole
	}
	n := uint64(*h.(*sip.ContentLengthHeader))
	if n > uint64(whole) {
		p.fault(400, "Body Shorter Than Content-Length", "content_length")
		return whole
	}
	return int(n)
}
