package media

import (
	"testing"
	"time"
)

func TestAnsweredLegSendsSilenceAtOnce(t *testing.T) {
	e := startEngine(t, Config{})
	p := newPhone(t, PCMU)
	l, ev := p.answered(e)
	eventually(t, soon, "a first packet", func() bool { return len(p.received()) > 0 }) // nobody has played anything
	eventually(t, soon, "25 packets", func() bool { return len(p.received()) >= 25 })
	line(t, p.received())
	for _, pkt := range p.received() {
		for _, b := range pkt.payload {
			if b != 0xFF {
				t.Fatalf("payload %x is not silence", b)
			}
		}
	}
	l.Close()
	q := wait[Closed](ev, soon).Quality
	if q.PacketsOut < 25 || q.PacketsIn != 0 || q.MOS != 0 || q.Codec != "PCMU" {
		t.Errorf("quality %+v", q)
	}
}

// line checks that packets are one unbroken line: sequence numbers by one, timestamps forward.
func line(t *testing.T, pkts []rtpPacket) {
	t.Helper()
	for i := 1; i < len(pkts); i++ {
		a, b := pkts[i-1], pkts[i]
		if b.ssrc != a.ssrc {
			t.Fatalf("packet %d: SSRC %x after %x", i, b.ssrc, a.ssrc)
		}
		if b.seq != a.seq+1 {
			t.Fatalf("packet %d: sequence %d after %d", i, b.seq, a.seq)
		}
		if step := int32(b.ts - a.ts); step < 0 || step%160 != 0 && b.pt == a.pt {
			t.Fatalf("packet %d: timestamp moves by %d", i, step)
		}
	}
}

func TestPlayTellsItsEndAndMusicGoesOn(t *testing.T) {
	for _, codec := range []Codec{PCMU, PCMA} {
		t.Run(codec.String(), func(t *testing.T) {
			e := startEngine(t, Config{})
			p := newPhone(t, codec)
			l, ev := p.answered(e)
			l.Play(7, []Sound{Tone(440, 300*time.Millisecond), Tone(880, 300*time.Millisecond)}, false)
			p.hears(440, soon)
			p.hears(880, soon)
			if got := wait[PlayDone](ev, soon).ID; got != 7 {
				t.Errorf("done %d, want 7", got)
			}
			p.hears(0, soon)
			l.PlayMusic(MusicOnHold(Tone(600, time.Second)))
			p.hears(600, soon)
			l.Play(8, []Sound{Tone(1000, 100*time.Millisecond)}, true)
			p.hears(1000, soon)
			l.StopPlay()
			p.hears(0, soon)
			none[PlayDone](ev)
			line(t, p.received())
		})
	}
}

func TestEcho(t *testing.T) {
	e := startEngine(t, Config{})
	p := newPhone(t, PCMA)
	l, ev := p.answered(e)
	l.Echo(true)
	p.speak(l.LocalAddr(), 700)
	wait[FirstPacket](ev, soon)
	p.hears(700, soon)
	l.Mute(true)
	p.hears(0, soon)
}

func TestBridgeRelaysBothWays(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b Codec
	}{{"same codec", PCMU, PCMU}, {"µ-law and A-law", PCMU, PCMA}} {
		t.Run(c.name, func(t *testing.T) {
			e := startEngine(t, Config{})
			a, b := newPhone(t, c.a), newPhone(t, c.b)
			la, _ := a.answered(e)
			lb, _ := b.answered(e)
			a.speak(la.LocalAddr(), 440)
			b.speak(lb.LocalAddr(), 880)
			la.PlayMusic(MusicOnHold(Tone(600, time.Second)))
			a.hears(600, soon)
			br := e.Bridge(la, lb)
			la.StopPlay()
			a.hears(880, soon)
			b.hears(440, soon)
			eventually(t, soon, "a relay, which does not tick", func() bool {
				st := e.Stats()
				return st.RelayBridges == 1 && st.MixBridges == 0 && st.Ticking == 0
			})
			// Hold: the caller gets music, the agent silence.
			br.Remove(la)
			la.PlayMusic(MusicOnHold(Tone(600, time.Second)))
			a.hears(600, soon)
			b.hears(0, soon)
			la.StopPlay()
			br.Add(la)
			a.hears(880, soon)
			b.hears(440, soon)
			br.Close()
			a.hears(0, soon)
			line(t, a.received())
			line(t, b.received())
			eventually(t, soon, "no bridge", func() bool { return e.Stats().Bridges == 0 && e.Stats().RelayBridges == 0 })
		})
	}
}

