package agentdesk

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/ticket"
)

// ticketItem is something promised to a customer.
type ticketItem struct {
	ID        string  `json:"id"`
	Number    string  `json:"number" doc:"What people read; empty for a moment after it was opened from a call"`
	Kind      string  `json:"kind"`
	Subject   string  `json:"subject"`
	Text      string  `json:"text"`
	State     string  `json:"state"`
	Owner     string  `json:"owner" doc:"User"`
	Customer  string  `json:"customer"`
	Phone     string  `json:"phone" doc:"Whom it is about, while that is no customer: E.164 where the number is valid"`
	Call      string  `json:"call"`
	Queue     string  `json:"queue"`
	Urgency   string  `json:"urgency" doc:"normal, urgent, very_urgent"`
	DueAt     *string `json:"due_at" format:"date-time"`
	Recording string  `json:"recording" doc:"Empty, or where its sound can be had"`
	Version   int     `json:"version"`
	CreatedBy string  `json:"created_by"`
	CreatedAt string  `json:"created_at" format:"date-time"`
	UpdatedAt string  `json:"updated_at" format:"date-time"`
	ClosedAt  *string `json:"closed_at" format:"date-time"`
}

// TicketFields are what a client may set; absent ones stay as they are.
type TicketFields struct {
	Subject  *string    `json:"subject,omitempty" minLength:"1" maxLength:"300"`
	Text     *string    `json:"text,omitempty" maxLength:"20000"`
	State    *string    `json:"state,omitempty" maxLength:"64"`
	Owner    *string    `json:"owner,omitempty" maxLength:"64"`
	Customer *string    `json:"customer,omitempty" maxLength:"64"`
	Urgency  *string    `json:"urgency,omitempty" enum:"normal,urgent,very_urgent"`
	DueAt    *time.Time `json:"due_at,omitempty"`
}

type ticketsInput struct {
	Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Cursor   string `query:"cursor" maxLength:"512"`
	Kind     string `query:"kind" maxLength:"64"`
	State    string `query:"state" maxLength:"64"`
	Owner    string `query:"owner" maxLength:"64"`
	Customer string `query:"customer" maxLength:"64"`
	Call     string `query:"call" maxLength:"64"`
	Number   string `query:"number" maxLength:"64"`
	Open     bool   `query:"open" doc:"true: only those not closed"`
}

type ticketsOutput struct{ Body collection[ticketItem] }

// TicketPath names a ticket.
type TicketPath struct {
	ID string `path:"id" maxLength:"64"`
}

type ticketOutput struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     ticketItem
}

type createTicketInput struct {
	Body struct {
		TicketFields
		Kind string `json:"kind" minLength:"1" maxLength:"64"`
		Call string `json:"call,omitempty" maxLength:"64" doc:"The call it comes from"`
		// Number is kept where the customer is not known.
		Number string `json:"number,omitempty" maxLength:"64" doc:"Whom it is about, while that is no customer; of the call unless given"`
	}
}

type patchTicketInput struct {
	TicketPath
	IfMatch string `header:"If-Match" maxLength:"200"`
	Body    struct {
		TicketFields
		Version int `json:"version,omitempty" minimum:"1" doc:"The one that was read; or use If-Match"`
	}
}

func (s *Server) registerTickets() {
	handle(s, op{method: http.MethodGet, path: "/tickets", id: "list-tickets", access: needs(readTicket), summary: "Tickets, newest first"}, s.listTickets)
	handle(s, op{
		method: http.MethodPost, path: "/tickets", id: "create-ticket", access: needs(writeTicket), status: http.StatusCreated,
		summary: "Open a ticket",
	}, s.createTicket)
	handle(s, op{method: http.MethodGet, path: "/tickets/{id}", id: "get-ticket", access: needs(readTicket), summary: "One ticket"}, s.getTicket)
	handle(s, op{
		method: http.MethodPatch, path: "/tickets/{id}", id: "patch-ticket", access: needs(writeTicket),
		summary: "Change a ticket: absent fields stay",
	}, s.patchTicket)
	handle(s, op{
		method: http.MethodGet, path: "/tickets/{id}/audit", id: "audit-ticket", access: needs("read:audit"),
		summary: "Who changed what, newest first",
	}, s.auditTicket)
}

