package calls

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/linedesk/linedesk/agentdesk/view"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/switchboard/live"
)

// CallItem is one call as the customer lived it.
type CallItem struct {
	ID           string      `json:"id"`
	Direction    string      `json:"direction" enum:"inbound,outbound,internal"`
	State        string      `json:"state" doc:"ended, or of a live call: arriving, dialling, unreached, flow, waiting, offered, talking, transferring, parked"`
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
	Parties      []callParty `json:"parties" nullable:"false" doc:"Who takes part at the moment; empty when it is over"`
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

// callSegment is one agent's part. Its times are that agent's own.
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
	End        string  `json:"end" doc:"Empty: it goes on"`
	TalkMS     int64   `json:"talk_ms"`
	HoldMS     int64   `json:"hold_ms"`
	WrapUpMS   int64   `json:"wrap_up_ms"`

	Kind          string `json:"kind" enum:"offer,transfer,consult,conference,placed" doc:"How the agent came to it: a queue offered it, a colleague handed it over or asked beside it, all spoke together, or it was placed"`
	RingMS        int64  `json:"ring_ms" doc:"Of this agent's station, until the answer or the end of the offer"`
	ConsultMS     int64  `json:"consult_ms" doc:"Asking a colleague beside the call, or being asked"`
	TransferredTo string `json:"transferred_to,omitempty" doc:"Where the agent handed it over to"`
}

type callLeg struct {
	ID        string       `json:"id"`
	Agent     string       `json:"agent" doc:"Empty: the far party's, or that of one who was asked to join"`
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

type callsOutput struct{ Body web.Collection[CallItem] }

// CallPath names a call. It is exported, as all that is embedded in inputs, since huma looks into exported
// types only.
type CallPath struct {
	ID string `path:"id" maxLength:"64"`
}

type callOutput struct{ Body callDetail }

func (r *Room) registerLog(s *web.Server) {
	web.Handle(s, web.Op{
		Method: http.MethodGet, Path: "/calls", ID: "list-calls", Access: web.Needs(web.ReadCall), Rows: true,
		Summary: "Finished calls, newest first; with live=true those in progress",
	}, r.listCalls)
	web.Handle(s, web.Op{
		Method: http.MethodGet, Path: "/calls/{id}", ID: "get-call", Access: web.Needs(web.ReadCall), Rows: true,
		Summary: "One call with its timeline, legs and quality",
	}, r.getCall)
	recording := "/calls/{id}/recording"
	s.Serve(http.MethodGet, web.Prefix+recording, web.Needs(web.PlayRecording), r.getRecording)
	s.DescribeServed(&huma.Operation{ // a file, with ranges: net/http serves it
		OperationID: "play-recording", Method: http.MethodGet, Path: recording, Summary: "The sound of a call's voice message",
		Parameters: []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}},
		Extensions: map[string]any{"x-right": web.Needs(web.PlayRecording).String()},
		Responses: map[string]*huma.Response{
			"200": {Description: "WAV, G.711", Content: map[string]*huma.MediaType{"audio/wav": {}}},
			"404": {Description: "No such call, or no message in it"},
		},
	})
}

func (r *Room) listCalls(ctx context.Context, in *callsInput) (*callsOutput, error) {
	who := web.PrincipalOf(ctx)
	from, err := web.ParseTime(who.Site, "from", in.From)
	if err != nil {
		return nil, err
	}
	to, err := web.ParseTime(who.Site, "to", in.To)
	if err != nil {
		return nil, err
	}
	f := store.CallFilter{
		From: from, To: to, Direction: call.Direction(in.Direction), Queue: call.QueueID(in.Queue),
		Agent: call.AgentID(in.Agent), Customer: call.CustomerID(in.Customer), Cursor: in.Cursor, Limit: in.Limit,
	}
	if in.Number != "" {
		n := store.Normalise(in.Number, who.Site.Region)
		f.Number = cmp.Or(n.E164, n.Raw)
	}
	if in.Live {
		return r.listLiveCalls(who, f)
	}
	out := &callsOutput{Body: web.Collection[CallItem]{Items: []CallItem{}}}
	switch {
	case who.Rights[web.ReadCall] == configs.ScopeOwn && f.Agent != "" && f.Agent != who.AgentID(),
		who.Rights[web.ReadCall] == configs.ScopeOwn && who.AgentID() == "":
		return out, nil
	case who.Rights[web.ReadCall] == configs.ScopeOwn:
		f.Agent = who.AgentID()
	}
	f.Of = who.AgentsInSight(web.ReadCall)
	page, err := r.store.Calls(ctx, f)
	if err != nil {
		return nil, err
	}
	for i := range page.Items {
		out.Body.Items = append(out.Body.Items, itemOf(who, &page.Items[i]))
	}
	out.Body.Next = web.Next(page.Next)
	return out, nil
}

