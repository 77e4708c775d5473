package desk

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/view"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/switchboard/live"
)

const (
	// lookTime bounds a look-up altogether.
	lookTime   = 5 * time.Second
	lookAgain  = 2 * time.Second // after an error
	popTickets = 50
)

// popup is what is looked up for one call. The desk's mutex guards it.
type popup struct {
	customer call.CustomerID // as the call said when it was looked up
	number   call.Number
	asked    time.Time // first
	running  bool
	again    bool // look up once more when this one is done
	failed   time.Time
	found    *found // nil: not yet
	opened   []store.Ticket
}

// found is the answer of a look-up, as the records are.
type found struct {
	customers []store.Customer // the first is the one; none: unknown number
	calls     []store.Call
	tickets   []store.Ticket
	fromCall  []store.Ticket // opened from this call
}

func (p *popup) shows(id call.CustomerID) bool {
	return p.customer == id || p.found != nil && slices.ContainsFunc(p.found.customers, func(c store.Customer) bool { return c.ID == id })
}

// popup gives what is known of a call's customer, and starts the look-up at the first sight of a call.
func (v *deskView) popup(l *live.Call) *proto.Pop {
	number := l.From.Number
	if l.Direction != call.Inbound {
		number = l.To
	}
	var customer call.CustomerID
	if l.Customer != nil {
		customer = l.Customer.ID
	}
	d := v.d
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.pops[l.ID]
	if p == nil {
		p = &popup{asked: v.now}
		d.pops[l.ID] = p
	}
	if p.number = number; !p.running {
		switch {
		case p.found == nil && (p.failed.IsZero() || v.now.Sub(p.failed) >= lookAgain), p.again, p.found != nil && p.customer != customer:
			p.customer = customer
			d.look(l.ID, p)
		}
	}
	if p.found == nil {
		if left := call.LookUpTime - v.now.Sub(p.asked); left > 0 {
			v.hold = max(v.hold, left)
		}
		if !p.failed.IsZero() {
			d.retryAt = append(d.retryAt, p.failed.Add(lookAgain))
		}
		return &proto.Pop{Calls: []proto.CallItem{}, Tickets: []proto.TicketItem{}, Others: []proto.Customer{}, Pending: true}
	}
	return v.pop(p.found)
}

func (v *deskView) pop(f *found) *proto.Pop {
	pop := &proto.Pop{Calls: []proto.CallItem{}, Tickets: []proto.TicketItem{}, Others: []proto.Customer{}}
	for i := range f.customers {
		c := v.who.Site.Customer(&f.customers[i], v.masked)
		if i == 0 {
			pop.Customer = &c
		} else {
			pop.Others = append(pop.Others, c)
		}
	}
	for i := range f.calls {
		pop.Calls = append(pop.Calls, v.who.Site.CallItem(&f.calls[i], v.masked))
	}
	for i := range f.tickets {
		pop.Tickets = append(pop.Tickets, v.ticket(&f.tickets[i]))
	}
	return pop
}

// look starts a look-up aside and rouses the desk when it is done. The caller holds the mutex.
func (d *desk) look(id call.ID, p *popup) {
	p.running, p.again = true, false
	customer, number := p.customer, p.number
	d.room.desks.wg.Go(func() {
		start := time.Now()
		f, err := d.room.lookUp(d.room.desks.ctx, id, customer, number)
		d.room.lookUps.Observe(time.Since(start).Seconds())
		d.mu.Lock()
		p.running = false
		if err == nil {
			p.found, p.failed = f, time.Time{}
		} else {
			p.failed = d.room.web.Now()
		}
		d.mu.Unlock()
		if err != nil && d.room.desks.ctx.Err() == nil {
			d.room.web.Log().Warn("customer not looked up", slog.String("call", string(id)), slog.Any("error", err))
		}
		d.rouse()
	})
}

