package load

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/linedesk/linedesk/configs"
)

// Bounds on what we read: a configuration is written by people.
const (
	maxDocument = 4 << 20
	maxDepth    = 16
)

// params is short for what goes into a problem's sentence.
type params = configs.Params

// document is a YAML text with its lines at hand: one file, or a list or table put together of the documents of
// its items.
type document struct {
	file     string // as problems name it
	kind     kind   // whose top key the text has; zero: of none
	prefix   string // of the paths of settings, such as "flows/main."; "" for linedesk.yaml
	root     *yaml.Node
	broken   bool   // it could not be read: what it says is not known
	items    []item // of which it was put together, in its order; nil: it is one file
	problems *configs.Problems
}

// item is one document of a list or a table.
type item struct{ name, file string }

// Decode reads a YAML text into a struct by the rules of its fields' tags: see [document.decode].
func Decode(file string, body []byte, into any) configs.Problems {
	var problems configs.Problems
	readDocument(file, body, &problems).decode(into)
	return problems
}

// readDocument parses a file. If it is no YAML that is a problem; the document is usable all the same.
func readDocument(file string, body []byte, problems *configs.Problems) *document {
	d := &document{file: file, problems: problems}
	root, wrong := readYAML(body)
	if wrong == nil && root != nil && root.Kind != yaml.MappingNode {
		p := configs.NewProblem(configs.NotKeys, params{"got": kindName(root)})
		wrong, p.Line = &p, root.Line
	}
	if wrong != nil {
		d.broken = true
		d.note(*wrong, file, wrong.Line, strings.TrimSuffix(d.prefix, "."))
		return d
	}
	d.root = root
	return d
}

// readYAML gives the top node of a text, nil if there is none, or what is wrong with it.
func readYAML(body []byte) (*yaml.Node, *configs.Problem) {
	wrong := func(line int, code configs.ProblemCode, p params) (*yaml.Node, *configs.Problem) {
		problem := configs.NewProblem(code, p)
		problem.Line = line
		return nil, &problem
	}
	switch {
	case len(body) > maxDocument:
		return wrong(0, configs.FileTooLong, params{"bytes": strconv.Itoa(len(body)), "max": strconv.Itoa(maxDocument)})
	case !utf8.Valid(body):
		return wrong(0, configs.NotUTF8, nil)
	}
	root, err := parseYAML(body)
	if err != nil {
		line, what := yamlError(err)
		return wrong(line, configs.NotYAML, params{"error": what})
	}
	return root, nil
}

// parseYAML gives the top node of the one document in a text; nil if there is none. A fault of the
// parser itself counts as an error of the text.
func parseYAML(body []byte) (root *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			root, err = nil, fmt.Errorf("not understood as YAML: %v", r)
		}
	}()
	dec := yaml.NewDecoder(strings.NewReader(string(body)))
	var top yaml.Node
	if err := dec.Decode(&top); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, err
	}
	var second yaml.Node
	switch err := dec.Decode(&second); {
	case err == nil:
		return nil, fmt.Errorf("yaml: line %d: a second document begins", second.Line)
	case !errors.Is(err, io.EOF):
		return nil, err
	}
	if len(top.Content) == 0 || isNull(top.Content[0]) {
		return nil, nil
	}
	return top.Content[0], nil
}

var yamlLine = regexp.MustCompile(`^yaml: (?:unmarshal errors:\s*)?line (\d+): `)

func yamlError(err error) (line int, what string) {
	text := err.Error()
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
	}
	return line, strings.TrimPrefix(text, "yaml: ")
}

// note adds a problem at a place.
func (d *document) note(p configs.Problem, file string, line int, setting string) {
	p.File, p.Line, p.Path = file, line, setting
	*d.problems = append(*d.problems, p)
}

// addWhole notes a problem of the file as a whole.
func (d *document) addWhole(code configs.ProblemCode, p params) {
	d.note(configs.NewProblem(code, p), d.file, 0, strings.TrimSuffix(d.prefix, "."))
}

// add notes a problem at a path from the document's top: keys are strings, places in a list ints.
func (d *document) add(code configs.ProblemCode, p params, path ...any) {
	d.addAt(d.line(path...), code, p, path)
}

// addAt notes a problem whose line is known.
func (d *document) addAt(line int, code configs.ProblemCode, p params, path []any) {
	d.note(configs.NewProblem(code, p), d.fileOf(path), line, d.setting(path))
}

// fileOf is where the value at a path is written.
func (d *document) fileOf(path []any) string {
	if it, ok := d.itemOf(path); ok {
		return it.file
	}
	return d.file
}

// itemOf gives the document that the value at a path came from, if this one was put together of several.
func (d *document) itemOf(path []any) (item, bool) {
	if len(path) < 2 {
		return item{}, false
	}
	for i, it := range d.items {
		if path[1] == any(i) || d.kind.form == table && path[1] == any(it.name) {
			return it, true
		}
	}
	return item{}, false
}

// setting is the path as the site's documents have it: "queues/support.ring_timeout".
func (d *document) setting(path []any) string {
	if d.kind.form == single || len(path) < 2 {
		return strings.TrimSuffix(d.prefix+dotted(path), ".")
	}
	name := fmt.Sprint(path[1])
	if i, ok := path[1].(int); ok {
		switch _, n := d.at(path[:2]...); {
		case i < len(d.items):
			name = d.items[i].name
		case n != nil && d.kind.nameIn(n) != "":
			name = d.kind.nameIn(n)
		}
	}
	return strings.TrimSuffix(d.kind.name+"/"+name+"."+dotted(path[2:]), ".")
}

// shown names the value at a path to whoever has the file, or the item's document, before them.
func (d *document) shown(path []any) string {
	if d.items != nil {
		path = path[min(2, len(path)):]
	}
	if len(path) == 0 {
		return "the file"
	}
	return dotted(path)
}

func dotted(path []any) string {
	var b strings.Builder
	for i, step := range path {
		switch step := step.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", step)
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			fmt.Fprint(&b, step)
		}
	}
	return b.String()
}

// line gives the line of the value at a path, or of the nearest thing above it that is there.
func (d *document) line(path ...any) int {
	line, _ := d.at(path...)
	return line
}

// at gives that line, and the value if it is there.
func (d *document) at(path ...any) (line int, n *yaml.Node) {
	if d.root == nil {
		return 0, nil
	}
	n = d.root
	line = n.Line
	for _, step := range path {
		key, next := child(n, step)
		if next == nil {
			return line, nil
		}
		n, line = next, next.Line
		if key != nil && key.Line > 0 {
			line = key.Line
		}
	}
	return line, n
}

// child gives what a mapping holds under a string, or a list at an int (also written as a string).
func child(n *yaml.Node, step any) (key, value *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode:
		want := fmt.Sprint(step)
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == want {
				return n.Content[i], n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		i, err := strconv.Atoi(fmt.Sprint(step))
		if err == nil && i >= 0 && i < len(n.Content) {
			return nil, n.Content[i]
		}
	case yaml.ScalarNode:
		if fmt.Sprint(step) == "0" {
			return nil, n // a single value stands for a list of one
		}
	default:
	}
	return nil, nil
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a block of keys"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	case yaml.ScalarNode:
		if isNull(n) {
			return "empty"
		}
		return fmt.Sprintf("%q", n.Value)
	default:
		return "nothing"
	}
}
