//go:generate go test . -run TestTheReferenceIsFresh -update

package load

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/linedesk/linedesk/store"
)

// MainDocument is the name of the one document of a kind of which a site has one only, such as its time and languages.
const MainDocument = "main"

// KindFlow is the kind of a voice menu. Its documents stand in a folder of their own, one file each.
const KindFlow = "flows"

// KindLayout is the kind of documents that keep how a file of a site's folder is laid out: what it says before its
// first item, and in which order the items stand. Its documents have the names of the other kinds.
const KindLayout = "layout"

// form is how a kind's file in a site's folder holds its items, each of which is a document.
type form uint8

const (
	single form = iota // the file is the one document
	list               // a list of items, which name themselves by keys of theirs
	table              // items by name
)

// kind is a kind of site document, but for flows and layouts. In a folder there is one file of each, KIND.yaml,
// with the kind as its top key.
type kind struct {
	name string
	form form
	by   []string // of a list: the keys of an item that name it; those that it lacks are left out
}

// kinds are in the order in which people read them. A list of codes is one document: which key of the desk chooses
// a code depends on all of them.
var kinds = []kind{
	{name: "site"},
	{"teams", list, []string{"id"}},
	{"users", list, []string{"id"}},
	{"agents", list, []string{"id"}},
	{"queues", list, []string{"id"}},
	{"extensions", list, []string{"extension"}},
	{"trunks", list, []string{"id"}},
	{name: "outbound"},
	{"numbers", list, []string{"number", "trunk"}},
	{name: "prompts", form: table},
	{name: "dispositions"},
	{name: "pause_reasons"},
	{"ticket_kinds", list, []string{"id"}},
	{name: "roles", form: table},
}

// needed are the kinds that a site cannot be without.
var needed = []string{"site", "roles", "users", "numbers", "prompts"}

// notYet are kinds that are taken later: until then a file of theirs would only seem to do something.
var notYet = []string{"hours", "skills"}

func kindOf(name string) (kind, bool) {
	at := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
	if at < 0 {
		return kind{}, false
	}
	return kinds[at], true
}

// Kinds gives the names of the kinds of site document.
func Kinds() []string {
	names := make([]string, 0, len(kinds)+2)
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return append(names, KindFlow, KindLayout)
}

// nameIn gives the name that an item of a list gives itself; "" if it has none.
func (k kind) nameIn(item *yaml.Node) string {
	var parts []string
	for _, key := range k.by {
		if _, v := child(item, key); item.Kind == yaml.MappingNode && v != nil && v.Kind == yaml.ScalarNode && v.Value != "" {
			parts = append(parts, v.Value)
		}
	}
	return strings.Join(parts, "@")
}

// Label is how people see a document named: "queues/support", "flows/main"; of a kind with one document the kind.
func Label(d store.Document) string {
	if k, ok := kindOf(d.Kind); ok && k.form == single {
		return d.Kind
	}
	return d.Kind + "/" + d.Name
}
