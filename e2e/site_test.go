package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// edit changes the demo site for a test: in a file, one text for another.
type edit struct{ file, old, new string }

// processFile writes a linedesk.yaml, and beside it the demo site as the edits change it.
func processFile(tb testing.TB, s *server, soundPorts string, o options) string {
	tb.Helper()
	dir := tb.TempDir()
	site := siteFolder(tb, append([]edit{{"trunks.yaml", "127.0.0.1:5080", s.trunk}}, o.site...)...)
	file := filepath.Join(dir, "linedesk.yaml")
	text := fmt.Sprintf(`data: %s
database: %q
http: {listen: %q}
sip: {udp: %q, tcp: %q}
rtp: {address: 127.0.0.1, ports: %s}
site: {seed: %s}
`, s.data, o.db, s.http, s.sip, s.sip, soundPorts, site)
	ok(tb, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// siteFolder copies the demo site and changes it.
func siteFolder(tb testing.TB, edits ...edit) string {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "site")
	ok(tb, os.CopyFS(dir, os.DirFS("../configs/demo")))
	for _, e := range edits {
		file := filepath.Join(dir, e.file)
		b, err := os.ReadFile(file)
		ok(tb, err)
		if !strings.Contains(string(b), e.old) {
			tb.Fatalf("the demo's %s has no %q", e.file, e.old)
		}
		ok(tb, os.WriteFile(file, []byte(strings.ReplaceAll(string(b), e.old, e.new)), 0o600))
	}
	return dir
}
