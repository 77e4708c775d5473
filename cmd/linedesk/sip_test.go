package main

import (
	"bufio"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/configs"
)

// Each key of linedesk.yaml's sip, and limits.legs, changes what the endpoint is told.
func TestEveryKeyOfSIPReachesTheEndpoint(t *testing.T) {
	base := "udp: \"127.0.0.1:0\""
	told := func(more, rest string) any {
		t.Helper()
		file := processFile(t, plainHTTP+rest)
		rewrite(t, file, base, base+more)
		p, err := loadProcess(file)
		ok(t, err)
		s, err := processSetup(p)
		ok(t, err)
		return s.sip
	}
	plain := told("", "")
	seen := map[string]bool{"udp": true}
	for _, more := range []string{
		"tcp: \"127.0.0.1:0\"", "domain: example.com", "public_address: 192.0.2.7", "strangers: forbidden",
		"digest: [MD5, SHA-256]", "min_expires: 2m", "keep_alive: 0", "keep_alive: 40s",
	} {
		if reflect.DeepEqual(told(", "+more, ""), plain) {
			t.Errorf("%s changes nothing", more)
		}
		key, _, _ := strings.Cut(more, ":")
		seen[key] = true
	}
	if reflect.DeepEqual(told("", "limits: {legs: 7}"), plain) {
		t.Error("limits.legs changes nothing")
	}
	for i := range reflect.TypeFor[configs.SIP]().NumField() {
		key, _, _ := strings.Cut(reflect.TypeFor[configs.SIP]().Field(i).Tag.Get("yaml"), ",")
		if !seen[key] {
			t.Errorf("nobody looks whether sip.%s does anything", key)
		}
	}
}

// What linedesk.yaml says is what a telephone meets.
func TestATelephoneMeetsTheSettings(t *testing.T) {
	file := processFile(t, plainHTTP+"site: {seed: "+demoFolder(t)+"}")
	rewrite(t, file, `udp: "127.0.0.1:0"`, `udp: "127.0.0.1:0", digest: [SHA-256, MD5], domain: cc.test`)
	v, _ := startServer(t, file, nil)
	conn, err := net.Dial("udp", v.endpoint.UDPAddr().String()) //nolint:noctx // loopback
	ok(t, err)
	defer func() { _ = conn.Close() }()
	ok(t, conn.SetDeadline(time.Now().Add(30*time.Second)))
	_, err = conn.Write([]byte(strings.ReplaceAll("REGISTER sip:cc.test SIP/2.0\nVia: SIP/2.0/UDP "+conn.LocalAddr().String()+
		";branch=z9hG4bKa\nMax-Forwards: 70\nFrom: <sip:1001@cc.test>;tag=a\nTo: <sip:1001@cc.test>\nCall-ID: a@cc.test\nCSeq: 1 REGISTER\n"+
		"Contact: <sip:1001@"+conn.LocalAddr().String()+">\nContent-Length: 0\n\n", "\n", "\r\n")))
	ok(t, err)
	answer := make([]byte, 4096)
	n, err := conn.Read(answer)
	ok(t, err)
	var challenges []string
	for lines := bufio.NewScanner(strings.NewReader(string(answer[:n]))); lines.Scan(); {
		if name, value, _ := strings.Cut(lines.Text(), ": "); strings.EqualFold(name, "WWW-Authenticate") {
			challenges = append(challenges, value)
		}
	}
	if len(challenges) != 2 || !strings.Contains(challenges[0], "SHA-256") || !strings.Contains(challenges[1], "MD5") || !strings.Contains(challenges[0], `realm="cc.test"`) {
		t.Errorf("the challenges are %q", challenges)
	}
}
