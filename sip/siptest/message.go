package siptest

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// request is a request to be written.
type request struct {
	method, uri      string
	from, to, callID string
	cseq             uint32
	branch           string
	routes           []string
	headers          []string // whole lines
	sdp              string
}

const allow = "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE"

func (r request) bytes(p *Phone) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s SIP/2.0\r\n", r.method, r.uri)
	fmt.Fprintf(&b, "Via: SIP/2.0/%s %s;branch=%s;rport\r\n", strings.ToUpper(p.o.Transport), p.Addr(), r.branch)
	b.WriteString("Max-Forwards: 70\r\n")
	for _, route := range r.routes {
		fmt.Fprintf(&b, "Route: %s\r\n", route)
	}
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n", r.from, r.to, r.callID, r.cseq, r.method)
	for _, h := range r.headers {
		b.WriteString(h + "\r\n")
	}
	b.WriteString("User-Agent: siptest\r\n")
	if r.method != "ACK" && r.method != "CANCEL" {
		b.WriteString(allow + "\r\n")
	}
	body(&b, r.sdp)
	return []byte(b.String())
}

func body(b *strings.Builder, sdp string) {
	if strings.HasPrefix(sdp, "v=") {
		b.WriteString("Content-Type: application/sdp\r\n")
	}
	fmt.Fprintf(b, "Content-Length: %d\r\n\r\n%s", len(sdp), sdp)
}

// respond writes an answer to a request (RFC 3261, 8.2.6).
func respond(req *sip.Request, code int, reason, toTag string, headers []string, sdp string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %d %s\r\n", code, reason)
	for _, name := range []string{"Via", "Record-Route", "From", "To", "Call-ID", "CSeq"} {
		for _, h := range req.GetHeaders(name) {
			value := h.Value()
			if to := req.To(); name == "To" && toTag != "" && to != nil && !to.Params.Has("tag") {
				value += ";tag=" + toTag
			}
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	for _, h := range headers {
		b.WriteString(h + "\r\n")
	}
	b.WriteString("Server: siptest\r\n" + allow + "\r\n")
	body(&b, sdp)
	return []byte(b.String())
}

// reasons are the phrases for the codes that the phone says.
var reasons = map[int]string{
	100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 403: "Forbidden", 404: "Not Found",
	480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 486: "Busy Here", 487: "Request Terminated",
	488: "Not Acceptable Here", 500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable",
	600: "Busy Everywhere", 603: "Decline",
}

func phrase(code int) string {
	if s, ok := reasons[code]; ok {
		return s
	}
	return "Because"
}

// reach is where a URI says that it can be reached; or else, if it names a host.
func reach(uri sip.Uri, or netip.AddrPort) netip.AddrPort {
	a, err := netip.ParseAddr(strings.Trim(uri.Host, "[]"))
	if err != nil {
		return or
	}
	port := uri.Port
	if port == 0 {
		port = 5060
	}
	return netip.AddrPortFrom(a, uint16(port))
}

// addPort is the address one port above.
func addPort(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr(), a.Port()+1) }

// reasonOf gives the Reason header (RFC 3326) and, if it has one, its cause.
func reasonOf(m sip.Message) (string, int) {
	hs := m.GetHeaders("Reason")
	if len(hs) == 0 {
		return "", 0
	}
	value := hs[0].Value()
	_, after, _ := strings.Cut(value, "cause=")
	digits, _, _ := strings.Cut(after, ";")
	cause, _ := strconv.Atoi(strings.TrimSpace(digits))
	return value, cause
}
