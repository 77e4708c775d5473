package desk

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/view"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/switchboard/live"
)

const (
	recentMax     = 10
	unfinishedMax = 20
	linkPatience  = 10 * time.Second // how long a browser's leg may take to come up
)

// desk is one agent's desk: what it shows, and the page that shows it. Its goroutine (run) composes and
// sends; the mutex guards what others touch.
type desk struct {
	room  *Room
	agent call.AgentID
	user  call.UserID
	wake  chan struct{} // capacity 1
	// looked is up to where in the journal the desk was composed last.
	looked atomic.Uint64

	// Of run alone.
	known bool // composed once
	held  holdClock

	mu          sync.Mutex
	holder      *web.Socket
	attached    *attachment // a page that waits for its snapshot
	idle        time.Time   // since when nobody holds it
	seq         uint64
	ring        web.Ring
	shown       []byte // the desk as encoded last
	journal     uint64 // as it was sent last
	owed        uint64 // a page waits for this
	pops        map[call.ID]*popup
	history     history
	retryAt     []time.Time // when to look again for what could not be read
	offeredLink time.Time
}

// attachment is a page that has just subscribed.
type attachment struct {
	page *web.Socket
	from proto.Subscribe
}

// history is what the desk shows of the agent's past calls.
type history struct {
	recent     []store.Call
	unfinished []store.Call
	loaded     bool
	loading    bool
	stale      bool   // there are newer rows
	after      uint64 // the rows of this record are to be among what is read
	asked      time.Time
}

func newDesk(r *Room, a call.AgentID, user call.UserID, seq uint64) *desk {
	return &desk{room: r, agent: a, user: user, wake: make(chan struct{}, 1), seq: seq, pops: map[call.ID]*popup{}}
}

func (d *desk) rouse() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *desk) holding() *web.Socket {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.holder
}

// attach gives the page what it missed, or a snapshot.
func (d *desk) attach(k *web.Socket, from proto.Subscribe) {
	d.mu.Lock()
	d.attached = &attachment{k, from}
	d.mu.Unlock()
	d.rouse()
}

// run composes the desk whenever something changed. It ends a minute after the last page left.
func (d *desk) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		case <-timer.C:
		}
		next, over := d.turn(ctx)
		if over && d.room.desks.forget(d) {
			return
		}
		timer.Reset(next)
	}
}

// turn does one round and says when the next is due, whatever happens meanwhile.
func (d *desk) turn(ctx context.Context) (next time.Duration, over bool) {
	defer func() {
		if p := recover(); p != nil {
			d.room.web.Log().ErrorContext(ctx, "panic in a desk", slog.String("agent", string(d.agent)), slog.Any("panic", p),
				slog.String("stack", string(debug.Stack())))
			next = time.Second
		}
	}()
	now := d.room.web.Now()
	holder := d.holding()
	if holder == nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		return web.RingAge, !d.idle.IsZero() && now.Sub(d.idle) >= web.RingAge
	}
	journal := d.room.live.Version() // before looking: what is composed shows at least this much
	v := newDeskView(d, holder.Principal(), now)
	shown := v.compose()
	d.looked.Store(journal)
	if v.hold > 0 {
		return v.hold, false // the customer's record is on its way
	}
	d.publish(&shown, journal)
	return d.nextLook(now), false
}

