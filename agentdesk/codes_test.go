package agentdesk

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/linedesk/linedesk/agentdesk/proto"
)

// Every code that a client can be sent is declared in proto, with its statuses and parameters: the pages have a text for
// each. In this room the constants are used; the rooms below cannot know them and write them out.
func TestEveryProblemIsDeclared(t *testing.T) {
	found := 0
	for _, root := range []string{".", "../switchboard", "../store/ticket"} {
		for name, file := range sources(t, root) {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					if p, ok := problemOf(n); ok {
						found++
						p.check(t, name)
					}
				case *ast.ValueSpec:
					if id, ok := n.Type.(*ast.Ident); ok && id.Name == "Refusal" {
						code := literal(n.Values[0])
						if _, known := proto.Codes[proto.ErrorCode(code)]; code != "" && !known {
							t.Errorf("%s: %s says %q, which agentdesk/proto/codes.go does not have", name, n.Names[0].Name, code)
						}
					}
				}
				return true
			})
		}
	}
	if found < 80 {
		t.Errorf("only %d problems were looked at: have the makers of them other names now?", found)
	}
}

// Each code has a line in the table, and there is no other.
func TestTheTableOfCodesIsWhole(t *testing.T) {
	declared := codeConstants(t)
	for name, code := range declared {
		if d, ok := proto.Codes[proto.ErrorCode(code)]; !ok || len(d.Status) == 0 {
			t.Errorf("%s is not in proto.Codes, or without a status", name)
		}
	}
	if len(declared) != len(proto.Codes) {
		t.Errorf("%d codes and %d lines in proto.Codes", len(declared), len(proto.Codes))
	}
}

// codeConstants gives the constants of type ErrorCode by name.
func codeConstants(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, file := range sources(t, "proto") {
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.ValueSpec); ok {
				if id, ok := s.Type.(*ast.Ident); ok && id.Name == "ErrorCode" {
					out[s.Names[0].Name] = literal(s.Values[0])
				}
			}
			return true
		})
	}
	return out
}

// thrown is a problem as the source has it.
type thrown struct {
	by     string // the function that makes it
	status int    // 0: not written out
	code   ast.Expr
	params []string
}

// problemOf reads a call of one of the makers of problems: status, code, …, pairs of parameter and value.
func problemOf(c *ast.CallExpr) (thrown, bool) {
	var name string
	switch f := c.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	if name == "refusal" && len(c.Args) > 0 { // a rule's, which knows no status
		p := thrown{by: "refuse", code: c.Args[0]}
		for i := 1; i < len(c.Args); i += 2 {
			p.params = append(p.params, literal(c.Args[i]))
		}
		return p, true
	}
	fixed := map[string]int{"problem": 3, "NewProblem": 3, "refuse": 2}[name]
	if fixed == 0 || len(c.Args) < fixed {
		return thrown{}, false
	}
	p := thrown{by: name, code: c.Args[1]}
	switch s := c.Args[0].(type) {
	case *ast.BasicLit:
		p.status, _ = strconv.Atoi(s.Value)
	case *ast.SelectorExpr:
		p.status = statuses[s.Sel.Name]
	}
	for i := fixed; i < len(c.Args); i += 2 {
		p.params = append(p.params, literal(c.Args[i]))
	}
	return p, true
}

func (p thrown) check(t *testing.T, file string) {
	t.Helper()
	var code string
	switch c := p.code.(type) {
	case *ast.BasicLit:
		if code = literal(c); p.by != "refuse" {
			t.Errorf("%s: %q is written out: use its constant in agentdesk/proto/codes.go", file, code)
		}
	case *ast.SelectorExpr:
		code = codeConstants(t)[c.Sel.Name]
	default:
		return // passed on
	}
	known, ok := proto.Codes[proto.ErrorCode(code)]
	switch {
	case !ok:
		t.Errorf("%s: agentdesk/proto/codes.go does not have %q", file, code)
	case p.status != 0 && !slices.Contains(known.Status, p.status):
		t.Errorf("%s: %q comes with status %d, which proto.Codes does not say", file, code, p.status)
	}
	for _, name := range p.params {
		if ok && !slices.Contains(known.Params, name) {
			t.Errorf("%s: %q has the parameter %q, which proto.Codes does not say", file, code, name)
		}
	}
}

// statuses are net/http's, by the names of its constants.
var statuses = func() map[string]int {
	out := map[string]int{}
	for s := 100; s < 600; s++ {
		if words := http.StatusText(s); words != "" {
			out["Status"+strings.ReplaceAll(words, " ", "")] = s
		}
	}
	return out
}()

// literal gives what a string literal says.
func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok {
		return ""
	}
	s, _ := strconv.Unquote(lit.Value)
	return s
}

// sources are the Go files below a folder, without tests.
func sources(t *testing.T, root string) map[string]*ast.File {
	t.Helper()
	out := map[string]*ast.File{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "node_modules":
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		out[path], err = parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
