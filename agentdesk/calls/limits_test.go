package calls

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/linedesk/linedesk/call"
)

// A menu of keys over HTTP takes as many as the switchboard does.
func TestTheSchemaTakesAsManyKeysAsTheSwitchboard(t *testing.T) {
	digits, _ := reflect.TypeFor[dtmfInput]().FieldByName("Body")
	f, _ := digits.Type.FieldByName("Digits")
	if want := fmt.Sprintf("^[0-9*#A-D]{1,%d}$", call.MaxDigits); f.Tag.Get("pattern") != want {
		t.Errorf("got %s, want %s", f.Tag.Get("pattern"), want)
	}
}