// publish sends the desk if it is not what was sent before.
func (d *desk) publish(shown *proto.Desk, journal uint64) {
	data, err := json.Marshal(shown)
	if err != nil {
		d.room.web.Log().Error("desk not encoded", slog.String("agent", string(d.agent)), slog.Any("error", err))
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.room.web.Now()
	if !bytes.Equal(data, d.shown) || d.owed > d.journal && journal >= d.owed {
		d.shown, d.journal = data, journal
		d.seq++
		delta, err := json.Marshal(proto.Delta{T: "d", Ch: "desk", Seq: d.seq, Now: view.EpochMS(now), Journal: journal})
		if err != nil {
			return
		}
		// The desk is encoded already: it goes in as the last field, before the closing brace.
		delta = slices.Concat(delta[:len(delta)-1], []byte(`,"desk":`), data, []byte("}"))
		d.ring.Add(web.Frame{Seq: d.seq, At: now, Data: delta})
		if d.holder != nil && d.attached == nil {
			d.holder.SendRaw(delta)
		}
	}
	if a := d.attached; a != nil {
		d.attached = nil
		if a.page == d.holder {
			d.greet(a, shown, now, journal)
		}
	}
}

// greet sends a page that has just come what it missed, or everything.
func (d *desk) greet(a *attachment, shown *proto.Desk, now time.Time, journal uint64) {
	if a.from.Epoch == d.room.web.Epoch() && a.from.Seq > 0 {
		if missed, ok := d.ring.After(a.from.Seq, d.seq); ok {
			for _, f := range missed {
				a.page.SendRaw(f.Data)
			}
			return
		}
	}
	a.page.Send(proto.Snap{T: "snap", Ch: "desk", Epoch: d.room.web.Epoch(), Seq: d.seq, Now: view.EpochMS(now), Journal: journal, Desk: shown})
}

// deskView makes the desk out of the live state, the customer's record and the agent's history.
type deskView struct {
	d      *desk
	room   *Room
	who    *web.Principal
	now    time.Time
	masked bool
	hold   time.Duration // do not show this yet: something is looked up and its time is not over
}

func newDeskView(d *desk, who *web.Principal, now time.Time) *deskView {
	return &deskView{d: d, room: d.room, who: who, now: now, masked: who.Masked()}
}

func (v *deskView) compose() proto.Desk {
	a, known := v.room.live.Agent(v.d.agent)
	if !known {
		a = live.Agent{ID: v.d.agent, Status: call.StatusOff, Chosen: call.ChoseOff}
	}
	out := proto.Desk{
		Agent: view.AgentRow(v.who.Site, &a, v.masked), Until: view.EpochMSOpt(a.Until), Link: v.link(&a),
		Queues: v.queues(&a), Parked: v.parked(), Recent: []proto.CallItem{}, Unfinished: []proto.CallItem{},
	}
	var l live.Call
	has := false
	if a.Call != nil {
		l, has = v.room.live.Call(a.Call.ID)
	}
	v.d.follow(&a)
	switch {
	case !has:
	case a.Call.Offer != "" && (a.Call.State == live.StateOffered || a.Call.Asked && a.Status == call.StatusOffered):
		out.Offer = v.offer(&a, &l)
	default:
		out.Call = v.call(&a, &l)
	}
	v.history(&out)
	return out
}

// follow lets go of what was looked up for calls that are the agent's no more.
func (d *desk) follow(a *live.Agent) {
	var id call.ID
	if a.Call != nil {
		id = a.Call.ID
	}
	d.known = true
	d.dropPops(id)
}

// link is the state of the browser's leg.
func (v *deskView) link(a *live.Agent) proto.LegState {
	if a.Station.Kind != call.StationWebRTC {
		return proto.LegNone
	}
	if a.StationUp {
		return proto.LegUp
	}
	v.d.mu.Lock()
	asked := v.d.offeredLink
	v.d.mu.Unlock()
	if !asked.IsZero() && v.now.Sub(asked) < linkPatience {
		return proto.LegConnecting
	}
	return proto.LegDown
}

func (v *deskView) queues(a *live.Agent) []proto.QueueRow {
	out := []proto.QueueRow{}
	mine := a.Queues
	if v.who.Agent != nil && len(mine) == 0 {
		mine = v.who.Agent.Queues
	}
	for _, q := range v.room.live.Queues() {
		if slices.Contains(mine, q.ID) {
			out = append(out, view.QueueRow(v.who.Site, &q))
		}
	}
	return out
}

// parked are the calls that may be taken up.
func (v *deskView) parked() []proto.ParkedCall {
	out := []proto.ParkedCall{}
	for _, c := range v.room.live.Parked() {
		out = append(out, proto.ParkedCall{
			Slot: c.Parked.Slot, Call: string(c.ID), By: string(c.Parked.By), Since: view.EpochMS(c.Parked.At),
			Until: view.EpochMS(c.Parked.Until), From: v.who.Site.Party(c.FarNumber(), cmp.Or(view.CustomerName(c.Customer), c.From.Name), v.masked),
			Queue: string(c.Queue),
		})
	}
	return out
}

func (v *deskView) offer(a *live.Agent, l *live.Call) *proto.Offer {
	o := &proto.Offer{
		ID: string(a.Call.Offer), Call: string(l.ID), Queue: string(l.Queue), Since: view.EpochMS(a.Call.Since),
		From: v.who.Site.Party(l.FarNumber(), cmp.Or(view.CustomerName(l.Customer), l.From.Name), v.masked),
		To:   v.who.Site.Number(l.To), Path: pathOf(l.Path), Pop: v.popup(l),
		WaitedMS: l.Waited(a.Call.Since).Milliseconds(),
	}
	if l.FirstBridgedAt != nil && l.WaitSince != nil { // waits again, since an agent was lost
		o.WaitedMS = max(0, a.Call.Since.Sub(*l.WaitSince)).Milliseconds()
	}
	switch why := proto.OfferWhy(a.Call.Why); why {
	case proto.WhyTransferred, proto.WhyConsult:
		o.Why, o.By = why, string(a.Call.By)
	case proto.WhyReturned:
		o.Why = why
	}
	ring := call.DefaultRing // of a call that no queue has: an agent placed it, and has handed it over
	if q := v.who.Site.Queue(l.Queue); q != nil {
		ring = q.RingTimeout
	}
	o.Until = view.EpochMS(a.Call.Since.Add(ring))
	return o
}

func (v *deskView) call(a *live.Agent, l *live.Call) *proto.Call {
	form, _ := v.room.drafts.get(l.ID)
	c := &proto.Call{
		ID: string(l.ID), Direction: l.Direction, State: stateOf(a, l), Queue: string(l.Queue),
		From: v.who.Site.Party(l.From.Number, l.From.Name, v.masked), To: v.who.Site.Party(l.To, "", v.masked),
		Since: view.EpochMS(a.Call.Since), BridgedAt: view.EpochMSOpt(l.BridgedAt), HeldSince: view.EpochMSOpt(l.HeldSince), Muted: l.Muted,
		Path: pathOf(l.Path), Disposition: string(form.Disposition), Notes: form.Notes,
	}
	if name := view.CustomerName(l.Customer); name != "" {
		if l.Direction == call.Inbound {
			c.From.Name = name
		} else {
			c.To.Name = name
		}
	}
	switch {
	case l.HeldSince != nil:
		c.Since = view.EpochMS(*l.HeldSince)
	case c.State == proto.CallWrapUp:
		c.Since = view.EpochMS(a.Since)
	}
	if l.FirstBridgedAt != nil {
		c.WaitedMS = l.Waited(v.now).Milliseconds() // does not grow any more
	}
	if a.Call.Asked {
		c.Muted, c.BridgedAt, c.HeldSince = a.Call.Muted, 0, 0
	}
	if k := l.Asks; k != nil && (a.Call.Asked || k.By == a.ID) {
		c.Asks = &proto.Asks{
			By: string(k.By), To: string(k.To), Agent: string(k.Agent), Since: view.EpochMS(k.Since), Joined: k.Joined, Beside: k.Beside,
		}
	}
	c.EndCause = l.Unreached
	c.HoldMS = v.d.held.total(l, v.now)
	c.Pop = v.popup(l)
	c.Tickets = v.ticketsOf(l.ID)
	if own := &a.Call.Own; own.TransferredTo != "" { // it may go on with others
		c.TransferredTo, c.EndCause = string(own.TransferredTo), call.CauseTransferred
		c.BridgedAt, c.HoldMS = view.EpochMSOpt(own.BridgedAt), own.HoldMS
		c.HeldSince, c.Muted, c.Since = 0, false, view.EpochMS(a.Since)
		return c
	}
	v.d.mu.Lock()
	defer v.d.mu.Unlock()
	for i := range v.d.history.recent { // the call log knows the end
		if r := &v.d.history.recent[i]; r.ID == l.ID {
			c.EndCause, c.HoldMS = r.End.Cause, r.HoldMS
		}
	}
	return c
}

// stateOf says how far the agent's call is.
func stateOf(a *live.Agent, l *live.Call) proto.CallState {
	switch {
	case a.Status == call.StatusWrapUp:
		return proto.CallWrapUp
	case l.State == live.StateEnded:
		return proto.CallEnded
	case a.Call != nil && a.Call.Asked, l.Asks != nil && l.Asks.By == a.ID && l.Asks.Beside:
		return proto.CallConsulting
	case l.State == live.StateTalking && l.Held:
		return proto.CallHeld
	case l.State == live.StateTalking:
		return proto.CallTalking
	case l.State == live.StateUnreached:
		return proto.CallUnreached
	case l.AnsweredAt == nil && a.Station.Kind != call.StationWebRTC && (l.State == live.StateArriving || l.Agent != a.ID):
		return proto.CallCallingYou // the phone of who placed the call, or of a colleague who is called
	case l.Agent == a.ID && (l.State == live.StateArriving || l.State == live.StateDialling):
		if l.Direction == call.Internal {
			return proto.CallCallingColleague
		}
		return proto.CallCallingCustomer
	}
	return proto.CallRinging
}

func pathOf(p string) []string {
	if p == "" {
		return []string{}
	}
	return []string{p}
}

// holdClock adds up the holds of one call.
type holdClock struct {
	call  call.ID
	since time.Time
	sum   time.Duration
}

func (h *holdClock) total(l *live.Call, now time.Time) int64 {
	if h.call != l.ID {
		*h = holdClock{call: l.ID}
	}
	switch {
	case l.HeldSince != nil:
		h.since = *l.HeldSince
	case !h.since.IsZero():
		h.sum += now.Sub(h.since)
		h.since = time.Time{}
	}
	return h.sum.Milliseconds()
}
