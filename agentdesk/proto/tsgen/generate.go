package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const header = "// Generated from the Go package agentdesk/proto. Do not edit.\n"

// basic gives the TypeScript type of a Go one. Slices are never null: the server fills them.
var basic = map[string]string{
	"string": "string", "bool": "boolean", "int": "number", "int64": "number", "uint64": "number", "float64": "number",
}

// Generate gives the TypeScript source for the package in dir, in the order of the Go source. Other gives the folders
// of the packages whose closed sets and limits the protocol uses, by name: package proto says call.AgentStatus and the
// pages get the union of its constants.
func Generate(dir string, other map[string]string) ([]byte, error) {
	g := generator{messages: map[string]string{}, sets: map[string]*set{}, structs: map[string]bool{}}
	files, err := g.parse(dir, "")
	if err != nil {
		return nil, err
	}
	for name, folder := range other {
		if _, err := g.parse(folder, name); err != nil {
			return nil, err
		}
	}
	g.out.WriteString(header)
	for _, f := range files {
		for _, d := range f.Decls {
			if gd, ok := d.(*ast.GenDecl); ok {
				if err := g.declare(gd); err != nil {
					return nil, err
				}
			}
		}
	}
	g.used()
	g.commandMap()
	g.messageUnion()
	return g.out.Bytes(), nil
}

// set is a closed set: a string type and its constants.
type set struct {
	name, doc string
	values    []string // as they are written in Go
	notes     []string // the constants' comments
}

type generator struct {
	out      bytes.Buffer
	structs  map[string]bool
	sets     map[string]*set // of proto by name, of others as call.Name
	foreign  []*set          // those of other packages that are used, in the order of use
	limits   []limit         // of other packages: their whole numbers that begin with Max
	commands []command
	messages map[string]string // the name on the wire by the type of the message
	order    []string          // the types of messages
}

type command struct{ name, body, result string }

type limit struct{ name, value, doc string }

// parse reads a package's sources and notes its types and sets; of package proto "" is the prefix.
func (g *generator) parse(dir, prefix string) ([]*ast.File, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no Go source in %s: %w", dir, fs.ErrNotExist)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	for _, f := range files {
		eachSpec(f, token.TYPE, func(d *ast.GenDecl, s ast.Spec) { g.noteType(prefix, d, s.(*ast.TypeSpec)) })
	}
	for _, f := range files {
		eachSpec(f, token.CONST, func(_ *ast.GenDecl, s ast.Spec) { g.noteConstant(prefix, s.(*ast.ValueSpec)) })
	}
	return files, nil
}

func eachSpec(f *ast.File, tok token.Token, do func(*ast.GenDecl, ast.Spec)) {
	for _, d := range f.Decls {
		if gd, ok := d.(*ast.GenDecl); ok && gd.Tok == tok {
			for _, s := range gd.Specs {
				do(gd, s)
			}
		}
	}
}

func (g *generator) noteType(prefix string, d *ast.GenDecl, s *ast.TypeSpec) {
	switch t := s.Type.(type) {
	case *ast.StructType:
		if prefix == "" {
			g.structs[s.Name.Name] = true
		}
	case *ast.Ident:
		if t.Name == "string" {
			g.sets[path.Join(prefix, s.Name.Name)] = &set{name: s.Name.Name, doc: d.Doc.Text()}
		}
	}
}

// noteConstant takes a constant into its set, or as the name of a message.
func (g *generator) noteConstant(prefix string, s *ast.ValueSpec) {
	if len(s.Values) != 1 {
		return
	}
	lit, ok := s.Values[0].(*ast.BasicLit)
	if !ok {
		return
	}
	if name := s.Names[0].Name; lit.Kind == token.INT && prefix != "" && strings.HasPrefix(name, "Max") {
		g.limits = append(g.limits, limit{name, quoted(lit.Value), s.Comment.Text()})
	}
	if lit.Kind != token.STRING {
		return
	}
	if typ, ok := s.Type.(*ast.Ident); ok {
		if in := g.sets[path.Join(prefix, typ.Name)]; in != nil {
			in.values = append(in.values, lit.Value)
			in.notes = append(in.notes, strings.TrimSpace(s.Comment.Text()))
		}
		return
	}
	if prefix == "" && strings.HasPrefix(s.Names[0].Name, "Msg") {
		name := firstWord(s.Comment.Text())
		g.messages[name] = quoted(lit.Value)
		g.order = append(g.order, name)
	}
}

