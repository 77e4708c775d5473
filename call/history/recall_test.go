package history_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/history"
	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/call/logtest"
)

const day = 24 * time.Hour

var phone = call.Station{Kind: call.StationSIP, Extension: "1001"}

func put(t *testing.T, j *journal.Journal, events ...call.Event) (last call.Record) {
	t.Helper()
	for _, e := range events {
		rec, err := j.Append(e)
		if err != nil {
			t.Fatal(err)
		}
		last = rec
	}
	return last
}

// recalled fails unless amy is paused for lunch at her telephone.
func recalled(t *testing.T, j *journal.Journal, when string) *history.Roster {
	t.Helper()
	r, err := history.Recall(j, j.Last())
	if err != nil {
		t.Fatal(err)
	}
	s := r.Seat("amy")
	if s == nil || s.Station != phone || s.Chosen != call.ChosePaused || s.ChosenReason != "lunch" {
		t.Errorf("%s amy's seat is %+v, want her paused for lunch at her telephone", when, s)
	}
	return r
}

// TestAgentsAreRecalledHoweverLongAgoTheyChose: with nothing written in between but other people's days.
func TestAgentsAreRecalledHoweverLongAgoTheyChose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, err := journal.Open(journal.Options{Dir: t.TempDir(), Node: "n", SegmentBytes: 2000, Log: logtest.New(t)})
		if err != nil {
			t.Fatal(err)
		}
		put(t, j, call.NodeStarted{}, call.AgentSignedIn{Agent: "amy", Station: phone},
			call.AgentStateChosen{Agent: "amy", State: call.ChosePaused, Reason: "lunch"})
		for d := range 41 {
			if d == 8 || d == 40 {
				recalled(t, j, "without a roster in the journal")
			}
			for range 20 {
				put(t, j, call.AgentStateChosen{Agent: "ben", State: call.ChoseReady}, call.TimePassed{})
			}
			time.Sleep(day)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestASignInSurvivesRetention: the journal is kept for a week and the server writes down every hour where the agents
// sit. After 40 days the sign-in is long gone, and known.
func TestASignInSurvivesRetention(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		carried := uint64(0)
		dir := t.TempDir()
		open := func() *journal.Journal {
			j, err := journal.Open(journal.Options{
				Dir: dir, Node: "n", SegmentBytes: 2000, KeepFor: 7 * day,
				Safe: func() uint64 { return carried }, Log: logtest.New(t),
			})
			if err != nil {
				t.Fatal(err)
			}
			return j
		}
		j := open()
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- j.Run(ctx) }()
		signedIn := put(t, j, call.NodeStarted{}, call.AgentSignedIn{Agent: "amy", Station: phone},
			call.AgentStateChosen{Agent: "amy", State: call.ChosePaused, Reason: "lunch"})
		for range 40 * 24 {
			r := recalled(t, j, "by the hour")
			rec := put(t, j, r.Carried())
			synctest.Wait()
			carried = rec.Seq
			put(t, j, call.AgentStateChosen{Agent: "ben", State: call.ChoseReady})
			time.Sleep(time.Hour)
		}
		if first := j.First(); first <= signedIn.Seq {
			t.Fatalf("the journal begins with record %d: retention took nothing away", first)
		}
		r := recalled(t, j, "after retention")
		if at := r.Seat("amy").ChosenAt; !at.Equal(signedIn.At) {
			t.Errorf("amy chose at %v, want %v", at, signedIn.At)
		}
		stop()
		if err := <-ran; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * day) // the server is switched off
		j = open()
		recalled(t, j, "after three weeks without a server")
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestARestartPutsSeatsBackToWhatWasChosen(t *testing.T) {
	var r history.Roster
	at := time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)
	for _, e := range []call.Event{
		call.AgentSignedIn{Agent: "amy", Station: phone},
		call.AgentStateChosen{Agent: "amy", State: call.ChoseReady},
		call.StationUp{Agent: "amy"},
		call.AgentStatusChanged{Agent: "amy", Status: call.StatusTalking, Chosen: call.ChoseReady, Call: "c"},
		call.AgentSignedIn{Agent: "dan", Station: call.Station{Kind: call.StationPSTN, Number: "1"}},
		call.AgentStateChosen{Agent: "dan", State: call.ChoseReady},
	} {
		r.Apply(call.Record{At: at, Event: e})
	}
	r.Apply(call.Record{At: at.Add(time.Hour), Event: call.NodeStarted{}})
	amy, dan := r.Seat("amy"), r.Seat("dan")
	if amy.Status != call.StatusUnreachable || amy.Call != "" || amy.Up || !amy.Since.Equal(at.Add(time.Hour)) {
		t.Errorf("amy is %+v, want her unreachable until her telephone is seen", amy)
	}
	if dan.Status != call.StatusReady || !dan.Up {
		t.Errorf("dan is %+v, want him ready: nothing tells of his telephone", dan)
	}
	// What was written down is the same when it is read.
	var again history.Roster
	again.Apply(call.Record{Event: r.Carried()})
	if *again.Seat("amy") != *amy || *again.Seat("dan") != *dan {
		t.Errorf("carried over: %+v, %+v, want %+v, %+v", again.Seat("amy"), again.Seat("dan"), amy, dan)
	}
	if w := r.Wishes(); len(w) != 4 {
		t.Errorf("%d wishes, want a sign-in and a choice of each", len(w))
	}
}
