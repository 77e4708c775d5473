package call

import (
	"reflect"
	"testing"
)

func TestOfKnowsEveryEventWithACall(t *testing.T) {
	for name, typ := range Types {
		v := reflect.New(typ).Elem()
		want := ID("")
		if f, ok := typ.FieldByName("Call"); ok && f.Type == reflect.TypeFor[ID]() {
			want = "c1"
			v.FieldByName("Call").SetString(string(want))
		}
		if got := Of(v.Interface().(Event)); got != want {
			t.Errorf("Of(%s) = %q, want %q", name, got, want)
		}
	}
}

func BenchmarkOf(b *testing.B) {
	events := []Event{CallArrived{Call: "c1"}, Bridged{Call: "c1"}, StationUp{Agent: "amy"}, CallEnded{Call: "c1"}}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		Of(events[i%len(events)])
	}
}
