package load

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
)

// What a folder says is what its documents say, and what the folder says that is made of them.
func TestFoldersAreTakenApartAndPutTogether(t *testing.T) {
	for name, test := range map[string]struct{ file, body, item, text, again string }{
		"as it stands": {
			"queues", "# Where callers wait.\nqueues:\n  - id: b # one\n    names: {en: B}\n  # The other.\n  - id: a\n    names: {en: A}\n",
			"a", "# The other.\nid: a\nnames: {en: A}\n", "",
		},
		"on one line": {
			"queues", "queues: [{id: b, names: {en: B}}, {id: a}]\n", "b", "{id: b, names: {en: B}}\n",
			"queues:\n  - {id: b, names: {en: B}}\n  - {id: a}\n",
		},
		"without indentation": {
			"queues", "queues:\n- id: b\n  names:\n    en: B\n", "b", "id: b\nnames:\n  en: B\n",
			"queues:\n  - id: b\n    names:\n      en: B\n",
		},
		"numbers of two trunks": {
			"numbers", "numbers:\n  - {number: 4000, trunk: b}\n  - {number: 4000}\n", "4000@b", "{number: 4000, trunk: b}\n", "",
		},
		"a table": {
			"prompts", "prompts:\n  beep: {file: beep.wav}\n  # Said first.\n  hello:\n    en: Hello.\n    zh-CN: 你好。\n",
			"hello", "# Said first.\nen: Hello.\nzh-CN: 你好。\n", "",
		},
		"text of several lines": {
			"prompts", "prompts:\n  hello:\n    en: |\n      # no comment\n      Hello.\n  bye: {en: Bye.}\n", "hello", "en: |\n  # no comment\n  Hello.\n", "",
		},
		"text that looks like a comment at its end": {
			"queues", "queues:\n  - id: a\n    music: |\n      x\n      # no comment\n  - id: b\n", "a", "id: a\nmusic: |\n  x\n  # no comment\n",
			"queues:\n  - id: a\n    music: |\n      x\n      # no comment\n  # no comment\n  - id: b\n",
		},
		"none": {"teams", "# Nobody.\nteams: []\n", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			docs, err := DocumentsOf(test.file, test.body)
			if err != nil {
				t.Fatal(err)
			}
			at := slices.IndexFunc(docs, func(d store.Document) bool { return d.Kind == test.file && d.Name == test.item })
			if test.item != "" && (at < 0 || docs[at].Body != test.text) {
				t.Errorf("got %q, want %q", docs[max(at, 0)].Body, test.text)
			}
			if test.again == "" {
				test.again = test.body
			}
			slices.SortFunc(docs, func(a, b store.Document) int { return strings.Compare(a.Name, b.Name) }) // as a store gives them
			if got := Files(docs)[test.file+".yaml"]; got != test.again {
				t.Errorf("got\n%s\nwant\n%s", got, test.again)
			}
		})
	}
}

// A folder comes back from its documents byte by byte.
func TestTheDemosFolderComesBackAsItWas(t *testing.T) {
	docs, err := Documents(configs.DemoFS(), configs.DemoDir)
	if err != nil {
		t.Fatal(err)
	}
	files := Files(docs)
	for file, got := range files {
		want, err := fs.ReadFile(configs.DemoFS(), configs.DemoDir+"/"+file)
		if err != nil || got != string(want) {
			t.Errorf("%s is\n%s\nwant\n%s", file, got, want)
		}
	}
	if !slices.Contains(slices.Collect(maps.Keys(files)), "flows/main.yaml") || len(files) != 19 {
		t.Errorf("%d files", len(files))
	}
}

