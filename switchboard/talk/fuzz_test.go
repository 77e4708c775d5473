package talk_test

import (
	"encoding/binary"
	"testing"

	"github.com/linedesk/linedesk/switchboard/talk/talksim"
)

// bytes is chance that comes from a fuzzer: eight bytes a number. When there are none, it counts: rand draws again
// where a number does not suit it, and must come to an end.
type bytes struct {
	left  []byte
	count uint64
}

func (b *bytes) UsedUp() bool { return len(b.left) < 8 }

func (b *bytes) Uint64() uint64 {
	b.count++
	more := b.count * 0x9e3779b97f4a7c15
	if b.UsedUp() {
		return more
	}
	n := binary.LittleEndian.Uint64(b.left) + more
	b.left = b.left[8:]
	return n
}

// FuzzStep has bytes decide what happens to calls. The machine must not panic, and no rule of talksim may break.
func FuzzStep(f *testing.F) {
	for _, seed := range []string{
		"a call that goes well from its beginning to its very end, with a talk",
		"\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x80\x80\x80\x80\x80\x80\x80\x80",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := (talksim.Storm{Steps: 10_000, Chance: &bytes{left: data}}).Run(); err != nil {
			t.Fatal(err)
		}
	})
}
