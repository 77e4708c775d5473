package main

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string][]Citation{
		"RFC 3261, 10.3, step 7: a time":             {{"3261", []string{"10.3, step 7"}, yes, "", 0}},
		"RFC 3261, 10.3, steps 6 and 7), and gives":  {{"3261", []string{"10.3, steps 6 and 7"}, yes, "", 0}},
		"RFC 3261, 21.4 and 21.6).":                  {{"3261", []string{"21.4", "21.6"}, yes, "", 0}},
		"RFC 3261, 21 and the registry":              {{"3261", []string{"21"}, yes, "", 0}},
		"RFC 3261, 17.2; RFC 6026)":                  {{"3261", []string{"17.2"}, yes, "", 0}, {"6026", nil, yes, "", 16}},
		"RFC 4475, 3.3.8, 3.3.9).":                   {{"4475", []string{"3.3.8", "3.3.9"}, yes, "", 0}},
		"RFC 3551, table 4":                          {{"3551", []string{"table 4"}, yes, "", 0}},
		"RFC 3261, timer J)":                         {{"3261", []string{"timer J"}, yes, "", 0}},
		"RFC 3550, A.1: numbers":                     {{"3550", []string{"A.1"}, yes, "", 0}},
		"RFC 3550, appendices A.1, A.3 and A.8. A c": {{"3550", []string{"A.1", "A.3", "A.8"}, yes, "", 0}},
		"RFC 6455, 7.4.2: 4000–4999 are ours":        {{"6455", []string{"7.4.2"}, yes, "", 0}},
		"RFC 8760 allows several":                    {{"8760", nil, yes, "", 0}},
		"RFC 6265bis, 4.1.3.2":                       {{"6265bis", []string{"4.1.3.2"}, yes, "", 0}},
		"RFC 3339, or a day":                         {{"3339", nil, yes, "", 0}},
		"time.RFC3339 of RFC3261":                    nil,
		"RFC 3262, no: PRACK gets 405. More":         {{"3262", nil, no, "PRACK gets 405", 0}},
		"(RFC 1, 4.2, partly: one (1.5) only), so":   {{"1", []string{"4.2"}, partly, "one (1.5) only", 1}},
	} {
		if got, err := Parse(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Parse(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestAMarkerWithoutAReasonIsRefused(t *testing.T) {
	for _, text := range []string{"RFC 3262, no", "RFC 3262, partly: .", "RFC 3263, 4.2, partly)"} {
		if got, err := Parse(text); err == nil {
			t.Errorf("Parse(%q) = %v", text, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("RFC 3261, 10.3, steps 6 and 7, partly: (a) b.")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := Parse(text)
		for _, c := range all {
			if err != nil || !strings.HasPrefix(text[c.At:], "RFC "+c.RFC) || (c.How == yes) != (c.Why == "") {
				t.Errorf("%+v, %v", c, err)
			}
		}
	})
}

func TestAnUnknownRFCIsNamedWithItsPlace(t *testing.T) {
	dir := t.TempDir()
	src := "package p\n\n// F is right.\nfunc F() {\n\t// RFC 1,\n\t// 2.\n}\n"
	if err := os.WriteFile(dir+"/p.go", []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Walk(dir); err == nil || !strings.HasPrefix(err.Error(), "p.go:5: RFC 1 is not in") {
		t.Errorf("got %v", err)
	}
}

func TestThePageIsFresh(t *testing.T) {
	all, err := Walk("../..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/rfc.md")
	if err != nil || string(got) != Page(all) {
		t.Errorf("docs/rfc.md is not what the comments say (%v): run go generate ./sip/rfcs", err)
	}
}