func (c *caller) ticketItem(r *store.Ticket) ticketItem {
	return ticketItem{
		ID: string(r.ID), Number: r.Number, Kind: r.Kind, Subject: r.Subject, Text: r.Text, State: r.State,
		Owner: string(r.Owner), Customer: string(r.Customer), Call: string(r.Call), Queue: string(r.Queue), Urgency: r.Urgency,
		DueAt: jsonTimeOpt(r.Due), Version: r.Version, CreatedBy: string(r.CreatedBy), CreatedAt: jsonTime(r.CreatedAt),
		UpdatedAt: jsonTime(r.UpdatedAt), ClosedAt: jsonTimeOpt(r.ClosedAt), Recording: c.recordingOf(r),
		Phone: c.shown(cmp.Or(r.Phone.E164, r.Phone.Raw)),
	}
}

// recordingOf is where the message that a ticket is about can be heard; "": there is none, or not for this caller.
func (c *caller) recordingOf(r *store.Ticket) string {
	if r.Recording == "" || r.Call == "" || !c.mayHear("", r.Queue) {
		return ""
	}
	return recordingURL(r.Call)
}

// seesTicket: a ticket is its owner's and its maker's; one without an owner is everybody's who may see
// tickets at all.
func (c *caller) seesTicket(action string, r *store.Ticket) bool {
	return ticket.MayMove(r.Owner, r.CreatedBy, func(u call.UserID) bool { return c.seesUser(action, u) }, c.rights[action] > configs.ScopeNone)
}

