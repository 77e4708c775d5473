package storetest

import (
	"fmt"
	"testing"

	"github.com/linedesk/linedesk/store"
)

// Documents is the suite for store.Documents.
func Documents(t *testing.T, open Open) {
	t.Helper()
	ctx := t.Context()
	main := store.Document{Kind: "flow", Name: "main", Body: "start: greet\n", By: "admin", At: day}
	put := func(t *testing.T, st store.Store, body string) store.Document {
		t.Helper()
		d := main
		d.Body = body
		return must(st.PutDocument(ctx, d))(t)
	}
	t.Run("a draft is a version, not the site", func(t *testing.T) {
		st := open(t)
		got := put(t, st, main.Body)
		want := main
		want.Version, want.Hash = 1, store.HashBody(main.Body)
		same(t, got, want)
		same(t, must(st.Document(ctx, "flow", "main", 1))(t), want)
		same(t, must(st.Document(ctx, "flow", "main", 0))(t), want)
		if ds := must(st.Published(ctx))(t); len(ds) != 0 {
			t.Errorf("published: %+v", ds)
		}
		_, err := st.Document(ctx, "flow", "main", 2)
		fails(t, err, store.ErrNotFound)
		_, err = st.Document(ctx, "flow", "other", 0)
		fails(t, err, store.ErrNotFound)
	})
	t.Run("the same body makes no version", func(t *testing.T) {
		st := open(t)
		put(t, st, "a")
		if d := put(t, st, "a"); d.Version != 1 {
			t.Errorf("got version %d, want 1 again", d.Version)
		}
		if d := put(t, st, "b"); d.Version != 2 {
			t.Errorf("got version %d, want 2", d.Version)
		}
		if d := put(t, st, "a"); d.Version != 3 {
			t.Errorf("got version %d: an older body that comes back is a new version", d.Version)
		}
	})
	t.Run("publish and roll back", func(t *testing.T) {
		st := open(t)
		put(t, st, "a")
		put(t, st, "b")
		counted := must(st.Publications(ctx))(t)
		for _, v := range []int{2, 1, 1, 2} {
			d := must(st.Publish(ctx, "flow", "main", v, "admin"))(t)
			if !d.Published || d.Version != v {
				t.Fatalf("publish %d gave %+v", v, d)
			}
			same(t, must(st.Published(ctx))(t), []store.Document{d})
			now := must(st.Publications(ctx))(t)
			if now <= counted {
				t.Errorf("after another publication the count is %d, before it %d", now, counted)
			}
			counted = now
		}
		_, err := st.Publish(ctx, "flow", "main", 3, "admin")
		fails(t, err, store.ErrNotFound)
		_, err = st.Publish(ctx, "flow", "main", 0, "admin")
		fails(t, err, store.ErrNotFound)
		vs := must(st.DocumentVersions(ctx, "flow", "main"))(t)
		if len(vs) != 2 || vs[0].Version != 2 || !vs[0].Published || vs[1].Published || vs[0].Body != "" {
			t.Errorf("got versions %+v", vs)
		}
	})
	t.Run("Import", func(t *testing.T) { documentImport(t, open) })
}

func documentImport(t *testing.T, open Open) {
	t.Helper()
	ctx := t.Context()
	st := open(t)
	doc := func(name, body string) store.Document { return store.Document{Kind: "flow", Name: name, Body: body} }
	type change = store.DocumentChange
	steps := []struct {
		name string
		docs []store.Document
		want []change
		site map[string]string
	}{
		{
			"the first",
			[]store.Document{doc("b", "1"), doc("a", "1")},
			[]change{{Kind: "flow", Name: "a", Change: store.DocumentAdded, Version: 1}, {Kind: "flow", Name: "b", Change: store.DocumentAdded, Version: 1}},
			map[string]string{"a": "1", "b": "1"},
		},
		{"the same again changes nothing", []store.Document{doc("a", "1"), doc("b", "1")}, nil, map[string]string{"a": "1", "b": "1"}},
		{
			"one changed, one gone, one new",
			[]store.Document{doc("a", "2"), doc("c", "1")},
			[]change{
				{Kind: "flow", Name: "a", Change: store.DocumentChanged, Version: 2},
				{Kind: "flow", Name: "b", Change: store.DocumentRemoved, Version: 1},
				{Kind: "flow", Name: "c", Change: store.DocumentAdded, Version: 1},
			},
			map[string]string{"a": "2", "c": "1"},
		},
		{
			"what was withdrawn comes back as it was",
			[]store.Document{doc("a", "2"), doc("b", "1"), doc("c", "1")},
			[]change{{Kind: "flow", Name: "b", Change: store.DocumentAdded, Version: 1}},
			map[string]string{"a": "2", "b": "1", "c": "1"},
		},
	}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			before := must(st.Publications(ctx))(t)
			same(t, must(st.ImportDocuments(ctx, s.docs, "admin"))(t), s.want)
			if after := must(st.Publications(ctx))(t); (after > before) != (len(s.want) > 0) {
				t.Errorf("the count goes from %d to %d with %d changes", before, after, len(s.want))
			}
			site := map[string]string{}
			for _, d := range must(st.Published(ctx))(t) {
				site[d.Name] = d.Body
				if d.By != "admin" || d.At.IsZero() {
					t.Errorf("%s: by %q at %v", d.Name, d.By, d.At)
				}
			}
			same(t, site, s.site)
		})
	}
	t.Run("all or nothing", func(t *testing.T) {
		_, err := st.ImportDocuments(ctx, []store.Document{doc("a", "3"), {Kind: "flow", Body: "no name"}}, "admin")
		fails(t, err, store.ErrInvalid)
		if d := must(st.Document(ctx, "flow", "a", 0))(t); d.Body != "2" {
			t.Errorf("half of a refused import was kept: %q", d.Body)
		}
	})
	t.Run("without an importer each document keeps its author and time", func(t *testing.T) {
		st := open(t)
		d := doc("a", "1")
		d.By, d.At = "amy", day
		must(st.ImportDocuments(ctx, []store.Document{d}, ""))(t)
		if got := must(st.Published(ctx))(t); len(got) != 1 || got[0].By != "amy" || !got[0].At.Equal(day) {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("a large site comes and goes", func(t *testing.T) {
		st := open(t)
		var all []store.Document
		for i := range 9000 {
			all = append(all, doc(fmt.Sprintf("item%04d", i), "id: x\n"))
		}
		if got := must(st.ImportDocuments(ctx, all, "admin"))(t); len(got) != len(all) {
			t.Errorf("%d of %d are new", len(got), len(all))
		}
		if got := must(st.ImportDocuments(ctx, all[1:], "admin"))(t); len(got) != 1 || got[0].Change != store.DocumentRemoved {
			t.Errorf("got %+v", got)
		}
		if got := must(st.Published(ctx))(t); len(got) != len(all)-1 {
			t.Errorf("%d documents are published, want %d", len(got), len(all)-1)
		}
	})
}
