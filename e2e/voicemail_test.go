package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/linedesk/linedesk/sip/siptest"
)

type ticketRow struct {
	ID        string `json:"id"`
	Number    string `json:"number"`
	Kind      string `json:"kind"`
	State     string `json:"state"`
	Customer  string `json:"customer"`
	Call      string `json:"call"`
	Queue     string `json:"queue"`
	Recording string `json:"recording"`
}

// A message becomes a ticket with the recording, whether the caller ends it by a key or by hanging up.
func TestVoicemailLeavesATicket(t *testing.T) {
	t.Parallel()
	s := start(t, options{})
	lena := s.signIn("lena")

	t.Run("ended by a key", func(t *testing.T) {
		lena := lena.in(t)
		c := dial(t, s.caller(t, "13912340041"), "4004")
		ok(t, heardPrompt(soon(t, aMoment), c, "zh-CN/leave_message"))
		leaveMessage(t, c)
		ok(t, c.SendDTMF(soon(t, aMoment), "#"))
		ok(t, heardPrompt(soon(t, aMoment), c, "zh-CN/message_kept"))
		gone(t, c)
		checkMessage(t, s, lena, lena.logged("13912340041"))
	})
	t.Run("ended by hanging up", func(t *testing.T) {
		lena := lena.in(t)
		c := dial(t, s.caller(t, "13912340042"), "4004")
		ok(t, heardPrompt(soon(t, aMoment), c, "zh-CN/leave_message"))
		leaveMessage(t, c)
		ok(t, c.HangUp(soon(t, aMoment)))
		checkMessage(t, s, lena, lena.logged("13912340042"))
	})
	t.Run("nothing said", func(t *testing.T) {
		lena := lena.in(t)
		c := dial(t, s.caller(t, "13912340043"), "4004")
		ok(t, c.SendDTMF(soon(t, aMoment), "#"))
		ok(t, heardPrompt(soon(t, aMoment), c, "beep"))
		c.Silence()
		ok(t, heardPrompt(soon(t, 20*time.Second), c, "zh-CN/no_message"))
		gone(t, c)
		if r := lena.logged("13912340043"); r.Voicemail || r.End.Cause != "flow_ended" {
			t.Errorf("logged is %+v, end %+v", r, *r.End)
		}
	})
}

// leaveMessage skips the greeting by a key, waits for the beep, and speaks for 2 s.
func leaveMessage(t *testing.T, c *siptest.Call) {
	t.Helper()
	ok(t, c.SendDTMF(soon(t, aMoment), "1"))
	ok(t, heardPrompt(soon(t, aMoment), c, "beep"))
	ok(t, c.HeardSilence(soon(t, aMoment)))
	speak(t, c)
}

// speak says something for 2 s.
func speak(t *testing.T, c *siptest.Call) {
	t.Helper()
	c.Tone(callerTone)
	spoken := c.Stats().Sent + 100
	eventually(t, aMoment, "two seconds are spoken", func() error {
		if sent := c.Stats().Sent; sent < spoken {
			return fmt.Errorf("%d packets are to come", spoken-sent)
		}
		return nil
	})
}

func checkMessage(t *testing.T, s *server, lena *client, r callRow) {
	t.Helper()
	if !r.Voicemail || r.End.Cause != "voicemail" {
		t.Errorf("logged is %+v, end %+v", r, *r.End)
	}
	var tickets page[ticketRow]
	eventually(t, 2*time.Second, "the ticket", func() error {
		err := lena.do(http.MethodGet, "/tickets?call="+r.ID, nil, &tickets)
		return notCount(err, tickets.Items, 1)
	})
	k := tickets.Items[0]
	if k.Kind != "voicemail" || k.State != "open" || k.Queue != "support" || k.Number == "" || k.Recording == "" {
		t.Errorf("the ticket is %+v", k)
	}
	d := lena.detail(r.ID)
	if d.Recording == nil || d.Recording.Ticket != k.ID || d.Recording.DurationMS < 1500 || d.Recording.DurationMS > 4000 {
		t.Fatalf("the call's recording is %+v", d.Recording)
	}
	var wav []byte
	lena.must(http.MethodGet, "/calls/"+r.ID+"/recording", nil, &wav)
	pcm, err := readWAV(wav)
	ok(t, err)
	if len(pcm) < 12_000 {
		t.Fatalf("the recording has %d samples", len(pcm))
	}
	if middle := pcm[len(pcm)/2-800 : len(pcm)/2+800]; loudness(middle) < -25 || share(middle, callerTone) < 0.9 {
		t.Errorf("the middle of the recording has %.0f dBov, %.0f %% of it at %d Hz", loudness(middle), 100*share(middle, callerTone), callerTone)
	}
	var heard []byte
	s.signIn("amy").must(http.MethodGet, "/calls/"+r.ID+"/recording", nil, &heard) // she serves the queue
	if !bytes.Equal(heard, wav) {
		t.Errorf("the queue's agent got %d bytes, the lead %d", len(heard), len(wav))
	}
	if err := s.signIn("carl").do(http.MethodGet, "/calls/"+r.ID+"/recording", nil, &heard); err == nil {
		t.Error("a campaign runner, who has no right to it, can play the recording")
	}
}
