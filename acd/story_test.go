package acd_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/acd"
	"github.com/linedesk/linedesk/call"
)

var update = flag.Bool("update", false, "write what the machine answers into testdata/*.txt")

// TestStories runs the scripts of testdata. A script is blocks of commands, "----", and what the machine
// answered to them; testdata/README.md explains the commands.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := retell(t, string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(want) {
				t.Errorf("%s tells another story now (-update writes it down):\n%s", file, firstDifference(got, string(want)))
			}
		})
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		line := func(s []string) string {
			if i < len(s) {
				return s[i]
			}
			return "(end)"
		}
		if line(g) != line(w) {
			return fmt.Sprintf("line %d: got %q, want %q", i+1, line(g), line(w))
		}
	}
	return "no difference"
}

// retell carries out the commands of a script and returns it with the machine's answers in place.
func retell(t *testing.T, script string) string {
	t.Helper()
	s := &stage{t: t, machine: acd.New(7), now: epoch}
	var out strings.Builder
	answers := false // within the answers of the block before, which are made anew
	for line := range strings.Lines(script) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "----":
			answers = true
			out.WriteString("----\n" + s.answers())
		case strings.TrimSpace(line) == "":
			answers = false
			out.WriteString("\n")
		case answers:
		default:
			out.WriteString(line + "\n")
			if !strings.HasPrefix(line, "#") {
				s.command(line)
			}
		}
	}
	return out.String()
}

var epoch = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// stage is where a story is played.
type stage struct {
	t       *testing.T
	machine *acd.Machine
	now     time.Time
	seq     uint64
	rules   call.RoutingConfigured
	stale   bool // the rules have changed and the machine does not know
	offers  []acd.OfferCall
	told    strings.Builder
	wake    string
}

func (s *stage) answers() string {
	s.configure()
	wake := "never wake"
	if at, ok := s.machine.Deadline(); ok {
		wake = "wake at " + s.since(at)
	}
	if wake != s.wake {
		fmt.Fprintln(&s.told, wake)
		s.wake = wake
	}
	defer s.told.Reset()
	return s.told.String()
}

func (s *stage) since(at time.Time) string { return "+" + at.Sub(epoch).String() }

func (s *stage) configure() {
	if s.stale {
		s.stale = false
		s.step(s.rules)
	}
}

func (s *stage) happen(e call.Event) {
	s.configure()
	s.step(e)
}

func (s *stage) step(e call.Event) {
	s.seq++
	for _, effect := range s.machine.Step(call.Record{Seq: s.seq, At: s.now, Event: e}) {
		fmt.Fprintln(&s.told, s.tell(effect))
	}
}

// after lets time pass, and stops at each deadline on the way.
func (s *stage) after(d time.Duration) {
	s.configure()
	until := s.now.Add(d)
	for {
		at, ok := s.machine.Deadline()
		if !ok || at.After(until) {
			break
		}
		s.now = at
		fmt.Fprintf(&s.told, "at %s:\n", s.since(at))
		s.step(call.TimePassed{})
	}
	s.now = until
}

func (s *stage) tell(e acd.Effect) string {
	switch e := e.(type) {
	case acd.OfferCall:
		s.offers = append(s.offers, e)
		of := ""
		if e.Queue != "" {
			of = " of " + string(e.Queue)
		}
		return fmt.Sprintf("offer o%d: call %s%s to %s until %s, %s", len(s.offers), e.Call, of, e.Agent, s.since(e.Until), e.Why)
	case acd.WithdrawOffer:
		miss := ""
		if e.Miss != "" {
			miss = ": " + string(e.Miss)
		}
		return fmt.Sprintf("withdraw %s (call %s, %s)%s", s.name(e.Offer), e.Call, e.Agent, miss)
	case acd.ReleaseAgent:
		return fmt.Sprintf("release %s (call %s, %s)", s.name(e.Offer), e.Call, e.Agent)
	case acd.ResumeWaiting:
		return fmt.Sprintf("call %s waits again in %s", e.Call, e.Queue)
	case acd.RefuseCall:
		switch {
		case e.Consult:
			return fmt.Sprintf("nobody to be asked of call %s: %s", e.Call, e.Reason)
		case e.Queue == "":
			return fmt.Sprintf("give call %s back: %s", e.Call, e.Reason)
		}
		return fmt.Sprintf("refuse call %s in %s: %s", e.Call, e.Queue, e.Reason)
	case acd.EndCall:
		return fmt.Sprintf("end call %s", e.Call)
	case acd.StartWrapUp:
		return fmt.Sprintf("wrap-up of call %s for %s until %s", e.Call, e.Agent, s.since(e.Until))
	case acd.EndWrapUp:
		return fmt.Sprintf("wrap-up of call %s is over for %s, timed out: %v", e.Call, e.Agent, e.TimedOut)
	case acd.ReportStatus:
		return s.status(e.AgentStatusChanged)
	default:
		s.t.Fatalf("unknown effect %T", e)
		return ""
	}
}

