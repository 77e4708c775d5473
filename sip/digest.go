package sip

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"

	"github.com/linedesk/linedesk/sip/wire"
)

// algorithm is a hash function of digest authentication (RFC 8760, 2.2).
type algorithm struct {
	name string
	make func() hash.Hash
}

// algorithms are those we speak, the one we like best first (RFC 8760, 2.4).
var algorithms = [...]algorithm{{"SHA-256", sha256.New}, {"MD5", md5.New}}

func algorithmOf(name string) (algorithm, bool) {
	if name == "" { // RFC 7616, 3.3
		name = "MD5"
	}
	for _, a := range algorithms {
		if strings.EqualFold(a.name, name) {
			return a, true
		}
	}
	return algorithm{}, false
}

// hex hashes the parts with colons between them, in lower-case hexadecimal.
func (a algorithm) hex(parts ...string) string {
	h := a.make()
	for i, p := range parts {
		if i > 0 {
			_, _ = h.Write([]byte{':'}) // hashes take everything
		}
		_, _ = h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// response computes what proves the password (RFC 7616, 3.4.1) with qop "auth", or without any qop for
// servers that offer none (RFC 2069, partly: answered so, never asked for so).
func (a algorithm) response(user, realm, password, nonce, nc, cnonce, qop, method, uri string) string {
	ha1 := a.hex(user, realm, password)
	ha2 := a.hex(method, uri)
	if qop == "" {
		return a.hex(ha1, nonce, ha2)
	}
	return a.hex(ha1, nonce, nc, cnonce, qop, ha2)
}

// digest is a Digest challenge or the credentials that answer one.
type digest struct {
	user, realm, nonce, uri, response, cnonce, nc, qop, algorithm, opaque string
	stale                                                                 bool
}

// parseDigest reads the value of an Authorization or WWW-Authenticate header. It gives false for other
// schemes and for what it can't make out.
func parseDigest(s string) (d digest, ok bool) {
	scheme, rest, _ := strings.Cut(s, " ")
	if !strings.EqualFold(scheme, "Digest") {
		return d, false
	}
	fields := map[string]*string{
		"username": &d.user, "realm": &d.realm, "nonce": &d.nonce, "uri": &d.uri, "response": &d.response,
		"cnonce": &d.cnonce, "nc": &d.nc, "qop": &d.qop, "algorithm": &d.algorithm, "opaque": &d.opaque,
	}
	for rest != "" {
		var one string
		one, rest = wire.NextValue(rest)
		name, value, has := strings.Cut(one, "=")
		if name = strings.ToLower(strings.TrimSpace(name)); !has || !wire.IsToken(name) {
			return d, false
		}
		value = wire.Unquote(strings.TrimSpace(value))
		if name == "stale" {
			d.stale = strings.EqualFold(value, "true")
			continue
		}
		if f := fields[name]; f != nil {
			if *f != "" { // which of two would count is up to the reader
				return d, false
			}
			*f = value
		}
	}
	return d, d.nonce != "" && !wire.HasControl(d.nonce)
}

// proves says whether credentials were made with the password. It takes as long whatever the reason is
// that they were not.
func (d *digest) proves(a algorithm, password, method string) bool {
	want := a.response(d.user, d.realm, password, d.nonce, d.nc, d.cnonce, d.qop, method, d.uri)
	return subtle.ConstantTimeCompare([]byte(want), []byte(strings.ToLower(d.response))) == 1
}

// count is nc as a number; it has eight hexadecimal digits.
func (d *digest) count() (uint32, bool) {
	n, err := strconv.ParseUint(d.nc, 16, 32)
	return uint32(n), err == nil && len(d.nc) == 8 && n > 0
}

// answer makes credentials for a challenge. Number counts the uses of its nonce by us.
func (d *digest) answer(a algorithm, user, password, method, uri, cnonce string, number uint32) string {
	qop, nc := "", ""
	for offered := d.qop; offered != ""; {
		var one string
		if one, offered = wire.NextValue(offered); strings.EqualFold(one, "auth") {
			qop, nc = "auth", leftPad(strconv.FormatUint(uint64(number), 16))
		}
	}
	var b strings.Builder
	b.WriteString("Digest username=" + wire.Quote(user) + ", realm=" + wire.Quote(d.realm) + ", nonce=" + wire.Quote(d.nonce) +
		", uri=" + wire.Quote(uri) + `, response="` + a.response(user, d.realm, password, d.nonce, nc, cnonce, qop, method, uri) + `"`)
	if d.algorithm != "" {
		b.WriteString(", algorithm=" + a.name)
	}
	if qop != "" {
		b.WriteString(", qop=auth, nc=" + nc + `, cnonce="` + cnonce + `"`)
	}
	if d.opaque != "" {
		b.WriteString(", opaque=" + wire.Quote(d.opaque))
	}
	return b.String()
}

func leftPad(s string) string { return "00000000"[:8-len(s)] + s }
