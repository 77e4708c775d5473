package desk

import (
	"context"
	"sync"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

const (
	// lookPause is the least time between two looks at what changed for the open desks. The first look
	// after a quiet moment is at once.
	lookPause = 10 * time.Millisecond
	// queuesEvery is how often a desk's queue figures follow when nothing else changes.
	queuesEvery = time.Second
	// probeTime is how long a page that holds the desk has to show that it is alive when another of the same
	// browser wants it: a reloaded page must not find its own ghost.
	probeTime = time.Second
	// owedTime is how long the live state is waited for to show what a command did.
	owedTime = 5 * time.Second
)

// desks is the set of desks that are open, or were a minute ago. An agent has one desk; one page holds it.
type desks struct {
	room   *Room
	ctx    context.Context // of the server's life
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu   sync.Mutex
	open map[call.AgentID]*desk
	held map[*web.Socket]*desk   // the desk that each page holds, or held until another took it
	seqs map[call.AgentID]uint64 // of desks that are closed: numbers never repeat
}

func newDesks(r *Room) *desks {
	ctx, cancel := context.WithCancel(context.Background())
	return &desks{room: r, held: map[*web.Socket]*desk{}, ctx: ctx, cancel: cancel, open: map[call.AgentID]*desk{}, seqs: map[call.AgentID]uint64{}}
}

// run wakes the desks whose agent or call changed. It ends when all that the desks started has ended.
func (ds *desks) run(ctx context.Context) {
	defer ds.wg.Wait()
	defer ds.cancel()
	watch := ds.room.live.Watch()
	defer watch.Close()
	pause := time.NewTimer(0)
	defer pause.Stop()
	ds.wg.Go(func() { (&round{desks: ds}).run(ctx) })
	for {
		select {
		case <-ctx.Done():
			return
		case <-watch.C():
			ds.look(watch.Take())
			pause.Reset(lookPause)
			select {
			case <-ctx.Done():
				return
			case <-pause.C:
			}
		}
	}
}

func (ds *desks) all() []*desk {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	out := make([]*desk, 0, len(ds.open))
	for _, d := range ds.open {
		out = append(out, d)
	}
	return out
}

func (ds *desks) of(a call.AgentID) *desk {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	return ds.open[a]
}

// look rouses the open desks of agents that changed. A desk that opens looks by itself.
func (ds *desks) look(changed []call.AgentID) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	for _, a := range changed {
		if d := ds.open[a]; d != nil {
			d.rouse()
		}
	}
}

// elsewhere tells whether another page holds the agent's desk.
func (ds *desks) elsewhere(k *web.Socket, a call.AgentID) bool {
	d := ds.of(a)
	if a == "" || d == nil {
		return false
	}
	holder := d.holding()
	if holder == nil || holder == k {
		return false
	}
	if holder.SameBrowser(k) && !holder.Alive(probeTime) {
		holder.Close(proto.CloseTakenOver, "this page did not answer")
		ds.release(holder)
		return false
	}
	return true
}

// subscribe gives a page its agent's desk, if no other page has it.
func (ds *desks) subscribe(k *web.Socket, who *web.Principal, from proto.Subscribe) error {
	agent, err := who.MustBeAgent()
	if err != nil {
		return err
	}
	if ds.elsewhere(k, agent) {
		return web.NewProblem(409, proto.CodeDeskElsewhere, "your desk is open in another page: take it over first")
	}
	d, first := ds.hold(k, agent, who.User.ID)
	if d == nil {
		return web.NewProblem(409, proto.CodeDeskElsewhere, "your desk is open in another page: take it over first")
	}
	if first {
		ds.room.calls.DeskSeen(agent, k.Page())
	}
	d.attach(k, from)
	return nil
}

