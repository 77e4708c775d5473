package media

import (
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"

	"github.com/linedesk/linedesk/call"
)

// desk is a browser made of a real PeerConnection: ICE, DTLS and SRTP over loopback.
type desk struct {
	t     *testing.T
	pc    *webrtc.PeerConnection
	track *webrtc.TrackLocalStaticRTP
	up    chan struct{}

	mu    sync.Mutex
	sound []int16
	count int

	stop  chan struct{}
	ended sync.WaitGroup
	once  sync.Once
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	m := &webrtc.MediaEngine{}
	// A browser offers what we have not, too.
	for _, c := range []webrtc.RTPCodecParameters{
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, PayloadType: 111},
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}, PayloadType: 0},
		{RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "audio/telephone-event", ClockRate: 8000}, PayloadType: 126},
	} {
		if err := m.RegisterCodec(c, webrtc.RTPCodecTypeAudio); err != nil {
			t.Fatal(err)
		}
	}
	var se webrtc.SettingEngine
	se.SetIncludeLoopbackCandidate(true)
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithSettingEngine(se),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{})).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, pc: pc, up: make(chan struct{}), stop: make(chan struct{})}
	d.track, err = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}, "mic", "desk")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pc.AddTrack(d.track); err != nil {
		t.Fatal(err)
	}
	var upOnce sync.Once
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			upOnce.Do(func() { close(d.up) })
		}
	})
	pc.OnTrack(func(remote *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			p, _, err := remote.ReadRTP()
			if err != nil {
				return
			}
			pcm := make([]int16, len(p.Payload))
			decodeFrame(PCMU, pcm, p.Payload)
			d.mu.Lock()
			d.sound = append(d.sound, pcm...)
			d.count++
			d.mu.Unlock()
		}
	})
	t.Cleanup(d.close)
	return d
}

func (d *desk) close() {
	d.once.Do(func() {
		close(d.stop)
		_ = d.pc.Close()
	})
	d.ended.Wait()
}

// connect makes the desk the leg's browser.
func (d *desk) connect(e *Engine, l *Leg) {
	d.t.Helper()
	offer, err := d.pc.CreateOffer(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := d.pc.SetLocalDescription(offer); err != nil {
		d.t.Fatal(err)
	}
	answer, err := e.Browser(offer.SDP, l)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := d.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		d.t.Fatal(err)
	}
	select {
	case <-d.up:
	case <-time.After(10 * time.Second):
		d.t.Fatal("the browser does not connect")
	}
}

func (d *desk) speak(hz float64) {
	s := Tone(hz, 2*time.Second)
	d.ended.Go(func() {
		tick := time.NewTicker(frame)
		defer tick.Stop()
		b := make([]byte, rtpHeader+frameSamples)
		for i := 0; ; i++ {
			select {
			case <-d.stop:
				return
			case <-tick.C:
			}
			putRTP(b, 0, false, uint16(i), uint32(i)*frameSamples, 1)
			copy(b[rtpHeader:], s.frame(PCMU, i%s.frames()))
			_, _ = d.track.Write(b)
		}
	})
}

func (d *desk) hears(hz float64, within time.Duration) {
	d.t.Helper()
	eventually(d.t, within, "tone in the browser", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		if len(d.sound) < 1600 {
			return false
		}
		got, level := pitch(d.sound[len(d.sound)-1600:])
		return got > hz-15 && got < hz+15 && level > 1000
	})
}

func (d *desk) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sound = nil
}

func TestBrowserTalksWithAPhoneAndOutlivesAReload(t *testing.T) {
	t.Parallel()
	e := startEngine(t, Config{})
	d := newDesk(t)
	ev := newEvents(t)
	agent := e.NewLeg(ev.observe)
	d.connect(e, agent)
	wait[TransportBack](ev, soon)
	d.speak(880)
	p := newPhone(t, PCMU)
	caller, _ := p.answered(e)
	p.speak(caller.LocalAddr(), 440)

	// Some 40 ms on an idle machine, which < 200 ms is promised of.
	start := time.Now()
	br := e.Bridge(caller, agent)
	eventually(t, soon, "the agent's tone at the caller", func() bool {
		pcm := p.heard()
		return len(pcm) >= 160 && tone(pcm[len(pcm)-160:], 880) > 1000
	})
	t.Logf("audio %v after the bridge", time.Since(start))
	d.hears(440, soon)
	p.hears(880, soon)
	eventually(t, soon, "relay", func() bool { return e.Stats().RelayBridges == 1 })

	// The page is reloaded: a new PeerConnection takes the leg over, nobody is told of a loss.
	d.close()
	d2 := newDesk(t)
	d2.connect(e, agent)
	wait[TransportBack](ev, soon)
	d2.speak(990)
	d2.hears(440, soon)
	p.hears(990, soon)
	line(t, p.received())

	// And a second tab takes over from a living one.
	d3 := newDesk(t)
	d3.connect(e, agent)
	wait[TransportBack](ev, soon)
	d3.hears(440, soon)
	if n := e.Stats().BrowserLegs; n != 1 {
		t.Errorf("%d browser legs, want 1", n)
	}
	br.Close()

	// Closed without coming back: told after five seconds.
	closed := time.Now()
	d3.close()
	wait[TransportLost](ev, 2*soon)
	if took := time.Since(closed); took < 4*time.Second {
		t.Errorf("lost after %v: too soon for a page reload", took)
	}
	agent.Close()
	wait[Closed](ev, soon)
}

