package media

import (
	"errors"
	"slices"
	"testing"
	"time"
)

var errBusy = errors.New("busy")

func take(t *testing.T, p *ports, busy ...uint16) uint16 {
	t.Helper()
	port, err := p.take(func(port uint16) error {
		if slices.Contains(busy, port) {
			return errBusy
		}
		return nil
	}, func(err error) bool { return errors.Is(err, errBusy) })
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestPortsAreEvenRestedAndSkippedWhenBusy(t *testing.T) {
	p := newPorts(40001, 40009, 30*time.Second)
	if len(p.free) != 4 {
		t.Fatalf("%d pairs in 40001–40009, want 4: 40002 to 40008", len(p.free))
	}
	if got := take(t, p, 40002); got != 40004 {
		t.Errorf("got %d, want 40004: 40002 is busy", got)
	}
	a, b := take(t, p), take(t, p)
	p.giveBack(b, 2*time.Second)
	p.giveBack(a, 3*time.Second)
	if used, all, resting := p.figures(10 * time.Second); used != 1 || all != 4 || resting != 2 {
		t.Errorf("%d used of %d, %d rest", used, all, resting)
	}
	if got := take(t, p); got != 40002 {
		t.Errorf("got %d, want 40002, which never was used", got)
	}
	// Nothing has rested, but a call is not refused for it, and the oldest goes first.
	if got := take(t, p); got != b {
		t.Errorf("got %d, want %d, closed first", got, b)
	}
	if got := take(t, p); got != a {
		t.Errorf("got %d, want %d", got, a)
	}
	if _, err := p.take(func(uint16) error { return nil }, func(error) bool { return true }); err == nil {
		t.Error("a fifth pair of four")
	}
}

func TestPortsGoBackWhenOpeningFails(t *testing.T) {
	p := newPorts(40000, 40007, 0)
	other := errors.New("too many open files")
	if _, err := p.take(func(uint16) error { return other }, func(error) bool { return false }); !errors.Is(err, other) {
		t.Errorf("got %v", err)
	}
	if used, _, _ := p.figures(0); used != 0 {
		t.Errorf("%d in use", used)
	}
}
