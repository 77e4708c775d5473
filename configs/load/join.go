package load

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
)

// Files writes documents as the files of a site's folder, by their paths in it.
func Files(docs []store.Document) map[string]string {
	files := map[string]string{}
	items := map[string][]store.Document{}
	layouts := map[string]string{}
	for _, d := range docs {
		k, known := kindOf(d.Kind)
		switch {
		case d.Kind == KindLayout:
			layouts[d.Name] = d.Body
		case known && k.form != single:
			items[d.Kind] = append(items[d.Kind], d)
		case d.Kind == KindFlow:
			files[KindFlow+"/"+d.Name+".yaml"] = d.Body
		default:
			files[d.Kind+".yaml"] = d.Body
		}
	}
	for _, k := range kinds {
		layout, laidOut := layouts[k.name]
		if k.form != single && (laidOut || len(items[k.name]) > 0) {
			files[k.name+".yaml"] = joined(k, items[k.name], layout)
		}
	}
	return files
}

// joined writes the items of a list or a table as one file.
func joined(k kind, docs []store.Document, layout string) string {
	var order layoutDoc
	var ignored configs.Problems // a layout that says nothing leaves the items in the order of their names
	readDocument(k.name, []byte(layout), &ignored).decode(&order)
	docs = inOrder(docs, order.Order)
	head := layout
	if at := strings.Index("\n"+layout, "\norder:"); at >= 0 {
		head = layout[:at]
	}
	all := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	if k.form == table {
		all.Kind, all.Tag = yaml.MappingNode, "!!map"
	}
	var text strings.Builder
	text.WriteString(head + k.name + ":\n")
	for _, d := range docs {
		root, wrong := readYAML([]byte(d.Body))
		if wrong != nil {
			continue // what is published was checked
		}
		if root == nil {
			root = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
		}
		name := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: d.Name}
		if k.form == table {
			all.Content = append(all.Content, name)
		}
		all.Content = append(all.Content, root)
		writeItem(&text, k, strings.TrimSuffix(encode(name), "\n"), d.Body, root)
	}
	top := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: k.name}, all}}
	if root, wrong := readYAML([]byte(text.String())); wrong == nil && same(root, top) {
		return text.String()
	}
	return head + encode(top)
}

// writeItem writes one item as people would.
func writeItem(text *strings.Builder, k kind, name, body string, root *yaml.Node) {
	lines := strings.SplitAfter(strings.TrimSuffix(body, "\n")+"\n", "\n")
	lines = lines[:len(lines)-1]
	for len(lines) > 1 && isAside(lines[0]) {
		text.WriteString("  " + lines[0])
		lines = lines[1:]
	}
	indent := "    "
	switch {
	case k.form == list:
		text.WriteString("  - " + lines[0])
		lines = lines[1:]
	case root.Kind == yaml.MappingNode && root.Style&yaml.FlowStyle == 0:
		text.WriteString("  " + name + ":\n")
	default:
		text.WriteString("  " + name + ": " + lines[0])
		lines = lines[1:]
	}
	for _, line := range lines {
		if strings.TrimSpace(line) != "" {
			line = indent + line
		}
		text.WriteString(line)
	}
}

// Diff says in words and lines what an import of want would change in have; "" if nothing.
func Diff(have, want []store.Document) string {
	var b strings.Builder
	for _, c := range store.DiffDocuments(have, want) {
		b.WriteString(Label(store.Document{Kind: c.Kind, Name: c.Name}) + " " + string(c.Change) + "\n")
		if c.Diff != "" {
			b.WriteString(strings.TrimSuffix(c.Diff, "\n") + "\n")
		}
	}
	return b.String()
}
