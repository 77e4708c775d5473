package load

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/sip/ivr/flow"
)

var update = flag.Bool("update", false, "write linedesk.yaml and docs/site.md anew")

// linedesk.yaml and docs/site.md are made of the declarations of the settings.
func TestTheReferenceIsFresh(t *testing.T) {
	c := readComments(t, "..", ".", "../../sip/ivr/flow")
	for file, text := range map[string]string{
		"../linedesk.yaml":   processFile(t, c),
		"../../docs/site.md": siteReference(t, c),
	} {
		if *update {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(file)
		if err != nil || string(have) != text {
			t.Errorf("%s is not what the declarations say (%v): run go generate ./configs/load", filepath.Base(file), err)
		}
	}
}

// comments are what the source says of types and their fields: "Queue", "Queue.WrapUp".
type comments map[string]string

func readComments(t *testing.T, dirs ...string) comments {
	t.Helper()
	c := comments{}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if d, ok := n.(*ast.GenDecl); ok && len(d.Specs) == 1 {
					if s, ok := d.Specs[0].(*ast.TypeSpec); ok {
						c.take(s, d.Doc)
					}
				}
				return true
			})
		}
	}
	return c
}

func (c comments) take(s *ast.TypeSpec, doc *ast.CommentGroup) {
	c[s.Name.Name] = sentence(doc.Text(), s.Name.Name)
	st, ok := s.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, f := range st.Fields.List {
		for _, name := range f.Names {
			text := f.Doc.Text()
			if text == "" {
				text = f.Comment.Text()
			}
			c[s.Name.Name+"."+name.Name] = sentence(text, name.Name)
		}
	}
}