func TestMuteKeepsTheOtherSideSupplied(t *testing.T) {
	e := startEngine(t, Config{})
	a, b := newPhone(t, PCMU), newPhone(t, PCMU)
	la, _ := a.answered(e)
	lb, _ := b.answered(e)
	e.Bridge(la, lb)
	a.speak(la.LocalAddr(), 440)
	b.speak(lb.LocalAddr(), 880)
	b.hears(440, soon)
	la.Mute(true)
	b.hears(0, soon)
	a.hears(880, soon)
	la.Mute(false)
	b.hears(440, soon)
	line(t, b.received())
}

func TestThreePartiesAndTheGainMatrix(t *testing.T) {
	e := startEngine(t, Config{})
	caller, agent, lead := newPhone(t, PCMU), newPhone(t, PCMA), newPhone(t, PCMU)
	lc, _ := caller.answered(e)
	la, _ := agent.answered(e)
	ll, _ := lead.answered(e)
	br := e.Bridge(lc, la)
	caller.speak(lc.LocalAddr(), 400)
	agent.speak(la.LocalAddr(), 900)
	lead.speak(ll.LocalAddr(), 1500)
	agent.hears(400, soon)
	both := func(p *phone, want map[float64]bool) {
		t.Helper()
		eventually(t, soon, "the right tones", func() bool {
			pcm := p.heard()
			if len(pcm) < 1600 {
				return false
			}
			pcm = pcm[len(pcm)-1600:]
			for _, hz := range []float64{400, 900, 1500} {
				if (tone(pcm, hz) > 2000) != want[hz] {
					return false
				}
			}
			return true
		})
	}
	// Listening: the lead hears both, nobody hears the lead.
	br.SetGain(lc, ll, 0)
	br.SetGain(la, ll, 0)
	br.Add(ll)
	both(lead, map[float64]bool{400: true, 900: true})
	both(agent, map[float64]bool{400: true})
	both(caller, map[float64]bool{900: true})
	// Whispering: the agent hears the lead, the caller does not.
	br.SetGain(la, ll, 1)
	both(agent, map[float64]bool{400: true, 1500: true})
	both(caller, map[float64]bool{900: true})
	// Barging: all hear all.
	br.SetGain(lc, ll, 1)
	both(caller, map[float64]bool{900: true, 1500: true})
	both(agent, map[float64]bool{400: true, 1500: true})
	both(lead, map[float64]bool{400: true, 900: true})
	// The lead leaves: the two are relayed again.
	br.Remove(ll)
	both(caller, map[float64]bool{900: true})
	eventually(t, soon, "relay", func() bool { return e.Stats().RelayBridges == 1 })
}

func TestKeysAreToldOnceAndPassedOn(t *testing.T) {
	e := startEngine(t, Config{})
	a, b := newPhone(t, PCMU), newPhone(t, PCMU)
	b.dtmfPT = 96
	la, ea := a.answered(e)
	lb, _ := b.answered(e)
	a.press(la.LocalAddr(), '5', nil)
	if got := wait[DTMF](ea, soon).Digit; got != '5' {
		t.Errorf("got %c", got)
	}
	// All but one packet lost.
	a.press(la.LocalAddr(), '#', func(i int) bool { return i != 4 })
	if got := wait[DTMF](ea, soon).Digit; got != '#' {
		t.Errorf("got %c", got)
	}
	e.Bridge(la, lb)
	eventually(t, soon, "relay", func() bool { return e.Stats().RelayBridges == 1 })
	b.forget()
	a.press(la.LocalAddr(), '9', nil)
	if got := wait[DTMF](ea, soon).Digit; got != '9' {
		t.Errorf("got %c", got)
	}
	none[DTMF](ea)
	eventually(t, soon, "the key at the other phone", func() bool { return len(keysOf(b)) == 1 })
	if got := keysOf(b)[0]; got != '9' {
		t.Errorf("passed on %c", got)
	}
}

// keysOf reads the keys that a phone was sent.
func keysOf(p *phone) []rune {
	var r dtmfReceiver
	var keys []rune
	for _, pkt := range p.received() {
		if pkt.pt == p.dtmfPT {
			if k, ok := r.hear(&pkt); ok {
				keys = append(keys, k.Digit)
			}
		}
	}
	return keys
}

