package store_test

import (
	"slices"
	"testing"

	"github.com/linedesk/linedesk/store"
)

// As they stand in the address books of Chinese firms.
func TestNumbersAsPeopleWriteThemDown(t *testing.T) {
	const beijing, mobile = "+861062345678", "+8613800000001"
	for _, c := range []struct{ raw, e164, extension string }{
		// plain
		{"010-62345678", beijing, ""},
		{"(010)62345678", beijing, ""},
		{"（０１０）６２３４５６７８", beijing, ""},
		{"86-10-62345678", beijing, ""},
		{"+86(10)62345678", beijing, ""},
		{"0755-82345678", "+8675582345678", ""},
		{"0571 8765 4321", "+8657187654321", ""},
		{"+8613800000001", mobile, ""},
		{"8613800000001", mobile, ""},
		{"0086 138 0000 0001", mobile, ""},
		{"138-0000-0001", mobile, ""},
		{"013800000001", mobile, ""},
		{"400-800-1234", "+864008001234", ""},
		{"4008001234", "+864008001234", ""},
		{"800-810-1234", "+868008101234", ""},
		// extensions
		{"010-62345678转8001", beijing, "8001"},
		{"010-62345678 转 8001", beijing, "8001"},
		{"010－62345678－8001", beijing, "8001"},
		{"010-62345678-8001", beijing, "8001"},
		{"010-6234-5678-12", beijing, "12"},
		{"010-62345678分机8001", beijing, "8001"},
		{"010-62345678 分机：8001", beijing, "8001"},
		{"010-62345678（转8001分机）", beijing, "8001"},
		{"010-62345678 ext. 12", beijing, "12"},
		{"010-62345678 EXT12", beijing, "12"},
		{"010-62345678x12", beijing, "12"},
		{"010-62345678#12", beijing, "12"},
		{"010-62345678;ext=12", beijing, "12"},
		{"010-62345678,8001", beijing, ""}, // a second number without its town, or an extension: nobody knows
		{"400-800-1234转2", "+864008001234", "2"},
		{"+44 20 7946 0958 ext 7", "+442079460958", "7"},
		// two numbers
		{"010-62345678/13800000001", beijing, ""},
		{"010-62345678、13800000001", beijing, ""},
		{"010-62345678；010-62345679", beijing, ""},
		{"62345678，13800000001", mobile, ""}, // the first lacks its town
		{"13800000001 或 010-62345678", mobile, ""},
		{"010-62345678转8001/13800000001", beijing, "8001"},
		// carriers' prefixes
		{"17911-010-62345678", beijing, ""},
		{"17909 010 62345678", beijing, ""},
		{"17951 13800000001", mobile, ""},
		{"1795113800000001", mobile, ""},
		{"17951-013800000001", mobile, ""},
		{"12593 13800000001", mobile, ""},
		{"125930 13800000001", mobile, ""},
		{"12593013800000001", mobile, ""},
		{"17911-010-62345678-8001", beijing, "8001"},
		// what is no number of a customer
		{"95588", "", ""},
		{"12345", "", ""},
		{"8001", "", ""},
		{"转8001", "", ""},
		{"王先生", "", ""},
		{"x12", "", ""},
		{"62345678转8001", "", ""},
		{"anonymous", "", ""},
	} {
		n := store.Normalise(c.raw, "CN")
		p := store.ReadPhones(store.Phone{Raw: c.raw}, "CN")[0]
		if n.E164 != c.e164 || p.E164 != c.e164 || p.Extension != c.extension || n.Raw != c.raw {
			t.Errorf("%s: got %+v and %+v, want %s and extension %q", c.raw, n, p, c.e164, c.extension)
		}
	}
	if n := store.Normalise("17951 13800000001", "GB"); n.E164 != "" {
		t.Errorf("a Chinese prefix seen from Britain: %+v", n)
	}
}

func TestTwoNumbersInAFieldBecomeTwo(t *testing.T) {
	for raw, want := range map[string][]store.Phone{
		"010-62345678转8001/13800000001": {
			{Kind: "work", Raw: "010-62345678转8001", E164: "+861062345678", Extension: "8001", Primary: true},
			{Kind: "work", Raw: "13800000001", E164: "+8613800000001"},
		},
		"010-62345678、 13800000001": {
			{Kind: "work", Raw: "010-62345678", E164: "+861062345678", Primary: true}, {Kind: "work", Raw: "13800000001", E164: "+8613800000001"},
		},
		"010-62345678/8002":  {{Kind: "work", Raw: "010-62345678/8002", E164: "+861062345678", Primary: true}},
		"8001":               {{Kind: "work", Raw: "8001", Primary: true}},
		"8001/8002":          {{Kind: "work", Raw: "8001/8002", Primary: true}},
		"(021) 5555/1234":    {{Kind: "work", Raw: "(021) 5555/1234", E164: "+862155551234", Primary: true}},
		"010-62345678-8001":  {{Kind: "work", Raw: "010-62345678-8001", E164: "+861062345678", Extension: "8001", Primary: true}},
		"17911-010-62345678": {{Kind: "work", Raw: "17911-010-62345678", E164: "+861062345678", Primary: true}},
	} {
		if got := store.ReadPhones(store.Phone{Kind: "work", Raw: raw, Primary: true}, "CN"); !slices.Equal(got, want) {
			t.Errorf("%s: got %+v, want %+v", raw, got, want)
		}
	}
}

func TestACustomerIsFoundByTheNumberWithoutItsExtension(t *testing.T) {
	for _, raw := range []string{"010-62345678转8001", "010-62345678-8001", "010-62345678（转8001分机）"} {
		c := store.Customer{Phones: store.ReadPhones(store.Phone{Raw: raw}, "CN")}
		if got, want := c.Keys(), []string{"+861062345678", "01062345678"}; !slices.Equal(got, want) {
			t.Errorf("%s: found by %q, want %q", raw, got, want)
		}
	}
}
