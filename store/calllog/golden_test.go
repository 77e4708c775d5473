package calllog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/linedesk/linedesk/store"
)

var writeGolden = flag.Bool("write-golden", false, "write what rows the storms come to")

// TestStormsComeToTheSameRowsAsEver: the rows of fixed storms, as JSON, are to the byte those that earlier servers
// made of the same records. A change of this file is a change of the call log's meaning.
func TestStormsComeToTheSameRowsAsEver(t *testing.T) {
	got := map[string]string{}
	for seed := range uint64(12) {
		b, log := NewBuilder(Options{}), newTable()
		for _, rec := range recordsOf(1000+seed, 1500) {
			b.Add(rec)
			log.apply(b.Take())
			b.Forget(rec.At)
		}
		got[string(rune('a'+seed))] = digest(t, log, func(s *store.Segment) { s.Kind = "" }) // which came later
	}
	sameAsEver(t, "storms.json", got)
}

// TestStormsOfTransfersComeToTheSameRowsAsEver is the same of calls that are handed over, too.
func TestStormsOfTransfersComeToTheSameRowsAsEver(t *testing.T) {
	got := map[string]string{}
	for seed := range uint64(12) {
		b, log := NewBuilder(Options{}), newTable()
		for _, rec := range recordsWithTransfers(2000+seed, 1500) {
			b.Add(rec)
			log.apply(b.Take())
			b.Forget(rec.At)
		}
		got[string(rune('a'+seed))] = digest(t, log, func(*store.Segment) {})
	}
	sameAsEver(t, "transfers.json", got)
}

// digest sums up the rows, sorted by ID, without what was not yet there.
func digest(t *testing.T, log *table, forget func(*store.Segment)) string {
	t.Helper()
	for _, c := range log.calls {
		for i := range c.Segments {
			forget(&c.Segments[i])
		}
	}
	rows, err := json.Marshal(log.calls)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(rows)
	return hex.EncodeToString(sum[:])
}

// sameAsEver compares with what stands in a file.
func sameAsEver(t *testing.T, file string, got map[string]string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *writeGolden {
		text, _ := json.MarshalIndent(got, "", "\t")
		if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil { //nolint:gosec // a file of the tree
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	same(t, file, got, want)
}
