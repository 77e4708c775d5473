package wire

import (
	"strings"
	"testing"
)

func TestControlCharactersInACallersNameAreDropped(t *testing.T) {
	for _, test := range []struct{ sent, kept string }{
		{"From: \"bell\x07\x00\" <sip:1@h>;tag=a", "From: \"bell\" <sip:1@h>;tag=a"},
		{"f:  \"a\\\x07\" <sip:1@h>;tag=a", "f:  \"a\" <sip:1@h>;tag=a"}, // the escape goes, too
		{"From: \"a\\\"\x1b[31m\" <sip:1@h>", "From: \"a\\\"[31m\" <sip:1@h>"},
		{"From: bell\x07 <sip:1@h>", "From: bell <sip:1@h>"},
		{"P-Asserted-Identity: \"x\x01y\" <sip:1@h>", "P-Asserted-Identity: \"xy\" <sip:1@h>"},
		// Elsewhere they are left, to be a fault.
		{"From: \"x\" <sip:1\x07@h>", "From: \"x\" <sip:1\x07@h>"},
		{"From: \"x\" <sip:1@h>;tag=\x07", "From: \"x\" <sip:1@h>;tag=\x07"},
		{"From: sip:1@h\x07", "From: sip:1@h\x07"},
		{"From: \"x\x07 <sip:1@h>", "From: \"x\x07 <sip:1@h>"}, // the quotes never close
		{"To: \"x\x07\" <sip:1@h>", "To: \"x\x07\" <sip:1@h>"},
		{"From: \"x\nX-Evil: 1\" <sip:1@h>", "From: \"x\nX-Evil: 1\" <sip:1@h>"},
		{"\x07", "\x07"},
	} {
		line := []byte(test.sent)
		if got := string(scrubName(line)); got != test.kept {
			t.Errorf("%q became %q, want %q", test.sent, got, test.kept)
		}
		if string(line) != test.sent {
			t.Errorf("the message was written over: %q", line)
		}
	}
}

func TestCallerWithControlCharactersInTheNameIsHeard(t *testing.T) {
	m := Parse(crlf(strings.Replace(sample, "王芳", "bell\x07", 1)), false)
	if m.Fault.Code != 0 || m.From.Name() != "bell" || HasControl(m.Get(From)) {
		t.Errorf("fault %+v, name %q", m.Fault, m.From.Name())
	}
	m.Release()
	m = Parse(crlf(strings.Replace(sample, "Max-Forwards: ", "X-Note: \x07\nMax-Forwards: ", 1)), false)
	if m.Fault.Why != "control_character" {
		t.Errorf("a control character in another header: fault %+v", m.Fault)
	}
	m.Release()
}