func TestIdleBrowserGetsOnePacketASecondAndItsSoundIsDropped(t *testing.T) {
	t.Parallel()
	e := startEngine(t, Config{})
	d := newDesk(t)
	ev := newEvents(t)
	l := e.NewLeg(ev.observe)
	d.connect(e, l)
	wait[TransportBack](ev, soon)
	d.speak(700)
	eventually(t, 2*soon, "the leg at rest", func() bool { return e.Stats().Ticking == 0 })
	none[FirstPacket](ev) // nothing reached the shard
	d.mu.Lock()
	before := d.count
	d.mu.Unlock()
	start := time.Now()
	eventually(t, soon, "three keep-alives", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.count >= before+3
	})
	if took := time.Since(start); took < time.Second {
		t.Errorf("three packets within %v: more than one a second", took)
	}
	// It wakes up for whatever is played.
	l.Play(1, []Sound{Tone(600, time.Second)}, false)
	d.hears(600, soon)
	wait[PlayDone](ev, soon)
	l.Echo(true)
	wait[FirstPacket](ev, soon)
	d.hears(700, soon)
}

func TestBrowserLegHasFiguresOfEachCall(t *testing.T) {
	t.Parallel()
	e := startEngine(t, Config{})
	d := newDesk(t)
	ev := newEvents(t)
	agent := e.NewLeg(ev.observe)
	d.connect(e, agent)
	wait[TransportBack](ev, soon)
	d.speak(880)
	p := newPhone(t, PCMU)
	caller, callerEv := p.answered(e)
	p.speak(caller.LocalAddr(), 440)

	var heard uint64 // by the engine, when figures were taken last
	taken := func() call.Quality {
		t.Helper()
		figures := make(chan call.Quality, 1)
		agent.TakeFigures(func(q call.Quality) {
			heard = e.Stats().PacketsIn
			figures <- q
		})
		select {
		case q := <-figures:
			return q
		case <-time.After(soon):
			t.Fatal("no figures")
			return call.Quality{}
		}
	}
	talk := func() *Bridge {
		p.forget()
		d.forget()
		br := e.Bridge(caller, agent)
		p.hears(880, soon)
		d.hears(440, soon)
		return br
	}

	agent.TakeFigures(nil)
	br := talk()
	br.Close() // a hold: what the browser says meanwhile is dropped
	p.forget()
	eventually(t, 2*soon, "a second of hold", func() bool { return len(p.received()) >= 50 })
	br = talk()
	br.Close()
	first := taken()
	if first.PacketsIn == 0 || first.PacketsOut == 0 || first.Lost != 0 || first.LossPct != 0 || first.MOS < 3 || first.Codec != "PCMU" {
		t.Errorf("first call: %+v", first)
	}
	// Between the calls; at most a packet is under way, and silence still goes out for a while.
	if q := taken(); q.PacketsIn > 1 || q.PacketsOut >= first.PacketsOut || q.Lost != 0 || q.RTTMS != 0 {
		t.Errorf("between the calls: %+v", q)
	}

	agent.TakeFigures(nil)
	talk()
	caller.Close()
	own := wait[Closed](callerEv, soon).Quality
	second := taken()
	if second.PacketsIn == 0 || second.PacketsOut == 0 || second.Lost != 0 || second.MOS < 3 {
		t.Errorf("second call: %+v", second)
	}
	if sum := own.PacketsIn + first.PacketsIn + second.PacketsIn; sum != heard {
		t.Errorf("the calls have %d packets in (%d, %d, caller %d), the engine heard %d",
			sum, first.PacketsIn, second.PacketsIn, own.PacketsIn, heard)
	}
}

func TestBrowserOffersThatAreNone(t *testing.T) {
	e := startEngine(t, Config{})
	l := e.NewLeg(nil)
	for _, sdp := range []string{
		"", "rubbish", "v=0\r\n",
		"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n",
	} {
		if _, err := e.Browser(sdp, l); err == nil {
			t.Errorf("took %q", sdp)
		}
	}
	if _, err := l.OpenUDP(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Browser("v=0", l); err == nil {
		t.Error("a leg with UDP ports took a browser")
	}
}
