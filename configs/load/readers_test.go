package load

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/sip/ivr/flow"
)

// A setting that nobody reads would only seem to do something: each is either read by a room that knows the site, or
// is refused as not yet in force. (What reads it is found by the name of its field in the rooms that know the site, and in
// flow itself for the nodes of flows.)
func TestEverySettingIsReadBySomebody(t *testing.T) {
	site := readNames(t, "../site.go", "../lookup.go", "../rights.go", "../../switchboard", "../../agentdesk", "../../cmd")
	nodes := readNames(t, "../../sip/ivr/flow")
	types := append(slices.Collect(maps.Values(itemTypes)), reflect.TypeFor[configs.Process](), reflect.TypeFor[configs.TicketState]())
	for _, of := range types {
		if of == reflect.TypeFor[roleDoc]() {
			continue // its rights are made of it on reading
		}
		unread(t, of, site)
	}
	unread(t, reflect.TypeFor[flow.Node](), nodes)
}

// readHere are settings that are done with once the site is checked.
var readHere = map[string]string{
	"Basics.Timezone":  "the site's Location is made of it",
	"Basics.Languages": "each name and each prompt is wanted in them",
}

func unread(t *testing.T, of reflect.Type, read map[string]bool) {
	t.Helper()
	for f := range fieldsIn(of) {
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case key == "" || key == "-" || f.Type == notYetType || readHere[of.Name()+"."+f.Name] != "":
		case section(f.Type):
			unread(t, f.Type, read)
		case !read[f.Name]:
			t.Errorf("nobody reads %s.%s, the setting %s", of.Name(), f.Name, key)
		}
	}
}

// readNames are the names of fields that the files in some places read.
func readNames(t *testing.T, places ...string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, place := range places {
		err := filepath.WalkDir(place, func(file string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if e.IsDir() && e.Name() == "node_modules" {
				return fs.SkipDir
			}
			if e.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") || filepath.Base(file) == "check.go" {
				return nil
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				return err
			}
			takeNames(f, names)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// takeNames takes what is read: not the left side of an assignment, not the key of a literal.
func takeNames(f *ast.File, names map[string]bool) {
	written := map[ast.Node]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				written[left] = true
			}
		case *ast.SelectorExpr:
			if !written[n] {
				names[n.Sel.Name] = true
			}
		}
		return true
	})
}
