package main

import (
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/configs/load"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/open"
	"github.com/linedesk/linedesk/store/storetest"
)

// The database of an older linedesk has a document for each file, with settings that nothing went by.
func TestTheSiteOfAnOlderLinedeskIsTakenApartOnce(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { upgradeTwice(t, filepath.Join(t.TempDir(), "old.db")) })
	t.Run("PostgreSQL", func(t *testing.T) { upgradeTwice(t, storetest.Postgres(t)) })
}

func upgradeTwice(t *testing.T, url string) {
	t.Helper()
	day := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	old, err := open.Open(t.Context(), url, slog.New(slog.DiscardHandler))
	ok(t, err)
	_, err = old.ImportDocuments(t.Context(), oldDocuments(t, day), "")
	ok(t, err)
	ok(t, old.Close())

	var log logged
	for range 2 { // the second time there is nothing to do
		st, err := openStore(t.Context(), url, slog.New(slog.NewTextHandler(&log, nil)))
		ok(t, err)
		docs, err := st.Published(t.Context())
		ok(t, err)
		site, problems := load.FromDocuments(docs)
		ok(t, problems.Err())
		if len(site.Agents) != 20 || len(site.Queues) != 2 || site.Agents[0].ID != "amy" || site.TicketKinds[0].ID != "complaint" {
			t.Errorf("%d agents, %d queues, first %v and %v", len(site.Agents), len(site.Queues), site.Agents[0], site.TicketKinds[0].ID)
		}
		at := slices.IndexFunc(docs, func(d store.Document) bool { return d.Kind == "queues" && d.Name == "support" })
		if at < 0 || docs[at].By != "admin" || !docs[at].At.Equal(day) || !strings.Contains(docs[at].Body, "ring_timeout: 15s") {
			t.Errorf("the queue is %+v", docs[max(at, 0)])
		}
		if was, err := st.Document(t.Context(), "queues", load.MainDocument, 1); err != nil || was.Published {
			t.Errorf("the file that was is published %v, %v", was.Published, err)
		}
		ok(t, st.Close())
	}
	if got := strings.Count(log.text.String(), "a document per item now"); got != 1 {
		t.Errorf("the site was taken apart %d times", got)
	}
	for _, left := range []string{"agents/amy.skills", "queues/sales.strategy", "hours", "flows/sales.nodes.wait.skills"} {
		if !strings.Contains(log.text.String(), left) {
			t.Errorf("nothing is said of %s in %s", left, log.text.String())
		}
	}
}

// oldDocuments are the demo as it was kept: files as they are, with settings that did nothing.
func oldDocuments(t *testing.T, at time.Time) []store.Document {
	t.Helper()
	demo, err := fs.Sub(configs.DemoFS(), configs.DemoDir)
	ok(t, err)
	docs := []store.Document{{Kind: "hours", Name: load.MainDocument, Body: "hours: []\n"}}
	ok(t, fs.WalkDir(demo, ".", func(file string, e fs.DirEntry, err error) error {
		base, isYAML := strings.CutSuffix(file, ".yaml")
		if err != nil || e.IsDir() || !isYAML {
			return err
		}
		body, err := fs.ReadFile(demo, file)
		d := store.Document{Kind: base, Name: load.MainDocument, Body: string(body)}
		if name, isFlow := strings.CutPrefix(base, "flows/"); isFlow {
			d.Kind, d.Name = load.KindFlow, name
		}
		d.Body = strings.Replace(d.Body, "extension: 1001, queues", "extension: 1001, skills: [english], queues", 1)
		d.Body = strings.Replace(d.Body, "    weight: 0", "    strategy: longest_idle\n    weight: 0", 1)
		d.Body = strings.Replace(d.Body, "    queue: sales\n", "    queue: sales\n    skills: [english]\n", 1)
		docs = append(docs, d)
		return err
	}))
	for i := range docs {
		docs[i].By, docs[i].At = "admin", at
	}
	return docs
}

// Two administrators change two queues: each sees the other's change kept.
func TestTwoAdministratorsDoNotCollide(t *testing.T) {
	file := processFile(t, plainHTTP)
	ok(t, runSite(t.Context(), []string{"import", "--config", file, demoFolder(t)}, io.Discard))
	process, err := loadProcess(file)
	ok(t, err)
	st, err := openStoreOf(t.Context(), process)
	ok(t, err)
	defer func() { _ = st.Close() }()
	for who, queue := range map[string]string{"amy": "sales", "ben": "support"} {
		d, err := st.Document(t.Context(), "queues", queue, 0)
		ok(t, err)
		d.Body = strings.Replace(d.Body, "max_misses: 3", "max_misses: 7", 1)
		d, err = st.PutDocument(t.Context(), d)
		ok(t, err)
		if d.Version != 2 {
			t.Fatalf("%s's change is version %d", who, d.Version)
		}
		_, err = st.Publish(t.Context(), d.Kind, d.Name, d.Version, "admin")
		ok(t, err)
	}
	docs, err := st.Published(t.Context())
	ok(t, err)
	site, problems := load.FromDocuments(docs)
	ok(t, problems.Err())
	for _, q := range site.Queues {
		if q.MaxMisses != 7 {
			t.Errorf("queue %s has max_misses %d", q.ID, q.MaxMisses)
		}
	}
	out := filepath.Join(t.TempDir(), "out")
	ok(t, runSite(t.Context(), []string{"export", "--config", file, out}, io.Discard))
	body, err := os.ReadFile(filepath.Join(out, "queues.yaml"))
	ok(t, err)
	if strings.Count(string(body), "max_misses: 7") != 2 {
		t.Errorf("the export says\n%s", body)
	}
}

// What was published and what was withdrawn is told item by item.
func TestChangesOfTheSiteNameKindAndItem(t *testing.T) {
	got := siteChanges(
		[]store.Document{{Kind: "queues", Name: "sales", Version: 1}, {Kind: "queues", Name: "old", Version: 4}, {Kind: "users", Name: "amy", Version: 2}},
		[]store.Document{{Kind: "queues", Name: "sales", Version: 2, By: "ben"}, {Kind: "users", Name: "amy", Version: 2}},
	)
	if len(got) != 2 || got[0].Name != "sales" || got[0].Version != 2 || got[0].By != "ben" || got[1].Name != "old" || got[1].Version != 0 {
		t.Errorf("got %+v", got)
	}
}
