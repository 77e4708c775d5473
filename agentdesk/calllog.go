package agentdesk

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/switchboard/live"
)

// CallItem is one call as the customer lived it.
type CallItem struct {
	ID           string      `json:"id"`
	Direction    string      `json:"direction" enum:"inbound,outbound,internal"`
	State        string      `json:"state" doc:"ended, or of a live call: arriving, dialling, unreached, flow, waiting, offered, talking"`
	From         call.Number `json:"from"`
	FromName     string      `json:"from_name" doc:"As the line carried it"`
	To           call.Number `json:"to"`
	Customer     string      `json:"customer" doc:"ID; empty: unknown"`
	CustomerName string      `json:"customer_name"`
	Queue        string      `json:"queue" doc:"The last one it stood in"`
	Agent        string      `json:"agent" doc:"The last one who took it, or who placed it"`
	Extension    string      `json:"extension"`
	Trunk        string      `json:"trunk"`
	ArrivedAt    string      `json:"arrived_at" format:"date-time"`
	AnsweredAt   *string     `json:"answered_at" format:"date-time"`
	QueuedAt     *string     `json:"queued_at" format:"date-time"`
	BridgedAt    *string     `json:"bridged_at" format:"date-time"`
	EndedAt      *string     `json:"ended_at" format:"date-time"`
	End          *call.End   `json:"end" doc:"null: it goes on"`
	WaitMS       int64       `json:"wait_ms" doc:"In queues, until the first bridge; without one, until it left them"`
	RingMS       int64       `json:"ring_ms"`
	TalkMS       int64       `json:"talk_ms" doc:"Without hold"`
	HoldMS       int64       `json:"hold_ms"`
	WrapUpMS     int64       `json:"wrap_up_ms"`
	Disposition  string      `json:"disposition"`
	Notes        string      `json:"notes"`
	Unfinished   bool        `json:"unfinished" doc:"Time ended the wrap-up before the agent did"`
	Voicemail    bool        `json:"voicemail" doc:"The caller left a message: GET /calls/{id}/recording"`
}

// callDetail adds what happened, one thing after the other.
type callDetail struct {
	CallItem
	Path      string             `json:"path" doc:"Of a live call: what the caller chose"`
	Timeline  []callEvent        `json:"timeline" nullable:"false"`
	Segments  []callSegment      `json:"segments" nullable:"false"`
	Legs      []callLeg          `json:"legs" nullable:"false"`
	Quality   *call.Quality      `json:"quality" doc:"The far party's leg"`
	Recording *callRecordingInfo `json:"recording" doc:"null: there is none"`
}

// callEvent is one thing that happened. Type is the event's name in the journal.
type callEvent struct {
	At string `json:"at" format:"date-time"`
	store.TimelineEntry
}

type callSegment struct {
	Offer      string  `json:"offer"`
	Queue      string  `json:"queue"`
	Agent      string  `json:"agent"`
	Why        string  `json:"why"`
	OfferedAt  string  `json:"offered_at" format:"date-time"`
	RingingAt  *string `json:"ringing_at" format:"date-time"`
	AnsweredAt *string `json:"answered_at" format:"date-time"`
	BridgedAt  *string `json:"bridged_at" format:"date-time"`
	EndedAt    *string `json:"ended_at" format:"date-time"`
	End        string  `json:"end"`
	TalkMS     int64   `json:"talk_ms"`
	HoldMS     int64   `json:"hold_ms"`
	WrapUpMS   int64   `json:"wrap_up_ms"`
}

type callLeg struct {
	ID        string       `json:"id"`
	Agent     string       `json:"agent" doc:"Empty: the far party's"`
	StartedAt string       `json:"started_at" format:"date-time"`
	EndedAt   *string      `json:"ended_at" format:"date-time"`
	End       *call.End    `json:"end"`
	Quality   call.Quality `json:"quality"`
}

type callRecordingInfo struct {
	Kind       string `json:"kind" enum:"voicemail"`
	URL        string `json:"url"`
	DurationMS int64  `json:"duration_ms"`
	Ticket     string `json:"ticket"`
}

