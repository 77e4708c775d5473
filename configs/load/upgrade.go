package load

import (
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
)

// Upgrade brings the published documents of an older linedesk to what this one keeps: a document for each item
// where there was one for each file, and nothing that is not in force yet (what such a setting seemed to do it
// never did). Each new document has the author and the time of the one it comes from. It says which settings are
// left out, as [configs.Problem] names them, and whether anything is another at all.
func Upgrade(docs []store.Document) (now []store.Document, left []string, changed bool) {
	for _, d := range docs {
		if slices.Contains(notYet, d.Kind) {
			left, changed = append(left, d.Kind), true
			continue
		}
		parts, ok := apart(d)
		changed = changed || ok
		for _, part := range parts {
			body, keys := inForce(part)
			if len(keys) > 0 {
				part.Body, part.Hash = body, store.HashBody(body)
				left, changed = append(left, keys...), true
			}
			now = append(now, part)
		}
	}
	return now, left, changed
}

// apart gives the items of a document that was a whole file; of any other the document itself.
func apart(d store.Document) (parts []store.Document, was bool) {
	k, known := kindOf(d.Kind)
	if !known || k.form == single || d.Name != MainDocument {
		return []store.Document{d}, false
	}
	root, wrong := readYAML([]byte(d.Body))
	if wrong != nil || root == nil || root.Kind != yaml.MappingNode {
		return []store.Document{d}, false
	}
	if _, all := child(root, k.name); all == nil { // an item whose name is "main"
		return []store.Document{d}, false
	}
	parts, err := DocumentsOf(d.Kind, d.Body)
	if err != nil {
		return []store.Document{d}, false
	}
	for i := range parts {
		parts[i].By, parts[i].At = d.By, d.At
	}
	return parts, true
}

// later are the keys of a kind's items that are not in force yet.
var later = map[string][]string{
	"agents": laterKeys(reflect.TypeFor[configs.Agent]()),
	"queues": laterKeys(reflect.TypeFor[configs.Queue]()),
}

func laterKeys(t reflect.Type) []string {
	var keys []string
	for key, f := range fieldsOf(t) {
		if t.Field(f.index).Type == notYetType {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// inForce gives a document without the keys that are not in force yet, and those.
func inForce(d store.Document) (body string, left []string) {
	keys := later[d.Kind]
	if d.Kind == KindFlow {
		keys = []string{"skills"}
	}
	if !slices.ContainsFunc(keys, func(key string) bool { return strings.Contains(d.Body, key) }) {
		return d.Body, nil
	}
	root, wrong := readYAML([]byte(d.Body))
	if wrong != nil || root == nil || root.Kind != yaml.MappingNode {
		return d.Body, nil
	}
	if d.Kind == KindFlow {
		_, nodes := child(root, "nodes")
		for i := 1; nodes != nil && nodes.Kind == yaml.MappingNode && i < len(nodes.Content); i += 2 {
			for _, key := range without(nodes.Content[i], keys) {
				left = append(left, Label(d)+".nodes."+nodes.Content[i-1].Value+"."+key)
			}
		}
	} else {
		for _, key := range without(root, keys) {
			left = append(left, Label(d)+"."+key)
		}
	}
	if len(left) == 0 {
		return d.Body, nil
	}
	return encode(root), left
}

// without takes keys out of a block and says which were there.
func without(n *yaml.Node, keys []string) (were []string) {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := len(n.Content) - 2; i >= 0; i -= 2 {
		if slices.Contains(keys, n.Content[i].Value) {
			were = append(were, n.Content[i].Value)
			n.Content = slices.Delete(n.Content, i, i+2)
		}
	}
	return were
}
