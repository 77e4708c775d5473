package crm

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/view"
	"github.com/linedesk/linedesk/agentdesk/web"
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
	Seq       uint64  `json:"seq,omitempty" doc:"Of a writing answer: the journal's number of what was done, for ?after"`
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

type ticketsOutput struct{ Body web.Collection[ticketItem] }

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

func (m *Room) registerTickets(s *web.Server) {
	web.Handle(s, web.Op{Method: http.MethodGet, Path: "/tickets", ID: "list-tickets", Access: web.Needs(web.ReadTicket), Rows: true, Summary: "Tickets, newest first"}, m.listTickets)
	web.Handle(s, web.Op{
		Method: http.MethodPost, Path: "/tickets", ID: "create-ticket", Access: web.Needs(web.WriteTicket), Status: http.StatusCreated,
		Summary: "Open a ticket",
	}, m.createTicket)
	web.Handle(s, web.Op{Method: http.MethodGet, Path: "/tickets/{id}", ID: "get-ticket", Access: web.Needs(web.ReadTicket), Rows: true, Summary: "One ticket"}, m.getTicket)
	web.Handle(s, web.Op{
		Method: http.MethodPatch, Path: "/tickets/{id}", ID: "patch-ticket", Access: web.Needs(web.WriteTicket),
		Summary: "Change a ticket: absent fields stay",
	}, m.patchTicket)
	web.Handle(s, web.Op{
		Method: http.MethodGet, Path: "/tickets/{id}/audit", ID: "audit-ticket", Access: web.Needs(web.ReadAudit), Rows: true,
		Summary: "Who changed what, newest first",
	}, m.auditTicket)
}

func shownTicket(who *web.Principal, r *store.Ticket) ticketItem {
	phone := who.Shown(r.Phone)
	return ticketItem{
		ID: string(r.ID), Number: r.Number, Kind: r.Kind, Subject: r.Subject, Text: r.Text, State: r.State,
		Owner: string(r.Owner), Customer: string(r.Customer), Call: string(r.Call), Queue: string(r.Queue), Urgency: r.Urgency,
		DueAt: view.JSONTimeOpt(r.Due), Version: r.Version, CreatedBy: string(r.CreatedBy), CreatedAt: view.JSONTime(r.CreatedAt),
		UpdatedAt: view.JSONTime(r.UpdatedAt), ClosedAt: view.JSONTimeOpt(r.ClosedAt), Recording: who.RecordingOf(r),
		Phone: cmp.Or(phone.E164, phone.Raw),
	}
}

// seesTicket: a ticket is its owner's and its maker's; one without an owner is everybody's who may see
// tickets at all.
func seesTicket(who *web.Principal, action string, r *store.Ticket) bool {
	return ticket.MayMove(r.Owner, r.CreatedBy, func(u call.UserID) bool { return who.SeesUser(action, u) }, who.Rights[action] > configs.ScopeNone)
}

