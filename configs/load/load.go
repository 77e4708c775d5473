// Package load reads and checks the configuration: linedesk.yaml, a site's folder, a site's documents.
//
// Everything is read as a whole and checked as a whole: whatever is wrong is listed at once as
// [configs.Problems], each with its place and what to write instead. Nothing starts half-configured.
package load

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/sip/ivr/flow"
	"github.com/linedesk/linedesk/store"
)

// MainDocument is the name of a document of which a site has one only, such as its queues.
const MainDocument = "main"

// KindFlow is the kind of document of which a site has many, each with a name of its own.
const KindFlow = "flows"

// kinds are all other kinds of document, in the order in which people read them. A site folder has
// one file of each, KIND.yaml; flows are in flows/NAME.yaml.
var kinds = []string{
	"site", "teams", "users", "agents", "queues", "skills", "extensions", "trunks", "outbound", "numbers",
	"hours", "prompts", "dispositions", "pause_reasons", "ticket_kinds", "roles",
}

// needed are the kinds that a site cannot be without.
var needed = []string{"site", "roles", "users", "numbers", "prompts"}

// Kinds gives the kinds of site document.
func Kinds() []string { return append(slices.Clone(kinds), KindFlow) }

// Site reads a site from a folder and checks it as a whole. The site is nil if there are problems.
func Site(fsys fs.FS, dir string) (*configs.Site, configs.Problems) {
	docs, problems := readFolder(fsys, dir)
	return loadSite(docs, dir, func(file string) bool {
		_, err := fs.Stat(fsys, path.Join(dir, configs.SoundsFolder, file))
		return err == nil
	}, problems)
}

// FromDocuments makes the site of published documents, checked as Site does but for sound
// files, which are no documents.
func FromDocuments(docs []store.Document) (*configs.Site, configs.Problems) {
	var problems configs.Problems
	list := make([]store.Document, 0, len(docs))
	for _, d := range docs {
		if d.Kind != KindFlow && (!slices.Contains(kinds, d.Kind) || d.Name != MainDocument) {
			problems = append(problems, configs.Problem{
				File: d.Kind + "/" + d.Name, What: "there is no such kind of site document",
				Fix: "write one of: " + strings.Join(Kinds(), ", "),
			})
			continue
		}
		list = append(list, d)
	}
	return loadSite(list, "", nil, problems)
}

// Documents reads a site's folder as documents, unchecked, to be imported into a store.
func Documents(fsys fs.FS, dir string) ([]store.Document, error) {
	docs, problems := readFolder(fsys, dir)
	return docs, problems.Err()
}

// FileName is where a document stands in a site's folder: "queues.yaml", "flows/main.yaml".
func FileName(d store.Document) string {
	if d.Kind == KindFlow {
		return KindFlow + "/" + d.Name + ".yaml"
	}
	return d.Kind + ".yaml"
}

// Diff says in words and lines what an import of want would change in have; "" if nothing.
func Diff(have, want []store.Document) string {
	var b strings.Builder
	for _, c := range store.DiffDocuments(have, want) {
		fmt.Fprintf(&b, "%s %s\n", FileName(store.Document{Kind: c.Kind, Name: c.Name}), c.Change)
		if c.Diff != "" {
			b.WriteString(c.Diff)
			if !strings.HasSuffix(c.Diff, "\n") {
				b.WriteByte('\n')
			}
		}
	}
	return b.String()
}

// readFolder reads every document of a folder. Files that are none are problems: a misspelt name
// would otherwise be a part of the site that is silently not there.
func readFolder(fsys fs.FS, dir string) ([]store.Document, configs.Problems) {
	var (
		docs     []store.Document
		problems configs.Problems
	)
	add := func(file, what, fix string) {
		problems = append(problems, configs.Problem{File: file, What: what, Fix: fix})
	}
	err := fs.WalkDir(fsys, path.Clean(dir), func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := strings.TrimPrefix(strings.TrimPrefix(file, path.Clean(dir)), "/")
		if e.IsDir() {
			if rel == configs.SoundsFolder || strings.HasPrefix(e.Name(), ".") && rel != "" {
				return fs.SkipDir
			}
			return nil
		}
		kind, name, ok := documentOf(rel)
		if !ok {
			if !strings.HasPrefix(e.Name(), ".") && path.Ext(rel) != ".md" {
				add(file, "this is no site document", unknownFile(rel))
			}
			return nil
		}
		body, err := fs.ReadFile(fsys, file)
		if err != nil {
			add(file, "cannot be read: "+rootCause(err), "make it readable for the user that the server runs as")
			return nil
		}
		docs = append(docs, store.Document{Kind: kind, Name: name, Body: string(body), Hash: store.HashBody(string(body))})
		return nil
	})
	if err != nil {
		add(dir, "the site's folder cannot be read: "+rootCause(err), "name a folder like configs/demo")
	}
	return docs, problems
}