func (g *generator) declare(d *ast.GenDecl) error {
	switch d.Tok { //nolint:exhaustive // the rest declares nothing for us
	case token.CONST:
		for _, s := range d.Specs {
			g.constant(d, s.(*ast.ValueSpec))
		}
	case token.TYPE:
		for _, s := range d.Specs {
			if err := g.declareType(d, s.(*ast.TypeSpec)); err != nil {
				return err
			}
		}
	}
	return nil
}

// constant writes a number or text of the protocol. Members of sets and names of messages stand with their types.
func (g *generator) constant(d *ast.GenDecl, s *ast.ValueSpec) {
	name := s.Names[0].Name
	if s.Type != nil || len(s.Values) != 1 || strings.HasPrefix(name, "Msg") {
		return
	}
	lit, ok := s.Values[0].(*ast.BasicLit)
	if !ok {
		return
	}
	comment := s.Comment.Text()
	if !d.Lparen.IsValid() {
		comment = d.Doc.Text()
	}
	if strings.HasPrefix(name, "Cmd") {
		g.command(quoted(lit.Value), comment)
		return
	}
	g.doc(comment, "")
	fmt.Fprintf(&g.out, "export const %s = %s;\n", name, quoted(lit.Value))
}

var resultIs = regexp.MustCompile(`result is (\w+)`)

// command reads what a command's comment says: it begins with the type of the body, or "none".
func (g *generator) command(name, comment string) {
	c := command{name: name, body: firstWord(comment), result: "undefined"}
	if !g.structs[c.body] {
		c.body = "undefined"
	}
	if m := resultIs.FindStringSubmatch(comment); m != nil {
		c.result = m[1]
	}
	g.commands = append(g.commands, c)
}

func (g *generator) declareType(d *ast.GenDecl, s *ast.TypeSpec) error {
	if st, ok := s.Type.(*ast.StructType); ok {
		return g.structure(d, s.Name.Name, st)
	}
	if in := g.sets[s.Name.Name]; in != nil && len(in.values) > 0 {
		g.union(in)
		return nil
	}
	return fmt.Errorf("type %s is no struct and no string with constants", s.Name.Name)
}

// union writes a set twice: as values, for tests and menus, and as the type of them.
func (g *generator) union(s *set) {
	g.doc(s.doc, "")
	fmt.Fprintf(&g.out, "export const %s = [\n", plural(s.name))
	for i, v := range s.values {
		fmt.Fprintf(&g.out, "  %s,", quoted(v))
		if s.notes[i] != "" {
			fmt.Fprintf(&g.out, " // %s", s.notes[i])
		}
		g.out.WriteString("\n")
	}
	fmt.Fprintf(&g.out, "] as const;\nexport type %s = (typeof %s)[number];\n", s.name, plural(s.name))
}

// plural gives the name of the list of all members.
func plural(name string) string {
	name = strings.ToLower(name[:1]) + name[1:]
	switch {
	case strings.HasSuffix(name, "y"):
		return strings.TrimSuffix(name, "y") + "ies"
	case strings.HasSuffix(name, "s"):
		return name + "es"
	}
	return name + "s"
}

func (g *generator) structure(d *ast.GenDecl, name string, st *ast.StructType) error {
	g.doc(d.Doc.Text(), "")
	fmt.Fprintf(&g.out, "export interface %s {\n", name)
	for _, f := range st.Fields.List {
		if f.Tag == nil {
			return fmt.Errorf("%s: a field has no json tag", name)
		}
		field, opts, _ := strings.Cut(reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json"), ",")
		ts, err := g.typ(f.Type)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", name, field, err)
		}
		if field == "t" {
			ts = g.messages[name]
			if ts == "" {
				ts = "CommandName"
			}
		}
		opt := ""
		if opts == "omitempty" {
			opt = "?"
		} else if _, pointer := f.Type.(*ast.StarExpr); pointer {
			ts += " | null"
		}
		g.doc(f.Doc.Text()+f.Comment.Text(), "  ")
		fmt.Fprintf(&g.out, "  %s%s: %s;\n", field, opt, ts)
	}
	g.out.WriteString("}\n")
	return nil
}

