package load

import (
	"encoding"
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/linedesk/linedesk/configs"
)

// decode reads the document into a struct and notes everything that does not fit: unknown and double
// keys, wrong types, values out of range, missing ones. A field's tag yaml gives its key; its tag
// check says what the value must be, as a list of
//
//	required      there must be a value
//	slug          a short name for machines: a–z, 0–9, _ and -
//	min=, max=    bounds of a number or a time, or of a list's length
//	oneof=a|b     one of these words
//
// What could be read is set; what could not keeps its value.
func (d *document) decode(into any) {
	v := reflect.ValueOf(into).Elem()
	if d.broken && d.root == nil {
		return
	}
	if d.root == nil {
		d.requireAll(v, 0, nil)
		return
	}
	(&decoder{document: d}).value(d.root, v, rules{})
}

// decoder is at one place of a document.
type decoder struct {
	*document
	path []any
}

// within carries on one step further down.
func (d *decoder) within(step any, do func()) {
	d.path = append(d.path, step)
	do()
	d.path = d.path[:len(d.path)-1]
}

// name is what people call the place.
func (d *decoder) name() string { return d.shown(d.path) }

// wrong notes a problem at the place.
func (d *decoder) wrong(n *yaml.Node, code configs.ProblemCode, p params) {
	d.addAt(n.Line, code, p, slices.Clone(d.path))
}

// rules is a check tag, taken apart.
type rules struct {
	required, slug bool
	min, max       string
	oneOf          []string
}

func parseRules(tag string) rules {
	var r rules
	for part := range strings.SplitSeq(tag, ",") {
		name, arg, _ := strings.Cut(part, "=")
		switch name {
		case "required":
			r.required = true
		case "slug":
			r.slug = true
		case "min":
			r.min = arg
		case "max":
			r.max = arg
		case "oneof":
			r.oneOf = strings.Split(arg, "|")
		}
	}
	return r
}

// element gives the rules for what a list or map holds: those on length are the list's own.
func (r rules) element() rules {
	return rules{slug: r.slug, oneOf: r.oneOf}
}

var (
	notYetType   = reflect.TypeFor[configs.NotYet]()
	durationType = reflect.TypeFor[time.Duration]()
	textType     = reflect.TypeFor[encoding.TextUnmarshaler]()
	slugPattern  = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)
)

func (d *decoder) value(n *yaml.Node, v reflect.Value, r rules) {
	switch {
	case len(d.path) > maxDepth:
		d.wrong(n, configs.NestedTooDeep, nil)
		return
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.wrong(n, configs.AliasUsed, nil)
		return
	case v.Type() == notYetType:
		d.wrong(n, configs.NotYetInForce, params{"name": d.name()})
		return
	case isNull(n):
		if r.required {
			d.wrong(n, configs.Empty, wants(v.Type(), r, params{"name": d.name()}))
		}
		return
	}
	if v.Kind() == reflect.Pointer {
		fresh := reflect.New(v.Type().Elem())
		d.value(n, fresh.Elem(), r)
		v.Set(fresh)
		return
	}
	if takesText(v.Type()) || v.Type() == durationType {
		d.scalar(n, v, r)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v)
	case reflect.Map:
		d.mapping(n, v, r)
	case reflect.Slice:
		d.list(n, v, r)
	default:
		d.scalar(n, v, r)
	}
}

// shape notes a value that is not even of the right form.
func (d *decoder) shape(n *yaml.Node, wanted string) {
	d.wrong(n, configs.WrongShape, params{"name": d.name(), "got": kindName(n), "wanted": wanted})
}

func (d *decoder) structure(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.shape(n, "a block of keys: "+strings.Join(keysOf(v.Type()), ", "))
		return
	}
	fields := fieldsOf(v.Type())
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		f, ok := fields[key.Value]
		d.within(key.Value, func() {
			if !ok {
				d.unknownKey(key, keysOf(v.Type()))
			} else if !d.double(seen, key) {
				d.value(val, v.Field(f.index), f.rules)
			}
		})
	}
	for _, k := range keysOf(v.Type()) {
		if f := fields[k]; f.rules.required && seen[k] == 0 {
			d.within(k, func() {
				d.wrong(n, configs.Missing, wants(v.Field(f.index).Type(), f.rules, params{"name": d.name(), "key": k}))
			})
		}
	}
}

// requireAll notes the required keys of an empty document.
func (d *document) requireAll(v reflect.Value, line int, path []any) {
	fields := fieldsOf(v.Type())
	for _, k := range keysOf(v.Type()) {
		if f := fields[k]; f.rules.required {
			at := append(slices.Clone(path), k)
			d.addAt(line, configs.Missing, wants(v.Field(f.index).Type(), f.rules, params{"name": d.shown(at), "key": k}), at)
		}
	}
}