func (s *Server) listTickets(ctx context.Context, in *ticketsInput) (*ticketsOutput, error) {
	c := callerOf(ctx)
	page, err := s.store.Tickets(ctx, store.TicketFilter{
		Kind: in.Kind, State: in.State, Owner: call.UserID(in.Owner), Customer: call.CustomerID(in.Customer),
		Call: call.ID(in.Call), Number: in.Number, Open: in.Open, Cursor: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	out := &ticketsOutput{Body: collection[ticketItem]{Items: []ticketItem{}, Next: nextOf(page.Next)}}
	for i := range page.Items {
		if c.seesTicket(readTicket, &page.Items[i]) {
			out.Body.Items = append(out.Body.Items, c.ticketItem(&page.Items[i]))
		}
	}
	return out, nil
}

func (s *Server) ticketFor(ctx context.Context, c *caller, action, id string) (store.Ticket, error) {
	r, err := s.store.Ticket(ctx, call.TicketID(id))
	if err != nil {
		return r, asNotFound(err, "ticket", id)
	}
	if !c.seesTicket(action, &r) {
		return r, notFound("ticket", id)
	}
	return r, nil
}

// asNotFound names what was not found.
func asNotFound(err error, what, id string) error {
	if errors.Is(err, store.ErrNotFound) {
		return notFound(what, id)
	}
	return err
}

func (s *Server) getTicket(ctx context.Context, in *TicketPath) (*ticketOutput, error) {
	c := callerOf(ctx)
	r, err := s.ticketFor(ctx, c, readTicket, in.ID)
	if err != nil {
		return nil, err
	}
	return &ticketOutput{ETag: etag(r.Version), Body: c.ticketItem(&r)}, nil
}

func (s *Server) createTicket(ctx context.Context, in *createTicketInput) (*ticketOutput, error) {
	c, b := callerOf(ctx), &in.Body
	if b.Subject == nil {
		return nil, problem(http.StatusUnprocessableEntity, proto.CodeMissingField, "body.subject: this field must be given", "field", "subject")
	}
	kind := c.site.TicketKind(b.Kind)
	if kind == nil {
		return nil, problem(http.StatusUnprocessableEntity, proto.CodeUnknownTicketKind, "body.kind: there is no such kind", "kind", b.Kind)
	}
	r := store.Ticket{Kind: b.Kind, Call: call.ID(b.Call), Owner: c.user.ID, CreatedBy: c.user.ID}
	if b.Number != "" {
		r.Phone = store.Normalise(b.Number, c.site.Region)
	}
	if err := s.fillTicket(c, &r, &b.TicketFields); err != nil {
		return nil, err
	}
	if b.State != nil {
		r.State = *b.State
	}
	err := begin(&r, kind, s.now())
	if err != nil {
		return nil, err
	}
	if r.Call != "" {
		r, err = s.openFromCall(ctx, c, r)
	} else {
		r, err = s.store.CreateTicket(ctx, store.NewTicket{Ticket: r, Series: c.site.Numbering().Series(r.Kind, s.now())}, c.user.ID)
	}
	if err != nil {
		return nil, err
	}
	s.desks.ticketsChanged(r.Customer)
	return &ticketOutput{ETag: etag(r.Version), Location: apiPrefix + "/tickets/" + string(r.ID), Body: c.ticketItem(&r)}, nil
}

// begin completes a new ticket by the rules of its kind.
func begin(r *store.Ticket, kind *configs.TicketKind, now time.Time) error {
	s, err := kind.Rules().Begin(ticket.Standing{State: r.State, Urgency: r.Urgency, Due: r.Due}, now)
	stand(r, s)
	return err
}

func stand(r *store.Ticket, s ticket.Standing) {
	r.State, r.Urgency, r.Due, r.ClosedAt = s.State, s.Urgency, s.Due, s.ClosedAt
}

// openFromCall makes a ticket of a call by an event, which is kept with the database away; the row follows.
func (s *Server) openFromCall(ctx context.Context, c *caller, r store.Ticket) (store.Ticket, error) {
	if err := s.hadPart(ctx, c, r.Call); err != nil {
		return r, err
	}
	customer, number := s.customerOf(ctx, r.Call)
	if r.Customer = cmp.Or(customer, r.Customer); r.Customer == "" {
		r.Phone = cmp.Or(r.Phone, number)
	}
	id, _, err := s.calls.OpenTicket(ctx, call.TicketOpened{
		Call: r.Call, Customer: r.Customer, Kind: r.Kind, Subject: r.Subject, Text: r.Text, Urgency: r.Urgency,
		By: c.user.ID, Owner: r.Owner, State: r.State, Due: r.Due, Phone: r.Phone,
	})
	if err != nil {
		return r, err
	}
	r.ID, r.Version, r.CreatedAt, r.UpdatedAt = id, 1, s.now(), s.now()
	if row, ok := s.awaitTicket(ctx, id, time.Second); ok {
		r = row
	}
	s.desks.opened(r)
	return r, nil
}

// awaitTicket waits a little for the row of a ticket that was opened by an event.
func (s *Server) awaitTicket(ctx context.Context, id call.TicketID, most time.Duration) (store.Ticket, bool) {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	again := time.NewTicker(40 * time.Millisecond)
	defer again.Stop()
	for {
		if row, err := s.store.Ticket(ctx, id); err == nil {
			return row, true
		} else if !errors.Is(err, store.ErrNotFound) {
			return store.Ticket{}, false
		}
		select {
		case <-ctx.Done():
			return store.Ticket{}, false
		case <-again.C:
		}
	}
}

// hadPart tells whether a caller may do something about a call: it is the caller's, or within scope.
func (s *Server) hadPart(ctx context.Context, c *caller, id call.ID) error {
	if agent := c.agentID(); agent != "" {
		if _, err := s.draftOf(ctx, agent, id); err == nil {
			return nil
		}
	}
	if l, ok := s.live.Call(id); ok && c.sees(readCall, l.Agent) {
		return nil
	}
	if row, err := s.store.Call(ctx, id); err == nil && c.seesCall(&row) {
		return nil
	}
	return notFound("call", string(id))
}

// customerOf tells whose a call is and what the far party's number is, as far as that is known.
func (s *Server) customerOf(ctx context.Context, id call.ID) (call.CustomerID, call.Number) {
	if l, ok := s.live.Call(id); ok {
		var customer call.CustomerID
		if l.Customer != nil {
			customer = l.Customer.ID
		}
		if l.Direction == call.Inbound {
			return customer, l.From.Number
		}
		return customer, l.To
	}
	row, err := s.store.Call(ctx, id)
	if err != nil {
		return "", call.Number{} // the projection knows it in the end
	}
	if row.Direction == call.Inbound {
		return row.Customer, row.From
	}
	return row.Customer, row.To
}

func (s *Server) patchTicket(ctx context.Context, in *patchTicketInput) (*ticketOutput, error) {
	c := callerOf(ctx)
	r, err := s.ticketFor(ctx, c, writeTicket, in.ID)
	if err != nil {
		return nil, err
	}
	if err := checkVersion(r.Version, in.IfMatch, in.Body.Version); err != nil {
		return nil, err
	}
	if err := s.fillTicket(c, &r, &in.Body.TicketFields); err != nil {
		return nil, err
	}
	if to := in.Body.State; to != nil {
		stands, err := c.site.TicketKind(r.Kind).Rules().Move(ticket.Standing{State: r.State, Urgency: r.Urgency, Due: r.Due, ClosedAt: r.ClosedAt}, *to, s.now())
		if err != nil {
			return nil, err
		}
		stand(&r, stands)
	}
	if r, err = s.store.UpdateTicket(ctx, r, c.user.ID); err != nil {
		return nil, err
	}
	s.desks.ticketsChanged(r.Customer)
	return &ticketOutput{ETag: etag(r.Version), Body: c.ticketItem(&r)}, nil
}

// fillTicket sets what the client gave, but the state: that is a move.
func (s *Server) fillTicket(c *caller, r *store.Ticket, f *TicketFields) error {
	if f.Subject != nil {
		if strings.TrimSpace(*f.Subject) == "" {
			return problem(http.StatusUnprocessableEntity, proto.CodeBadValue, "body.subject: write something", "field", "subject")
		}
		r.Subject = *f.Subject
	}
	if f.Text != nil {
		r.Text = *f.Text
	}
	if f.Urgency != nil {
		r.Urgency = *f.Urgency
	}
	if f.Customer != nil {
		r.Customer = call.CustomerID(*f.Customer)
	}
	if f.DueAt != nil {
		r.Due = f.DueAt
	}
	if f.Owner != nil {
		id := call.UserID(*f.Owner)
		if id != "" && c.site.User(id) == nil {
			return problem(http.StatusUnprocessableEntity, proto.CodeUnknownUser, "body.owner: there is no such user", "user", string(id))
		}
		r.Owner = id
	}
	return nil
}

func (s *Server) auditTicket(ctx context.Context, in *TicketPath) (*auditOutput, error) {
	c := callerOf(ctx)
	if _, err := s.ticketFor(ctx, c, "read:audit", in.ID); err != nil {
		return nil, err
	}
	return s.audit(ctx, store.AuditTicket, in.ID)
}

// ticketOfDraft reads what a desk sends.
func (s *Server) ticketOfDraft(c *caller, d proto.TicketDraft) (store.Ticket, error) {
	kind := c.site.TicketKind(d.Kind)
	if kind == nil {
		return store.Ticket{}, problem(http.StatusUnprocessableEntity, proto.CodeUnknownTicketKind, "there is no such kind", "kind", d.Kind)
	}
	r := store.Ticket{
		Kind: d.Kind, Call: call.ID(d.Call), Urgency: string(d.Urgency),
		Subject: d.Subject, Text: d.Text, Owner: c.user.ID, CreatedBy: c.user.ID,
	}
	if d.DueAt != 0 {
		due := time.UnixMilli(d.DueAt).UTC()
		r.Due = &due
	}
	return r, begin(&r, kind, s.now())
}
