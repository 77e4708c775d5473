package web

import (
	"testing"

	"github.com/gorilla/websocket"
)

func TestAnOutboxIsBounded(t *testing.T) {
	o := newOutbox()
	for range keptFrames {
		if !o.send([]byte("x")) {
			t.Fatal("no room within the bound")
		}
	}
	if o.send([]byte("x")) {
		t.Error("there is room beyond the bound")
	}
	o = newOutbox()
	if !o.send(make([]byte, keptBytes*2)) {
		t.Error("one large message alone has no room")
	}
	if o.send([]byte("x")) {
		t.Error("there is room beyond the bytes' bound")
	}
	o = newOutbox()
	pm, err := websocket.NewPreparedMessage(websocket.TextMessage, []byte("b"))
	if err != nil {
		t.Fatal(err)
	}
	o.send([]byte("desk"))
	for range lossyFrames + 10 {
		o.sendFrame(Frame{Data: []byte("b"), Prepared: pm})
	}
	if m, ok, _ := o.next(); !ok || string(m.data) != "desk" {
		t.Errorf("the desk's message went with the board's: %q", m.data)
	}
	if _, ok, stale := o.next(); ok || !stale {
		t.Errorf("an overflowing board: waiting %v, stale %v; want dropped and stale", ok, stale)
	}
	o.fresh()
	o.sendFrame(Frame{Data: []byte("snap"), Prepared: pm})
	if m, ok, _ := o.next(); !ok || string(m.data) != "snap" {
		t.Errorf("after a fresh start: %q", m.data)
	}
}
