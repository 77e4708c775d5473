package load

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/sip/ivr/flow"
	"github.com/linedesk/linedesk/store"
)

// Site reads a site from a folder and checks it as a whole. The site is nil if there are problems.
func Site(fsys fs.FS, dir string) (*configs.Site, configs.Problems) {
	files, problems := readFolder(fsys, dir)
	l := newLoader(&problems)
	l.hasSound = func(file string) bool {
		_, err := fs.Stat(fsys, path.Join(dir, configs.SoundsFolder, file))
		return err == nil
	}
	for _, f := range files {
		l.file(f.kind, f.name, path.Join(dir, f.rel), f.body, 0)
	}
	return l.finish(dir)
}

// FromDocuments makes the site of published documents, checked as Site does but for sound files, which are no
// documents.
func FromDocuments(docs []store.Document) (*configs.Site, configs.Problems) {
	var problems configs.Problems
	l := newLoader(&problems)
	items := map[string][]store.Document{}
	order := map[string][]string{}
	for _, d := range docs {
		k, known := kindOf(d.Kind)
		switch {
		case d.Kind == KindFlow || known && k.form == single && d.Name == MainDocument:
			l.file(d.Kind, d.Name, Label(d), d.Body, d.Version)
		case known && k.form != single:
			items[d.Kind] = append(items[d.Kind], d)
		case d.Kind == KindLayout:
			order[d.Name] = l.layout(d)
		case slices.Contains(notYet, d.Kind):
			l.problem(Label(d), configs.NotYetInForce, params{"name": d.Kind})
		default:
			l.problem(d.Kind+"/"+d.Name, configs.NoSuchDocument, params{"known": strings.Join(Kinds(), ", ")})
		}
	}
	for _, k := range kinds {
		if _, laidOut := order[k.name]; laidOut || len(items[k.name]) > 0 {
			l.items(k, inOrder(items[k.name], order[k.name]))
		}
	}
	return l.finish("")
}

// loader turns documents into a site.
type loader struct {
	site     *configs.Site
	problems *configs.Problems
	docs     map[string]*document // by kind; flows by "flows/NAME"
	hasSound func(file string) bool
}

func newLoader(problems *configs.Problems) *loader {
	return &loader{
		site: &configs.Site{
			Flows: map[call.FlowID]*flow.Flow{}, Roles: map[string]configs.Role{}, Prompts: map[string]configs.Prompt{},
		},
		problems: problems,
		docs:     map[string]*document{},
	}
}

// problem notes what is wrong with a file as a whole.
func (l *loader) problem(file string, code configs.ProblemCode, p params) {
	problem := configs.NewProblem(code, p)
	problem.File = file
	*l.problems = append(*l.problems, problem)
}

// file takes in a file, or a document that is written as one.
func (l *loader) file(kind, name, shown, body string, version int) {
	if kind == KindFlow {
		d := readDocument(shown, []byte(body), l.problems)
		d.prefix = KindFlow + "/" + name + "."
		l.docs[KindFlow+"/"+name] = d
		l.readFlow(d, name, version)
		return
	}
	d := readDocument(shown, []byte(body), l.problems)
	d.kind, _ = kindOf(kind)
	l.docs[kind] = d
	l.read(kind, d)
}

// items takes in the documents of a list or a table, as if they were one file.
func (l *loader) items(k kind, docs []store.Document) {
	d := &document{file: k.name, kind: k, problems: l.problems, items: []item{}}
	all := &yaml.Node{Kind: yaml.SequenceNode}
	if k.form == table {
		all.Kind = yaml.MappingNode
	}
	d.root = &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: k.name}, all}}
	for _, doc := range docs {
		root, wrong := readYAML([]byte(doc.Body))
		if wrong != nil {
			d.broken = true
			d.note(*wrong, Label(doc), wrong.Line, Label(doc))
			continue
		}
		if root == nil {
			root = &yaml.Node{Kind: yaml.MappingNode}
		}
		if k.form == table {
			all.Content = append(all.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: doc.Name})
		}
		all.Content = append(all.Content, root)
		d.items = append(d.items, item{name: doc.Name, file: Label(doc)})
		if own := k.nameIn(root); k.form == list && own != "" && own != doc.Name {
			d.add(configs.NameDiffers, params{"name": doc.Name, "got": own}, k.name, len(d.items)-1, k.by[0])
		}
	}
	l.docs[k.name] = d
	l.read(k.name, d)
}

// layoutDoc is a layout.
type layoutDoc struct {
	Order []string `yaml:"order"`
}

func (l *loader) layout(doc store.Document) []string {
	var v layoutDoc
	d := readDocument(Label(doc), []byte(doc.Body), l.problems)
	d.prefix = Label(doc) + "."
	d.decode(&v)
	return v.Order
}

// inOrder puts items in an order; those that are not in it come last, by name.
func inOrder(docs []store.Document, order []string) []store.Document {
	at := make(map[string]int, len(order))
	for i, name := range order {
		at[name] = i + 1 - len(order) - 1 // below 0
	}
	docs = slices.Clone(docs)
	slices.SortFunc(docs, func(a, b store.Document) int {
		if at[a.Name] != at[b.Name] {
			return at[a.Name] - at[b.Name]
		}
		return strings.Compare(a.Name, b.Name)
	})
	return docs
}