func TestSendDTMF(t *testing.T) {
	e := startEngine(t, Config{})
	p := newPhone(t, PCMU)
	l, _ := p.answered(e)
	l.SendDTMF("1x5#")
	eventually(t, soon, "three keys, the last one ended", func() bool {
		pkts := p.received()
		return len(keysOf(p)) == 3 && pkts[len(pkts)-1].pt == 0 && pkts[len(pkts)-2].pt == 0
	})
	if got := string(keysOf(p)); got != "15#" {
		t.Errorf("got %q", got)
	}
	ends := 0
	for _, pkt := range p.received() {
		if pkt.pt == p.dtmfPT {
			if ev, ok := parseTelephoneEvent(pkt.payload); ok && ev.end {
				ends++
				if ev.duration != 800 {
					t.Errorf("a key of %d samples, want 800", ev.duration)
				}
			}
		}
	}
	if ends != 9 {
		t.Errorf("%d end packets, want 9", ends)
	}
}

func TestSendDTMFAsTonesWithoutTelephoneEvent(t *testing.T) {
	e := startEngine(t, Config{})
	p := newPhone(t, PCMU)
	p.dtmfPT = 0
	l, _ := p.answered(e)
	l.SendDTMF("5")
	eventually(t, soon, "770 and 1336 Hz", func() bool {
		pcm := p.heard()
		for i := 0; i+800 <= len(pcm); i += 160 {
			if tone(pcm[i:i+800], 770) > 5000 && tone(pcm[i:i+800], 1336) > 5000 {
				return true
			}
		}
		return false
	})
}

func TestStrangersAreIgnored(t *testing.T) {
	e := startEngine(t, Config{})
	p, stranger := newPhone(t, PCMU), newPhone(t, PCMU)
	l, ev := p.answered(e)
	l.Echo(true)
	p.speak(l.LocalAddr(), 700)
	wait[FirstPacket](ev, soon)
	stranger.speak(l.LocalAddr(), 1200)
	p.hears(700, soon)
	eventually(t, soon, "a second of sound", func() bool { return len(p.heard()) > 8000 })
	if n := len(stranger.received()); n > 0 {
		t.Errorf("the stranger got %d packets", n)
	}
	if pcm := p.heard(); tone(pcm[len(pcm)-1600:], 1200) > 50 {
		t.Error("the stranger is heard")
	}
}

func TestSourceBehindNATIsLearnedOnce(t *testing.T) {
	e := startEngine(t, Config{})
	p, other := newPhone(t, PCMU), newPhone(t, PCMU)
	l := e.NewLeg(newEvents(t).observe)
	addr, err := l.OpenUDP()
	if err != nil {
		t.Fatal(err)
	}
	silent := newPhone(t, PCMU) // whom SDP names, but who never speaks
	l.Negotiated(silent.params())
	l.Echo(true)
	p.speak(addr, 700)
	p.hears(700, soon)
	other.speak(addr, 1200)
	eventually(t, soon, "strangers counted", func() bool { return e.Stats().Strangers > 10 })
	if n := len(other.received()); n > 0 {
		t.Errorf("the stranger got %d packets", n)
	}
	// The one that SDP names takes its right back.
	silent.speak(addr, 500)
	silent.hears(500, soon)
	p.forget()
	// And a re-INVITE that names another moves it.
	l.Negotiated(other.params())
	other.hears(1200, soon)
}

func TestSilentHeardAndRefused(t *testing.T) {
	t.Parallel()
	e := startEngine(t, Config{})
	p, gone := newPhone(t, PCMU), newPhone(t, PCMU)
	// A leg that has not spoken is neither silent nor refused, whatever its host says.
	_, never := gone.answered(e)
	gone.hangUp()
	l, ev := p.answered(e)
	p.send(l.LocalAddr(), p.packet(make([]byte, 160)))
	wait[FirstPacket](ev, soon)
	for _, long := range silentAfter {
		if s := wait[Silent](ev, 2*soon); s.For < long || s.For > long+3*time.Second {
			t.Errorf("silent for %v, want %v", s.For, long)
		}
		l.Negotiated(p.params()) // which is nothing new: the silence goes on
	}
	p.send(l.LocalAddr(), p.packet(make([]byte, 160)))
	wait[Heard](ev, soon)
	// The phone is killed: our next packet draws an ICMP refusal.
	p.hangUp()
	wait[Refused](ev, soon)
	select {
	case ev := <-never.ch:
		t.Errorf("a leg that never spoke tells %#v", ev)
	default:
	}
}

