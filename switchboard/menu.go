package switchboard

import (
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip/ivr"
	"github.com/linedesk/linedesk/sip/ivr/flow"
	"github.com/linedesk/linedesk/sip/media"
)

// menu is a call's way through its flow. It stays with the call while an agent talks, for the agent's phone
// may be lost and the caller waits again.
type menu struct {
	*ivr.Runner
	c    *liveCall
	flow *flow.Flow
}

// enterMenu leads the caller into the flow of the number that was dialled.
func (c *liveCall) enterMenu(n *number) {
	site := c.sb.site.Load()
	f := site.Flows[n.Flow]
	if f == nil { // a checked site has it
		c.log.Error("number without its flow", slog.String("flow", string(n.Flow)))
		c.finish(call.End{By: call.BySystem, Cause: call.CauseFailed})
		return
	}
	c.sb.router.record(call.FlowEntered{Call: c.id, Flow: f.ID, Version: f.Version})
	m := &menu{c: c, flow: f}
	c.menu = m
	m.Runner = ivr.NewRunner(ivr.RunnerConfig{
		Flow: f, Env: flow.Env{Languages: n.Languages, Fallback: site.Language},
		Sounds: c.sb.prompts, Leg: c.far.sound, Out: m.carryOut, RecordFile: m.recordFile,
		QueueMusic: c.sb.queueMusic, Log: c.log,
	})
	m.Start()
}

// queueMusic names the music of a queue.
func (sb *Switchboard) queueMusic(id call.QueueID) string {
	if q := sb.site.Load().Queue(id); q != nil {
		return q.Music
	}
	return ""
}

// carryOut does what the flow asks beyond sounds and keys.
func (m *menu) carryOut(e flow.Effect) {
	c := m.c
	switch e := e.(type) {
	case flow.Report:
		c.sb.router.record(call.FlowStepped{Call: c.id, Flow: m.flow.ID, Node: e.Node, Exit: e.Exit, Digits: e.Digits})
	case flow.Enqueue:
		c.queue = e.Queue
		c.sb.router.record(call.CallQueued{Call: c.id, Queue: e.Queue, Skills: e.Skills, Priority: e.Priority, Grade: c.grade})
	case flow.SetTimer:
		c.setTimer(e.ID, e.After)
	case flow.LeaveVoicemail:
		c.voicemail = true
		c.sb.router.record(call.VoicemailLeft{
			Call: c.id, File: e.File, Duration: e.Duration, Queue: e.Queue,
			Ticket: call.TicketID(uuid.Must(uuid.NewV7()).String()), Kind: e.Ticket,
		})
	case flow.HangUp:
		if c.voicemail {
			e.Cause = call.CauseVoicemail
		}
		c.finish(call.End{By: call.BySystem, Cause: e.Cause})
	default:
		c.log.Error("effect of a flow that nobody carries out", slog.Any("effect", e))
	}
}

// recordFile names the next recording: recordings/YYYY/MM/DD/CALL-….wav in the data folder.
func (m *menu) recordFile() string {
	c := m.c
	c.recordings++
	file := filepath.Join(c.sb.recordings, c.sb.recordingName(c.id, c.recordings))
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		c.log.Error("no folder for a recording", slog.Any("error", err)) // Record fails, and the flow goes on by its exit
	}
	return file
}

// leastSpoken is how much of a recording must be louder than a quiet room for it to be a message.
const leastSpoken = 300 * time.Millisecond

// recorded tells the flow that a recording is over; the file is known to the record by its place in the
// recordings folder.
func (m *menu) recorded(e media.RecordDone) {
	file, err := filepath.Rel(m.c.sb.recordings, e.File)
	if err != nil {
		file = filepath.Base(e.File)
	}
	if e.Err != nil {
		m.c.log.Error("recording ended early", slog.Any("error", e.Err))
	}
	said := e.Duration
	if e.Spoken < leastSpoken && e.Duration > 0 { // a caller who waited for something to happen has left no message
		said = 0
		if err := os.Remove(e.File); err != nil {
			m.c.log.Warn("an empty recording stays", slog.Any("error", err))
		}
	}
	m.Step(flow.RecordDone{File: filepath.ToSlash(file), Duration: said, Failed: e.Duration == 0})
}
