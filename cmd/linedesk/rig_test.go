package main

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/linedesk/linedesk/configs"
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// demoFolder is a copy of the demo site, with its sounds.
func demoFolder(t *testing.T) string {
	t.Helper()
	demo, err := fs.Sub(configs.DemoFS(), configs.DemoDir)
	ok(t, err)
	dir := filepath.Join(t.TempDir(), "site")
	ok(t, os.CopyFS(dir, demo))
	return dir
}

// processFile writes a linedesk.yaml of a new data folder on free ports, with more lines at its end. It
// renders no text: whatever is heard was recorded.
func processFile(t *testing.T, more string) string {
	t.Helper()
	dir := t.TempDir()
	port := freePort(t)
	file := filepath.Join(dir, "linedesk.yaml")
	writeFile(t, file, fmt.Sprintf(`data: data
sip: {udp: "127.0.0.1:0"}
rtp: {address: 127.0.0.1, ports: %d-%d}
speech: {command: ["false"]}
%s
`, port, port+100, more))
	return file
}

// freePort is the first of a range of ports for sound, below those that the kernel hands out.
func freePort(t *testing.T) int {
	t.Helper()
	for range 50 {
		port := 10_000 + 100*rand.IntN(99)
		free, err := net.ListenPacket("udp", fmt.Sprintf("127.0.0.1:%d", port)) //nolint:noctx // a moment
		if err == nil {
			ok(t, free.Close())
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

const plainHTTP = "http: {listen: 127.0.0.1:0}\n"

// rewrite puts one text of a file in place of another.
func rewrite(t *testing.T, file, old, now string) {
	t.Helper()
	body, err := os.ReadFile(file)
	ok(t, err)
	if !strings.Contains(string(body), old) {
		t.Fatalf("%s has no %q", file, old)
	}
	writeFile(t, file, strings.Replace(string(body), old, now, 1))
}

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	ok(t, os.WriteFile(file, []byte(text), 0o600))
}

// startServer runs a server of a process file. Stop ends it and waits; so does the end of the test.
func startServer(t *testing.T, file string, change func(*setup)) (_ *server, stop func()) {
	t.Helper()
	process, err := loadProcess(file)
	ok(t, err)
	s, err := processSetup(process)
	ok(t, err)
	s.demo = true // its passwords are cheap to hash
	if change != nil {
		change(&s)
	}
	ctx, cancel := context.WithCancel(t.Context())
	v, err := newServer(ctx, s)
	ok(t, err)
	ended := make(chan error, 1)
	go func() { ended <- v.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the server did not stop in an orderly way: %v", err)
		}
	})
	t.Cleanup(stop)
	late := time.After(30 * time.Second)
	for v.switchboard.Ready() != nil {
		select {
		case <-late:
			t.Fatal("the server does not get ready")
		case err := <-ended:
			t.Fatalf("the server ended: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	return v, stop
}