func TestAllCallersMayShareOneAddress(t *testing.T) {
	e := startEngine(t, Config{})
	callers, agents := newPhone(t, PCMU), newPhone(t, PCMU)
	var legs []*Leg
	for range 4 {
		a, _ := callers.answered(e)
		b, _ := agents.answered(e)
		e.Bridge(a, b)
		legs = append(legs, a)
	}
	settled(t, legs[3])
	for _, l := range legs {
		callers.send(l.LocalAddr(), callers.packet(make([]byte, 160)))
	}
	eventually(t, soon, "one packet of each at the agents", func() bool {
		agents.mu.Lock()
		defer agents.mu.Unlock()
		return len(agents.froms) == 4
	})
}

func TestHoldByTheFarEnd(t *testing.T) {
	e := startEngine(t, Config{})
	p := newPhone(t, PCMU)
	l, _ := p.answered(e)
	p.hears(0, soon)
	held := p.params()
	held.Direction = RecvOnly
	l.Negotiated(held)
	eventually(t, soon, "no ticks", func() bool { return e.Stats().Ticking == 0 })
	// What was sent before is here when what another phone is sent now has come.
	other := newPhone(t, PCMU)
	other.answered(e)
	eventually(t, soon, "packets", func() bool { return len(other.received()) > 2 })
	before := len(p.received())
	eventually(t, soon, "more packets", func() bool { return len(other.received()) > 12 })
	if n := len(p.received()); n > before {
		t.Errorf("%d packets to a phone that wants none", n-before)
	}
	l.Negotiated(p.params())
	eventually(t, soon, "sound again", func() bool { return len(p.received()) > before+10 })
	line(t, p.received())
}

func TestAFloodIsNotPassedOn(t *testing.T) {
	e := startEngine(t, Config{})
	a, b := newPhone(t, PCMU), newPhone(t, PCMU)
	la, _ := a.answered(e)
	lb, _ := b.answered(e)
	e.Bridge(la, lb)
	for range 3000 {
		a.send(la.LocalAddr(), a.packet(make([]byte, 160)))
	}
	eventually(t, soon, "the flood counted", func() bool { return e.Stats().Flood > 0 })
	// Ordinary speech goes on behind it.
	a.speak(la.LocalAddr(), 440)
	b.hears(440, soon)
}

func TestPacketsInACircleDoNotTakeTheShard(t *testing.T) {
	e := startEngine(t, Config{})
	la, lb := e.NewLeg(nil), e.NewLeg(nil)
	addrA, err := la.OpenUDP()
	if err != nil {
		t.Fatal(err)
	}
	addrB, err := lb.OpenUDP()
	if err != nil {
		t.Fatal(err)
	}
	// Somebody named our own ports in SDP: each leg sends to the other, and both are bridged.
	e.Bridge(la, lb)
	la.Negotiated(Params{Remote: addrB})
	lb.Negotiated(Params{Remote: addrA})
	la.Play(1, []Sound{Silence(200 * time.Millisecond)}, false)
	p := newPhone(t, PCMU)
	l, ev := p.answered(e)
	l.Play(2, []Sound{Tone(440, time.Second)}, false)
	p.hears(440, soon)
	wait[PlayDone](ev, soon)
	if st := e.Stats(); st.PacketsIn > 3000 {
		t.Errorf("%d packets went round", st.PacketsIn)
	}
}

func TestASenderThatBeginsAnewIsHeard(t *testing.T) {
	e := startEngine(t, Config{})
	a, b := newPhone(t, PCMU), newPhone(t, PCMU)
	la, ea := a.answered(e)
	lb, _ := b.answered(e)
	e.Bridge(la, lb)
	a.speak(la.LocalAddr(), 440)
	b.hears(440, soon)
	a.press(la.LocalAddr(), '1', nil)
	wait[DTMF](ea, soon)
	for _, anew := range []func(){
		func() { a.ssrc, a.seq, a.ts = 99, 5, 7 },    // another SSRC
		func() { a.seq, a.ts = a.seq+20000, a.ts/2 }, // the same with a jump
	} {
		a.mu.Lock()
		anew()
		a.mu.Unlock()
		n := len(b.received())
		eventually(t, soon, "its sound", func() bool { return len(b.received()) > n+10 })
		a.press(la.LocalAddr(), '2', nil)
		if got := wait[DTMF](ea, soon).Digit; got != '2' {
			t.Errorf("got %c", got)
		}
	}
	line(t, b.received())
	la.Close()
	if q := wait[Closed](ea, soon).Quality; q.Lost > 0 {
		t.Errorf("%+v: a jump is no loss", q)
	}
}
