package wire

import (
	"net/netip"
	"strconv"
)

func appendUint(b []byte, n uint64) []byte { return strconv.AppendUint(b, n, 10) }

// AppendStatus begins a response with its status line. "" takes the code's usual reason.
func AppendStatus(b []byte, code int, reason string) []byte {
	b = appendUint(append(b, "SIP/2.0 "...), uint64(code))
	b = append(b, ' ')
	if reason == "" {
		reason = ReasonOf(code)
	}
	return append(appendClean(b, reason), "\r\n"...)
}

// AppendEcho adds what a response repeats of its request (RFC 3261, 8.2.6.2). The tag is put to To
// unless the request had one; "" puts none. Control characters are left out.
func AppendEcho(b []byte, m *Message, tag string) []byte {
	b = appendVias(b, m)
	b = appendEcho(b, m, From, "From: ")
	if to := m.Get(To); to != "" {
		b = appendClean(append(b, "To: "...), to)
		if tag != "" && m.To.Tag() == "" {
			b = append(append(b, ";tag="...), tag...)
		}
		b = append(b, "\r\n"...)
	}
	b = appendEcho(b, m, CallID, "Call-ID: ")
	return appendEcho(b, m, CSeq, "CSeq: ")
}

func appendVias(b []byte, m *Message) []byte {
	top := true
	for i := range m.Fields {
		f := &m.Fields[i]
		if f.Name != Via {
			continue
		}
		b = append(b, "Via: "...)
		if top && m.Via.Host != "" && !HasControl(f.Value) {
			b = m.Via.appendAnswered(b, m.Src)
			if _, rest := NextValue(f.Value); rest != "" {
				b = append(append(b, ", "...), trim(rest)...)
			}
		} else {
			b = appendClean(b, f.Value)
		}
		top = false
		b = append(b, "\r\n"...)
	}
	return b
}

func appendEcho(b []byte, m *Message, n Name, label string) []byte {
	v := m.Get(n)
	if v == "" {
		return b
	}
	return append(appendClean(append(b, label...), v), "\r\n"...)
}

// appendClean writes a value without control characters.
func appendClean(b []byte, v string) []byte {
	for i := range len(v) {
		if class[v[i]]&classControl == 0 {
			b = append(b, v[i])
		}
	}
	return b
}

// AppendRecordRoutes repeats the Record-Route headers, as a response that makes a dialog must (RFC
// 3261, 12.1.1).
func AppendRecordRoutes(b []byte, m *Message) []byte {
	if !m.Has(RecordRoute) {
		return b
	}
	for i := range m.Fields {
		if f := &m.Fields[i]; f.Name == RecordRoute {
			b = AppendHeader(b, "Record-Route", f.Value)
		}
	}
	return b
}

// AppendHeader writes one header line. Control characters are left out of the value.
func AppendHeader(b []byte, label, value string) []byte {
	b = append(append(b, label...), ": "...)
	return append(appendClean(b, value), "\r\n"...)
}

// AppendBody ends a message: Content-Type and Content-Length, the blank line and the body.
func AppendBody(b []byte, contentType string, body []byte) []byte {
	if len(body) > 0 {
		b = AppendHeader(b, "Content-Type", contentType)
	}
	b = appendUint(append(b, "Content-Length: "...), uint64(len(body)))
	b = append(b, "\r\n\r\n"...)
	return append(b, body...)
}

// AppendAddrPort writes an address as a URI or a Via has it.
func AppendAddrPort(b []byte, a netip.AddrPort) []byte { return a.AppendTo(b) }

// ReasonOf gives the usual reason phrase of a status code (RFC 3261, 21 and the registry).
func ReasonOf(code int) string {
	if s, ok := reasons[code]; ok {
		return s
	}
	switch code / 100 {
	case 1:
		return "Session Progress"
	case 2:
		return "OK"
	case 4:
		return "Bad Request"
	case 5:
		return "Server Internal Error"
	}
	return "Decline"
}

var reasons = map[int]string{
	100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress",
	200: "OK", 202: "Accepted", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
	405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required",
	408: "Request Timeout", 410: "Gone", 413: "Request Entity Too Large", 415: "Unsupported Media Type",
	416: "Unsupported URI Scheme", 420: "Bad Extension", 421: "Extension Required",
	422: "Session Interval Too Small", 423: "Interval Too Brief", 480: "Temporarily Unavailable",
	481: "Call/Transaction Does Not Exist", 482: "Loop Detected", 483: "Too Many Hops",
	484: "Address Incomplete", 486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here",
	489: "Bad Event", 491: "Request Pending", 493: "Undecipherable", 500: "Server Internal Error",
	501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Server Time-out",
	505: "Version Not Supported", 513: "Message Too Large", 600: "Busy Everywhere", 603: "Decline",
	604: "Does Not Exist Anywhere", 606: "Not Acceptable",
}
