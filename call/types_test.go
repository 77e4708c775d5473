package call

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"testing"
)

// TestEveryEventHasItsName reads the source: an event that is missing in Types could not be read back.
func TestEveryEventHasItsName(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "types.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	events := 0
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Name.Name != "event" {
			continue
		}
		events++
		name := fn.Recv.List[0].Type.(*ast.Ident).Name
		found := false
		for _, typ := range Types {
			found = found || typ.Name() == name
		}
		if !found {
			t.Errorf("%s is an event without a name in Types", name)
		}
	}
	if events != len(Types) {
		t.Errorf("%d events, but %d names", events, len(Types))
	}
}

func TestEventsComeBackAsTheyWere(t *testing.T) {
	for name, typ := range Types {
		v := reflect.New(typ).Elem()
		fill(v, 3)
		want := v.Interface().(Event)
		if got := TypeName(want); got != name {
			t.Errorf("TypeName(%T) = %q, want %q", want, got, name)
		}
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := Decode(name, data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s came back as %+v, want %+v", name, got, want)
		}
	}
}

func TestAnUnknownEventIsAnError(t *testing.T) {
	for _, c := range []struct{ name, data string }{{"call_teleported", "{}"}, {"call_queued", "["}, {"call_queued", `{"priority":"high"}`}} {
		if e, err := Decode(c.name, []byte(c.data)); err == nil {
			t.Errorf("Decode(%s, %s) = %+v, want an error", c.name, c.data, e)
		}
	}
}

// fill gives every field a value of its own kind that is not zero.
func fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x" + v.Type().Name())
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint64:
		v.SetUint(9)
	case reflect.Float64:
		v.SetFloat(1.5)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth-1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth-1)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() && depth > 0 {
				fill(v.Field(i), depth-1)
			}
		}
	default:
		panic("an event has a field of kind " + v.Kind().String())
	}
}
