package load

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/sip/ivr/flow"
	"github.com/linedesk/linedesk/store"
)

// tellsAll wants each problem to say where, what and what to do.
func tellsAll(t *testing.T, problems configs.Problems) {
	t.Helper()
	for _, p := range problems {
		if p.File == "" || p.Detail == "" || p.Detail[0] == ';' || !slices.Contains(configs.ProblemCodes(), p.Code) || p.Line < 0 {
			t.Fatalf("%+v says too little", p)
		}
	}
}

// The list of codes is closed: what is in it is used, what is used is in it (an unknown code has no sentence).
func TestEveryProblemCodeIsUsed(t *testing.T) {
	var source strings.Builder
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(file, "_test.go") {
			source.Write(body)
		}
	}
	declared, err := os.ReadFile("../problemcodes.go")
	if err != nil {
		t.Fatal(err)
	}
	own := map[configs.ProblemCode]bool{}
	for _, m := range regexp.MustCompile(`(\w+) +ProblemCode = "(\w+)"`).FindAllStringSubmatch(string(declared), -1) {
		own[configs.ProblemCode(m[2])] = true
		if !strings.Contains(source.String(), "configs."+m[1]) {
			t.Errorf("nothing is ever %s", m[1])
		}
	}
	for _, c := range flow.Codes() {
		own[configs.FlowProblem(c)] = true
	}
	delete(own, configs.FlowProblem(string(configs.NotYetInForce)))
	if got, want := configs.ProblemCodes(), slices.Sorted(maps.Keys(own)); !slices.Equal(got, want) {
		t.Errorf("sentences are there for\n%v\nwant all codes\n%v", got, want)
	}
}

// FuzzProcess reads any text as linedesk.yaml.
func FuzzProcess(f *testing.F) {
	good, err := os.ReadFile("../linedesk.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("data: x\nhttp: {listen: 127.0.0.1:80}\nsip: {udp: 127.0.0.1:5060}\nrtp: {address: 127.0.0.1, ports: 40000-40010}\n"))
	f.Add([]byte("a: &a [*a, *a]\nb: {<<: *a}\n"))
	f.Add([]byte("sip: {udp: 1, udp: 2}\nrtp: [1"))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, problems := parseProcess("linedesk.yaml", body)
		if (p == nil) == (len(problems) == 0) {
			t.Fatalf("process %v with %d problems", p, len(problems))
		}
		tellsAll(t, problems)
	})
}

// small is a site with one of everything, so that a fuzzer gets through many of them.
var small = map[string]string{
	"site":          "site: {name: {en: X}, timezone: UTC, region: CN, language: en, languages: [en]}\n",
	"roles":         "roles: {agent: {names: {en: A}, own: [use:desk]}}\n",
	"teams":         "teams: [{id: t, names: {en: T}, leads: [amy]}]\n",
	"users":         "users: [{id: amy, names: {en: A}, password: x, roles: [agent], team: t, language: en}]\n",
	"agents":        "agents: [{id: amy, user: amy, extension: 1001, queues: [q], station: sip:a@b, signed_in: yes}]\n",
	"queues":        "queues: [{id: q, names: {en: Q}, ring_timeout: 15s, wrap_up: 15s, max_misses: 3, music: m}]\n",
	"extensions":    "extensions: [{extension: 1001, password: x}]\n",
	"trunks":        "trunks: [{id: t, names: {en: T}, allow: [127.0.0.0/8], host: a.b:1, ping: off}]\n",
	"outbound":      "outbound: {trunk: t, wrap_up: 1s}\n",
	"numbers":       "numbers: [{number: 4000, flow: main, trunk: t, languages: [en]}]\n",
	"prompts":       "prompts: {p: {en: Hello}, m: {file: m.wav}}\n",
	"dispositions":  "dispositions: [{id: d, names: {en: D}}]\n",
	"pause_reasons": "pause_reasons: [{id: d, names: {en: D}}]\n",
	"ticket_kinds":  "ticket_kinds: [{id: k, names: {en: K}, prefix: K, due: {normal: 1d}, states: [{id: open, names: {en: O}}, {id: closed, names: {en: C}, closed: yes}]}]\n",
}

const smallFlow = `start: a
nodes:
  a: {type: menu, prompts: [p], keys: {"1": q, "2": v, "3": c, "4": e}, exits: {q: q, v: v, c: c, e: e, failed: b}}
  b: {type: hangup}
  c: {type: collect, prompts: [p], min: 2, max: 4, gap: 2s, exits: {done: b, failed: b}}
  e: {type: echo, exits: {done: b}}
  q: {type: queue, queue: q, announce: [p], every: 9s, exits: {full: s}}
  s: {type: say, prompts: [p], exits: {done: b}}
  v: {type: voicemail, beep: m, ticket: k, exits: {done: b, empty: b}}
`

// smallSite is that site as documents.
func smallSite(tb testing.TB) []store.Document {
	tb.Helper()
	folder := fstest.MapFS{"flows/main.yaml": {Data: []byte(smallFlow)}}
	for kind, body := range small {
		folder[kind+".yaml"] = &fstest.MapFile{Data: []byte(body)}
	}
	docs, err := Documents(folder, ".")
	if err != nil {
		tb.Fatal(err)
	}
	return docs
}

func TestSmallSiteHasNoProblems(t *testing.T) {
	if _, problems := FromDocuments(smallSite(t)); len(problems) > 0 {
		t.Error(problems)
	}
}

// FuzzSite puts any text in the place of one document of a site.
func FuzzSite(f *testing.F) {
	for i, d := range smallSite(f) {
		f.Add(byte(i), []byte(d.Body))
	}
	f.Add(byte(5), []byte("{id: a, user: a, queues: [a, [b]], skills: {x: y}}"))
	f.Add(byte(12), []byte("order: [[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]"))
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		docs := smallSite(t)
		docs[int(which)%len(docs)].Body = string(body)
		site, problems := FromDocuments(docs)
		if (site == nil) == (len(problems) == 0) {
			t.Fatalf("site %v with %d problems", site, len(problems))
		}
		tellsAll(t, problems)
	})
}

// FuzzFlow reads any text as a flow and walks into one that is taken: it must not fail a call.
func FuzzFlow(f *testing.F) {
	f.Add(smallFlow, "1")
	f.Add("start: a\nnodes: {a: {type: say, prompts: [p], exits: {done: a}}}\n", "23")
	f.Fuzz(func(t *testing.T, body, keys string) {
		docs := smallSite(t)
		docs[slices.IndexFunc(docs, func(d store.Document) bool { return d.Kind == KindFlow })].Body = body
		site, problems := FromDocuments(docs)
		tellsAll(t, problems)
		if site == nil {
			return
		}
		s, effects := flow.Start(site.Flows["main"], flow.Env{Fallback: site.Language})
		for _, key := range keys {
			var more []flow.Effect
			s, more = flow.Step(site.Flows["main"], s, flow.Digit{Key: key})
			effects = append(effects, more...)
		}
		for _, e := range effects {
			if h, ok := e.(flow.HangUp); ok && h.Cause == call.CauseFailed && s.Passed < 100 {
				t.Fatalf("a flow that was taken fails a call: %+v", s)
			}
		}
	})
}