type callsInput struct {
	Limit     int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Cursor    string `query:"cursor" maxLength:"512"`
	From      string `query:"from" maxLength:"40" doc:"Arrived at this moment or later"`
	To        string `query:"to" maxLength:"40" doc:"Arrived before this moment"`
	Direction string `query:"direction" enum:"inbound,outbound,internal"`
	Queue     string `query:"queue" maxLength:"64"`
	Agent     string `query:"agent" maxLength:"64"`
	Customer  string `query:"customer" maxLength:"64"`
	Number    string `query:"number" maxLength:"64" doc:"Of either side"`
	Live      bool   `query:"live" doc:"true: the calls in progress instead of the finished ones"`
}

type callsOutput struct{ Body collection[CallItem] }

// CallPath names a call. It is exported, as all that is embedded in inputs, since huma looks into exported
// types only.
type CallPath struct {
	ID string `path:"id" maxLength:"64"`
}

type callOutput struct{ Body callDetail }

func (s *Server) registerCallLog() {
	handle(s, op{
		method: http.MethodGet, path: "/calls", id: "list-calls", access: needs(readCall),
		summary: "Finished calls, newest first; with live=true those in progress",
	}, s.listCalls)
	handle(s, op{
		method: http.MethodGet, path: "/calls/{id}", id: "get-call", access: needs(readCall),
		summary: "One call with its timeline, legs and quality",
	}, s.getCall)
	recording := "/calls/{id}/recording"
	s.serve(http.MethodGet, apiPrefix+recording, needs(playRecording), s.getRecording)
	s.describeServed(&huma.Operation{ // a file, with ranges: net/http serves it
		OperationID: "play-recording", Method: http.MethodGet, Path: recording, Summary: "The sound of a call's voice message",
		Parameters: []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}},
		Extensions: map[string]any{"x-right": needs(playRecording).String()},
		Responses: map[string]*huma.Response{
			"200": {Description: "WAV, G.711", Content: map[string]*huma.MediaType{"audio/wav": {}}},
			"404": {Description: "No such call, or no message in it"},
		},
	})
}

func (s *Server) listCalls(ctx context.Context, in *callsInput) (*callsOutput, error) {
	c := callerOf(ctx)
	from, err := c.site.parseTime("from", in.From)
	if err != nil {
		return nil, err
	}
	to, err := c.site.parseTime("to", in.To)
	if err != nil {
		return nil, err
	}
	f := store.CallFilter{
		From: from, To: to, Direction: call.Direction(in.Direction), Queue: call.QueueID(in.Queue),
		Agent: call.AgentID(in.Agent), Customer: call.CustomerID(in.Customer), Cursor: in.Cursor, Limit: in.Limit,
	}
	if in.Number != "" {
		n := store.Normalise(in.Number, c.site.Region)
		f.Number = cmp.Or(n.E164, n.Raw)
	}
	if in.Live {
		return s.listLiveCalls(c, f)
	}
	out := &callsOutput{Body: collection[CallItem]{Items: []CallItem{}}}
	switch {
	case c.rights[readCall] == configs.ScopeOwn && f.Agent != "" && f.Agent != c.agentID(),
		c.rights[readCall] == configs.ScopeOwn && c.agentID() == "":
		return out, nil
	case c.rights[readCall] == configs.ScopeOwn:
		f.Agent = c.agentID()
	}
	page, err := s.store.Calls(ctx, f)
	if err != nil {
		return nil, err
	}
	for i := range page.Items {
		// A page may hold fewer than asked for: those of other teams are left out.
		if c.sees(readCall, page.Items[i].Agent) {
			out.Body.Items = append(out.Body.Items, c.callItem(&page.Items[i]))
		}
	}
	out.Body.Next = nextOf(page.Next)
	return out, nil
}

