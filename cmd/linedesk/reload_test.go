package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestAReloadTakesWhatCanChangeAndNamesTheRest(t *testing.T) {
	v, log, file := startLogged(t, plainHTTP+"log: {level: info}\nlimits: {calls: 10}")
	const origin = "https://desk.example.com"
	if got := postFrom(t, v, origin); got != http.StatusForbidden {
		t.Fatalf("a foreign page gets %d, want 403", got)
	}
	rewrite(t, file, "level: info", "level: debug")
	rewrite(t, file, "calls: 10", "calls: 20")
	rewrite(t, file, "listen: 127.0.0.1:0", "listen: 127.0.0.1:0, origins: ["+origin+"]")
	hangUp(t)
	log.wait(t, "the configuration is in force")
	if v.level.Level() != slog.LevelDebug {
		t.Errorf("the log's level is %v, want debug", v.level.Level())
	}
	if got := postFrom(t, v, origin); got == http.StatusForbidden {
		t.Error("the trusted origin is foreign still")
	}
	if line := log.wait(t, "count from the next start"); !strings.Contains(line, "[limits.calls]") {
		t.Errorf("want limits.calls named and no other: %s", line)
	}
}

func TestAReloadWithMistakesChangesNothingAndNamesThemAll(t *testing.T) {
	v, log, file := startLogged(t, plainHTTP+"log: {level: info}\nlimits: {calls: 10}")
	ok(t, runSite(t.Context(), []string{"import", "--config", file, demoFolder(t)}, io.Discard))
	site := v.published.documents
	rewrite(t, file, "level: info", "level: debug, colour: red")
	rewrite(t, file, "calls: 10", "calls: many")
	hangUp(t)
	line := log.wait(t, "all is left as it was")
	for _, want := range []string{"linedesk.yaml:6: ", "colour", "linedesk.yaml:7: ", "many"} {
		if !strings.Contains(line, want) {
			t.Errorf("%q is not in %s", want, line)
		}
	}
	if v.level.Level() != slog.LevelInfo || len(v.published.documents) != len(site) {
		t.Error("something has changed")
	}
}

func TestAReloadTakesARenewedCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "desk.crt"), filepath.Join(dir, "desk.key")
	writeCertificate(t, cert, key, 1)
	v, log, _ := startLogged(t, "http: {listen: 127.0.0.1:0, cert: "+cert+", key: "+key+"}")
	if got := serialAt(t, v); got != 1 {
		t.Fatalf("certificate %d, want 1", got)
	}
	writeCertificate(t, cert, key, 2)
	hangUp(t)
	log.wait(t, "the configuration is in force")
	if got := serialAt(t, v); got != 2 {
		t.Errorf("certificate %d, want 2", got)
	}
	writeFile(t, key, "no key")
	hangUp(t)
	log.wait(t, "read the certificate")
	if got := serialAt(t, v); got != 2 {
		t.Errorf("certificate %d, want 2 still", got)
	}
}

// startLogged runs a server of the demo site, with a log that can be read.
func startLogged(t *testing.T, more string) (*server, *logged, string) {
	t.Helper()
	file := processFile(t, more+"\nsite: {seed: "+demoFolder(t)+"}")
	log := &logged{}
	v, _ := startServer(t, file, func(s *setup) {
		s.log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: s.level}))
	})
	return v, log, file
}

func hangUp(t *testing.T) {
	t.Helper()
	ok(t, syscall.Kill(os.Getpid(), syscall.SIGHUP))
}

// logged is a log to look into.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// wait gives the line with these words once it is there.
func (l *logged) wait(t *testing.T, words string) string {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for late := time.Now().Add(30 * time.Second); time.Now().Before(late); <-tick.C {
		l.mu.Lock()
		text := l.text.String()
		l.mu.Unlock()
		for line := range strings.Lines(text) {
			if strings.Contains(line, words) {
				return line
			}
		}
	}
	t.Fatalf("the log does not say %q", words)
	return ""
}

// postFrom is what a page of an origin gets when it signs in nobody.
func postFrom(t *testing.T, v *server, origin string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+v.desk.Addr().String()+"/api/v1/session", strings.NewReader("{}"))
	ok(t, err)
	r.Header.Set("Origin", origin)
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	ok(t, err)
	ok(t, res.Body.Close())
	return res.StatusCode
}

// writeCertificate makes a certificate of its own with a serial number.
func writeCertificate(t *testing.T, cert, key string, serial int64) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ok(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	ok(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	ok(t, err)
	writeFile(t, cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	writeFile(t, key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})))
}

func serialAt(t *testing.T, v *server) int64 {
	t.Helper()
	conn, err := (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}).DialContext(t.Context(), "tcp", v.desk.Addr().String()) //nolint:gosec // its own
	ok(t, err)
	serial := conn.(*tls.Conn).ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	ok(t, conn.Close())
	return serial
}

// Another site is in force soon after it was published, and who is not in it any more can't sign in.
func TestAnImportedSiteIsInForceSoonAfter(t *testing.T) {
	v, log, file := startLogged(t, plainHTTP)
	if got := signInAs(t, v, "carl"); got != http.StatusOK {
		t.Fatalf("carl gets %d", got)
	}
	site := demoFolder(t)
	users := filepath.Join(site, "users.yaml")
	body, err := os.ReadFile(users)
	ok(t, err)
	writeFile(t, users, strings.Join(slices.DeleteFunc(strings.SplitAfter(string(body), "\n"), func(line string) bool {
		return strings.Contains(line, "id: carl")
	}), ""))
	ok(t, runSite(t.Context(), []string{"import", "--config", file, site}, io.Discard))
	log.wait(t, "the published site is in force")
	if got := signInAs(t, v, "carl"); got != http.StatusUnauthorized {
		t.Errorf("carl, who has left, gets %d", got)
	}
	if got := signInAs(t, v, "amy"); got != http.StatusOK {
		t.Errorf("amy gets %d", got)
	}
}

func signInAs(t *testing.T, v *server, user string) int {
	t.Helper()
	body := strings.NewReader(`{"user":"` + user + `","password":"demo-` + user + `"}`)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+v.desk.Addr().String()+"/api/v1/session", body)
	ok(t, err)
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	ok(t, err)
	ok(t, res.Body.Close())
	return res.StatusCode
}
