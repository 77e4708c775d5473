package call

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// bareDurations are the fields of the first events: nanoseconds, which their names do not say. There are to be
// no more of them, and these never change.
var bareDurations = []string{
	"agent_call_ended.wrap_up",
	"clock_stepped.by",
	"routing_configured.queues.ring_timeout",
	"routing_configured.queues.service_level",
	"routing_configured.queues.wrap_up",
	"voicemail_left.duration",
}

// TestDurationsInNewEventsSayTheirUnit holds events to the rule: a duration is an int64 whose name in JSON ends
// with its unit, _ms or _us.
func TestDurationsInNewEventsSayTheirUnit(t *testing.T) {
	var bare []string
	for name, typ := range Types {
		eachField(typ, name, nil, func(path string, field reflect.Type) {
			isUnit := strings.HasSuffix(path, "_ms") || strings.HasSuffix(path, "_us")
			switch {
			case field == reflect.TypeFor[time.Duration]():
				bare = append(bare, path)
			case isUnit && field.Kind() != reflect.Int64 && field.Kind() != reflect.Float64:
				t.Errorf("%s is a %v: a duration is an int64, a mean of measurements a float64", path, field)
			}
		})
	}
	slices.Sort(bare)
	for _, path := range bare {
		if !slices.Contains(bareDurations, path) {
			t.Errorf("%s is a time.Duration, nanoseconds without saying so: make it an int64 whose name ends with _ms or _us", path)
		}
	}
	for _, path := range bareDurations {
		if !slices.Contains(bare, path) {
			t.Errorf("%s is no longer there: journals have it", path)
		}
	}
}

// eachField gives the fields that are written as JSON, those of structs within too, by their path of JSON names.
func eachField(t reflect.Type, path string, seen []reflect.Type, do func(path string, field reflect.Type)) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() || slices.Contains(seen, t) {
		return
	}
	seen = append(seen, t)
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		at := path
		if !f.Anonymous || name != "" {
			if name == "" {
				name = f.Name
			}
			at += "." + name
		}
		field := f.Type
		for field.Kind() == reflect.Pointer || field.Kind() == reflect.Slice || field.Kind() == reflect.Map {
			field = field.Elem()
		}
		do(at, field)
		eachField(f.Type, at, seen, do)
	}
}
