package rows

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// TestDetailKeepsEveryField fails when a field is added that the writing forgets.
func TestDetailKeepsEveryField(t *testing.T) {
	for _, text := range []string{"plain", "王芳 \"quoted\" \\ <b>& ~"} {
		var want detail
		fill(reflect.ValueOf(&want).Elem(), text)
		var got detail
		written := new(object).detailOf(&store.Call{Segments: want.Segments, Legs: want.Legs, Timeline: want.Timeline, Quality: want.Quality})
		if err := json.Unmarshal([]byte(written), &got); err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		if !reflect.DeepEqual(want, got) {
			t.Errorf("written as %s", written)
		}
	}
}

func TestDetailWithoutFields(t *testing.T) {
	written := new(object).detailOf(&store.Call{Legs: make([]store.Leg, 2), Quality: &call.Quality{MOS: math.NaN(), LossPct: math.Inf(1)}})
	if want := `{"legs":[{"quality":{}},{"quality":{}}],"quality":{}}`; written != want {
		t.Errorf("got %s, want %s", written, want)
	}
}

func TestDetailComesOutClean(t *testing.T) {
	written := new(object).detailOf(&store.Call{Timeline: []store.TimelineEntry{{
		Type: "flow_stepped", Node: "a\x00b\xff\nc", Flow: call.FlowID(strings.Repeat("f", 1000)),
	}}})
	want := `{"timeline":[{"type":"flow_stepped","flow":"` + store.CleanID(strings.Repeat("f", 1000)) + `","node":` +
		string(must(json.Marshal(store.CleanLine("a\x00b\xff\nc")))) + `}]}`
	if written != want || len(written) > 300 {
		t.Errorf("got %q, want %q", written, want)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// fill sets every field to something that is not zero, and slices to two elements.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int, reflect.Int64:
		v.SetInt(-7)
	case reflect.Uint64:
		v.SetUint(math.MaxInt64)
	case reflect.Float64:
		v.SetFloat(1e-7)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), text)
		fill(v.Index(1), text)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 11, 22, 8, 0, 0, 123456000, time.UTC)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), text)
		}
	default:
		panic("a detail has a field of kind " + v.Kind().String())
	}
}
