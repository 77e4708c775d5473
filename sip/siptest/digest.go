package siptest

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// challenge is a WWW-Authenticate or Proxy-Authenticate header (RFC 8760 allows several).
type challenge struct {
	answerIn string // the header that answers it
	fields   map[string]string
}

// challengeOf picks the challenge to answer: the first of an algorithm that we know, or of the wanted one.
func challengeOf(res *sip.Response, want string) (challenge, error) {
	asked, answerIn := "WWW-Authenticate", "Authorization"
	if res.StatusCode == sip.StatusProxyAuthRequired {
		asked, answerIn = "Proxy-Authenticate", "Proxy-Authorization"
	}
	var seen []string
	for _, h := range res.GetHeaders(asked) {
		c := challenge{answerIn: answerIn, fields: digestFields(h.Value())}
		algorithm := c.algorithm()
		seen = append(seen, algorithm)
		if (algorithm == "MD5" || algorithm == "SHA-256") && (want == "" || want == algorithm) {
			return c, nil
		}
	}
	return challenge{}, fmt.Errorf("%d with challenges %v, none of which can be answered", res.StatusCode, seen)
}

func (c challenge) algorithm() string {
	if a := c.fields["algorithm"]; a != "" {
		return strings.ToUpper(a)
	}
	return "MD5" // RFC 2617, 3.2.1
}

// digestFields takes a challenge's parameters apart.
func digestFields(s string) map[string]string {
	fields := map[string]string{}
	_, s, _ = strings.Cut(strings.TrimSpace(s), " ")
	for s != "" {
		var name, value string
		name, s, _ = strings.Cut(s, "=")
		s = strings.TrimSpace(s)
		if strings.HasPrefix(s, `"`) {
			value, s, _ = strings.Cut(s[1:], `"`)
			_, s, _ = strings.Cut(s, ",")
		} else {
			value, s, _ = strings.Cut(s, ",")
		}
		fields[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	return fields
}

// answer gives the header that answers the challenge for a request (RFC 7616, 3.4.1).
func (c challenge) answer(user, password, method, uri string) string {
	hash := hasher(c.algorithm())
	realm, nonce := c.fields["realm"], c.fields["nonce"]
	a1, a2 := hash(user+":"+realm+":"+password), hash(method+":"+uri)
	line := fmt.Sprintf(`%s: Digest username="%s", realm="%s", nonce="%s", uri="%s", algorithm=%s`,
		c.answerIn, user, realm, nonce, uri, c.algorithm())
	if strings.Contains(c.fields["qop"], "auth") {
		cnonce := rand.Text()
		line += fmt.Sprintf(`, qop=auth, nc=00000001, cnonce="%s", response="%s"`,
			cnonce, hash(a1+":"+nonce+":00000001:"+cnonce+":auth:"+a2))
	} else {
		line += fmt.Sprintf(`, response="%s"`, hash(a1+":"+nonce+":"+a2))
	}
	if o, ok := c.fields["opaque"]; ok {
		line += fmt.Sprintf(`, opaque="%s"`, o)
	}
	return line
}

// hasher gives an algorithm's hash as digest writes it.
func hasher(algorithm string) func(string) string {
	if algorithm == "SHA-256" {
		return func(s string) string {
			sum := sha256.Sum256([]byte(s))
			return hex.EncodeToString(sum[:])
		}
	}
	return func(s string) string {
		sum := md5.Sum([]byte(s))
		return hex.EncodeToString(sum[:])
	}
}
