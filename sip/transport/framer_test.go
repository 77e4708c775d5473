package transport

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
)

func msg(body string, extra string) string {
	return "OPTIONS sip:h SIP/2.0\r\n" + extra + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
}

func TestFramerCutsAtAnyBoundary(t *testing.T) {
	one, two := msg("hello", ""), msg("", "Via: x\r\n")
	stream := "\r\n\r\n" + one + two + "\r\n" + one
	for size := 1; size <= len(stream); size++ {
		var f Framer
		var got []string
		pings := 0
		for at := 0; at < len(stream); at += size {
			_, _ = f.Write([]byte(stream[at:min(at+size, len(stream))]))
			for {
				pings += f.Pings()
				m, err := f.Next()
				if err != nil {
					t.Fatalf("in pieces of %d: %v", size, err)
				}
				if m == nil {
					break
				}
				got = append(got, string(m))
			}
		}
		if len(got) != 3 || got[0] != one || got[1] != two || got[2] != one || f.Partial() {
			t.Fatalf("in pieces of %d: %q", size, got)
		}
		if size >= 4 && pings != 1 {
			t.Errorf("in pieces of %d: %d pings", size, pings)
		}
	}
}

func TestFramerRefusesWhatCanNotBeCut(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		err  error
	}{
		"no length":        {"OPTIONS sip:h SIP/2.0\r\n\r\n", ErrNoLength},
		"two lengths":      {"A b c\r\nl: 0\r\nContent-Length: 0\r\n\r\n", ErrNoLength},
		"negative":         {"A b c\r\nl: -1\r\n\r\n", ErrNoLength},
		"2^32-1":           {"A b c\r\nl: 4294967295\r\n\r\n", ErrTooLong},
		"2^63-1":           {"A b c\r\nl: 9223372036854775807\r\n\r\n", ErrNoLength},
		"folded number":    {"A b c\r\nl: 1\r\n 2\r\n\r\n", ErrNoLength},
		"endless head":     {"A b c\r\n" + string(bytes.Repeat([]byte("X: y\r\n"), 12000)), ErrTooLong},
		"body beyond 64 K": {"A b c\r\nl: 65530\r\n\r\n", ErrTooLong},
	} {
		var f Framer
		_, _ = f.Write([]byte(c.text))
		if m, err := f.Next(); !errors.Is(err, c.err) || len(m) == 0 || cap(f.buf) > 1<<20 {
			t.Errorf("%s: %.20q, %v, buffer of %d", name, m, err, cap(f.buf))
		}
	}
}

func FuzzFramer(f *testing.F) {
	f.Add([]byte(msg("hello", "")+"\r\n\r\n"+msg("", "l\t:\r\n 3\r\n")), uint8(7))
	f.Add([]byte("A b c\r\nl: 4294967295\r\n\r\n"), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, size uint8) {
		whole := cut(t, data, len(data)+1)
		pieces := cut(t, data, int(size)+1)
		if len(whole) != len(pieces) {
			t.Fatalf("%d messages at once, %d in pieces of %d", len(whole), len(pieces), size+1)
		}
		for i := range whole {
			if !bytes.Equal(whole[i], pieces[i]) {
				t.Fatalf("message %d: %q at once, %q in pieces", i, whole[i], pieces[i])
			}
		}
	})
}

func cut(t *testing.T, data []byte, size int) (all [][]byte) {
	t.Helper()
	var f Framer
	for at := 0; at < len(data); at += size {
		_, _ = f.Write(data[at:min(at+size, len(data))])
		for {
			f.Pings()
			m, err := f.Next()
			if err != nil {
				return all
			}
			if m == nil {
				break
			}
			all = append(all, bytes.Clone(m))
		}
	}
	return all
}
