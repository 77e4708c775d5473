package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
)

const header = "// Generated from the Go package agentdesk/proto. Do not edit.\n"

// basic gives the TypeScript type of a Go one. Slices are never null: the server fills them.
var basic = map[string]string{
	"string": "string", "bool": "boolean", "int": "number", "int64": "number", "uint64": "number", "float64": "number",
}

// Generate gives the TypeScript source for the package in dir, in the order of the Go source.
func Generate(dir string) ([]byte, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no Go source in %s: %w", dir, fs.ErrNotExist)
	}
	var out bytes.Buffer
	out.WriteString(header)
	g := generator{out: &out, types: map[string]bool{}}
	var parsed []*ast.File
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, f)
		for _, d := range f.Decls {
			if gd, ok := d.(*ast.GenDecl); ok && gd.Tok == token.TYPE {
				g.types[gd.Specs[0].(*ast.TypeSpec).Name.Name] = true
			}
		}
	}
	for _, f := range parsed {
		for _, d := range f.Decls {
			gd, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			if err := g.declare(gd); err != nil {
				return nil, err
			}
		}
	}
	g.commands()
	return out.Bytes(), nil
}

type generator struct {
	out   *bytes.Buffer
	types map[string]bool
	cmds  [][2]string // command, TypeScript type of its body
}

func (g *generator) declare(d *ast.GenDecl) error {
	switch d.Tok { //nolint:exhaustive // the rest declares nothing for us
	case token.CONST:
		for _, s := range d.Specs {
			g.constant(d, s.(*ast.ValueSpec))
		}
	case token.TYPE:
		for _, s := range d.Specs {
			if err := g.structure(d, s.(*ast.TypeSpec)); err != nil {
				return err
			}
		}
	}
	return nil
}

// constant writes one constant; a command's comment begins with the type of its body, or "none".
func (g *generator) constant(d *ast.GenDecl, s *ast.ValueSpec) {
	lit, ok := s.Values[0].(*ast.BasicLit)
	if !ok {
		return
	}
	name, value := s.Names[0].Name, strings.ReplaceAll(lit.Value, `"`, "'")
	comment := s.Comment.Text()
	if !d.Lparen.IsValid() {
		comment = d.Doc.Text()
	}
	if strings.HasPrefix(name, "Cmd") {
		body := strings.FieldsFunc(comment, func(r rune) bool { return r|0x20 < 'a' || r|0x20 > 'z' })[0]
		if !g.types[body] {
			body = "undefined"
		}
		g.cmds = append(g.cmds, [2]string{value, body})
		return
	}
	g.doc(comment, "")
	fmt.Fprintf(g.out, "export const %s = %s;\n", name, value)
}

func (g *generator) structure(d *ast.GenDecl, s *ast.TypeSpec) error {
	st, ok := s.Type.(*ast.StructType)
	if !ok {
		return fmt.Errorf("type %s is no struct", s.Name.Name)
	}
	g.doc(d.Doc.Text(), "")
	fmt.Fprintf(g.out, "export interface %s {\n", s.Name.Name)
	for _, f := range st.Fields.List {
		if f.Tag == nil {
			return fmt.Errorf("%s: a field has no json tag", s.Name.Name)
		}
		name, opts, _ := strings.Cut(reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json"), ",")
		ts, err := g.typ(f.Type)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", s.Name.Name, name, err)
		}
		opt := ""
		if opts == "omitempty" {
			opt = "?"
		} else if _, pointer := f.Type.(*ast.StarExpr); pointer {
			ts += " | null"
		}
		g.doc(f.Doc.Text()+f.Comment.Text(), "  ")
		fmt.Fprintf(g.out, "  %s%s: %s;\n", name, opt, ts)
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
		if g.types[t.Name] {
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
		if t.Sel.Name == "RawMessage" {
			return "unknown", nil
		}
	}
	return "", fmt.Errorf("no TypeScript for this Go type")
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
		fmt.Fprintf(g.out, "%s/** %s */\n", indent, text)
		return
	}
	fmt.Fprintf(g.out, "%s/**\n", indent)
	for _, l := range lines {
		fmt.Fprintf(g.out, "%s\n", strings.TrimRight(indent+" * "+l, " "))
	}
	fmt.Fprintf(g.out, "%s */\n", indent)
}

func (g *generator) commands() {
	g.out.WriteString("\n/** Commands gives each command's body. */\nexport interface Commands {\n")
	for _, c := range g.cmds {
		name := c[0]
		if !strings.Contains(name, ".") {
			name = strings.Trim(name, "'")
		}
		fmt.Fprintf(g.out, "  %s: %s;\n", name, c[1])
	}
	g.out.WriteString("}\n")
}
