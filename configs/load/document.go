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

// document is one YAML file with its lines at hand.
type document struct {
	file     string
	root     *yaml.Node // a mapping; nil if there is none
	broken   bool       // it could not be read: what it says is not known
	problems *configs.Problems
}

// Decode reads a YAML text into a struct by the rules of its fields' tags: see [document.decode].
func Decode(file string, body []byte, into any) configs.Problems {
	var problems configs.Problems
	readDocument(file, body, &problems).decode(into)
	return problems
}

// readDocument parses a file. What is wrong with it as YAML is a problem; the document is usable all the same.
func readDocument(file string, body []byte, problems *configs.Problems) *document {
	d := &document{file: file, problems: problems, broken: true}
	switch {
	case len(body) > maxDocument:
		d.addAt(0, fmt.Sprintf("the file has %d bytes", len(body)), fmt.Sprintf("keep it below %d", maxDocument))
		return d
	case !utf8.Valid(body):
		d.addAt(0, "the file is not UTF-8 text", "save it as UTF-8")
		return d
	}
	root, err := parseYAML(body)
	if err != nil {
		line, what := yamlError(err)
		d.addAt(line, what, "check indentation, colons and quotes there")
		return d
	}
	if root != nil && root.Kind != yaml.MappingNode {
		d.addAt(root.Line, "the file is "+kindName(root), `write "key: value" lines`)
		return d
	}
	d.root, d.broken = root, false
	return d
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
	text = strings.TrimPrefix(text, "yaml: ")
	return line, "not valid YAML: " + text
}

func (d *document) addAt(line int, what, fix string) {
	*d.problems = append(*d.problems, configs.Problem{File: d.file, Line: line, What: what, Fix: fix})
}

// add notes a problem at a path from the document's top: keys are strings, places in a list ints.
func (d *document) add(what, fix string, path ...any) {
	d.addAt(d.line(path...), what, fix)
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
		if key != nil {
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
