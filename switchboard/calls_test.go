package switchboard

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/media"
	"github.com/linedesk/linedesk/sip/siptest"
	"github.com/linedesk/linedesk/store/calllog"
	"github.com/linedesk/linedesk/store/ticket"
)

// support is an agent of the support queue, with the extension.
func (h *house) support() (call.AgentID, string) {
	for _, a := range h.Site().Agents {
		if slices.Contains(a.Queues, "support") {
			return a.ID, string(a.Extension)
		}
	}
	h.t.Fatal("nobody serves support")
	return "", ""
}

// inCall brings a caller and an agent's telephone together.
func (h *house) inCall() (agent call.AgentID, id call.ID, caller, phone *siptest.Call) {
	h.t.Helper()
	agent, ext := h.support()
	p := h.phone(ext)
	h.ready(agent, ext)
	caller = h.dial(h.caller("13800138000"), "4001")
	phone = h.rung(p)
	ok(h.t, phone.Answer())
	id = wrote[call.Bridged](h, nil).Call
	return agent, id, caller, phone
}

func TestACallFromTheTrunkToATelephone(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), nil)
	agent, id, caller, phone := h.inCall()
	if got := wrote[call.CustomerIdentified](h, nil); got.Customer != "c7" {
		t.Errorf("the customer is %+v", got)
	}
	h.hear(caller, phone)
	ctx := h.soon()
	done := func(_ uint64, err error) { t.Helper(); ok(t, err) }
	done(h.Mute(ctx, agent, id, true))
	done(h.Mute(ctx, agent, id, false))
	done(h.Hold(ctx, agent, id))
	ok(t, caller.HeardSound(ctx, -45)) // music
	done(h.Resume(ctx, agent, id))
	h.hear(caller, phone)
	done(h.SendDTMF(ctx, agent, id, "12#"))
	ok(t, caller.WaitDigits(ctx, "12#"))
	ok(t, phone.Hold(ctx))
	wrote(h, func(e call.CallHeld) bool { return e.By == call.ByAgent })
	ok(t, phone.Resume(ctx))
	ok(t, caller.Hold(ctx))
	wrote(h, func(e call.CallHeld) bool { return e.By == call.ByCaller })
	ok(t, caller.Resume(ctx))
	if _, err := h.Hold(ctx, "nobody", id); refusal(err) != "not_your_call" {
		t.Errorf("a hold by somebody else: %v", err)
	}
	done(h.Identify(ctx, call.CustomerIdentified{Call: id, Customer: "c8"}))
	done(h.SaveWrapUp(ctx, agent, id, "", "rang about the bill"))
	done(h.HangUp(ctx, agent, id))
	h.gone(caller)
	h.gone(phone)
	if end := h.over(); end.Cause != call.CauseHangup || end.By != call.ByAgent {
		t.Errorf("the call ended as %+v", end)
	}
	wrote[call.WrapUpStarted](h, nil)
	done(h.FinishWrapUp(ctx, agent, id))
	wrote[call.WrapUpEnded](h, nil)
}

func TestCallersWhoLeave(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), nil)
	menu := h.dial(h.caller("13900000001"), "4000")
	ok(t, menu.WaitAnswered(h.soon()))
	ok(t, menu.HangUp(h.soon()))
	if end := h.over(); end.Cause != call.CauseLeftMenu {
		t.Errorf("who leaves the menu: %+v", end)
	}
	queue := h.dial(h.caller("13900000002"), "4000")
	ok(t, queue.WaitAnswered(h.soon()))
	ok(t, queue.SendDTMF(h.soon(), "2"))
	wrote[call.CallQueued](h, nil)
	ok(t, queue.HangUp(h.soon()))
	wrote(h, func(e call.CallEnded) bool { return e.End.Cause == call.CauseAbandoned })
}

func TestATelephoneThatIsNotAnswered(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), nil)
	agent, ext := h.support()
	p := h.phone(ext)
	h.ready(agent, ext)
	caller := h.dial(h.caller("13900000001"), "4001")
	h.rung(p).Reject(486)
	if got := wrote[call.OfferMissed](h, nil); got.Miss != call.MissBusy {
		t.Errorf("the offer was missed as %+v", got)
	}
	second := h.rung(p)
	offer := wrote(h, func(e call.OfferRinging) bool { return e.Agent == agent })
	_, _ = h.Decline(h.soon(), agent, offer.Offer)
	if _, err := h.Answer(h.soon(), agent, offer.Offer); refusal(err) == "" {
		t.Errorf("a telephone is answered at the telephone: %v", err)
	}
	ok(t, caller.HangUp(h.soon()))
	h.gone(second)
	h.over()
}

