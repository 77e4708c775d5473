package configs

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/linedesk/linedesk/sip/ivr/flow"
	"github.com/linedesk/linedesk/store"
)

// tellsAll wants each problem to say where, what and what to do.
func tellsAll(t *testing.T, problems Problems) {
	t.Helper()
	for _, p := range problems {
		if p.File == "" || p.What == "" || p.Fix == "" || p.Line < 0 {
			t.Fatalf("%+v says too little", p)
		}
	}
}

// FuzzProcess reads any text as linedesk.yaml.
func FuzzProcess(f *testing.F) {
	good, err := os.ReadFile("linedesk.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
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

// FuzzSite puts any text in the place of one document of the demo site.
func FuzzSite(f *testing.F) {
	docs, err := Documents(demo, DemoDir)
	if err != nil {
		f.Fatal(err)
	}
	for i, d := range docs {
		f.Add(byte(i), []byte(d.Body))
	}
	f.Add(byte(0), []byte("agents: [{id: a, user: a, queues: [a, [b]], skills: {x: y}}]"))
	f.Add(byte(3), []byte("hours: [[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]"))
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		list := append([]store.Document(nil), docs...)
		list[int(which)%len(list)].Body = string(body)
		site, problems := SiteFromDocuments(list)
		if (site == nil) == (len(problems) == 0) {
			t.Fatalf("site %v with %d problems", site, len(problems))
		}
		tellsAll(t, problems)
	})
}

// FuzzFlow reads any text as a flow of the demo site. One that is taken never fails a call at its start.
func FuzzFlow(f *testing.F) {
	docs, err := Documents(demo, DemoDir)
	if err != nil {
		f.Fatal(err)
	}
	flows, err := fs.Glob(demo, DemoDir+"/flows/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range flows {
		body, err := fs.ReadFile(demo, file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(body))
	}
	f.Fuzz(func(t *testing.T, body string) {
		list := append(append([]store.Document(nil), docs...), store.Document{Kind: KindFlow, Name: "fuzzed", Body: body})
		site, problems := SiteFromDocuments(list)
		tellsAll(t, problems)
		if site == nil {
			return
		}
		s, _ := flow.Start(site.Flows["fuzzed"], flow.Env{Fallback: site.Language})
		if s.Phase == flow.PhaseEnded && !strings.Contains(body, "hangup") {
			t.Fatalf("the flow ends at once: %+v", s)
		}
	})
}
