package demosite

import (
	"fmt"
	"io/fs"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/configs/load"
	"github.com/linedesk/linedesk/sip/ivr"
	"github.com/linedesk/linedesk/sip/ivr/flow"
	"github.com/linedesk/linedesk/store"
)

func demoSite(tb testing.TB, o Options) *configs.Site {
	tb.Helper()
	site, _, err := Site(o)
	if err != nil {
		tb.Fatal(err)
	}
	return site
}

func TestDemoSiteIsAsPromised(t *testing.T) {
	site, problems := load.Site(configs.DemoFS(), configs.DemoDir)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	for number, flowID := range map[string]call.FlowID{"4000": "main", "4001": "support", "4002": "sales", "4003": "echo", "4004": "voicemail"} {
		if n := site.Number("demo", number); n == nil || n.Flow != flowID {
			t.Errorf("%s leads to %+v, want flow %s", number, n, flowID)
		}
	}
	if site.Number("demo", "4005") != nil {
		t.Error("4005 leads somewhere")
	}
	if len(site.Agents) != 20 || len(site.Extensions) != 20 {
		t.Fatalf("%d agents, %d extensions", len(site.Agents), len(site.Extensions))
	}
	named := []call.AgentID{"amy", "ben", "chen", "dan"}
	for i, a := range site.Agents {
		ext := call.Extension(fmt.Sprint(1001 + i))
		id := call.AgentID("agent" + string(ext))
		if i < len(named) {
			id = named[i]
		}
		queues := []call.QueueID{"support"}
		if i < 10 {
			queues = []call.QueueID{"sales", "support"}
		}
		if a.ID != id || a.Extension != ext || !slices.Equal(a.Queues, queues) || a.Station != "" || a.SignedIn {
			t.Errorf("agent %d is %+v", i, a)
		}
		if e := site.Extension(ext); e == nil || e.Password != "demo-"+string(ext) {
			t.Errorf("extension %s: %+v", ext, e)
		}
	}
	for _, u := range site.Users {
		if u.Password != "demo-"+string(u.ID) {
			t.Errorf("user %s has the password %q", u.ID, u.Password)
		}
	}
	for user, role := range map[call.UserID]string{"amy": "agent", "agent1020": "agent", "lena": "lead", "sun": "supervisor", "carl": "campaign_runner", "admin": "admin"} {
		if u := site.User(user); u == nil || !slices.Equal(u.Roles, []string{role}) {
			t.Errorf("user %s: %+v", user, u)
		}
	}
	trunk := site.Trunk("demo")
	if trunk == nil || !slices.Equal(trunk.Allow, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}) || trunk.Ping || trunk.DialFormat != "as_dialled" || trunk.Host != "127.0.0.1:5080" {
		t.Errorf("trunk %+v", trunk)
	}
	for _, q := range site.Routing().Queues {
		if q.RingTimeout != 15*time.Second || q.WrapUp != 15*time.Second || q.MaxMisses != 3 || q.ServiceLevel != 20*time.Second || q.Strategy != "longest_idle" {
			t.Errorf("queue %+v", q)
		}
	}
}

func TestDemoMenuLeadsWhereItSays(t *testing.T) {
	site := demoSite(t, Options{})
	for keys, want := range map[string]string{
		"1": "sales", "2": "support", "92": "support", "777": "support", "7771": "support", "3": "information",
	} {
		f := site.Flows["main"]
		s, _ := flow.Start(f, flow.Env{Fallback: site.Language})
		for _, key := range keys {
			s, _ = flow.Step(f, s, flow.Digit{Key: key})
		}
		if s.Node != want {
			t.Errorf("keys %s lead to %s, want %s", keys, s.Node, want)
		}
	}
}

