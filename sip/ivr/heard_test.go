package ivr

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/logtest"
	"github.com/linedesk/linedesk/sip/ivr/flow"
	"github.com/linedesk/linedesk/sip/media"
)

// TestCallerHearsMenuAndMusic runs a flow on a real leg and listens on the wire.
func TestCallerHearsMenuAndMusic(t *testing.T) {
	engine, err := media.New(media.Config{Addr: netip.MustParseAddr("127.0.0.1"), Log: logtest.New(t)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()

	phone, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = phone.Close() }()
	at := phone.LocalAddr().(*net.UDPAddr).AddrPort()

	prompts := NewPrompts(Options{Folder: committed(t)})
	if err := prompts.Load(ctx, []Prompt{{Name: "hello", Texts: map[string]string{"en": "Hello."}}, {Name: "hold", File: "hold.wav"}}); err != nil {
		t.Fatal(err)
	}
	events := make(chan media.Event, 64)
	leg := engine.NewLeg(func(e media.Event) { events <- e })
	if _, err := leg.OpenUDP(); err != nil {
		t.Fatal(err)
	}
	leg.Negotiated(media.Params{Remote: at, Codec: media.PCMU, PT: 0, Direction: media.SendRecv})
	runner := NewRunner(RunnerConfig{
		Flow: menuFlow(), Env: flow.Env{Languages: []string{"en"}}, Sounds: prompts, Leg: leg,
		Out:        func(flow.Effect) {},
		QueueMusic: func(call.QueueID) string { return "hold" },
	})
	runner.Start()
	listen(t, phone, true)
	await(t, events, func(e media.Event) bool {
		done, ok := e.(media.PlayDone)
		if ok {
			runner.PlayDone(done.ID)
		}
		return ok
	})
	listen(t, phone, false) // the menu waits for a key
	runner.Digit('1')
	listen(t, phone, true) // music
	leg.Close()
	await(t, events, func(e media.Event) bool { _, ok := e.(media.Closed); return ok })
}

// listen reads RTP until a quarter of a second of it was all sound, or all silence.
func listen(t *testing.T, phone net.PacketConn, sound bool) {
	t.Helper()
	if err := phone.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	packet := make([]byte, 1500)
	for inARow := 0; inARow < 12; {
		n, _, err := phone.ReadFrom(packet)
		if err != nil {
			t.Fatalf("waiting for sound: %v: %v", sound, err)
		}
		if n != 12+160 {
			continue // not a frame of 20 ms (RFC 3550, 5.1: the header is 12 bytes)
		}
		loud := false
		for _, b := range packet[12:n] {
			loud = loud || b&0x7f < 0x50
		}
		if loud == sound {
			inARow++
		} else {
			inARow = 0
		}
	}
}

func await(t *testing.T, events <-chan media.Event, is func(media.Event) bool) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		select {
		case e := <-events:
			if is(e) {
				return
			}
		case <-deadline:
			t.Fatal("the event did not come")
		}
	}
}