func (m *Room) listTickets(ctx context.Context, in *ticketsInput) (*ticketsOutput, error) {
	who := web.PrincipalOf(ctx)
	page, err := m.store.Tickets(ctx, store.TicketFilter{
		Kind: in.Kind, State: in.State, Owner: call.UserID(in.Owner), Customer: call.CustomerID(in.Customer),
		Call: call.ID(in.Call), Number: in.Number, Open: in.Open,
		Of: who.UsersInSight(web.ReadTicket), Cursor: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	out := &ticketsOutput{Body: web.Collection[ticketItem]{Items: []ticketItem{}, Next: web.Next(page.Next)}}
	for i := range page.Items {
		out.Body.Items = append(out.Body.Items, shownTicket(who, &page.Items[i]))
	}
	return out, nil
}

func (m *Room) ticketFor(ctx context.Context, who *web.Principal, action, id string) (store.Ticket, error) {
	r, err := m.store.Ticket(ctx, call.TicketID(id))
	if err != nil {
		return r, web.AsNotFound(err, "ticket", id)
	}
	if !seesTicket(who, action, &r) {
		return r, web.NotFound("ticket", id)
	}
	return r, nil
}

func (m *Room) getTicket(ctx context.Context, in *TicketPath) (*ticketOutput, error) {
	who := web.PrincipalOf(ctx)
	r, err := m.ticketFor(ctx, who, web.ReadTicket, in.ID)
	if err != nil {
		return nil, err
	}
	return &ticketOutput{ETag: web.ETag(r.Version), Body: shownTicket(who, &r)}, nil
}

func (m *Room) createTicket(ctx context.Context, in *createTicketInput) (*ticketOutput, error) {
	who, b := web.PrincipalOf(ctx), &in.Body
	if b.Subject == nil {
		return nil, web.NewProblem(http.StatusUnprocessableEntity, proto.CodeMissingField, "body.subject: this field must be given", "field", "subject")
	}
	kind := who.Site.TicketKind(b.Kind)
	if kind == nil {
		return nil, web.NewProblem(http.StatusUnprocessableEntity, proto.CodeUnknownTicketKind, "body.kind: there is no such kind", "kind", b.Kind)
	}
	r := store.Ticket{Kind: b.Kind, Call: call.ID(b.Call), Owner: who.User.ID, CreatedBy: who.User.ID}
	if b.Number != "" {
		r.Phone = store.Normalise(b.Number, who.Site.Region)
	}
	if err := m.fillTicket(who, &r, &b.TicketFields); err != nil {
		return nil, err
	}
	if b.State != nil {
		r.State = *b.State
	}
	err := begin(&r, kind, m.web.Now())
	if err != nil {
		return nil, err
	}
	seq := m.web.Seq()
	if r.Call != "" {
		r, seq, err = m.openFromCall(ctx, who, r)
	} else {
		r, err = m.store.CreateTicket(ctx, store.NewTicket{Ticket: r, Series: who.Site.Numbering().Series(r.Kind, m.web.Now())}, who.User.ID)
	}
	if err != nil {
		return nil, err
	}
	m.desks.CustomerChanged(r.Customer)
	out := shownTicket(who, &r)
	out.Seq = seq
	return &ticketOutput{ETag: web.ETag(r.Version), Location: web.Prefix + "/tickets/" + string(r.ID), Body: out}, nil
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
func (m *Room) openFromCall(ctx context.Context, who *web.Principal, r store.Ticket) (_ store.Ticket, seq uint64, err error) {
	if err := m.hadPart(ctx, who, r.Call); err != nil {
		return r, 0, err
	}
	customer, number := m.customerOf(ctx, r.Call)
	if r.Customer = cmp.Or(customer, r.Customer); r.Customer == "" {
		r.Phone = cmp.Or(r.Phone, number)
	}
	id, seq, err := m.calls.OpenTicket(ctx, call.TicketOpened{
		Call: r.Call, Customer: r.Customer, Kind: r.Kind, Subject: r.Subject, Text: r.Text, Urgency: r.Urgency,
		By: who.User.ID, Owner: r.Owner, State: r.State, Due: r.Due, Phone: r.Phone,
	})
	if err != nil {
		return r, 0, err
	}
	r.ID, r.Version, r.CreatedAt, r.UpdatedAt = id, 1, m.web.Now(), m.web.Now()
	if row, ok := m.row(ctx, id, seq); ok {
		r = row
	}
	m.desks.TicketOpened(r)
	return r, seq, nil
}

// rowTime is how long the row of a ticket that was opened by an event is waited for: its number is made with it.
const rowTime = 2 * time.Second

// row gives the ticket that a record became, when the projection has got there.
func (m *Room) row(ctx context.Context, id call.TicketID, seq uint64) (store.Ticket, bool) {
	ctx, cancel := context.WithTimeout(ctx, rowTime)
	defer cancel()
	if err := m.web.AwaitRows(ctx, seq); err != nil {
		return store.Ticket{}, false
	}
	row, err := m.store.Ticket(ctx, id)
	return row, err == nil
}

// hadPart tells whether a principal may do something about a call: it is the principal's, or within scope.
func (m *Room) hadPart(ctx context.Context, who *web.Principal, id call.ID) error {
	if agent := who.AgentID(); agent != "" {
		if _, err := m.desks.Draft(ctx, agent, id); err == nil {
			return nil
		}
	}
	if l, ok := m.live.Call(id); ok && who.Sees(web.ReadCall, l.Agent) {
		return nil
	}
	if row, err := m.store.Call(ctx, id); err == nil && who.SeesCall(&row) {
		return nil
	}
	return web.NotFound("call", string(id))
}

// customerOf tells whose a call is and what the far party's number is, as far as that is known.
func (m *Room) customerOf(ctx context.Context, id call.ID) (call.CustomerID, call.Number) {
	if l, ok := m.live.Call(id); ok {
		var customer call.CustomerID
		if l.Customer != nil {
			customer = l.Customer.ID
		}
		if l.Direction == call.Inbound {
			return customer, l.From.Number
		}
		return customer, l.To
	}
	row, err := m.store.Call(ctx, id)
	if err != nil {
		return "", call.Number{} // the projection knows it in the end
	}
	if row.Direction == call.Inbound {
		return row.Customer, row.From
	}
	return row.Customer, row.To
}

func (m *Room) patchTicket(ctx context.Context, in *patchTicketInput) (*ticketOutput, error) {
	who := web.PrincipalOf(ctx)
	r, err := m.ticketFor(ctx, who, web.WriteTicket, in.ID)
	if err != nil {
		return nil, err
	}
	if err := web.CheckVersion(r.Version, in.IfMatch, in.Body.Version); err != nil {
		return nil, err
	}
	if err := m.fillTicket(who, &r, &in.Body.TicketFields); err != nil {
		return nil, err
	}
	if to := in.Body.State; to != nil {
		stands, err := who.Site.TicketKind(r.Kind).Rules().Move(ticket.Standing{State: r.State, Urgency: r.Urgency, Due: r.Due, ClosedAt: r.ClosedAt}, *to, m.web.Now())
		if err != nil {
			return nil, err
		}
		stand(&r, stands)
	}
	if r, err = m.store.UpdateTicket(ctx, r, who.User.ID); err != nil {
		return nil, err
	}
	m.desks.CustomerChanged(r.Customer)
	out := shownTicket(who, &r)
	out.Seq = m.web.Seq()
	return &ticketOutput{ETag: web.ETag(r.Version), Body: out}, nil
}

// fillTicket sets what the client gave, but the state: that is a move.
func (m *Room) fillTicket(who *web.Principal, r *store.Ticket, f *TicketFields) error {
	if f.Subject != nil {
		if strings.TrimSpace(*f.Subject) == "" {
			return web.NewProblem(http.StatusUnprocessableEntity, proto.CodeBadValue, "body.subject: write something", "field", "subject")
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
		if id != "" && who.Site.User(id) == nil {
			return web.NewProblem(http.StatusUnprocessableEntity, proto.CodeUnknownUser, "body.owner: there is no such user", "user", string(id))
		}
		r.Owner = id
	}
	return nil
}

func (m *Room) auditTicket(ctx context.Context, in *TicketPath) (*auditOutput, error) {
	who := web.PrincipalOf(ctx)
	if _, err := m.ticketFor(ctx, who, web.ReadAudit, in.ID); err != nil {
		return nil, err
	}
	return m.audit(ctx, store.AuditTicket, in.ID)
}

// ticketOfDraft reads what a desk sends.
func (m *Room) ticketOfDraft(who *web.Principal, d proto.TicketDraft) (store.Ticket, error) {
	kind := who.Site.TicketKind(d.Kind)
	if kind == nil {
		return store.Ticket{}, web.NewProblem(http.StatusUnprocessableEntity, proto.CodeUnknownTicketKind, "there is no such kind", "kind", d.Kind)
	}
	r := store.Ticket{
		Kind: d.Kind, Call: call.ID(d.Call), Urgency: string(d.Urgency),
		Subject: d.Subject, Text: d.Text, Owner: who.User.ID, CreatedBy: who.User.ID,
	}
	if d.DueAt != 0 {
		due := time.UnixMilli(d.DueAt).UTC()
		r.Due = &due
	}
	return r, begin(&r, kind, m.web.Now())
}