// finish checks the site as a whole.
func (l *loader) finish(dir string) (*configs.Site, configs.Problems) {
	for _, k := range kinds {
		if l.docs[k.name] != nil {
			continue
		}
		file := path.Join(dir, k.name+".yaml")
		missing := slices.Contains(needed, k.name)
		if missing {
			l.problem(file, configs.FileMissing, params{"kind": k.name})
		}
		l.docs[k.name] = &document{file: file, kind: k, problems: l.problems, broken: missing} // so that checks need not ask
	}
	l.site.Index()
	l.check()
	if problems := *l.problems; len(problems) > 0 {
		return nil, problems.Sorted()
	}
	return l.site, nil
}

// read decodes a document of one of the kinds into the site. The top key of each is its kind.
func (l *loader) read(kind string, d *document) {
	s := l.site
	switch kind {
	case "site":
		var v struct {
			Site configs.Basics `yaml:"site" check:"required"`
		}
		d.decode(&v)
		s.Basics = v.Site
	case "teams":
		var v struct {
			List []configs.Team `yaml:"teams" check:"required"`
		}
		d.decode(&v)
		s.Teams = v.List
	case "users":
		var v struct {
			List []configs.User `yaml:"users" check:"required"`
		}
		d.decode(&v)
		s.Users = v.List
	case "agents":
		var v struct {
			List []configs.Agent `yaml:"agents" check:"required"`
		}
		d.decode(&v)
		s.Agents = v.List
	case "queues":
		var v struct {
			List []configs.Queue `yaml:"queues" check:"required"`
		}
		d.decode(&v)
		s.Queues = v.List
	case "extensions":
		var v struct {
			List []configs.Extension `yaml:"extensions" check:"required"`
		}
		d.decode(&v)
		s.Extensions = v.List
	case "trunks":
		var v struct {
			List []configs.Trunk `yaml:"trunks" check:"required"`
		}
		d.decode(&v)
		s.Trunks = v.List
	case "outbound":
		var v struct {
			Outbound configs.Outbound `yaml:"outbound" check:"required"`
		}
		d.decode(&v)
		s.Outbound = v.Outbound
	case "numbers":
		var v struct {
			List []configs.Number `yaml:"numbers" check:"required"`
		}
		d.decode(&v)
		s.Numbers = v.List
	default:
		l.readCodes(kind, d)
	}
}

// readCodes reads the kinds that are lists of names, and those that are maps.
func (l *loader) readCodes(kind string, d *document) {
	s := l.site
	switch kind {
	case "dispositions":
		var v struct {
			List []configs.Code `yaml:"dispositions" check:"required"`
		}
		d.decode(&v)
		s.Dispositions = v.List
	case "pause_reasons":
		var v struct {
			List []configs.Code `yaml:"pause_reasons" check:"required"`
		}
		d.decode(&v)
		s.PauseReasons = v.List
	case "ticket_kinds":
		var v struct {
			List []configs.TicketKind `yaml:"ticket_kinds" check:"required"`
		}
		d.decode(&v)
		s.TicketKinds = v.List
	case "roles":
		var v struct {
			Roles map[string]roleDoc `yaml:"roles" check:"required"`
		}
		d.decode(&v)
		for name, r := range v.Roles {
			s.Roles[name] = r.role()
			d.checkActions(r.Own, "roles", name, "own")
			d.checkActions(r.Team, "roles", name, "team")
			d.checkActions(r.All, "roles", name, "all")
		}
	case "prompts":
		var v struct {
			Prompts map[string]map[string]string `yaml:"prompts" check:"required"`
		}
		d.decode(&v)
		for name, texts := range v.Prompts {
			p := configs.Prompt{Texts: maps.Clone(texts), File: texts["file"]}
			delete(p.Texts, "file")
			s.Prompts[name] = p
		}
	}
}

// readFlow reads a flow. Which keys a node may have depends on its type.
func (l *loader) readFlow(d *document, name string, version int) {
	f := &flow.Flow{ID: call.FlowID(name), Version: version}
	if !slugPattern.MatchString(name) {
		d.addWhole(configs.BadName, params{"name": name, "what": "flow", "file": "file"})
	}
	d.decode(f)
	for name, n := range f.Nodes {
		if n == nil || !slices.Contains(flow.Types(), n.Type) {
			continue // reported by the flow's own check
		}
		_, at := d.at("nodes", name)
		for i := 0; at != nil && i+1 < len(at.Content); i += 2 {
			key := at.Content[i]
			known := flow.Fields(n.Type)
			if key.Value != "type" && !slices.Contains(known, key.Value) && slices.Contains(keysOf(nodeType), key.Value) {
				d.addAt(key.Line, configs.NotOfThisNode,
					params{"key": key.Value, "type": string(n.Type), "known": strings.Join(known, ", ")}, []any{"nodes", name, key.Value})
			}
		}
	}
	l.site.Flows[f.ID] = f
}