func TestNewItemsComeLast(t *testing.T) {
	docs, err := DocumentsOf("teams", "teams:\n  - id: z\n  - id: a\n")
	if err != nil {
		t.Fatal(err)
	}
	docs = append(docs, store.Document{Kind: "teams", Name: "m", Body: "id: m\n"})
	if got, want := Files(docs)["teams.yaml"], "teams:\n  - id: z\n  - id: a\n  - id: m\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A problem of a document names the document, its line there, and the setting.
func TestProblemsOfDocumentsNameItemAndSetting(t *testing.T) {
	for _, test := range []struct {
		kind, name, old, fresh string
		want                   configs.Problem
	}{
		{"queues", "support", "ring_timeout: 15s", "ring_timeout: 1s", configs.Problem{
			Code: configs.WrongValue, Path: "queues/support.ring_timeout", File: "queues/support", Line: 3,
			Detail: `ring_timeout is "1s"; write a time such as 15s, 2m, 24h or 30d from 3s to 5m`,
		}},
		{"queues", "support", "ring_timeout: 15s", "colour: red", configs.Problem{
			Code: configs.UnknownKey, Path: "queues/support.colour", File: "queues/support", Line: 3,
			Detail: `unknown key "colour"; remove it, or write one of: id, names, strategy, weight, ring_timeout, wrap_up, max_misses, max_waiting, service_level, music`,
		}},
		{"queues", "support", "id: support", "id: sopport", configs.Problem{
			Code: configs.NameDiffers, Path: "queues/support.id", File: "queues/support", Line: 1,
			Detail: `the document has the name support, what it says is "sopport"; give both the same name`,
		}},
		{"agents", "amy", "queues: [sales, support]", "queues: [slaes]", configs.Problem{
			Code: configs.UnknownName, Path: "agents/amy.queues[0]", File: "agents/amy", Line: 1,
			Detail: `there is no queue "slaes"; did you mean sales?`,
		}},
		{"agents", "amy", "extension: 1001", "extension: 1002", configs.Problem{
			Code: configs.ValueTwice, Path: "agents/ben.extension", File: "agents/ben", Line: 1,
			Detail: `1002 is there twice, first in agents/amy; give each extension once`,
		}},
		{"prompts", "hold_music", "hold.wav", "../x.wav", configs.Problem{
			Code: configs.WrongValue, Path: "prompts/hold_music.file", File: "prompts/hold_music", Line: 1,
			Detail: `file is "../x.wav"; write the name of a WAV file in the folder sounds, such as hold.wav`,
		}},
		{"flows", "sales", "queue: sales", "queue: sale", configs.Problem{
			Code: "flow_unknown_queue", Path: "flows/sales.nodes.wait.queue", File: "flows/sales", Line: 8,
			Detail: `there is no queue "sale"; write one of: sales, support`,
		}},
		{"site", "main", "Asia/Shanghai", "Asia/Nowhere", configs.Problem{
			Code: configs.NoTimezone, Path: "site.timezone", File: "site", Line: 4,
			Detail: `there is no timezone "Asia/Nowhere"; write a name such as Asia/Shanghai or Europe/Berlin`,
		}},
		{"pause_reasons", "main", "id: lunch", "id: break", configs.Problem{
			Code: configs.ValueTwice, Path: "pause_reasons[1].id", File: "pause_reasons", Line: 4,
			Detail: `break is there twice, first in line 3; give each id once`,
		}},
		{"trunks", "demo", "id: demo", "x: [", configs.Problem{
			Code: configs.NotYAML, Path: "trunks/demo", File: "trunks/demo", Line: 2,
			Detail: `not valid YAML: did not find expected ',' or ']'; check indentation, colons and quotes there`,
		}},
		{"layout", "queues", "order:", "ordre:", configs.Problem{
			Code: configs.UnknownKey, Path: "layout/queues.ordre", File: "layout/queues", Line: 2,
			Detail: `unknown key "ordre"; did you mean order?`,
		}},
	} {
		docs, err := Documents(configs.DemoFS(), configs.DemoDir)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(docs, func(d store.Document) bool { return d.Kind == test.kind && d.Name == test.name })
		if !strings.Contains(docs[at].Body, test.old) {
			t.Fatalf("%s has no %q:\n%s", Label(docs[at]), test.old, docs[at].Body)
		}
		docs[at].Body = strings.Replace(docs[at].Body, test.old, test.fresh, 1)
		_, problems := FromDocuments(docs)
		if !slices.ContainsFunc(problems, func(p configs.Problem) bool {
			p.Params = nil
			return p.String() == test.want.String() && p.Code == test.want.Code && p.Path == test.want.Path
		}) {
			t.Errorf("got %+v\nwant among them %+v", problems, test.want)
		}
	}
}

// A folder's problems have the paths that its documents have.
func TestProblemsOfFoldersNameTheSameSettings(t *testing.T) {
	_, problems := Site(demoEdit(t, "queues.yaml", "ring_timeout: 15s ", "ring_timeout: 15m "), ".")
	if len(problems) != 1 || problems[0].Path != "queues/sales.ring_timeout" || problems[0].Params["max"] != "5m" || problems[0].Params["type"] != "duration" {
		t.Errorf("got %+v", problems)
	}
	_, problems = Site(demoEdit(t, "roles.yaml", "use:desk", "use:dekc"), ".")
	if len(problems) != 1 || problems[0].Path != "roles/agent.own[0]" || problems[0].Params["near"] != "use:desk" {
		t.Errorf("got %+v", problems)
	}
}

func TestItemsWithoutANameOrWithOneTwiceAreNoDocuments(t *testing.T) {
	for body, want := range map[string]string{
		"queues:\n  - names: {en: A}\n": "queues.yaml:2: queues[0].id is missing; add id: a name",
		"queues:\n  - id: a\n  - id: a": "queues.yaml:3: a is there twice, first in line 2; give each name once",
	} {
		if _, err := DocumentsOf("queues", body); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// FuzzDocuments takes any text apart as a file of a folder: what it says must come back the same.
func FuzzDocuments(f *testing.F) {
	for _, kind := range []string{"queues", "prompts"} {
		f.Add(kind == "queues", small[kind])
	}
	f.Add(true, "# x\nqueues:\n - id: a\n   # y\n   b: |\n    # z\n\n # w\n - {id: c,\n    d: e}\n# end\n")
	f.Add(false, "prompts:\n  a: # x\n    en: b\n  ? c\n  : {en: d}\n  \"e\": \"f\n\n   g\"\n")
	f.Fuzz(func(t *testing.T, isList bool, body string) {
		name := "prompts"
		if isList {
			name = "queues"
		}
		k, _ := kindOf(name)
		docs, err := DocumentsOf(name, body)
		if err != nil || len(docs) == 0 {
			return
		}
		root, _ := readYAML([]byte(body))
		text := Files(docs)[name+".yaml"]
		again, wrong := readYAML([]byte(text))
		if wrong != nil {
			t.Fatalf("%v in\n%s", wrong, text)
		}
		had, has := partsOf(k, root), partsOf(k, again)
		if len(had) != len(has) {
			t.Fatalf("%d items, then %d in\n%s", len(had), len(has), text)
		}
		for i := range had {
			if had[i].name != has[i].name || !same(had[i].node, has[i].node) {
				t.Fatalf("%s is another in\n%s", had[i].name, text)
			}
		}
	})
}

// The first file that cannot be read does not hide the others.
func TestAllFilesThatAreNoYAMLAreTold(t *testing.T) {
	_, err := Documents(fstest.MapFS{"teams.yaml": {Data: []byte("x: [")}, "users.yaml": {Data: []byte("y: {")}}, ".")
	if err == nil || strings.Count(err.Error(), "not valid YAML") != 2 {
		t.Errorf("got %v", err)
	}
}
