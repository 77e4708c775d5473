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
	if d.broken {
		return
	}
	if d.root == nil {
		d.requireAll(v, 0, "")
		return
	}
	decoder{d}.value(d.root, v, rules{}, "", 0)
}

type decoder struct{ *document }

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
	durationType = reflect.TypeFor[time.Duration]()
	textType     = reflect.TypeFor[encoding.TextUnmarshaler]()
	slugPattern  = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)
)

func (d decoder) value(n *yaml.Node, v reflect.Value, r rules, path string, depth int) {
	switch {
	case depth > maxDepth:
		d.addAt(n.Line, "this is nested too deeply", "look at the example in configs/demo")
		return
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.addAt(n.Line, "anchors (&) and aliases (*) are not taken here", "write the value out, or put it in quotes")
		return
	case isNull(n):
		if r.required {
			d.addAt(n.Line, name(path)+" is empty", "write "+wanted(v.Type(), r))
		}
		return
	}
	if v.Kind() == reflect.Pointer {
		fresh := reflect.New(v.Type().Elem())
		d.value(n, fresh.Elem(), r, path, depth)
		v.Set(fresh)
		return
	}
	if reflect.PointerTo(v.Type()).Implements(textType) || v.Type() == durationType {
		d.scalar(n, v, r, path)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v, path, depth)
	case reflect.Map:
		d.mapping(n, v, r, path, depth)
	case reflect.Slice:
		d.list(n, v, r, path, depth)
	default:
		d.scalar(n, v, r, path)
	}
}

func (d decoder) structure(n *yaml.Node, v reflect.Value, path string, depth int) {
	if n.Kind != yaml.MappingNode {
		d.addAt(n.Line, fmt.Sprintf("%s is %s", name(path), kindName(n)), "write a block of keys: "+strings.Join(keysOf(v.Type()), ", "))
		return
	}
	fields := fieldsOf(v.Type())
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		f, ok := fields[key.Value]
		if !ok {
			d.unknownKey(key, path, keysOf(v.Type()))
			continue
		}
		if d.double(seen, key, path) {
			continue
		}
		d.value(val, v.Field(f.index), f.rules, join(path, key.Value), depth+1)
	}
	for _, k := range keysOf(v.Type()) {
		if f := fields[k]; f.rules.required && seen[k] == 0 {
			d.addAt(n.Line, join(path, k)+" is missing", fmt.Sprintf("add %s: %s", k, wanted(v.Field(f.index).Type(), f.rules)))
		}
	}
}

// requireAll notes the required keys of an empty document.
func (d *document) requireAll(v reflect.Value, line int, path string) {
	fields := fieldsOf(v.Type())
	for _, k := range keysOf(v.Type()) {
		if f := fields[k]; f.rules.required {
			d.addAt(line, join(path, k)+" is missing", fmt.Sprintf("add %s: %s", k, wanted(v.Field(f.index).Type(), f.rules)))
		}
	}
}

func (d decoder) unknownKey(key *yaml.Node, path string, known []string) {
	what := fmt.Sprintf("unknown key %q", key.Value)
	if path != "" {
		what += " in " + path
	}
	if near := nearest(key.Value, known); near != "" {
		d.addAt(key.Line, what, fmt.Sprintf("did you mean %s?", near))
		return
	}
	d.addAt(key.Line, what, "remove it, or write one of: "+strings.Join(known, ", "))
}

// double notes a key that was there before; YAML would let the last one win in silence.
func (d decoder) double(seen map[string]int, key *yaml.Node, path string) bool {
	if first := seen[key.Value]; first != 0 {
		d.addAt(key.Line, fmt.Sprintf("%s is given twice, first in line %d", join(path, key.Value), first), "keep one of them")
		return true
	}
	seen[key.Value] = key.Line
	return false
}

