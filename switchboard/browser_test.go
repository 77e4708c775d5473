package switchboard

import (
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"

	"github.com/linedesk/linedesk/call"
)

// browser is a desk's, made of a real PeerConnection: ICE, DTLS and SRTP over loopback.
type browser struct {
	pc *webrtc.PeerConnection
	up chan struct{}
}

func (h *house) browser(agent call.AgentID) *browser {
	h.t.Helper()
	m := &webrtc.MediaEngine{}
	ok(h.t, m.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000},
	}, webrtc.RTPCodecTypeAudio))
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithSettingEngine(settings),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{})).NewPeerConnection(webrtc.Configuration{})
	ok(h.t, err)
	h.t.Cleanup(func() { _ = pc.Close() })
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}, "mic", "desk")
	ok(h.t, err)
	_, err = pc.AddTrack(track)
	ok(h.t, err)
	b := &browser{pc: pc, up: make(chan struct{}, 8)}
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			b.up <- struct{}{}
		}
	})
	offer, err := pc.CreateOffer(nil)
	ok(h.t, err)
	ok(h.t, pc.SetLocalDescription(offer))
	answer, err := h.BrowserOffer(h.soon(), agent, offer.SDP)
	ok(h.t, err)
	ok(h.t, pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}))
	select {
	case <-b.up:
	case <-time.After(aMoment):
		h.t.Fatal("the browser does not connect")
	}
	return b
}

// atDesk has an agent work at the desk, speaking through the browser.
func (h *house) atDesk(agent call.AgentID) *browser {
	h.t.Helper()
	h.DeskSeen(agent, "page-1")
	b := h.browser(agent)
	_, err := h.SignIn(h.soon(), agent, call.Station{Kind: call.StationWebRTC})
	ok(h.t, err)
	_, err = h.ChooseState(h.soon(), agent, call.ChoseReady, "", "")
	ok(h.t, err)
	wrote(h, func(e call.StationUp) bool { return e.Agent == agent })
	return b
}

func TestACallToABrowser(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), nil)
	agent, _ := h.support()
	h.atDesk(agent)
	if _, err := h.BrowserOffer(h.soon(), agent, "v=nonsense"); refusal(err) != "bad_sdp" {
		t.Errorf("an offer that nobody can read: %v", err)
	}
	caller := h.dial(h.caller("13900000001"), "4001")
	first := wrote[call.OfferRinging](h, nil)
	_, err := h.Decline(h.soon(), agent, first.Offer)
	ok(t, err)
	wrote(h, func(e call.OfferMissed) bool { return e.Miss == call.MissDeclined })
	second := wrote(h, func(e call.OfferRinging) bool { return e.Offer != first.Offer })
	_, err = h.Answer(h.soon(), agent, second.Offer)
	ok(t, err)
	wrote[call.Bridged](h, nil)
	ok(t, caller.HangUp(h.soon()))
	h.over()
	if got := wrote(h, func(e call.LegEnded) bool { return e.Agent == agent && e.Leg == second.Leg }); got.End.Cause == "" {
		t.Errorf("the browser's leg ended as %+v", got)
	}
}

func TestABrowserThatPlacesACallAndIsLost(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), nil)
	agent, _ := h.support()
	b := h.atDesk(agent)
	_, _, err := h.PlaceCall(h.soon(), agent, "13800138000")
	ok(t, err)
	far := h.rung(h.carrier)
	ok(t, far.Answer())
	wrote[call.Bridged](h, nil)
	_ = b.pc.Close()
	wrote(h, func(e call.StationDown) bool { return e.Agent == agent })
	// The long wait is over in the router's eyes: the same message as after 15 s.
	a, err := h.router.ask(h.soon(), callsWanted{})
	ok(t, err)
	for _, c := range a.calls {
		c.post(browserLost(agent))
	}
	if end := h.over(); end.Cause != call.CauseLost {
		t.Errorf("the call ended as %+v", end)
	}
	h.gone(far)
}

func TestABrowserWhoseLegMediaLost(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), nil)
	agent, _ := h.support()
	h.atDesk(agent)
	caller := h.dial(h.caller("13900000001"), "4001")
	o := wrote[call.OfferRinging](h, nil)
	_, err := h.Answer(h.soon(), agent, o.Offer)
	ok(t, err)
	a, err := h.router.ask(h.soon(), browserWanted{agent: agent})
	ok(t, err)
	a.browser.sound.Close()
	wrote[call.AgentLegLost](h, nil)
	again, err := h.router.ask(h.soon(), browserWanted{agent: agent})
	ok(t, err)
	if again.browser == a.browser {
		t.Error("the desk gets the dead leg again")
	}
	ok(t, caller.HangUp(h.soon()))
	h.over()
}
