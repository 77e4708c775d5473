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
	"github.com/linedesk/linedesk/switchboard/talk"
)

// menu is a call's way through its flow. It stays with the call while an agent talks, for the agent's phone
// may be lost and the caller waits again.
type menu struct {
	*ivr.Runner
	c    *liveCall
	flow *flow.Flow
	leg  *leg // on which it is heard
}

// enterMenu leads the caller into the flow of the number that was dialled.
func (c *liveCall) enterMenu() {
	site, l := c.sb.site.Load(), c.customerLeg()
	f := site.Flows[c.number.Flow]
	if f == nil { // a checked site has it
		c.log.Error("number without its flow", slog.String("flow", string(c.number.Flow)))
		c.step(talk.Stop{End: call.End{By: call.BySystem, Cause: call.CauseFailed}})
		return
	}
	c.tell(call.FlowEntered{Call: c.id, Flow: f.ID, Version: f.Version})
	m := &menu{c: c, flow: f, leg: l}
	c.menu = m
	m.Runner = ivr.NewRunner(ivr.RunnerConfig{
		Flow: f, Env: flow.Env{Languages: c.number.Languages, Fallback: site.Language},
		Sounds: c.sb.prompts, Leg: l.sound, Out: m.carryOut, RecordFile: m.recordFile,
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
		c.tell(call.FlowStepped{Call: c.id, Flow: m.flow.ID, Node: e.Node, Exit: e.Exit, Digits: e.Digits})
	case flow.Enqueue:
		c.step(talk.FlowQueues{Queue: e.Queue, Skills: e.Skills, Priority: e.Priority})
	case flow.SetTimer:
		c.setMenuTimer(e.ID, e.After)
	case flow.LeaveVoicemail:
		c.step(talk.FlowKeeps{
			File: e.File, Duration: e.Duration, Queue: e.Queue, Kind: e.Ticket,
			Ticket: call.TicketID(uuid.Must(uuid.NewV7()).String()),
		})
	case flow.HangUp:
		c.step(talk.FlowHangsUp{Cause: e.Cause})
	default:
		c.log.Error("effect of a flow that nobody carries out", slog.Any("effect", e))
	}
}

// recordFile names the next recording: recordings/YYYY/MM/DD/CALL-….wav in the data folder.
func (m *menu) recordFile() string {
	c := m.c
	c.files++
	file := filepath.Join(c.sb.recordings, c.sb.recordingName(c.id, c.files))
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

// setMenuTimer posts flowWaited after d, unless the call is over by then.
func (c *liveCall) setMenuTimer(id uint64, d time.Duration) {
	if c.menuRun == nil {
		c.menuRun = make(map[uint64]*time.Timer, 1)
	}
	if t := c.menuRun[id]; t != nil {
		t.Stop()
	}
	c.menuRun[id] = time.AfterFunc(d, func() { c.post(flowWaited{id: id}) })
}