// listLiveCalls filters what is in progress. The cursor is the ID of the last call given.
func (s *Server) listLiveCalls(c *caller, f store.CallFilter) (*callsOutput, error) {
	calls := s.live.Calls()
	slices.SortFunc(calls, func(a, b live.Call) int {
		return cmp.Or(b.ArrivedAt.Compare(a.ArrivedAt), cmp.Compare(b.ID, a.ID))
	})
	if f.Cursor != "" {
		i := slices.IndexFunc(calls, func(l live.Call) bool { return string(l.ID) == f.Cursor })
		if i < 0 { // it ended meanwhile; IDs are in order of arrival
			i = slices.IndexFunc(calls, func(l live.Call) bool { return string(l.ID) < f.Cursor }) - 1
			if i < -1 {
				i = len(calls) - 1
			}
		}
		calls = calls[i+1:]
	}
	out := &callsOutput{Body: collection[CallItem]{Items: []CallItem{}}}
	for i := range calls {
		l := &calls[i]
		if l.State == live.StateEnded || !matchesLive(l, f) || !c.sees(readCall, l.Agent) {
			continue
		}
		if len(out.Body.Items) == f.Limit {
			out.Body.Next = nextOf(out.Body.Items[f.Limit-1].ID)
			break
		}
		out.Body.Items = append(out.Body.Items, c.liveItem(l, s.now()))
	}
	return out, nil
}

func matchesLive(l *live.Call, f store.CallFilter) bool {
	has := func(n call.Number) bool { return n.E164 == f.Number || n.Raw == f.Number }
	return (f.From.IsZero() || !l.ArrivedAt.Before(f.From)) &&
		(f.To.IsZero() || l.ArrivedAt.Before(f.To)) &&
		(f.Direction == "" || l.Direction == f.Direction) &&
		(f.Queue == "" || l.Queue == f.Queue) &&
		(f.Agent == "" || l.Agent == f.Agent) &&
		(f.Customer == "" || l.Customer != nil && l.Customer.ID == f.Customer) &&
		(f.Number == "" || has(l.From.Number) || has(l.To))
}

func (c *caller) callItem(r *store.Call) CallItem {
	end := r.End
	return CallItem{
		ID: string(r.ID), Direction: string(r.Direction), State: string(live.StateEnded),
		From: c.shownNumber(r.From), FromName: r.FromName, To: c.shownNumber(r.To),
		Customer: string(r.Customer), CustomerName: r.CustomerName, Queue: string(r.Queue), Agent: string(r.Agent),
		Extension: string(r.Extension), Trunk: string(r.Trunk),
		ArrivedAt: jsonTime(r.ArrivedAt), AnsweredAt: jsonTimeOpt(r.AnsweredAt), QueuedAt: jsonTimeOpt(r.QueuedAt),
		BridgedAt: jsonTimeOpt(r.BridgedAt), EndedAt: jsonTimeOpt(r.EndedAt), End: &end,
		WaitMS: r.WaitMS, RingMS: r.RingMS, TalkMS: r.TalkMS, HoldMS: r.HoldMS, WrapUpMS: r.WrapUpMS,
		Disposition: string(r.Disposition), Notes: r.Notes, Unfinished: r.Unfinished, Voicemail: r.Voicemail != nil,
	}
}

func (c *caller) liveItem(l *live.Call, now time.Time) CallItem {
	it := CallItem{
		ID: string(l.ID), Direction: string(l.Direction), State: string(l.State),
		From: c.shownNumber(l.From.Number), FromName: l.From.Name, To: c.shownNumber(l.To),
		Queue: string(l.Queue), Agent: string(l.Agent), Extension: string(l.Extension), Trunk: string(l.Trunk),
		ArrivedAt: jsonTime(l.ArrivedAt), AnsweredAt: jsonTimeOpt(l.AnsweredAt), QueuedAt: jsonTimeOpt(l.QueuedAt),
		BridgedAt: jsonTimeOpt(l.FirstBridgedAt), WaitMS: l.Waited(now).Milliseconds(), RingMS: l.RingMS,
	}
	if a := c.site.Agent(l.Agent); a != nil && l.Direction == call.Inbound {
		it.Extension = string(a.Extension)
	}
	if l.Customer != nil {
		it.Customer, it.CustomerName = string(l.Customer.ID), l.Customer.Name
	}
	return it
}

