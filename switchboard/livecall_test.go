package switchboard

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/call/logtest"
	"github.com/linedesk/linedesk/configs/demosite"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// rig is a switchboard with a real journal and the demo site, its router running, without lines.
func rig(t *testing.T) *Switchboard {
	t.Helper()
	site, _, err := demosite.Site(demosite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(journal.Options{Dir: t.TempDir(), Node: "test", Log: logtest.New(t)})
	if err != nil {
		t.Fatal(err)
	}
	sb, err := New(Options{Site: site, Journal: j, Log: logtest.New(t)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	go sb.router.Run(ctx)
	t.Cleanup(func() {
		stop()
		<-sb.router.stopped
		_ = j.Close()
	})
	return sb
}

// ends gives the ends of a call that the journal holds: one, if all is well.
func ends(t *testing.T, sb *Switchboard, id call.ID) []call.CallEnded {
	t.Helper()
	if _, err := sb.router.ask(t.Context(), callsWanted{}); err != nil { // what was posted before is in
		t.Fatal(err)
	}
	var list []call.CallEnded
	err := sb.journal.Read(1, func(rec call.Record) error {
		if e, ok := rec.Event.(call.CallEnded); ok && e.Call == id {
			list = append(list, e)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func over(t *testing.T, c *liveCall) {
	t.Helper()
	select {
	case <-c.over:
	case <-time.After(10 * time.Second):
		t.Fatal("the call does not end")
	}
}

func TestAPanicEndsItsOwnCallOnly(t *testing.T) {
	logtest.Expect(t, "panic in a call")
	sb := rig(t)
	broken, sound := sb.newCall(call.Inbound), sb.newCall(call.Inbound)
	for _, c := range []*liveCall{broken, sound} {
		sb.router.post(callBegan{c})
		go c.run(talk.CustomerFound{Name: "somebody"})
	}
	broken.post(legSpoke{leg: nil, event: sip.LegEnded{}}) // no leg is without its struct: this is a defect
	over(t, broken)
	list := ends(t, sb, broken.id)
	if len(list) != 1 || list[0].End.Cause != call.CauseFailed {
		t.Errorf("the broken call ended as %+v, want one end with cause %q", list, call.CauseFailed)
	}
	if got := sb.Figures(); got.Panics != 1 || got.LiveCalls != 1 {
		t.Errorf("panics %d, live calls %d; want 1 and 1: the other call goes on", got.Panics, got.LiveCalls)
	}
	sound.post(happened{talk.Stop{End: call.End{By: call.BySystem, Cause: call.CauseHangup}}})
	over(t, sound)
}

func TestACallThatDrownsInMessagesIsEnded(t *testing.T) {
	logtest.Expect(t, "mailbox full, the call is ended")
	sb := rig(t)
	c := sb.newCall(call.Inbound)
	sb.router.post(callBegan{c})
	for range 3 * mailboxSize { // never blocks, however full
		c.post(flowWaited{id: 1})
	}
	go c.run(talk.CustomerFound{Name: "somebody"})
	over(t, c)
	if list := ends(t, sb, c.id); len(list) != 1 || list[0].End.Cause != call.CauseFailed {
		t.Errorf("the call ended as %+v, want one end with cause %q", list, call.CauseFailed)
	}
}

func TestTheJournalsOrderIsTheOrderOfTheMachine(t *testing.T) {
	sb := rig(t)
	if _, err := sb.router.ask(t.Context(), record{sb.Site().Routing()}); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			agent := sb.Site().Agents[i].ID
			for range 20 {
				_, _ = sb.SignIn(t.Context(), agent, call.Station{Kind: call.StationWebRTC})
				_, _ = sb.ChooseState(t.Context(), agent, call.ChoseReady, "", "")
				_, _ = sb.ChooseState(t.Context(), agent, call.ChoseOff, "", "")
			}
		})
	}
	group.Wait()
	replayed := acd.New(salt(sb.journal.Node()))
	err := sb.journal.Read(1, func(rec call.Record) error { replayed.Step(rec); return nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range sb.Site().Agents {
		if got, want := replayed.Status(a.ID), sb.router.machine.Status(a.ID); got != want {
			t.Errorf("%s is %s when the journal is replayed, and was %s", a.ID, got, want)
		}
	}
}

func TestCommandsThatCannotBeCarriedOutSayWhy(t *testing.T) {
	sb := rig(t)
	ctx := t.Context()
	agent := sb.Site().Agents[0].ID
	code := func(_ uint64, err error) error { return err }
	for _, c := range []struct {
		code string
		err  error
	}{
		{"unknown_extension", code(sb.SignIn(ctx, agent, call.Station{Kind: call.StationSIP, Extension: "9999"}))},
		{"bad_number", code(sb.SignIn(ctx, agent, call.Station{Kind: call.StationPSTN, Number: "12"}))},
		{"unknown_station_kind", code(sb.SignIn(ctx, agent, call.Station{Kind: "telepathy"}))},
		{"not_signed_in", code(sb.ChooseState(ctx, agent, call.ChoseReady, "", ""))},
		{"unknown_state", code(sb.ChooseState(ctx, agent, "asleep", "", ""))},
		{"unknown_reason", code(sb.ChooseState(ctx, agent, call.ChosePaused, "nap", ""))},
		{"offer_over", code(sb.Answer(ctx, agent, "no-such-offer"))},
		{"not_your_call", code(sb.Hold(ctx, agent, "no-such-call"))},
		{"bad_digits", code(sb.SendDTMF(ctx, agent, "no-such-call", "12x"))},
		{"unknown_disposition", code(sb.SaveWrapUp(ctx, agent, "no-such-call", "whatever", ""))},
		{"bad_notes", code(sb.SaveWrapUp(ctx, agent, "no-such-call", "", "\xff"))},
	} {
		refused, ok := c.err.(*RefusedError) //nolint:errorlint // the type itself is the promise to clients
		if !ok || refused.Code != c.code {
			t.Errorf("got %v, want a refusal with code %s", c.err, c.code)
		}
	}
}

func TestTextsAreLimitedInCharactersOfAnyScript(t *testing.T) {
	sb := rig(t)
	ctx := t.Context()
	agent, kind := sb.Site().Agents[0].ID, sb.Site().TicketKinds[0].ID
	open := func(subject, text string) error {
		_, _, err := sb.OpenTicket(ctx, call.TicketOpened{Kind: kind, Subject: subject, Text: text})
		return err
	}
	save := func(notes string) error {
		_, err := sb.SaveWrapUp(ctx, agent, "no-such-call", "", notes)
		return err
	}
	for _, one := range []string{"a", "语", "𠮷"} { // one, three and four bytes
		many := func(n int) string { return strings.Repeat(one, n) }
		for what, err := range map[string]error{
			"subject": open(many(call.MaxSubject), ""), "text": open("x", many(call.MaxText)), "notes": save(many(call.MaxNotes)),
		} {
			if err != nil {
				t.Errorf("a %s of as many %q as may be is refused: %v", what, one, err)
			}
		}
		for code, err := range map[string]error{
			"bad_subject": open(many(call.MaxSubject+1), ""), "bad_text": open("x", many(call.MaxText+1)), "bad_notes": save(many(call.MaxNotes + 1)),
		} {
			if refused, ok := err.(*RefusedError); !ok || refused.Code != code { //nolint:errorlint // as above
				t.Errorf("one %q more than may be: got %v, want %s", one, err, code)
			}
		}
	}
}