func (d *decoder) unknownKey(key *yaml.Node, known []string) {
	p := params{"key": key.Value, "known": strings.Join(known, ", ")}
	if in := d.shown(d.path[:len(d.path)-1]); in != "the file" {
		p["in"] = in
	}
	if near := nearest(key.Value, known); near != "" {
		p["near"] = near
	}
	d.wrong(key, configs.UnknownKey, p)
}

// double notes a key that was there before; YAML would let the last one win in silence.
func (d *decoder) double(seen map[string]int, key *yaml.Node) bool {
	if first := seen[key.Value]; first != 0 {
		d.wrong(key, configs.KeyTwice, params{"name": d.name(), "line": strconv.Itoa(first)})
		return true
	}
	seen[key.Value] = max(key.Line, 1)
	return false
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, r rules) {
	if n.Kind != yaml.MappingNode {
		d.shape(n, "a block of key: value lines")
		return
	}
	seen := map[string]int{}
	m := reflect.MakeMap(v.Type())
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || isNull(key) {
			d.wrong(key, configs.BadKey, params{"name": d.name(), "got": kindName(key)})
			continue
		}
		d.within(key.Value, func() {
			if d.double(seen, key) {
				return
			}
			e := reflect.New(v.Type().Elem()).Elem()
			d.value(val, e, r.element())
			k := reflect.New(v.Type().Key()).Elem()
			k.SetString(key.Value)
			m.SetMapIndex(k, e)
		})
	}
	d.length(n, m.Len(), r)
	v.Set(m)
}

// list takes a single value for a list of one as well.
func (d *decoder) list(n *yaml.Node, v reflect.Value, r rules) {
	items := []*yaml.Node{n}
	switch {
	case n.Kind == yaml.SequenceNode:
		items = n.Content
	case n.Kind != yaml.ScalarNode || v.Type().Elem().Kind() == reflect.Struct && !takesText(v.Type().Elem()):
		d.shape(n, "a list: lines that begin with -")
		return
	}
	s := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		d.within(i, func() {
			if isNull(item) {
				d.wrong(item, configs.EntryEmpty, params{"name": d.name()})
				return
			}
			d.value(item, s.Index(i), r.element())
		})
	}
	d.length(n, len(items), r)
	v.Set(s)
}

func takesText(t reflect.Type) bool { return reflect.PointerTo(t).Implements(textType) }

func (d *decoder) length(n *yaml.Node, length int, r rules) {
	p := params{"name": d.name(), "count": strconv.Itoa(length), "min": r.min, "max": r.max}
	if least, err := strconv.Atoi(r.min); err == nil && length < least {
		d.wrong(n, configs.TooFew, p)
	}
	if most, err := strconv.Atoi(r.max); err == nil && length > most {
		d.wrong(n, configs.TooMany, p)
	}
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value, r rules) {
	if n.Kind != yaml.ScalarNode {
		d.wrong(n, configs.WrongShape, wants(v.Type(), r, params{"name": d.name(), "got": kindName(n)}))
		return
	}
	if !d.set(n, v, r) {
		d.wrong(n, configs.WrongValue, wants(v.Type(), r, params{"name": d.name(), "got": n.Value}))
	}
}

// wants adds what would be right: in English, and for pages its type and bounds.
func wants(t reflect.Type, r rules, p params) params {
	p["wanted"] = wanted(t, r)
	p["type"] = typeName(t, r)
	for key, value := range map[string]string{"min": r.min, "max": r.max, "one_of": strings.Join(r.oneOf, ", ")} {
		if value != "" {
			p[key] = value
		}
	}
	return p
}

// set stores a scalar if it is what the field wants.
func (d *decoder) set(n *yaml.Node, v reflect.Value, r rules) bool {
	text := strings.TrimSpace(n.Value)
	switch {
	case v.Type() == durationType:
		t, ok := parseDuration(text)
		if !ok || !inRange(t, r, func(s string) time.Duration { t, _ := parseDuration(s); return t }) {
			return false
		}
		v.SetInt(int64(t))
		return true
	case takesText(v.Type()):
		fresh := reflect.New(v.Type())
		if fresh.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)) != nil {
			return false
		}
		v.Set(fresh.Elem())
		return true
	}
	switch v.Kind() {
	case reflect.String:
		return setString(n, v, r)
	case reflect.Bool:
		on := slices.Contains([]string{"true", "yes", "on"}, text)
		if !on && !slices.Contains([]string{"false", "no", "off"}, text) {
			return false
		}
		v.SetBool(on)
		return true
	case reflect.Int, reflect.Int64, reflect.Int32:
		i, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil || !inRange(i, r, func(s string) int64 { i, _ := strconv.ParseInt(s, 10, 64); return i }) {
			return false
		}
		v.SetInt(i)
		return true
	default:
		return false
	}
}