func (s *Server) getCall(ctx context.Context, in *CallPath) (*callOutput, error) {
	c := callerOf(ctx)
	r, err := s.store.Call(ctx, call.ID(in.ID))
	if errors.Is(err, store.ErrNotFound) {
		if l, ok := s.live.Call(call.ID(in.ID)); ok && c.sees(readCall, l.Agent) {
			return &callOutput{Body: callDetail{
				CallItem: c.liveItem(&l, s.now()), Path: l.Path,
				Timeline: []callEvent{}, Segments: []callSegment{}, Legs: []callLeg{},
			}}, nil
		}
		return nil, notFound("call", in.ID)
	}
	if err != nil {
		return nil, err
	}
	if !c.seesCall(&r) {
		return nil, notFound("call", in.ID)
	}
	return &callOutput{Body: c.callDetail(&r)}, nil
}

// seesCall tells whether a call is the caller's to see: who took any part in it may.
func (c *caller) seesCall(r *store.Call) bool {
	return c.sees(readCall, r.Agent) ||
		slices.ContainsFunc(r.Segments, func(sg store.Segment) bool { return c.sees(readCall, sg.Agent) })
}

func (c *caller) callDetail(r *store.Call) callDetail {
	d := callDetail{CallItem: c.callItem(r), Timeline: []callEvent{}, Segments: []callSegment{}, Legs: []callLeg{}, Quality: r.Quality}
	for _, e := range r.Timeline {
		d.Timeline = append(d.Timeline, callEvent{At: jsonTime(e.At), TimelineEntry: e})
	}
	for _, sg := range r.Segments {
		d.Segments = append(d.Segments, callSegment{
			Offer: string(sg.Offer), Queue: string(sg.Queue), Agent: string(sg.Agent), Why: sg.Why,
			OfferedAt: jsonTime(sg.OfferedAt), RingingAt: jsonTimeOpt(sg.RingingAt), AnsweredAt: jsonTimeOpt(sg.AnsweredAt),
			BridgedAt: jsonTimeOpt(sg.BridgedAt), EndedAt: jsonTimeOpt(sg.EndedAt), End: string(sg.End),
			TalkMS: sg.TalkMS, HoldMS: sg.HoldMS, WrapUpMS: sg.WrapUpMS,
		})
	}
	for _, l := range r.Legs {
		d.Legs = append(d.Legs, callLeg{
			ID: string(l.ID), Agent: string(l.Agent), StartedAt: jsonTime(l.StartedAt), EndedAt: jsonTimeOpt(l.EndedAt),
			End: l.End, Quality: l.Quality,
		})
	}
	if r.Voicemail != nil && c.mayHear(r.Agent, r.Queue) {
		d.Recording = &callRecordingInfo{
			Kind: "voicemail", URL: recordingURL(r.ID),
			DurationMS: r.Voicemail.DurationMS, Ticket: string(r.Voicemail.Ticket),
		}
	}
	return d
}

// getRecording plays a call's message. The file's name comes from our own row and is opened below the
// recordings folder whatever it says.
func (s *Server) getRecording(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if err := s.sendRecording(w, r); err != nil {
		writeProblem(w, s.asProblem(r.Context(), err))
	}
}

func (s *Server) sendRecording(w http.ResponseWriter, r *http.Request) error {
	c, id := callerOf(r.Context()), r.PathValue("id")
	row, err := s.store.Call(r.Context(), call.ID(id))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err != nil || row.Voicemail == nil || !c.mayHear(row.Agent, row.Queue) || s.recordings == nil {
		return notFound("recording", id)
	}
	f, err := s.recordings.Open(path.Clean(row.Voicemail.File))
	if err != nil {
		return notFound("recording", id)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		return notFound("recording", id)
	}
	if strings.HasSuffix(row.Voicemail.File, ".wav") {
		w.Header().Set("Content-Type", "audio/wav")
	} else {
		w.Header().Set("Content-Type", "application/octet-stream")
	}
	http.ServeContent(w, r, "", info.ModTime(), io.NewSectionReader(f, 0, info.Size()))
	return nil
}

// mayHear: a message in a queue's voicemail has no agent yet; those who serve the queue may hear it.
func (c *caller) mayHear(agent call.AgentID, queue call.QueueID) bool {
	return c.sees(playRecording, agent) || (agent == "" && c.seesQueue(playRecording, queue)) ||
		(agent == "" && queue == "" && c.rights[playRecording] > configs.ScopeNone)
}

func recordingURL(id call.ID) string { return apiPrefix + "/calls/" + string(id) + "/recording" }