func TestDemoTakesAsManyAgentsAsAsked(t *testing.T) {
	for _, n := range []int{1, 3, 20, 150, 2999} {
		site := demoSite(t, Options{Agents: n, AgentsAt: "127.0.0.1:5070", TrunkAddr: netip.MustParseAddrPort("127.0.0.1:5099")})
		if len(site.Agents) != n || len(site.Extensions) != n || len(site.Users) != n+4 {
			t.Fatalf("%d agents, %d extensions, %d users, want %d", len(site.Agents), len(site.Extensions), len(site.Users), n)
		}
		for i, a := range site.Agents {
			station := fmt.Sprintf("sip:%d@127.0.0.1:5070", 1001+i)
			if a.Station != station || !a.SignedIn || !a.NoWrapUp || !a.MissesDontCount {
				t.Fatalf("agent %+v", a)
			}
			if want := 2; i < 10 && len(a.Queues) != want || i >= 10 && len(a.Queues) != 1 {
				t.Fatalf("agent %s serves %v", a.ID, a.Queues)
			}
		}
		if rules := site.Routing().Agents[n-1]; !rules.NoWrapUp || !rules.MissesDontCount {
			t.Errorf("rules %+v", rules)
		}
		if site.Trunk("demo").Host != "127.0.0.1:5099" {
			t.Errorf("trunk at %s", site.Trunk("demo").Host)
		}
	}
	for _, o := range []Options{{Agents: -1}, {Agents: 3000}, {AgentsAt: "here"}, {AgentsAt: "host:port"}} {
		if _, _, err := Site(o); err == nil || !strings.Contains(err.Error(), "write ") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// The documents say the same as the site: what is seeded is what runs.
func TestDemoDocumentsMakeTheSameSite(t *testing.T) {
	for _, o := range []Options{{}, {Agents: 33, AgentsAt: "127.0.0.1:5070"}} {
		site, docs, err := Site(o)
		if err != nil {
			t.Fatal(err)
		}
		again, problems := load.FromDocuments(docs)
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprintf("%+v", again.Routing()), fmt.Sprintf("%+v", site.Routing()); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
		if len(again.Flows) != 5 || len(again.Users) != len(site.Users) {
			t.Errorf("%d flows, %d users", len(again.Flows), len(again.Users))
		}
	}
}

func TestDemoSoundsAreCommitted(t *testing.T) {
	site := demoSite(t, Options{})
	folder := t.TempDir()
	if err := configs.CopySounds(configs.DemoSounds(), folder); err != nil {
		t.Fatal(err)
	}
	prompts := ivr.NewPrompts(ivr.Options{Folder: folder}) // without a speech command
	var list []ivr.Prompt
	for name, p := range site.Prompts {
		list = append(list, ivr.Prompt{Name: name, Texts: p.Texts, File: p.File})
	}
	if err := prompts.Load(t.Context(), list); err != nil {
		t.Fatalf("run: go generate ./configs\n%v", err)
	}
	var menu time.Duration
	for _, language := range site.Flows["main"].Languages {
		sound, err := prompts.Get("main_menu", language)
		if err != nil {
			t.Fatal(err)
		}
		menu += sound.Duration()
	}
	if menu > 8*time.Second {
		t.Errorf("the main menu takes %v; callers want it in 8 s", menu)
	}
	size := int64(0)
	err := fs.WalkDir(configs.DemoSounds(), ".", func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			info, infoErr := e.Info()
			size, err = size+info.Size(), infoErr
		}
		return err
	})
	if err != nil || size > 1<<20 {
		t.Errorf("%d bytes of sounds, %v", size, err)
	}
}

func TestDiffTellsWhatAnImportWouldChange(t *testing.T) {
	_, have, err := Site(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := load.Diff(have, have); diff != "" {
		t.Errorf("the same differs:\n%s", diff)
	}
	want := slices.DeleteFunc(slices.Clone(have), func(d store.Document) bool { return load.Label(d) == "extensions/1020" })
	for i := range want {
		switch load.Label(want[i]) {
		case "flows/main":
			want[i].Body = strings.Replace(want[i].Body, "wait: 5s", "wait: 7s", 1)
		case "queues/support":
			want[i].Body = strings.Replace(want[i].Body, "ring_timeout: 15s", "ring_timeout: 25s", 1)
		}
		want[i].Hash = store.HashBody(want[i].Body)
	}
	diff := load.Diff(have, want)
	for _, line := range []string{"extensions/1020 removed", "flows/main changed", "+    wait: 7s", "queues/support changed", "+ring_timeout: 25s"} {
		if !strings.Contains(diff, line) {
			t.Errorf("no %q in\n%s", line, diff)
		}
	}
}

func TestRightsOfTheDemo(t *testing.T) {
	site := demoSite(t, Options{})
	for _, test := range []struct {
		role, action string
		want         configs.Scope
	}{
		{"agent", "use:desk", configs.ScopeOwn},
		{"agent", "read:call", configs.ScopeOwn},
		{"agent", "read:customer", configs.ScopeAll},
		{"agent", "unmask:number", configs.ScopeAll},
		{"agent", "listen:call", configs.ScopeNone},
		{"agent", "write:user", configs.ScopeNone},
		{"lead", "listen:call", configs.ScopeTeam},
		{"lead", "read:board", configs.ScopeAll},
		{"lead", "unmask:number", configs.ScopeAll},
		{"lead", "write:site", configs.ScopeNone},
		{"supervisor", "listen:call", configs.ScopeAll},
		{"campaign_runner", "run:campaign", configs.ScopeAll},
		{"campaign_runner", "write:customer", configs.ScopeNone},
		{"admin", "write:site", configs.ScopeAll},
		{"admin", "fly:rocket", configs.ScopeNone},
		{"nobody", "read:call", configs.ScopeNone},
	} {
		if got := site.Scope([]string{test.role}, test.action); got != test.want {
			t.Errorf("%s may %s of %v, want %v", test.role, test.action, got, test.want)
		}
	}
	if got := site.Scope([]string{"agent", "lead"}, "read:call"); got != configs.ScopeAll {
		t.Errorf("two roles give the lesser right: %v", got)
	}
	if rights := site.Rights([]string{"agent"}); !slices.Contains(rights, "use:desk:own") || !slices.IsSorted(rights) {
		t.Errorf("rights %v", rights)
	}
	if !site.SeesTeam(site.User("lena"), "sales") || site.SeesTeam(site.User("amy"), "support") || !site.SeesTeam(site.User("amy"), "sales") {
		t.Error("teams are seen by the wrong people")
	}
}
