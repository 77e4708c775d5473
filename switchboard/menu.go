package switchboard

import (
	"cmp"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
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

// enterMenu leads the caller into a flow.
func (c *liveCall) enterMenu(e talk.EnterFlow) {
	site, l := c.sb.site.Load(), c.customerLeg()
	var languages []string
	if c.number != nil {
		languages = c.number.Languages
		e.Flow = cmp.Or(e.Flow, c.number.Flow)
	}
	f := site.Flows[e.Flow]
	if e.Queue != "" {
		f = lineOf(site, e.Queue)
	}
	if f == nil || l == nil { // a checked site has it
		c.log.Error("there is no such flow", slog.String("flow", string(e.Flow)))
		c.step(talk.Stop{End: call.End{By: call.BySystem, Cause: call.CauseFailed}})
		return
	}
	if e.Queue == "" {
		c.tell(call.FlowEntered{Call: c.id, Flow: f.ID, Version: f.Version})
	}
	for _, t := range c.menuRun { // of the flow before
		t.Stop()
	}
	clear(c.menuRun)
	m := &menu{c: c, flow: f, leg: l}
	c.menu = m
	m.Runner = ivr.NewRunner(ivr.RunnerConfig{
		Flow: f, Env: flow.Env{Languages: languages, Fallback: site.Language},
		Sounds: c.sb.prompts, Leg: l.sound, Out: m.carryOut, RecordFile: m.recordFile,
		QueueMusic: c.sb.queueMusic, Log: c.log,
	})
	m.Start()
}

// lineOf is the flow of a call that a colleague hands over to a queue: nothing but the wait in it. What is said there is
// what the site's own flows say to those who wait in that queue.
func lineOf(site *configs.Site, q call.QueueID) *flow.Flow {
	const start = "wait"
	n := flow.Node{Type: flow.Queue, Queue: q}
	for _, id := range slices.Sorted(maps.Keys(site.Flows)) {
		for _, name := range slices.Sorted(maps.Keys(site.Flows[id].Nodes)) {
			if own := site.Flows[id].Nodes[name]; own.Type == flow.Queue && own.Queue == q {
				n.Music, n.Announce, n.Every, n.Lost = own.Music, own.Announce, own.Every, own.Lost
				return &flow.Flow{Start: start, Nodes: map[string]*flow.Node{start: &n}}
			}
		}
	}
	return &flow.Flow{Start: start, Nodes: map[string]*flow.Node{start: &n}}
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
	m := c.menu
	c.menuRun[id] = time.AfterFunc(d, func() { c.post(flowWaited{menu: m, id: id}) })
}