func (d decoder) mapping(n *yaml.Node, v reflect.Value, r rules, path string, depth int) {
	if n.Kind != yaml.MappingNode {
		d.addAt(n.Line, fmt.Sprintf("%s is %s", name(path), kindName(n)), "write a block of key: value lines")
		return
	}
	seen := map[string]int{}
	m := reflect.MakeMap(v.Type())
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || isNull(key) {
			d.addAt(key.Line, fmt.Sprintf("a key in %s is %s", name(path), kindName(key)), "write a word, in quotes if it is a sign")
			continue
		}
		if d.double(seen, key, path) {
			continue
		}
		e := reflect.New(v.Type().Elem()).Elem()
		d.value(val, e, r.element(), join(path, key.Value), depth+1)
		k := reflect.New(v.Type().Key()).Elem()
		k.SetString(key.Value)
		m.SetMapIndex(k, e)
	}
	d.length(n, m.Len(), r, path)
	v.Set(m)
}

// list takes a single value for a list of one as well.
func (d decoder) list(n *yaml.Node, v reflect.Value, r rules, path string, depth int) {
	items := []*yaml.Node{n}
	switch {
	case n.Kind == yaml.SequenceNode:
		items = n.Content
	case n.Kind != yaml.ScalarNode || v.Type().Elem().Kind() == reflect.Struct && !takesText(v.Type().Elem()):
		d.addAt(n.Line, fmt.Sprintf("%s is %s", name(path), kindName(n)), "write a list: lines that begin with -")
		return
	}
	s := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", path, i)
		if isNull(item) {
			d.addAt(item.Line, at+" is empty", "write a value after the -, or remove the line")
			continue
		}
		d.value(item, s.Index(i), r.element(), at, depth+1)
	}
	d.length(n, len(items), r, path)
	v.Set(s)
}

func takesText(t reflect.Type) bool { return reflect.PointerTo(t).Implements(textType) }

func (d decoder) length(n *yaml.Node, length int, r rules, path string) {
	if least, err := strconv.Atoi(r.min); err == nil && length < least {
		d.addAt(n.Line, fmt.Sprintf("%s has %d entries", name(path), length), "write at least "+r.min)
	}
	if most, err := strconv.Atoi(r.max); err == nil && length > most {
		d.addAt(n.Line, fmt.Sprintf("%s has %d entries", name(path), length), "write at most "+r.max)
	}
}

func (d decoder) scalar(n *yaml.Node, v reflect.Value, r rules, path string) {
	if n.Kind != yaml.ScalarNode {
		d.addAt(n.Line, fmt.Sprintf("%s is %s", name(path), kindName(n)), "write "+wanted(v.Type(), r))
		return
	}
	if !d.set(n, v, r) {
		d.addAt(n.Line, fmt.Sprintf("%s is %q", name(path), n.Value), "write "+wanted(v.Type(), r))
	}
}

// set stores a scalar if it is what the field wants.
func (d decoder) set(n *yaml.Node, v reflect.Value, r rules) bool {
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

// wanted says in words what a field takes.
func wanted(t reflect.Type, r rules) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case len(r.oneOf) > 0:
		return "one of: " + strings.Join(r.oneOf, ", ")
	case r.slug:
		return "a short name of a–z, 0–9, _ and -, at most 64, beginning with a letter or digit"
	}
	switch t {
	case durationType:
		return "a time such as 15s, 2m, 24h or 30d" + bounds(r)
	case reflect.TypeFor[netip.AddrPort]():
		return "an IP address with a port, such as 127.0.0.1:8080"
	case reflect.TypeFor[netip.Addr]():
		return "an IP address, such as 127.0.0.1"
	case reflect.TypeFor[netip.Prefix]():
		return "an address range, such as 192.0.2.0/24"
	case reflect.TypeFor[configs.PortRange]():
		return "a range of ports, such as 40000-49999"
	case reflect.TypeFor[configs.TimeRange]():
		return "a time range, such as 08:30-18:00"
	case reflect.TypeFor[configs.Date]():
		return "a date, such as 2026-02-17"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64, reflect.Int32:
		return "a whole number" + bounds(r)
	case reflect.Slice:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "a block of keys"
	default:
		return "text, in quotes if it is a word such as true or a sign"
	}
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

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func name(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}
