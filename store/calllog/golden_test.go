package calllog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var writeGolden = flag.Bool("write-golden", false, "write what rows the storms come to")

// TestStormsComeToTheSameRowsAsEver: the rows of fixed storms, as JSON, are to the byte those that earlier servers
// made of the same records. A change of this file is a change of the call log's meaning.
func TestStormsComeToTheSameRowsAsEver(t *testing.T) {
	path := filepath.Join("testdata", "storms.json")
	got := map[string]string{}
	for seed := range uint64(12) {
		b, log := NewBuilder(Options{}), newTable()
		for _, rec := range recordsOf(1000+seed, 1500) {
			b.Add(rec)
			log.apply(b.Take())
			b.Forget(rec.At)
		}
		rows, err := json.Marshal(log.calls) // sorted by ID
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(rows)
		got[string(rune('a'+seed))] = hex.EncodeToString(sum[:])
	}
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
	same(t, "storms", got, want)
}