// sentence makes of a comment on a name a sentence that stands without it.
func sentence(text, name string) string {
	text = strings.Join(strings.Fields(text), " ")
	for _, begin := range []string{name + " is ", name + " are ", name + ": ", name + " says "} {
		text = strings.TrimPrefix(text, begin)
	}
	if text == "" {
		return ""
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

// setting is a field that is one, with all that is declared of it.
type setting struct {
	key, sentence, show, example string
	field                        reflect.StructField
	rules                        rules
}

func settingsOf(t *testing.T, c comments, of reflect.Type) []setting {
	t.Helper()
	var list []setting
	for f := range fieldsIn(of) {
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if key == "" || key == "-" {
			continue
		}
		s := setting{
			key: key, sentence: c[of.Name()+"."+f.Name], show: f.Tag.Get("show"), example: f.Tag.Get("example"),
			field: f, rules: parseRules(f.Tag.Get("check")),
		}
		if s.sentence == "" && section(f.Type) {
			s.sentence = c[f.Type.Name()]
		}
		if s.sentence == "" {
			t.Errorf("%s.%s has no comment: nobody could know what the key %s does", of.Name(), f.Name, key)
		}
		list = append(list, s)
	}
	return list
}

func fieldsIn(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

// section tells whether a value is a block of settings of its own.
func section(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && !takesText(t) && t != notYetType
}

const processHead = `# linedesk.yaml tells a Linedesk server about its machine: sockets, database, folders, limits. What the call
# centre is (users, queues, numbers, flows, prompts) is the site: see demo/ beside this file, and docs/site.md.
#
#   linedesk check --config linedesk.yaml    lists every mistake, with line and remedy
#   linedesk serve --config linedesk.yaml    runs the server
#
# At a SIGHUP the server reads this file again: log.level, http.origins and the certificate count at once,
# everything else from the next start.
#
# Paths are absolute or as seen from the folder of this file. Times are written 50ms, 15s, 2m, 24h or 30d.
# Keys that are commented out show what counts without them, or an example.
#
# This file is made of the declarations in process.go (go generate ./configs/load).
`

// processFile writes linedesk.yaml.
func processFile(t *testing.T, c comments) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(processHead)
	defaults := reflect.ValueOf(configs.DefaultProcess())
	for _, s := range settingsOf(t, c, defaults.Type()) {
		b.WriteByte('\n')
		value := defaults.FieldByIndex(s.field.Index)
		if !section(s.field.Type) {
			writeSetting(&b, s, value, "", "")
			continue
		}
		off := "# "
		if s.rules.required {
			off = ""
		}
		writeComment(&b, s.sentence, "")
		b.WriteString(off + s.key + ":\n")
		for _, inner := range settingsOf(t, c, s.field.Type) {
			writeSetting(&b, inner, value.FieldByIndex(inner.field.Index), off, "  ")
		}
	}
	return b.String()
}

// writeSetting writes a key with its sentence; off is what a section that is commented out puts before each line.
func writeSetting(b *strings.Builder, s setting, value reflect.Value, off, indent string) {
	writeComment(b, s.sentence, off+indent)
	switch {
	case s.field.Type == notYetType:
		writeComment(b, s.key+" is not yet in force: it is refused.", off+indent)
	case s.show != "":
		fmt.Fprintf(b, "%s%s%s: %s\n", off, indent, s.key, s.show)
	case s.example != "" || off != "":
		fmt.Fprintf(b, "%s%s: %s\n", cmpOr(off, indent+"# ")+map[bool]string{true: indent, false: ""}[off != ""], s.key, cmpOr(s.example, written(value)))
	default:
		fmt.Fprintf(b, "%s# %s: %s\n", indent, s.key, written(value))
	}
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// writeComment writes a sentence in lines of at most 115 characters.
func writeComment(b *strings.Builder, text, indent string) {
	line := indent + "#"
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > 115 {
			b.WriteString(line + "\n")
			line = indent + "#"
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}

// written is a value as people write it, on one line.
func written(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case time.Duration:
		return writtenTime(x)
	case string:
		if x == "" {
			return `""`
		}
	}
	var n yaml.Node
	if err := n.Encode(v.Interface()); err != nil {
		panic(err) // a default of ours
	}
	n.Style = yaml.FlowStyle
	return strings.TrimSuffix(encode(&n), "\n")
}

func writtenTime(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == 0:
		return "0"
	case d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	}
	return regexp.MustCompile(`([hm])0[ms](0s)?$`).ReplaceAllString(d.String(), "$1")
}

const siteHead = `# The site

What a call centre is (who works there, what is dialled, what callers hear) is its site: a folder of YAML files
like ` + "`configs/demo/`" + `. ` + "`linedesk site import`" + ` brings it into the database, where each item (a queue, a user, a trunk) is a
document of its own with its versions; ` + "`site export`" + ` writes the folder again, ` + "`site diff`" + ` says item by item what an
import would change, and ` + "`linedesk check`" + ` lists every mistake with its line and what to write instead.

A list's file has one item after the other (` + "`queues:`" + ` and ` + "`- id: support`" + ` …), a table's its items by name. The documents have
the names ` + "`KIND/ITEM`" + `, such as ` + "`queues/support`" + `, and a setting is called ` + "`queues/support.ring_timeout`" + `. ` + "`layout/KIND`" + ` keeps the order
of a file's items and what it says before them; items that it does not name come last.

Times are written ` + "`15s`, `2m`, `24h` or `30d`" + `, names per language (` + "`{en: Sales, zh-CN: 销售}`" + `). A key that is marked "not yet" is
taken by a later version and refused until then, as are the files ` + "`hours.yaml` (opening times) and `skills.yaml`" + `
(what agents can do).

This page is made of the declarations in ` + "`configs/site.go` and `sip/ivr/flow/flow.go`" + ` (` + "`go generate ./configs/load`" + `).
`

// itemTypes are what the items of each kind are read into.
var itemTypes = map[string]reflect.Type{
	"site": reflect.TypeFor[configs.Basics](), "teams": reflect.TypeFor[configs.Team](), "users": reflect.TypeFor[configs.User](),
	"agents": reflect.TypeFor[configs.Agent](), "queues": reflect.TypeFor[configs.Queue](),
	"extensions": reflect.TypeFor[configs.Extension](), "trunks": reflect.TypeFor[configs.Trunk](),
	"outbound": reflect.TypeFor[configs.Outbound](), "numbers": reflect.TypeFor[configs.Number](),
	"dispositions": reflect.TypeFor[configs.Code](), "pause_reasons": reflect.TypeFor[configs.Code](),
	"ticket_kinds": reflect.TypeFor[configs.TicketKind](), "roles": reflect.TypeFor[roleDoc](),
}

// siteReference writes docs/site.md.
func siteReference(t *testing.T, c comments) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(siteHead)
	site := configs.Site{Queues: make([]configs.Queue, 1)}
	site.Index() // fills in what counts where nothing is said
	defaults := map[reflect.Type]reflect.Value{
		reflect.TypeFor[configs.Queue]():    reflect.ValueOf(site.Queues[0]),
		reflect.TypeFor[configs.Outbound](): reflect.ValueOf(site.Outbound),
	}
	for _, k := range kinds {
		if k.name == "prompts" {
			b.WriteString("\n## prompts.yaml (a table)\n\nWhat callers can be told: a text per language (`en: Hello.`), or `file: NAME.wav` of the folder `sounds`,\na sound without words.\n")
			continue
		}
		of := itemTypes[k.name]
		if of == nil {
			t.Errorf("the kind %s has no type here", k.name)
			continue
		}
		form := map[form]string{single: "", list: " (a list)", table: " (a table)"}[k.form]
		fmt.Fprintf(&b, "\n## %s.yaml%s\n\n%s\n\n", k.name, form, c[of.Name()])
		writeTable(t, &b, c, of, defaults[of])
	}
	fmt.Fprintf(&b, "\n### A state of a ticket\n\n%s\n\n", c["TicketState"])
	writeTable(t, &b, c, reflect.TypeFor[configs.TicketState](), reflect.Value{})
	fmt.Fprintf(&b, "\n## flows/NAME.yaml\n\n%s\n\n", c["Flow"])
	writeTable(t, &b, c, reflect.TypeFor[flow.Flow](), reflect.Value{})
	fmt.Fprintf(&b, "\n### A node\n\n%s\n\n", "What it does depends on its type, and so does which keys mean something; `check` refuses the others.")
	b.WriteString("| type | takes |\n|---|---|\n")
	for _, node := range flow.Types() {
		fmt.Fprintf(&b, "| `%s` | `%s` |\n", node, strings.Join(flow.Fields(node), "`, `"))
	}
	b.WriteByte('\n')
	writeTable(t, &b, c, reflect.TypeFor[flow.Node](), reflect.Value{})
	b.WriteString("\n## Rights\n\n| right | allows |\n|---|---|\n")
	actions := configs.Actions()
	for _, a := range slices.Sorted(mapKeys(actions)) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", a, actions[a])
	}
	return b.String()
}

