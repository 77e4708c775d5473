package journal

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// FuzzRecord feeds the record reader what a broken disk might: it must neither panic, nor allocate for
// a length that isn't there, nor give a record that does not encode to the very same bytes.
func FuzzRecord(f *testing.F) {
	for _, path := range goldenSegments(f) {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[segmentHead:])
		f.Add(b[segmentHead : len(b)-5])
		f.Add(bytes.Replace(b[segmentHead:], []byte("text"), []byte("txet"), 1))
	}
	f.Add([]byte{})
	f.Add(make([]byte, 100))
	f.Add(bytes.Repeat([]byte{0xff}, 100))
	f.Fuzz(func(t *testing.T, b []byte) {
		frames := newFrames(bytes.NewReader(b), 0, int64(len(b)))
		for seq := uint64(1); ; seq++ {
			at := frames.off
			fr, err := frames.next(seq)
			if errors.Is(err, io.EOF) || errors.Is(err, errTorn) || errors.Is(err, errBad) {
				if later, _ := findRecord(b[at:], seq); later != 0 && later <= seq {
					t.Fatalf("record %d found behind the missing %d", later, seq)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			whole := b[at:frames.off]
			if int64(len(whole)) != fr.size || !bytes.Contains(whole, fr.data) {
				t.Fatalf("record %d is not where it was read", seq)
			}
			rec, err := fr.decode()
			if err != nil {
				continue
			}
			enc, err := encode(rec.Event)
			if err != nil {
				t.Fatalf("record %d was read and can't be written: %v", seq, err)
			}
			if again, ok := parse(enc.seal(seq, fr.at)); !ok || again.seq != fr.seq || again.at != fr.at {
				t.Fatalf("record %d is another one when written again", seq)
			}
			enc.free()
		}
	})
}

func goldenSegments(tb testing.TB) []string {
	tb.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "golden", "*", "*"+segmentSuffix))
	if err != nil || len(paths) == 0 {
		tb.Fatalf("golden segments: %v, %v", paths, err)
	}
	return paths
}