// lookUp reads a caller's record, last calls and open tickets.
func (r *Room) lookUp(ctx context.Context, id call.ID, customer call.CustomerID, number call.Number) (*found, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	f := &found{}
	text := number.E164
	if text == "" {
		text = number.Raw
	}
	if text != "" {
		var err error
		if f.customers, err = r.store.CustomersByPhone(ctx, text); err != nil {
			return nil, err
		}
	}
	if customer != "" {
		if err := r.putFirst(ctx, f, customer); err != nil {
			return nil, err
		}
	}
	past := store.CallFilter{Limit: recentMax}
	open := store.TicketFilter{Open: true, Limit: popTickets}
	if store.CallerKey(number) != "" { // not a word such as "anonymous", which many callers have
		past.Number, open.Phone = text, text
	}
	if len(f.customers) > 0 {
		past.Number, past.Customer, open.Customer = "", f.customers[0].ID, f.customers[0].ID
	}
	if open.Phone != "" || open.Customer != "" {
		open, err := r.store.Tickets(ctx, open)
		if err != nil {
			return nil, err
		}
		f.tickets = open.Items
	}
	if past.Number != "" || past.Customer != "" {
		calls, err := r.store.Calls(ctx, past)
		if err != nil {
			return nil, err
		}
		f.calls = slices.DeleteFunc(calls.Items, func(c store.Call) bool { return c.ID == id })
	}
	fromCall, err := r.store.Tickets(ctx, store.TicketFilter{Call: id, Limit: popTickets})
	if err != nil {
		return nil, err
	}
	f.fromCall = fromCall.Items
	return f, nil
}

// putFirst makes sure that the customer whose call it is comes first.
func (r *Room) putFirst(ctx context.Context, f *found, id call.CustomerID) error {
	if i := slices.IndexFunc(f.customers, func(c store.Customer) bool { return c.ID == id }); i >= 0 {
		f.customers[0], f.customers[i] = f.customers[i], f.customers[0]
		return nil
	}
	c, err := r.store.Customer(ctx, id)
	if err != nil {
		return err
	}
	f.customers = slices.Insert(f.customers, 0, c)
	return nil
}

// dropPops forgets all look-ups but that of the present call.
func (d *desk) dropPops(keep call.ID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id := range d.pops {
		if id != keep {
			delete(d.pops, id)
		}
	}
}

// reloadPops looks up again what is shown of the calls for which f says so.
func (d *desk) reloadPops(f func(*popup) bool) {
	d.mu.Lock()
	some := false
	for _, p := range d.pops {
		if f(p) {
			p.again, some = true, true
		}
	}
	d.mu.Unlock()
	if some {
		d.rouse()
	}
}

// ticketOpened shows a ticket that was opened from a call of this desk before its row is there.
func (d *desk) ticketOpened(t store.Ticket) {
	d.mu.Lock()
	p := d.pops[t.Call]
	if p != nil {
		p.opened = append(p.opened, t)
		p.again = true
	}
	d.mu.Unlock()
	if p != nil {
		d.rouse()
	}
}

// ticketsOf gives the tickets opened from a call: those in the database, and those on their way there.
func (v *deskView) ticketsOf(id call.ID) []proto.TicketItem {
	d := v.d
	d.mu.Lock()
	defer d.mu.Unlock()
	out := []proto.TicketItem{}
	p := d.pops[id]
	if p == nil {
		return out
	}
	seen := map[call.TicketID]bool{}
	if p.found != nil {
		for i := range p.found.fromCall {
			seen[p.found.fromCall[i].ID] = true
			out = append(out, v.ticket(&p.found.fromCall[i]))
		}
	}
	for i := range p.opened {
		if !seen[p.opened[i].ID] {
			out = append(out, v.ticket(&p.opened[i]))
		}
	}
	return out
}

func (v *deskView) ticket(t *store.Ticket) proto.TicketItem {
	return view.TicketItem(t, v.who.RecordingOf(t))
}
