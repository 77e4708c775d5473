package store_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/storetest"
)

func TestNumbersAreNormalisedAsSeenFromTheRegion(t *testing.T) {
	for _, c := range []struct{ raw, region, e164 string }{
		{"13800000001", "CN", "+8613800000001"},
		{"138 0000 0001", "CN", "+8613800000001"},
		{"+86 138-0000-0001", "CN", "+8613800000001"},
		{"008613800000001", "CN", "+8613800000001"},
		{"１３８０００００００１", "CN", "+8613800000001"}, // as a Chinese input method types it
		{"021-62345678", "CN", "+862162345678"},
		{"+442079460958", "CN", "+442079460958"},
		{"020 7946 0958", "GB", "+442079460958"},
		{"00442079460958", "CN", "+442079460958"},
		{"4000", "CN", ""},
		{"1002", "CN", ""},
		{"110", "CN", ""},
		{"anonymous", "CN", ""},
		{"1-800-FLOWERS", "US", ""},
		{"", "CN", ""},
		{"+", "CN", ""},
		{"13800000001", "", ""},
		{"13800000001", "XX", ""},
		{strings.Repeat("1", 500), "CN", ""},
		{"\x0013800000001", "CN", ""},
	} {
		got := store.Normalise(c.raw, c.region)
		if got.E164 != c.e164 || got.Raw != store.CleanLine(c.raw) {
			t.Errorf("Normalise(%q, %s) = %+v, want %q", c.raw, c.region, got, c.e164)
		}
	}
}

func TestNumbersAreFormattedForTheirReaders(t *testing.T) {
	for _, c := range []struct {
		n            call.Number
		region, want string
	}{
		{call.Number{Raw: "13800000001", E164: "+8613800000001"}, "CN", "138 0000 0001"},
		{call.Number{Raw: "13800000001", E164: "+8613800000001"}, "GB", "+86 138 0000 0001"},
		{call.Number{Raw: "x", E164: "+442079460958"}, "GB", "020 7946 0958"},
		{call.Number{Raw: "4000"}, "CN", "4000"},
		{call.Number{Raw: "as it came", E164: "+rubbish"}, "CN", "as it came"},
	} {
		if got := store.FormatForReading(c.n, c.region); got != c.want {
			t.Errorf("%+v for %s: got %q, want %q", c.n, c.region, got, c.want)
		}
	}
}

func TestAKeyLeavesOutWhatPeoplePutIn(t *testing.T) {
	for in, want := range map[string]string{
		"+86 138-0000.0001": "+8613800000001", "(021) 5555/1234": "02155551234", "Anonymous": "anonymous", "１３８": "138", "\x00": `\x00`, "": "",
		strings.Repeat("9", 500): strings.Repeat("9", 64), strings.Repeat("长", 100): strings.Repeat("长", 21),
	} {
		if got := store.NumberKey(in); got != want {
			t.Errorf("NumberKey(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzNormalise(f *testing.F) {
	for _, s := range storetest.Hostile {
		f.Add(s, "CN")
	}
	for _, s := range []string{"+8613800000001", "021-62345678", "tel:+1-201-555-0123;ext=5", "+1 (201) 555-0123 x99", "٠١٢٣٤٥٦٧٨٩"} {
		f.Add(s, "US")
	}
	for _, s := range []string{
		"010-62345678转8001", "010-62345678-8001", "010-62345678（转8001分机）", "021-62345678 ext. 12", "010-62345678/13800000001",
		"62345678、13800000001", "17911-010-62345678", "125930 13800000001", "17951-013800000001#3", "１７９５１ １３８０００００００１ 分机：2",
	} {
		f.Add(s, "CN")
	}
	f.Fuzz(func(t *testing.T, raw, region string) {
		n := store.Normalise(raw, region)
		if n.Raw != store.CleanLine(raw) {
			t.Fatalf("raw %q became %q", raw, n.Raw)
		}
		if n.E164 != "" {
			if len(n.E164) > 16 || n.E164[0] != '+' || strings.Trim(n.E164[1:], "0123456789") != "" {
				t.Fatalf("%q is no E.164: %q", raw, n.E164)
			}
			if again := store.Normalise(n.E164, region); again.E164 != n.E164 {
				t.Fatalf("%q: %q read again is %q", raw, n.E164, again.E164)
			}
		}
		phones := store.ReadPhones(store.Phone{Raw: raw, Primary: true}, region)
		if len(phones) == 0 || phones[0].E164 != n.E164 || !phones[0].Primary {
			t.Fatalf("%q has the numbers %+v, and alone %q", raw, phones, n.E164)
		}
		for _, p := range phones {
			if strings.Trim(p.Extension, "0123456789") != "" || len(p.Extension) > 8 || p.Extension != "" && p.E164 == "" || len(phones) > 1 && p.E164 == "" {
				t.Fatalf("%q has the number %+v", raw, p)
			}
			for _, key := range (store.Customer{Phones: []store.Phone{p}}).Keys() {
				if store.NumberKey(key) != key {
					t.Fatalf("%q is found by %q", raw, key)
				}
			}
		}
		_ = store.FormatForReading(n, region)
		if key := store.KeyOf(n); len(key) > 64 || !utf8.ValidString(key) || store.NumberKey(key) != key {
			t.Fatalf("%q has the key %q", raw, key)
		}
		_ = store.SuffixKey(raw)
		_ = store.SearchText(raw)
	})
}

func BenchmarkNormalise(b *testing.B) {
	for b.Loop() {
		store.Normalise("13800000001", "CN")
	}
}