// hold makes the page the desk's holder; nil if another was faster. First says that it wasn't before.
func (ds *desks) hold(k *web.Socket, a call.AgentID, user call.UserID) (d *desk, first bool) {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	d = ds.open[a]
	if d == nil {
		d = newDesk(ds.room, a, user, ds.seqs[a])
		ds.open[a] = d
		ds.wg.Go(func() { d.run(ds.ctx) })
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.holder != nil && d.holder != k {
		return nil, false
	}
	first = d.holder == nil
	d.holder = k
	ds.held[k] = d
	return d, first
}

// release ends a page's hold on its desk.
func (ds *desks) release(k *web.Socket) {
	ds.mu.Lock()
	d := ds.held[k]
	delete(ds.held, k)
	ds.mu.Unlock()
	if d == nil {
		return
	}
	d.mu.Lock()
	mine := d.holder == k
	if mine {
		d.holder, d.idle = nil, ds.room.web.Now()
	}
	d.mu.Unlock()
	if mine {
		ds.room.calls.DeskLost(d.agent, k.Page())
		d.rouse()
	}
}

// takeOver closes the page that holds the agent's desk.
func (ds *desks) takeOver(k *web.Socket, a call.AgentID) {
	d := ds.of(a)
	if d == nil {
		return
	}
	if holder := d.holding(); holder != nil && holder != k {
		holder.Close(proto.CloseTakenOver, "the desk was opened elsewhere")
		ds.release(holder)
	}
}

// forget ends a desk that nobody has held for a while; false if somebody does again.
func (ds *desks) forget(d *desk) bool {
	ds.mu.Lock()
	defer ds.mu.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.holder != nil {
		return false
	}
	ds.seqs[d.agent] = d.seq
	delete(ds.open, d.agent)
	return true
}

// touch makes an agent's desk look again.
func (ds *desks) touch(a call.AgentID) {
	if d := ds.of(a); d != nil {
		d.rouse()
	}
}

// outdated makes an agent's desk read its history again, when the rows of a record are there; 0: now.
func (ds *desks) outdated(a call.AgentID, after uint64) {
	if d := ds.of(a); d != nil {
		d.outdated(after)
	}
}

// written follows the call log.
func (ds *desks) written(agents []call.AgentID) {
	for _, a := range agents {
		ds.outdated(a, 0)
	}
}

// siteChanged has every desk composed anew.
func (ds *desks) siteChanged() {
	for _, d := range ds.all() {
		d.rouse()
	}
}

// linkOffered notes that the agent's browser wants its leg.
func (ds *desks) linkOffered(a call.AgentID) {
	if d := ds.of(a); d != nil {
		d.mu.Lock()
		d.offeredLink = ds.room.web.Now()
		d.mu.Unlock()
		d.rouse()
	}
}

// opened shows a ticket at once on the desk it was opened from.
func (ds *desks) opened(t store.Ticket) {
	for _, d := range ds.all() {
		d.ticketOpened(t)
	}
}

// customerChanged makes the desks that show the customer look it up again.
func (ds *desks) customerChanged(id call.CustomerID) {
	for _, d := range ds.all() {
		d.reloadPops(func(p *popup) bool { return p.shows(id) })
	}
}

// owe has the desk that a page holds say when it shows the journal up to a number.
func (ds *desks) owe(k *web.Socket, seq uint64) {
	ds.mu.Lock()
	d := ds.held[k]
	ds.mu.Unlock()
	if d == nil {
		return
	}
	d.mu.Lock()
	d.owed = max(d.owed, seq)
	d.mu.Unlock()
	if ds.room.live.Version() >= seq {
		d.rouse()
		return
	}
	ds.wg.Go(func() {
		ctx, cancel := context.WithTimeout(ds.ctx, owedTime)
		defer cancel()
		if ds.room.live.WaitFor(ctx, seq) == nil {
			d.rouse()
		}
	})
}

// holds tells whether a page holds its agent's desk.
func (ds *desks) holds(k *web.Socket) bool {
	ds.mu.Lock()
	d := ds.held[k]
	ds.mu.Unlock()
	return d != nil && d.holding() == k
}
