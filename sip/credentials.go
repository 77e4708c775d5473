package sip

import (
	"strings"

	"github.com/linedesk/linedesk/sip/wire"
)

// credentials answers a challenge to a request of ours. Only a trunk's own host gets an answer, only for
// calls that we placed, and only for the realm that it is set up with, if one is: else whoever can send us
// a challenge could collect what is computed from the password.
func (l *Leg) credentials(m *wire.Message, method, uri string) (line string, ok bool) {
	t := l.trunk
	if t == nil || t.User == "" || l.source != (Source{}) {
		return "", false
	}
	if to, ok := t.dest(); !ok || to.Addr() != m.Src.Addr() {
		return "", false
	}
	challenge, header := wire.WWWAuthenticate, "Authorization: "
	if m.Status == 407 {
		challenge, header = wire.ProxyAuthenticate, "Proxy-Authorization: "
	}
	for v := range m.Lines(challenge) { // the topmost that we know counts (RFC 8760, 2.4)
		d, ok := parseDigest(v)
		if !ok || t.Realm != "" && !strings.EqualFold(d.realm, t.Realm) || wire.HasControl(d.realm+d.opaque) {
			continue
		}
		if a, known := algorithmOf(d.algorithm); known {
			return header + d.answer(a, t.User, t.Password, method, uri, token(8), 1), true
		}
	}
	return "", false
}
