package store_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/storetest"
)

func TestTextIsCleanedWithoutLoss(t *testing.T) {
	for _, c := range []struct{ in, text, line string }{
		{"", "", ""},
		{"Amy", "Amy", "Amy"},
		{"  Amy ", "  Amy ", "Amy"},
		{"王芳 🏳️‍🌈", "王芳 🏳️‍🌈", "王芳 🏳️‍🌈"},
		{"<b>&amp;</b>", "<b>&amp;</b>", "<b>&amp;</b>"},
		{"a\x00b", `a\x00b`, `a\x00b`},
		{"a\x1b[31m", `a\x1b[31m`, `a\x1b[31m`},
		{"\x7f", `\x7f`, `\x7f`},
		{"a\xffb\xe8\x8a", `a\xffb\xe8\x8a`, `a\xffb\xe8\x8a`},
		{"a\u0085b", `a\u0085b`, `a\u0085b`},
		{"a\nb\tc", "a\nb\tc", "a b c"},
		{"a\r\nb\rc\r", "a\nb\nc\n", "a b c"},
		{"\u202egnp.exe", "\u202egnp.exe", `\u202egnp.exe`},
		{"x\u2069", "x\u2069", `x\u2069`},
		{"\ufffd", "\ufffd", "\ufffd"}, // the character itself is valid
	} {
		if got := store.Clean(c.in); got != c.text {
			t.Errorf("Clean(%q) = %q, want %q", c.in, got, c.text)
		}
		if got := store.CleanLine(c.in); got != c.line {
			t.Errorf("CleanLine(%q) = %q, want %q", c.in, got, c.line)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range storetest.Hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, line := store.Clean(s), store.CleanLine(s)
		for _, got := range []string{text, line} {
			if !utf8.ValidString(got) {
				t.Fatalf("%q gave invalid UTF-8 %q", s, got)
			}
			if i := strings.IndexFunc(got, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }); i >= 0 {
				t.Fatalf("%q gave a control character: %q", s, got)
			}
		}
		if strings.ContainsAny(line, "\n\t\u202e") {
			t.Fatalf("%q gave a line %q", s, line)
		}
		if again := store.Clean(text); again != text {
			t.Fatalf("clean text %q is changed to %q", text, again)
		}
		if again := store.CleanLine(line); again != line {
			t.Fatalf("clean line %q is changed to %q", line, again)
		}
		if len(text) < len(strings.ReplaceAll(s, "\r", "")) {
			t.Fatalf("%q lost something: %q", s, text)
		}
	})
}