func (g *generator) typ(e ast.Expr) (string, error) {
	switch t := e.(type) {
	case *ast.Ident:
		if b, ok := basic[t.Name]; ok {
			return b, nil
		}
		if g.structs[t.Name] || g.sets[t.Name] != nil {
			return t.Name, nil
		}
	case *ast.StarExpr:
		return g.typ(t.X)
	case *ast.ArrayType:
		el, err := g.typ(t.Elt)
		return el + "[]", err
	case *ast.MapType:
		el, err := g.typ(t.Value)
		return "Record<string, " + el + ">", err
	case *ast.SelectorExpr:
		return g.selected(t)
	}
	return "", fmt.Errorf("no TypeScript for this Go type")
}

func (g *generator) selected(t *ast.SelectorExpr) (string, error) {
	if t.Sel.Name == "RawMessage" {
		return "unknown", nil
	}
	s := g.sets[path.Join(t.X.(*ast.Ident).Name, t.Sel.Name)]
	if s == nil || len(s.values) == 0 {
		return "", fmt.Errorf("%s is no closed set that we know", t.Sel.Name)
	}
	if g.sets[s.name] != nil {
		return "", fmt.Errorf("%s is a set of package proto, too: give it another name", s.name)
	}
	if !slices.Contains(g.foreign, s) {
		g.foreign = append(g.foreign, s)
	}
	return s.name, nil
}

// used writes the sets and limits of other packages.
func (g *generator) used() {
	for _, s := range g.foreign {
		g.union(s)
	}
	for _, l := range g.limits {
		g.doc(l.doc, "")
		fmt.Fprintf(&g.out, "export const %s = %s;\n", l.name, l.value)
	}
}

func (g *generator) commandMap() {
	g.out.WriteString("\n/** Commands gives each command's body, and the result that its ack carries. */\nexport interface Commands {\n")
	for _, c := range g.commands {
		name := c.name
		if !strings.Contains(name, ".") {
			name = strings.Trim(name, "'")
		}
		fmt.Fprintf(&g.out, "  %s: { body: %s; result: %s };\n", name, c.body, c.result)
	}
	g.out.WriteString("}\nexport type CommandName = keyof Commands;\n")
}

func (g *generator) messageUnion() {
	if len(g.order) == 0 {
		return
	}
	fmt.Fprintf(&g.out, "\n/** What the server sends; t tells which it is. */\nexport type ServerMessage = %s;\n", strings.Join(g.order, " | "))
}

func (g *generator) doc(text, indent string) {
	text = strings.TrimSpace(text)
	if indent == "" {
		g.out.WriteString("\n")
	}
	if text == "" {
		return
	}
	lines := strings.Split(text, "\n")
	if len(lines) == 1 {
		fmt.Fprintf(&g.out, "%s/** %s */\n", indent, text)
		return
	}
	fmt.Fprintf(&g.out, "%s/**\n", indent)
	for _, l := range lines {
		fmt.Fprintf(&g.out, "%s\n", strings.TrimRight(indent+" * "+l, " "))
	}
	fmt.Fprintf(&g.out, "%s */\n", indent)
}

func firstWord(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return r|0x20 < 'a' || r|0x20 > 'z' })
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// quoted gives a Go literal in our pages' way of writing.
func quoted(lit string) string {
	text, err := strconv.Unquote(lit)
	if err != nil {
		return strings.ReplaceAll(lit, "_", "") // a number
	}
	return "'" + strings.ReplaceAll(strings.ReplaceAll(text, `\`, `\\`), "'", `\'`) + "'"
}
