package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/linedesk/linedesk/store"
)

func TestACursorComesBackAsItWent(t *testing.T) {
	c := store.Cursor{At: time.Date(2026, 11, 22, 9, 30, 15, 123456000, time.UTC), ID: "0192f1c0-0000-7000-8000-000000000001"}
	got, err := store.ParseCursor(c.String())
	if err != nil || got != c {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := store.ParseCursor(""); err != nil || got != (store.Cursor{}) {
		t.Errorf("the empty cursor: %+v, %v", got, err)
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(store.Cursor{At: time.UnixMicro(1), ID: "x"}.String())
	for _, s := range []string{"", "AQ", "AQAAAAAAAAAAeA", "AgAAAAAAAAAAeA", "AX__________94", "!", "AQAAAAAAAAAAeB=", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := store.ParseCursor(s)
		if err != nil {
			if !errors.Is(err, store.ErrBadCursor) {
				t.Fatalf("%q: %v is no ErrBadCursor", s, err)
			}
			return
		}
		if s != "" && c.String() != s {
			t.Fatalf("%q is read as %+v, which is written %q", s, c, c.String())
		}
	})
}