// setString takes numbers as well, as they are written: an extension is text that looks like one.
func setString(n *yaml.Node, v reflect.Value, r rules) bool {
	if n.Tag == "!!bool" || strings.ContainsFunc(n.Value, isControl) {
		return false
	}
	if r.required && strings.TrimSpace(n.Value) == "" {
		return false
	}
	if r.slug && !slugPattern.MatchString(n.Value) {
		return false
	}
	if len(r.oneOf) > 0 && !slices.Contains(r.oneOf, n.Value) {
		return false
	}
	v.SetString(n.Value)
	return true
}

// isControl finds what no name, number or text may hold. Line ends are taken: long texts have them.
func isControl(c rune) bool { return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f }

func inRange[T int64 | time.Duration](v T, r rules, parse func(string) T) bool {
	return (r.min == "" || v >= parse(r.min)) && (r.max == "" || v <= parse(r.max))
}

// parseDuration reads "15s", "2m", "24h", and "30d" for days of 24 hours. A bare 0 is a time as well.
func parseDuration(s string) (time.Duration, bool) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > math.MaxInt64/int(24*time.Hour) {
			return 0, false
		}
		return time.Duration(n) * 24 * time.Hour, true
	}
	t, err := time.ParseDuration(s)
	return t, err == nil && t >= 0
}

// named are the types that are written as one word, with what they are called and how one is written.
var named = map[reflect.Type]struct{ name, wanted string }{
	durationType:                         {"duration", "a time such as 15s, 2m, 24h or 30d"},
	reflect.TypeFor[netip.AddrPort]():    {"address_with_port", "an IP address with a port, such as 127.0.0.1:8080"},
	reflect.TypeFor[netip.Addr]():        {"address", "an IP address, such as 127.0.0.1"},
	reflect.TypeFor[netip.Prefix]():      {"address_range", "an address range, such as 192.0.2.0/24"},
	reflect.TypeFor[configs.PortRange](): {"port_range", "a range of ports, such as 40000-49999"},
	reflect.TypeFor[configs.TimeRange](): {"time_range", "a time range, such as 08:30-18:00"},
	reflect.TypeFor[configs.Date]():      {"date", "a date, such as 2026-02-17"},
}

// typeName is what pages call the type of a value.
func typeName(t reflect.Type, r rules) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch n, ok := named[t]; {
	case ok:
		return n.name
	case len(r.oneOf) > 0:
		return "one_of"
	case r.slug:
		return "slug"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "bool"
	case reflect.Int, reflect.Int64, reflect.Int32:
		return "number"
	case reflect.Slice:
		return "list"
	case reflect.Map, reflect.Struct:
		return "block"
	default:
		return "text"
	}
}

// wanted says in words what a value of a type takes.
func wanted(t reflect.Type, r rules) string {
	switch name := typeName(t, r); name {
	case "one_of":
		return "one of: " + strings.Join(r.oneOf, ", ")
	case "slug":
		return "a short name of a–z, 0–9, _ and -, at most 64, beginning with a letter or digit"
	case "duration":
		return named[durationType].wanted + bounds(r)
	case "bool":
		return "true or false"
	case "number":
		return "a whole number" + bounds(r)
	case "list":
		return "a list"
	case "block":
		return "a block of keys"
	case "text":
		return "text, in quotes if it is a word such as true or a sign"
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return named[t].wanted
}

func bounds(r rules) string {
	switch {
	case r.min != "" && r.max != "":
		return fmt.Sprintf(" from %s to %s", r.min, r.max)
	case r.min != "":
		return " of at least " + r.min
	case r.max != "":
		return " of at most " + r.max
	default:
		return ""
	}
}

type fieldInfo struct {
	index int
	rules rules
}

func fieldsOf(t reflect.Type) map[string]fieldInfo {
	m := make(map[string]fieldInfo, t.NumField())
	for i := range t.NumField() {
		key, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if key != "" && key != "-" {
			m[key] = fieldInfo{index: i, rules: parseRules(t.Field(i).Tag.Get("check"))}
		}
	}
	return m
}

// keysOf gives the keys of a struct in its own order.
func keysOf(t reflect.Type) []string {
	keys := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		key, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if key != "" && key != "-" {
			keys = append(keys, key)
		}
	}
	return keys
}