// listLiveCalls filters what is in progress. The cursor is the ID of the last call given.
func (r *Room) listLiveCalls(who *web.Principal, f store.CallFilter) (*callsOutput, error) {
	calls := r.live.Calls()
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
	out := &callsOutput{Body: web.Collection[CallItem]{Items: []CallItem{}}}
	for i := range calls {
		l := &calls[i]
		if l.State == live.StateEnded || !matchesLive(l, f) || !who.Sees(web.ReadCall, l.Agent) {
			continue
		}
		if len(out.Body.Items) == f.Limit {
			out.Body.Next = web.Next(out.Body.Items[f.Limit-1].ID)
			break
		}
		out.Body.Items = append(out.Body.Items, r.liveItem(who, l))
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

func itemOf(who *web.Principal, r *store.Call) CallItem {
	end := r.End
	return CallItem{
		ID: string(r.ID), Direction: string(r.Direction), State: string(live.StateEnded),
		From: who.Shown(r.From), FromName: r.FromName, To: who.Shown(r.To),
		Customer: string(r.Customer), CustomerName: r.CustomerName, Queue: string(r.Queue), Agent: string(r.Agent),
		Extension: string(r.Extension), Trunk: string(r.Trunk),
		ArrivedAt: view.JSONTime(r.ArrivedAt), AnsweredAt: view.JSONTimeOpt(r.AnsweredAt), QueuedAt: view.JSONTimeOpt(r.QueuedAt),
		BridgedAt: view.JSONTimeOpt(r.BridgedAt), EndedAt: view.JSONTimeOpt(r.EndedAt), End: &end,
		WaitMS: r.WaitMS, RingMS: r.RingMS, TalkMS: r.TalkMS, HoldMS: r.HoldMS, WrapUpMS: r.WrapUpMS,
		Disposition: string(r.Disposition), Notes: r.Notes, Unfinished: r.Unfinished, Voicemail: r.Voicemail != nil,
		Parties: []callParty{},
	}
}

func (r *Room) liveItem(who *web.Principal, l *live.Call) CallItem {
	now := r.web.Now()
	it := CallItem{
		ID: string(l.ID), Direction: string(l.Direction), State: string(l.State),
		From: who.Shown(l.From.Number), FromName: l.From.Name, To: who.Shown(l.To),
		Queue: string(l.Queue), Agent: string(l.Agent), Extension: string(l.Extension), Trunk: string(l.Trunk),
		ArrivedAt: view.JSONTime(l.ArrivedAt), AnsweredAt: view.JSONTimeOpt(l.AnsweredAt), QueuedAt: view.JSONTimeOpt(l.QueuedAt),
		BridgedAt: view.JSONTimeOpt(l.FirstBridgedAt), WaitMS: l.Waited(now).Milliseconds(), RingMS: l.RingMS,
		Parties: partiesOf(who, r.live.Presences(l.ID)),
	}
	if a := who.Site.Agent(l.Agent); a != nil && l.Direction == call.Inbound {
		it.Extension = string(a.Extension)
	}
	if l.Customer != nil {
		it.Customer, it.CustomerName = string(l.Customer.ID), l.Customer.Name
	}
	return it
}

func (r *Room) getCall(ctx context.Context, in *CallPath) (*callOutput, error) {
	who := web.PrincipalOf(ctx)
	row, err := r.store.Call(ctx, call.ID(in.ID))
	if errors.Is(err, store.ErrNotFound) {
		if l, ok := r.live.Call(call.ID(in.ID)); ok && who.Sees(web.ReadCall, l.Agent) {
			return &callOutput{Body: callDetail{
				CallItem: r.liveItem(who, &l), Path: l.Path,
				Timeline: []callEvent{}, Segments: liveSegments(r.live.Segments(l.ID)), Legs: []callLeg{},
			}}, nil
		}
		return nil, web.NotFound("call", in.ID)
	}
	if err != nil {
		return nil, err
	}
	if !who.SeesCall(&row) {
		return nil, web.NotFound("call", in.ID)
	}
	return &callOutput{Body: detailOf(who, &row)}, nil
}

func detailOf(who *web.Principal, r *store.Call) callDetail {
	d := callDetail{CallItem: itemOf(who, r), Timeline: []callEvent{}, Segments: []callSegment{}, Legs: []callLeg{}, Quality: r.Quality}
	for _, e := range r.Timeline {
		d.Timeline = append(d.Timeline, callEvent{At: view.JSONTime(e.At), TimelineEntry: e})
	}
	for _, sg := range r.Segments {
		d.Segments = append(d.Segments, segmentOf(&sg))
	}
	for _, l := range r.Legs {
		d.Legs = append(d.Legs, callLeg{
			ID: string(l.ID), Agent: string(l.Agent), StartedAt: view.JSONTime(l.StartedAt), EndedAt: view.JSONTimeOpt(l.EndedAt),
			End: l.End, Quality: l.Quality,
		})
	}
	if r.Voicemail != nil && who.MayHear(r.Agent, r.Queue) {
		d.Recording = &callRecordingInfo{
			Kind: "voicemail", URL: web.RecordingURL(r.ID),
			DurationMS: r.Voicemail.DurationMS, Ticket: string(r.Voicemail.Ticket),
		}
	}
	return d
}

// getRecording plays a call's message. The file's name comes from our own row and is opened below the
// recordings folder whatever it says.
func (r *Room) getRecording(w http.ResponseWriter, q *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if err := r.sendRecording(w, q); err != nil {
		web.WriteProblem(w, r.web.AsProblem(q.Context(), err))
	}
}

func (r *Room) sendRecording(w http.ResponseWriter, q *http.Request) error {
	who, id := web.PrincipalOf(q.Context()), q.PathValue("id")
	row, err := r.store.Call(q.Context(), call.ID(id))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err != nil || row.Voicemail == nil || !who.MayHear(row.Agent, row.Queue) || r.recordings == nil {
		return web.NotFound("recording", id)
	}
	f, err := r.recordings.Open(path.Clean(row.Voicemail.File))
	if err != nil {
		return web.NotFound("recording", id)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		return web.NotFound("recording", id)
	}
	if strings.HasSuffix(row.Voicemail.File, ".wav") {
		w.Header().Set("Content-Type", "audio/wav")
	} else {
		w.Header().Set("Content-Type", "application/octet-stream")
	}
	http.ServeContent(w, q, "", info.ModTime(), io.NewSectionReader(f, 0, info.Size()))
	return nil
}