func mapKeys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func writeTable(t *testing.T, b *strings.Builder, c comments, of reflect.Type, defaults reflect.Value) {
	t.Helper()
	b.WriteString("| key | takes | without it | |\n|---|---|---|---|\n")
	for _, s := range settingsOf(t, c, of) {
		takes, without := takesWords(s), ""
		switch {
		case s.field.Type == notYetType || s.key == "skills":
			takes, without = "not yet", ""
		case s.rules.required:
			without = "needed"
		case defaults.IsValid() && !defaults.FieldByIndex(s.field.Index).IsZero():
			without = "`" + written(defaults.FieldByIndex(s.field.Index)) + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", s.key, takes, without, strings.ReplaceAll(s.sentence, "|", `\|`))
	}
}

// takesWords says in a few words what a setting takes.
func takesWords(s setting) string {
	ft := s.field.Type
	switch name := typeName(ft, s.rules); name {
	case "one_of":
		return "`" + strings.Join(s.rules.oneOf, "`, `") + "`"
	case "duration":
		return "time" + bounds(s.rules)
	case "number":
		return "number" + bounds(s.rules)
	case "bool":
		return "`true`, `false`"
	case "slug":
		return "a–z, 0–9, _ and -"
	case "block":
		if ft == reflect.TypeFor[configs.Names]() {
			return "names"
		}
		return "block"
	default:
		return strings.ReplaceAll(name, "_", " ")
	}
}
