package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/store"
)

func TestADiffShowsWhatChangedInItsSurroundings(t *testing.T) {
	long := func(n int, change map[int]string) string {
		var b strings.Builder
		for i := 1; i <= n; i++ {
			if s, ok := change[i]; ok {
				b.WriteString(s)
			} else {
				fmt.Fprintf(&b, "line %d\n", i)
			}
		}
		return b.String()
	}
	for _, c := range []struct{ name, from, to, want string }{
		{"nothing", "a\n", "a\n", ""},
		{"all new", "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"},
		{"all gone", "a\n", "", "@@ -1,1 +0,0 @@\n-a\n"},
		{"one line", "a\nb\nc\n", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
		{"the end of the last line", "a", "a\n", "\\ No newline at end of file\n"},
		{
			"two places far apart", long(30, nil), long(30, map[int]string{3: "x\n", 25: ""}),
			"@@ -1,6 +1,6 @@\n line 1\n line 2\n-line 3\n+x\n line 4\n line 5\n line 6\n" +
				"@@ -22,7 +22,6 @@\n line 22\n line 23\n line 24\n-line 25\n line 26\n line 27\n line 28\n",
		},
		{
			"two places near each other are one", long(9, nil), long(9, map[int]string{3: "", 7: "x\n"}),
			"@@ -1,9 +1,8 @@\n line 1\n line 2\n-line 3\n line 4\n line 5\n line 6\n-line 7\n+x\n line 8\n line 9\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := store.DiffLines(c.from, c.to); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestADiffOfHugeTextsIsNotWorkForEver(t *testing.T) {
	a, b := strings.Repeat("a\n", 20000), strings.Repeat("b\n", 20000)
	if d := store.DiffLines(a, b); strings.Count(d, "\n") != 40001 {
		t.Errorf("%d lines", strings.Count(d, "\n"))
	}
}

func TestDocumentsAreComparedByTheirBodies(t *testing.T) {
	doc := func(name, body string, version int) store.Document {
		return store.Document{Kind: "flow", Name: name, Body: body, Version: version}
	}
	got := store.DiffDocuments(
		[]store.Document{doc("same", "x\n", 1), doc("changed", "x\n", 4), doc("gone", "x\n", 2)},
		[]store.Document{doc("new", "x\n", 0), doc("same", "x\r\n", 0), doc("changed", "y\n", 0)},
	)
	want := []store.DocumentChange{
		{Kind: "flow", Name: "changed", Change: store.DocumentChanged, Version: 4, Diff: "@@ -1,1 +1,1 @@\n-x\n+y\n"},
		{Kind: "flow", Name: "gone", Change: store.DocumentRemoved, Version: 2, Diff: "@@ -1,1 +0,0 @@\n-x\n"},
		{Kind: "flow", Name: "new", Change: store.DocumentAdded, Diff: "@@ -0,0 +1,1 @@\n+x\n"},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestTicketNumbersBeginAnewEachDayOfTheSite(t *testing.T) {
	n := store.Numbering{Location: time.FixedZone("UTC+8", 8*3600), Prefix: map[string]string{"complaint": "K"}}
	late := time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC) // midnight in the site
	for _, c := range []struct {
		kind string
		at   time.Time
		want string
	}{
		{"complaint", late.Add(-time.Microsecond), "K-20261122"},
		{"complaint", late, "K-20261123"},
		{"callback", late, "C-20261123"},
		{"投诉", late, "投-20261123"},
		{"1st", late, "T-20261123"},
	} {
		if got := n.Series(c.kind, c.at); got != c.want {
			t.Errorf("%s at %v: got %s, want %s", c.kind, c.at, got, c.want)
		}
	}
	if got := (store.Numbering{}).Series("complaint", late); got != "C-20261122" {
		t.Errorf("without a zone: got %s", got)
	}
	if got := store.TicketNumber("C-20261122", 1234); got != "C-20261122-1234" {
		t.Errorf("beyond 999: got %s", got)
	}
}