func TestATelephoneThatIsLost(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), nil)
	_, id, caller, phone := h.inCall()
	c := h.liveCall(id)
	for _, leg := range c.state.Parties { // media lost it, by a fault of its own
		if leg.Agent != "" {
			c.legs[leg.ID].sound.Close()
		}
	}
	wrote[call.AgentLegLost](h, nil)
	h.gone(phone)
	ok(t, caller.HeardSound(h.soon(), -45))
	ok(t, caller.HangUp(h.soon()))
	h.over()
}

// liveCall gives a call of the table. Between its messages the test may look at it.
func (h *house) liveCall(id call.ID) *liveCall {
	h.t.Helper()
	a, err := h.router.ask(h.soon(), callsWanted{})
	ok(h.t, err)
	for _, c := range a.calls {
		if c.id == id {
			return c
		}
	}
	h.t.Fatalf("no call %s", id)
	return nil
}

func TestVoicemail(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), nil)
	c := h.dial(h.caller("13900000001"), "4004")
	ok(t, c.WaitAnswered(h.soon()))
	wrote(h, func(e call.FlowEntered) bool { return e.Flow == "voicemail" })
	ok(t, c.SendDTMF(h.soon(), "#")) // no need to hear the words
	c.Tone(440)
	const said = 8000 // bytes of µ-law: a second
	eventually(t, "a second of sound is in the file", func() bool {
		files, err := filepath.Glob(filepath.Join(h.dir, "recordings", "*", "*", "*", "*.wav.part"))
		if err != nil || len(files) != 1 {
			return false
		}
		info, err := os.Stat(files[0])
		return err == nil && info.Size() > said
	})
	ok(t, c.HangUp(h.soon()))
	if end := h.over(); end.Cause != call.CauseVoicemail || end.By != call.ByCaller {
		t.Errorf("the call ended as %+v", end)
	}

	left := wrote[call.VoicemailLeft](h, nil)
	file, err := os.Open(filepath.Join(h.dir, "recordings", filepath.FromSlash(left.File)))
	ok(t, err)
	defer func() { _ = file.Close() }()
	sound, err := media.LoadWAV(file)
	ok(t, err)
	if sound.Duration() != left.Duration || left.Duration < 900*time.Millisecond {
		t.Errorf("the recording has %v of sound, and %v is written down", sound.Duration(), left.Duration)
	}
	h.isTicket(left, "voicemail", "support", 24*time.Hour)
}

// isTicket sees what the call log makes of a voice message: a ticket of its kind, with what that kind promises.
func (h *house) isTicket(left call.VoicemailLeft, kind, queue string, within time.Duration) {
	h.t.Helper()
	site := h.Site()
	log := calllog.NewBuilder(calllog.Options{
		Numbering: site.Numbering, Kind: func(id string) *ticket.Kind { return site.TicketKind(id).Rules() },
	})
	var at time.Time
	ok(h.t, h.journal.Read(1, func(rec call.Record) error {
		if _, is := rec.Event.(call.VoicemailLeft); is {
			at = rec.At
		}
		log.Add(rec)
		return nil
	}))
	tickets := log.Take().Tickets
	if len(tickets) != 1 {
		h.t.Fatalf("the call log makes %d tickets of it", len(tickets))
	}
	t := tickets[0]
	if t.ID != left.Ticket || t.Kind != kind || string(t.Queue) != queue || t.Call != left.Call || t.Recording != left.File ||
		t.State != "open" || t.Due == nil || !t.Due.Equal(at.Add(within)) {
		h.t.Errorf("the ticket of %+v, left at %v, is %+v", left, at, t)
	}
}

func TestACallThatAnAgentPlaces(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), nil)
	agent, ext := h.support()
	p := h.phone(ext)
	h.ready(agent, ext)
	_, err := h.ChooseState(h.soon(), agent, call.ChosePaused, call.ReasonID(h.Site().PauseReasons[0].ID), "")
	ok(t, err)
	id, _, err := h.PlaceCall(h.soon(), agent, "13800138000")
	ok(t, err)
	phone := h.rung(p)
	ok(t, phone.Answer())
	far := h.rung(h.carrier)
	if _, _, err := h.PlaceCall(h.soon(), agent, "13800138000"); refusal(err) != "agent_busy" {
		t.Errorf("a second call: %v", err)
	}
	ok(t, phone.HeardSound(h.soon(), -45)) // ringback
	ok(t, far.Answer())
	wrote[call.Bridged](h, nil)
	h.hear(far, phone)
	_, err = h.HangUp(h.soon(), agent, id)
	ok(t, err)
	h.gone(far)
	h.over()
}

