package journal

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
)

var writeGolden = flag.String("write-golden", "", "write a golden segment of this name, such as v2, of today's events")

// TestGoldenSegmentsReplay replays segments that earlier servers wrote, one folder for each version
// in testdata/golden. They are never written again: what they say must be readable for ever. After
// events or the format have changed, add one with -write-golden.
func TestGoldenSegmentsReplay(t *testing.T) {
	if *writeGolden != "" {
		makeGolden(t, filepath.Join("testdata", "golden", *writeGolden))
	}
	versions, err := filepath.Glob(filepath.Join("testdata", "golden", "*"))
	if err != nil || len(versions) == 0 {
		t.Fatalf("golden segments: %v, %v", versions, err)
	}
	for _, v := range versions {
		t.Run(filepath.Base(v), func(t *testing.T) { replayGolden(t, v) })
	}
}

func replayGolden(t *testing.T, golden string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(golden)); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(golden, "records.txt"))
	if err != nil {
		t.Fatal(err)
	}
	j := open(t, Options{Dir: dir})
	var lines []string
	err = j.Read(1, func(r call.Record) error {
		lines = append(lines, describe(t, r))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	wanted := strings.Split(strings.TrimSpace(string(want)), "\n")
	if len(lines) != len(wanted) {
		t.Errorf("%d records, want %d", len(lines), len(wanted))
	}
	for i := range min(len(lines), len(wanted)) {
		if err := sameButAdded(lines[i], wanted[i]); err != nil {
			t.Errorf("got  %s\nwant %s\n%v", lines[i], wanted[i], err)
		}
	}
}

// describe is a record as a line: number, time, type, JSON.
func describe(t *testing.T, r call.Record) string {
	t.Helper()
	b, err := json.Marshal(r.Event)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %s %s %s", r.Seq, r.At.Format(time.RFC3339Nano), call.TypeName(r.Event), b)
}

// sameButAdded compares two lines: fields may have been added to an event since, none taken away.
func sameButAdded(got, want string) error {
	g, w := strings.SplitN(got, " ", 4), strings.SplitN(want, " ", 4)
	if len(g) != 4 || len(w) != 4 || !slices.Equal(g[:3], w[:3]) {
		return fmt.Errorf("another record")
	}
	var gv, wv any
	if err := json.Unmarshal([]byte(g[3]), &gv); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(w[3]), &wv); err != nil {
		return err
	}
	return covers(gv, wv, "")
}

// covers tells whether got has all that want has.
func covers(got, want any, path string) error {
	switch want := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%s is no object", path)
		}
		for k, v := range want {
			if err := covers(g[k], v, path+"."+k); err != nil {
				return err
			}
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(want) {
			return fmt.Errorf("%s is another list", path)
		}
		for i, v := range want {
			if err := covers(g[i], v, fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	default:
		if !reflect.DeepEqual(got, want) {
			return fmt.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	return nil
}

// makeGolden writes a segment with an event of each type, every field filled.
func makeGolden(t *testing.T, dir string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	at := time.Date(2026, 3, 1, 8, 30, 0, 123_456_000, time.UTC)
	j := open(t, Options{Dir: work, Clock: func() time.Time { at = at.Add(1500 * time.Microsecond); return at }})
	for _, e := range oneOfEach() {
		if _, err := j.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	var lines bytes.Buffer
	for _, r := range readAll(t, j, 1) {
		fmt.Fprintln(&lines, describe(t, r))
	}
	segment, err := os.ReadFile(filepath.Join(work, segmentName(1)))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{segmentName(1): segment, "records.txt": lines.Bytes()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// oneOfEach gives an event of each type in the order of their names, every field filled.
func oneOfEach() []call.Event {
	names := make([]string, 0, len(call.Types))
	for name := range call.Types {
		names = append(names, name)
	}
	slices.Sort(names)
	events := make([]call.Event, 0, len(names))
	for _, name := range names {
		v := reflect.New(call.Types[name]).Elem()
		n := 0
		fill(v, &n)
		events = append(events, v.Interface().(call.Event))
	}
	return events
}

// fill gives every field a value of its own.
func fill(v reflect.Value, n *int) {
	*n++
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 3, 1, 9, 0, *n, 0, time.UTC)))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case v.Kind() == reflect.String:
		v.SetString(fmt.Sprintf("text %d <王芳>", *n))
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(int64(*n))
	case v.CanUint():
		v.SetUint(uint64(*n))
	case v.CanFloat():
		v.SetFloat(float64(*n) + 0.5)
	default:
		panic("no value for a " + v.Type().String())
	}
}

func TestEveryEventComesBackAsItWas(t *testing.T) {
	j := open(t, Options{})
	events := oneOfEach()
	for _, e := range events {
		if _, err := j.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	for i, r := range readAll(t, j, 1) {
		if !reflect.DeepEqual(r.Event, events[i]) {
			t.Errorf("got  %+v\nwant %+v", r.Event, events[i])
		}
	}
}