// documentOf tells which document a file is.
func documentOf(rel string) (kind, name string, ok bool) {
	base, isYAML := strings.CutSuffix(rel, ".yaml")
	if !isYAML {
		return "", "", false
	}
	if slices.Contains(kinds, base) {
		return base, MainDocument, true
	}
	name, isFlow := strings.CutPrefix(base, KindFlow+"/")
	return KindFlow, name, isFlow && !strings.Contains(name, "/")
}

func unknownFile(rel string) string {
	known := make([]string, 0, len(kinds))
	for _, k := range kinds {
		known = append(known, k+".yaml")
	}
	if near := nearest(rel, known); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "remove it, or name it one of: " + strings.Join(known, ", ") + ", flows/NAME.yaml"
}

func rootCause(err error) string {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return err.Error()
}

// loader turns documents into a site.
type loader struct {
	site     *configs.Site
	problems *configs.Problems
	docs     map[string]*document // by kind; flows by "flows/NAME"
	hasSound func(file string) bool
}

func loadSite(docs []store.Document, dir string, hasSound func(string) bool, problems configs.Problems) (*configs.Site, configs.Problems) {
	l := &loader{
		site:     &configs.Site{Flows: map[call.FlowID]*flow.Flow{}, Roles: map[string]configs.Role{}, Prompts: map[string]configs.Prompt{}},
		problems: &problems,
		docs:     map[string]*document{},
		hasSound: hasSound,
	}
	for _, kind := range needed {
		if !slices.ContainsFunc(docs, func(d store.Document) bool { return d.Kind == kind }) {
			problems = append(problems, configs.Problem{
				File: path.Join(dir, kind+".yaml"), What: "the file is missing",
				Fix: fmt.Sprintf("write it, beginning with %q; configs/demo/%s.yaml is an example", kind+":", kind),
			})
		}
	}
	for _, doc := range docs {
		d := readDocument(path.Join(dir, FileName(doc)), []byte(doc.Body), &problems)
		if doc.Kind == KindFlow {
			l.docs[KindFlow+"/"+doc.Name] = d
			l.readFlow(d, doc)
			continue
		}
		l.docs[doc.Kind] = d
		l.read(doc.Kind, d)
	}
	for _, kind := range kinds {
		if l.docs[kind] == nil { // so that checks need not ask
			l.docs[kind] = &document{file: path.Join(dir, kind+".yaml"), problems: &problems, broken: slices.Contains(needed, kind)}
		}
	}
	l.site.Index()
	l.check()
	if len(problems) > 0 {
		return nil, problems.Sorted()
	}
	return l.site, nil
}

// siteDoc is site.yaml.
type siteDoc struct {
	Site struct {
		Name      configs.Names `yaml:"name" check:"required"`
		Timezone  string        `yaml:"timezone" check:"required"`
		Region    string        `yaml:"region" check:"required"`
		Language  string        `yaml:"language" check:"required"`
		Languages []string      `yaml:"languages" check:"required,min=1"`
	} `yaml:"site" check:"required"`
}

// read decodes a document of one of the kinds into the site. The top key of each is its kind.
func (l *loader) read(kind string, d *document) {
	s := l.site
	switch kind {
	case "site":
		var v siteDoc
		d.decode(&v)
		s.Name, s.Timezone, s.Region = v.Site.Name, v.Site.Timezone, v.Site.Region
		s.Language, s.Languages = v.Site.Language, v.Site.Languages
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
	case "skills":
		var v struct {
			List []configs.Skill `yaml:"skills" check:"required"`
		}
		d.decode(&v)
		s.Skills = v.List
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
	case "hours":
		var v struct {
			List []configs.Hours `yaml:"hours" check:"required"`
		}
		d.decode(&v)
		s.Hours = v.List
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

// readFlow reads flows/NAME.yaml. Which keys a node may have depends on its type.
func (l *loader) readFlow(d *document, doc store.Document) {
	f := &flow.Flow{ID: call.FlowID(doc.Name), Version: doc.Version}
	if !slugPattern.MatchString(doc.Name) {
		d.addAt(0, fmt.Sprintf("%q is no name for a flow", doc.Name), "name the file with a–z, 0–9, _ and -")
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
				d.addAt(key.Line, fmt.Sprintf("%s means nothing on a %s node", key.Value, n.Type),
					"remove it; a "+string(n.Type)+" node takes: "+strings.Join(known, ", "))
			}
		}
	}
	l.site.Flows[f.ID] = f
}