func (s *stage) status(e call.AgentStatusChanged) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is %s", e.Agent, e.Status)
	if e.Reason != "" {
		fmt.Fprintf(&b, " (%s)", e.Reason)
	}
	if e.Call != "" {
		fmt.Fprintf(&b, ", call %s", e.Call)
	}
	if e.Queue != "" {
		fmt.Fprintf(&b, " of %s", e.Queue)
	}
	if e.Until != nil {
		fmt.Fprintf(&b, " until %s", s.since(*e.Until))
	}
	then := string(e.Chosen)
	if e.ChosenReason != "" {
		then += " (" + string(e.ChosenReason) + ")"
	}
	if resting := e.Status == call.StatusReady || e.Status == call.StatusPaused || e.Status == call.StatusOff; !resting && then != "ready" {
		fmt.Fprintf(&b, ", then %s", then)
	}
	return b.String()
}

// name is the offer's name in the story; "an unknown offer" if the story has not seen it.
func (s *stage) name(id call.OfferID) string {
	for i, o := range s.offers {
		if o.Offer == id {
			return "o" + strconv.Itoa(i+1)
		}
	}
	return "an unknown offer"
}

// offer finds the offer that a command means: the named one, else the agent's last.
func (s *stage) offer(a string, rest []string) acd.OfferCall {
	if len(rest) > 0 {
		n, err := strconv.Atoi(strings.TrimPrefix(rest[len(rest)-1], "o"))
		if err == nil && n >= 1 && n <= len(s.offers) {
			return s.offers[n-1]
		}
	}
	for _, o := range slices.Backward(s.offers) {
		if string(o.Agent) == a {
			return o
		}
	}
	s.t.Fatalf("%s was never offered a call", a)
	return acd.OfferCall{}
}

func (s *stage) command(line string) {
	f := strings.Fields(line)
	if len(f) < 2 && f[0] != "restart" {
		s.t.Fatalf("command %q: says too little", line)
	}
	switch f[0] {
	case "queue":
		s.queue(f[1], f[2:])
	case "agent":
		s.agent(f[1], f[2:])
	case "remove":
		s.remove(f[1], f[2])
	case "after":
		s.after(s.duration(f[1]))
	case "restart":
		s.happen(call.NodeStarted{Node: "test"})
	case "call":
		s.call(f)
	case "lead":
		s.happen(call.AgentStateChosen{Agent: call.AgentID(f[2]), State: call.ChosePaused, Reason: call.ReasonID(f[3]), By: "lena"})
	default:
		s.deed(line, f[0], f[1], f[2:])
	}
}

func (s *stage) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

func (s *stage) number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *stage) queue(id string, settings []string) {
	q := call.QueueRules{Queue: call.QueueID(id), Strategy: "longest_idle", RingTimeout: 15 * time.Second}
	for i := 0; i+1 < len(settings); i += 2 {
		switch v := settings[i+1]; settings[i] {
		case "ring":
			q.RingTimeout = s.duration(v)
		case "wrap-up":
			q.WrapUp = s.duration(v)
		case "misses":
			q.MaxMisses = s.number(v)
		case "weight":
			q.Weight = s.number(v)
		case "max":
			q.MaxWaiting = s.number(v)
		default:
			s.t.Fatalf("queue %s: unknown setting %q", id, settings[i])
		}
	}
	s.rules.Queues = append(slices.DeleteFunc(slices.Clone(s.rules.Queues), func(o call.QueueRules) bool { return o.Queue == q.Queue }), q)
	s.stale = true
}

// agent defines an agent: "agent amy serves sales support [no-wrap-up] [misses-dont-count]".
func (s *stage) agent(id string, rest []string) {
	a := call.AgentRules{Agent: call.AgentID(id)}
	for _, word := range rest[1:] {
		switch word {
		case "no-wrap-up":
			a.NoWrapUp = true
		case "misses-dont-count":
			a.MissesDontCount = true
		default:
			a.Queues = append(a.Queues, call.QueueID(word))
		}
	}
	s.rules.Agents = append(slices.DeleteFunc(slices.Clone(s.rules.Agents), func(o call.AgentRules) bool { return o.Agent == a.Agent }), a)
	s.stale = true
}

func (s *stage) remove(what, id string) {
	if what == "queue" {
		s.rules.Queues = slices.DeleteFunc(slices.Clone(s.rules.Queues), func(o call.QueueRules) bool { return string(o.Queue) == id })
	} else {
		s.rules.Agents = slices.DeleteFunc(slices.Clone(s.rules.Agents), func(o call.AgentRules) bool { return string(o.Agent) == id })
	}
	s.stale = true
}