func TestANumberThatIsBusy(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), nil)
	agent, ext := h.support()
	p := h.phone(ext)
	h.ready(agent, ext)
	_, _, err := h.PlaceCall(h.soon(), agent, "13800138001")
	ok(t, err)
	phone := h.rung(p)
	ok(t, phone.Answer())
	h.rung(h.carrier).Reject(486)
	h.gone(phone) // after the busy tone
	if end := h.over(); end.Cause != call.CauseBusy {
		t.Errorf("the call ended as %+v", end)
	}
}

func TestCallsBetweenTelephones(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), nil)
	one, two := h.Site().Agents[0], h.Site().Agents[1]
	p, q := h.phone(string(one.Extension)), h.phone(string(two.Extension))
	h.ready(two.ID, string(two.Extension))
	phone := h.dial(p, string(two.Extension))
	other := h.rung(q)
	wrote[call.AgentCallStarted](h, nil)
	ok(t, other.Answer())
	ok(t, phone.WaitAnswered(h.soon()))
	h.hear(phone, other)
	ok(t, phone.HangUp(h.soon()))
	h.gone(other)
	h.over()
	// A published number, as customers hear it; a number outside; one that there is not.
	menu := h.dial(p, "4000")
	ok(t, menu.WaitAnswered(h.soon()))
	ok(t, menu.HangUp(h.soon()))
	outside := h.dial(p, "13800138002")
	far := h.rung(h.carrier)
	ok(t, far.Answer())
	ok(t, outside.WaitAnswered(h.soon()))
	ok(t, outside.HangUp(h.soon()))
	h.gone(far)
	if end := h.gone(h.dial(p, "1")); end.Code != 404 {
		t.Errorf("a number that there is not: %+v", end)
	}
	if end := h.gone(h.dial(h.caller("13900000001"), "4999")); end.Code != 404 {
		t.Errorf("a number that is not ours: %+v", end)
	}
}

func TestFeatureCodes(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), nil)
	agent, ext := h.support()
	p := h.phone(ext)
	press := func(code string) {
		t.Helper()
		c := h.dial(p, code)
		ok(t, c.WaitAnswered(h.soon()))
		ok(t, c.HeardSound(h.soon(), -45))
		ok(t, c.HangUp(h.soon()))
	}
	press("*46") // not signed in
	press("*45")
	wrote(h, func(e call.AgentSignedIn) bool { return e.Agent == agent })
	press("*46")
	wrote(h, func(e call.AgentStateChosen) bool { return e.State == call.ChosePaused })
	press("*46")
	press("*45")
	wrote(h, func(e call.AgentStateChosen) bool { return e.State == call.ChoseOff })
}

func TestTheServerStopsInOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := open(t, dir, nil)
	agent, _, caller, phone := h.inCall()
	h.stop()
	h.gone(caller)
	h.gone(phone)
	// Who was on shift is so again.
	h = open(t, dir, nil)
	a := h.router.machine.Agent(agent) //nolint:staticcheck // nothing happens in the house yet
	if !a.OnShift || a.Chosen != call.ChoseReady {
		t.Errorf("after the restart the agent is %+v", a)
	}
	if end := wrote[call.CallEnded](h, nil).End; end.Cause != call.CauseServerStopped {
		t.Errorf("the call ended as %+v", end)
	}
	wrote[call.NodeStopped](h, nil)
}

func TestAReloadedSiteIsInForce(t *testing.T) {
	t.Parallel()
	h := open(t, t.TempDir(), nil)
	next := *h.Site()
	next.Numbers = slices.Clone(next.Numbers)
	next.Numbers[0].Dialled = "4999"
	next.Index()
	ok(t, h.Reload(h.soon(), &next, []call.SiteChanged{{Kind: "numbers", Version: 2}}))
	c := h.dial(h.caller("13900000001"), "4999")
	ok(t, c.WaitAnswered(h.soon()))
	ok(t, c.HangUp(h.soon()))
	h.over()
}
