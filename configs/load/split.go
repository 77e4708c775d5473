package load

import (
	"fmt"
	"io/fs"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
)

// Documents reads a site's folder as documents, to be imported into a store. What they say is not checked; a file
// that is no YAML is an error.
func Documents(fsys fs.FS, dir string) ([]store.Document, error) {
	files, problems := readFolder(fsys, dir)
	var docs []store.Document
	for _, f := range files {
		parts, wrong := documentsOf(f)
		docs, problems = append(docs, parts...), append(problems, wrong...)
	}
	return docs, problems.Sorted().Err()
}

// DocumentsOf takes one file of a site's folder, KIND.yaml, apart as [Documents] does.
func DocumentsOf(kind, body string) ([]store.Document, error) {
	docs, problems := documentsOf(file{rel: kind + ".yaml", kind: kind, name: MainDocument, body: body})
	return docs, problems.Sorted().Err()
}

func documentsOf(f file) (docs []store.Document, problems configs.Problems) {
	k, _ := kindOf(f.kind)
	if k.form == single { // as a flow's
		return []store.Document{newDocument(f.kind, f.name, f.body)}, nil
	}
	d := readDocument(f.rel, []byte(f.body), &problems)
	d.kind = k
	if d.broken {
		return nil, problems
	}
	return split(d, f.body), problems
}

func newDocument(kind, name, body string) store.Document {
	return store.Document{Kind: kind, Name: name, Body: body, Hash: store.HashBody(body)}
}

// part is an item of a list or a table within its file.
type part struct {
	name string
	key  *yaml.Node // of a table
	node *yaml.Node
}

// partsOf gives the items of a file under its top key.
func partsOf(k kind, root *yaml.Node) []part {
	if root == nil {
		return nil
	}
	_, all := child(root, k.name)
	var parts []part
	switch {
	case all == nil:
	case k.form == list && all.Kind == yaml.SequenceNode:
		for _, n := range all.Content {
			parts = append(parts, part{name: k.nameIn(n), node: n})
		}
	case k.form == table && all.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(all.Content); i += 2 {
			parts = append(parts, part{name: all.Content[i].Value, key: all.Content[i], node: all.Content[i+1]})
		}
	}
	return parts
}

// split takes a file with a list or a table apart: a document for each item, as it is written there, and the
// layout of the file.
func split(d *document, body string) []store.Document {
	k := d.kind
	if d.root == nil {
		return nil
	}
	key, _ := child(d.root, k.name)
	if key == nil {
		return nil
	}
	var docs []store.Document
	names, seen := []string{}, map[string]int{}
	lines := linesOf(body)
	parts := partsOf(k, d.root)
	starts := startsOf(lines, key.Line, parts)
	for i, p := range parts {
		at := []any{k.name, i}
		if p.name == "" {
			by := "name" // of a table's entry, which its key is
			if len(k.by) > 0 {
				by = k.by[0]
				at = append(at, by)
			}
			d.add(configs.Missing, params{"name": d.shown(at), "key": by, "wanted": "a name"}, at...)
			continue
		}
		if first := seen[p.name]; first > 0 {
			d.add(configs.ValueTwice, params{"value": p.name, "line": fmt.Sprint(first), "field": "name"}, at...)
			continue
		}
		seen[p.name] = p.node.Line
		names = append(names, p.name)
		docs = append(docs, newDocument(k.name, p.name, textOf(lines[starts[i]:starts[i+1]], p)))
	}
	var head strings.Builder
	for _, line := range lines[:max(key.Line-1, 0)] {
		head.WriteString(strings.TrimRight(line, breaks) + "\n")
	}
	return append(docs, newDocument(KindLayout, k.name, head.String()+encode(layoutDoc{Order: names})))
}

// breaks are what ends a line for the reader of YAML, by whose numbers of lines we cut: besides the line feed and the
// carriage return those of YAML 1.1 (5.4), which yaml v3 goes by.
const breaks = "\n\r\u0085\u2028\u2029"

// linesOf gives the lines of a text with what ends them, as the reader of YAML counts them.
func linesOf(text string) []string {
	var lines []string
	for {
		at := strings.IndexAny(text, breaks)
		if at < 0 {
			return append(lines, text)
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		if strings.HasPrefix(text[at:], "\r\n") {
			size = 2
		}
		lines, text = append(lines, text[:at+size]), text[at+size:]
	}
}

// startsOf gives the first line of each item, counted from 0, and where the last one ends. Comments and blank
// lines before an item are its own.
func startsOf(lines []string, top int, parts []part) []int {
	starts := make([]int, 0, len(parts)+1)
	for _, p := range parts {
		line := p.node.Line
		if p.key != nil {
			line = p.key.Line
		}
		at := min(max(line-1, 0), len(lines))
		for at > top && isAside(lines[at-1]) {
			at--
		}
		if n := len(starts); n > 0 {
			at = max(at, starts[n-1])
		}
		starts = append(starts, at)
	}
	return append(starts, len(lines))
}

// isAside tells a line that says nothing to the machine.
func isAside(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#'
}

// textOf gives the lines of an item as a document: as they stand, if that says the same, else written anew.
func textOf(lines []string, p part) string {
	var text strings.Builder
	i := 0
	for ; i < len(lines) && isAside(lines[i]); i++ {
		text.WriteString(strings.TrimLeft(lines[i], " \t\n"))
	}
	indent := p.node.Column - 1
	if i < len(lines) {
		if first := []rune(lines[i]); p.key == nil || p.node.Line == p.key.Line {
			text.WriteString(string(first[min(indent, len(first)):]))
			if p.key != nil {
				indent = p.key.Column - 1
			}
			i++
		} else {
			i++ // the line of the key
		}
	}
	for ; i < len(lines); i++ {
		own := min(indent, len(lines[i])-len(strings.TrimLeft(lines[i], " ")))
		text.WriteString(lines[i][own:])
	}
	body := strings.TrimRight(text.String(), " \t\n") + "\n"
	if root, wrong := readYAML([]byte(body)); wrong == nil && same(root, p.node) {
		return body
	}
	return encode(p.node)
}

// same tells whether two texts say the same.
func same(a, b *yaml.Node) bool {
	if a == nil || b == nil {
		return a == b || a == nil && isNull(b) || b == nil && isNull(a)
	}
	if isNull(a) && isNull(b) { // "", "~" and "null" are one
		return true
	}
	if a.Kind != b.Kind || a.ShortTag() != b.ShortTag() || a.Value != b.Value || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !same(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

// encode writes a value as YAML.
func encode(v any) string {
	if n, isNode := v.(*yaml.Node); isNode {
		spellNull(n)
	}
	var b strings.Builder
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(v); err != nil {
		panic(err) // nodes that were read, and structs of ours without pointers
	}
	return b.String()
}

// spellNull writes nothing as "null": where items stand in one line, the encoder makes a text of it (yaml v3.0.6
// writes ”).
func spellNull(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && isNull(n) && n.Value == "" {
		n.Value = "null"
	}
	for _, c := range n.Content {
		spellNull(c)
	}
}
