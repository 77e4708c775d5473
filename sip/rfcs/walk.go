package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
)

// Place is a citation and where it stands.
type Place struct {
	Citation

	File   string // from the repository's root, with slashes
	Symbol string // the function, type, field, constant or variable around it, or "package"
	Test   bool   // in a test or in the telephones that tests use
}

// Walk reads the comments of all Go sources below root.
func Walk(root string) ([]Place, error) {
	var all []Place
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "rfcs" || name != root && strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		found, err := readFile(name, filepath.ToSlash(rel))
		all = append(all, found...)
		return err
	})
	return all, err
}

func readFile(name, rel string) ([]Place, error) {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, name, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	test := strings.HasSuffix(rel, "_test.go") || strings.HasPrefix(rel, "sip/siptest/") ||
		strings.HasPrefix(rel, "e2e/") || strings.HasPrefix(rel, "findings/")
	var all []Place
	for _, g := range f.Comments {
		found, err := Parse(strings.Join(strings.Fields(g.Text()), " "))
		line := set.Position(g.Pos()).Line
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", rel, line, err)
		}
		for _, c := range found {
			if _, ok := titles[c.RFC]; !ok {
				return nil, fmt.Errorf("%s:%d: RFC %s is not in sip/rfcs/titles.go: add its title and group there", rel, line, c.RFC)
			}
			all = append(all, Place{c, rel, symbol(set, f, g), test})
		}
	}
	return all, nil
}

// symbol names what a comment is about: the innermost declaration that it documents, ends or stands in.
func symbol(set *token.FileSet, f *ast.File, g *ast.CommentGroup) string {
	name := "package"
	at := set.Position(g.Pos()).Line
	around := func(n ast.Node, doc *ast.CommentGroup) bool {
		from := n.Pos()
		if doc != nil {
			from = doc.Pos()
		}
		return set.Position(from).Line <= at && at <= set.Position(n.End()).Line
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if around(d, d.Doc) {
				name = receiver(d) + d.Name.Name
			}
		case *ast.GenDecl:
			if !around(d, d.Doc) {
				continue
			}
			for i, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					if i == 0 || around(s, s.Doc) {
						name = s.Name.Name + field(s, around)
					}
				case *ast.ValueSpec:
					if i == 0 || around(s, s.Doc) {
						name = s.Names[0].Name
					}
				}
			}
		}
	}
	return name
}

func field(s *ast.TypeSpec, around func(ast.Node, *ast.CommentGroup) bool) string {
	if st, ok := s.Type.(*ast.StructType); ok {
		for _, f := range st.Fields.List {
			if len(f.Names) > 0 && around(f, f.Doc) {
				return "." + f.Names[0].Name
			}
		}
	}
	return ""
}

func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	t := d.Recv.List[0].Type
	if p, ok := t.(*ast.StarExpr); ok {
		t = p.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name + "."
	}
	return ""
}