func (s *stage) call(f []string) {
	id := call.ID(f[1])
	switch f[2] {
	case "queued":
		e := call.CallQueued{Call: id, Queue: call.QueueID(f[3])}
		for i := 4; i+1 < len(f); i += 2 {
			switch f[i] {
			case "priority":
				e.Priority = s.number(f[i+1])
			case "preferred":
				e.Preferred = call.AgentID(f[i+1])
			case "returned-to":
				e.Preferred, e.Returned = call.AgentID(f[i+1]), true
			case "waiting-for":
				e.Since = s.now.Add(-s.duration(f[i+1]))
			}
		}
		s.happen(e)
	case "directed", "asks":
		e := call.CallDirected{Call: id, Agent: call.AgentID(f[4]), Consult: f[2] == "asks"}
		if len(f) > 6 {
			e.Queue = call.QueueID(f[6])
		}
		s.happen(e)
	case "stops": // asking
		s.happen(call.ConsultEnded{Call: id, Reason: "cancelled"})
	case "dequeued":
		s.happen(call.CallDequeued{Call: id, Reason: "flow"})
	case "leaves":
		s.happen(call.CallerLeft{Call: id, End: call.End{By: call.ByCaller, Cause: call.CauseAbandoned}})
	default:
		s.t.Fatalf("call %s: unknown deed %q", f[1], f[2])
	}
}

// deed is what an agent or the agent's station does.
func (s *stage) deed(line, who, what string, rest []string) {
	a := call.AgentID(who)
	switch what {
	case "starts": // a whole morning in a word
		s.happen(call.AgentSignedIn{Agent: a, Station: station(who, rest)})
		s.happen(call.StationUp{Agent: a})
		s.happen(call.AgentStateChosen{Agent: a, State: call.ChoseReady})
	case "signs-in":
		s.happen(call.AgentSignedIn{Agent: a, Station: station(who, rest)})
	case "moves":
		s.happen(call.AgentStationChosen{Agent: a, Station: station(who, rest)})
	case "ready", "paused", "off":
		e := call.AgentStateChosen{Agent: a, State: call.ChosenState(what)}
		if len(rest) > 0 {
			e.Reason = call.ReasonID(rest[0])
		}
		s.happen(e)
	case "up":
		s.happen(call.StationUp{Agent: a})
	case "down":
		s.happen(call.StationDown{Agent: a, Cause: strings.Join(rest, " ")})
	case "dials":
		s.happen(call.AgentCallStarted{Agent: a, Call: call.ID(rest[0])})
	case "ends":
		e := call.AgentCallEnded{Agent: a, Call: call.ID(rest[0])}
		if len(rest) > 1 {
			e.WrapUp = s.duration(rest[2])
		}
		s.happen(e)
	case "finishes":
		s.happen(call.WrapUpFinished{Agent: a, Call: call.ID(rest[0])})
	default:
		s.result(line, who, what, rest)
	}
}

// result is what comes of an offer.
func (s *stage) result(line, who, what string, rest []string) {
	o := s.offer(who, rest)
	id, offer, a := o.Call, o.Offer, o.Agent
	missed := func(m call.Miss) { s.happen(call.OfferMissed{Offer: offer, Call: id, Agent: a, Miss: m}) }
	switch what {
	case "rings":
		s.happen(call.OfferRinging{Offer: offer, Call: id, Agent: a})
	case "answers":
		s.happen(call.OfferAnswered{Offer: offer, Call: id, Agent: a})
	case "declines":
		missed(call.MissDeclined)
	case "busy":
		missed(call.MissBusy)
	case "unreachable":
		missed(call.MissUnreachable)
	case "no-answer":
		missed(call.MissNoAnswer)
	case "talks":
		s.happen(call.Bridged{Offer: offer, Call: id, Agent: a})
	case "takes": // answers and talks
		s.happen(call.OfferAnswered{Offer: offer, Call: id, Agent: a})
		s.happen(call.Bridged{Offer: offer, Call: id, Agent: a})
	case "answers-asked": // and speaks with who asks
		s.happen(call.OfferAnswered{Offer: offer, Call: id, Agent: a})
		s.happen(call.PartyJoined{Call: id, Agent: a, Offer: offer})
	case "gets": // the call, from who has asked
		s.happen(call.Transferred{Call: id, Agent: call.AgentID(rest[1]), Kind: call.TransferAttended, Offer: offer})
		s.happen(call.Bridged{Offer: offer, Call: id, Agent: a})
	case "hangs-up":
		s.happen(call.TalkEnded{Offer: offer, Call: id, Agent: a, By: call.ByAgent})
	case "loses-leg":
		s.happen(call.AgentLegLost{Offer: offer, Call: id, Agent: a})
	default:
		s.t.Fatalf("command %q: unknown", line)
	}
}

func station(who string, rest []string) call.Station {
	st := call.Station{Kind: call.StationSIP, Extension: call.Extension(who)}
	if len(rest) > 0 {
		st = call.Station{Kind: call.StationKind(rest[len(rest)-1]), Number: who}
	}
	return st
}
