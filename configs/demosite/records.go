package demosite

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/configs/load"
	"github.com/linedesk/linedesk/store"
)

//go:embed customers.yaml
var demoCustomers []byte

// demoNode is the journal that the demo's past calls stand for: its position says that they are there.
const demoNode call.NodeID = "demo-records"

// demoCustomer is one entry of customers.yaml.
type demoCustomer struct {
	Name           string             `yaml:"name" check:"required"`
	Company        string             `yaml:"company"`
	Position       string             `yaml:"position"`
	Grade          string             `yaml:"grade" check:"oneof=AAA|AA|A|B"`
	Language       string             `yaml:"language" check:"required"`
	Email          string             `yaml:"email"`
	Address        string             `yaml:"address"`
	Region         string             `yaml:"region"`
	AccountManager call.UserID        `yaml:"account_manager"`
	Tags           []string           `yaml:"tags"`
	Notes          string             `yaml:"notes"`
	DoNotCall      *configs.TimeRange `yaml:"do_not_call"`
	Phones         []demoPhone        `yaml:"phones" check:"required,min=1"`
	Since          configs.Date       `yaml:"since" check:"required"`
	Calls          []demoCall         `yaml:"calls"`
	Tickets        []demoTicket       `yaml:"tickets"`
}

type demoPhone struct {
	Kind    string `yaml:"kind" check:"required,oneof=mobile|work|home|other"`
	Number  string `yaml:"number" check:"required"`
	Primary bool   `yaml:"primary"`
}

// demoCall is a past call: a time of day so many days before the first start.
type demoCall struct {
	Days        int            `yaml:"days" check:"required,min=1,max=400"`
	At          clock          `yaml:"at" check:"required"`
	Direction   call.Direction `yaml:"direction" check:"required,oneof=inbound|outbound"`
	Queue       call.QueueID   `yaml:"queue"`
	Agent       call.AgentID   `yaml:"agent"`
	To          string         `yaml:"to"`
	Wait        time.Duration  `yaml:"wait"`
	Ring        time.Duration  `yaml:"ring"`
	Talk        time.Duration  `yaml:"talk"`
	Hold        time.Duration  `yaml:"hold"`
	WrapUp      time.Duration  `yaml:"wrap_up"`
	Disposition call.CodeID    `yaml:"disposition"`
	Notes       string         `yaml:"notes"`
}

type demoTicket struct {
	Kind    string      `yaml:"kind" check:"required"`
	Days    int         `yaml:"days" check:"required,min=1,max=400"`
	At      clock       `yaml:"at" check:"required"`
	Call    int         `yaml:"call"` // which of the customer's calls, from 1; 0: none
	State   string      `yaml:"state" check:"required"`
	Urgency string      `yaml:"urgency" check:"oneof=normal|urgent|very_urgent"`
	Owner   call.UserID `yaml:"owner"`
	Subject string      `yaml:"subject" check:"required"`
	Text    string      `yaml:"text"`
	Due     int         `yaml:"due"`    // days after it was made
	Closed  int         `yaml:"closed"` // days after it was made; 0: still open
}

// clock is a time of day in minutes since midnight, written "09:42".
type clock int

// UnmarshalText reads "09:42".
func (c *clock) UnmarshalText(text []byte) error {
	m, ok := configs.Minutes(string(text))
	if !ok || m >= 24*60 {
		return fmt.Errorf("%q is not a time of day", text)
	}
	*c = clock(m)
	return nil
}

// Seed gives the demo its customers, with past calls and tickets. The days count back from now.
// What is there already stays as it is, so that it may run at each start.
func Seed(ctx context.Context, st store.Store, now time.Time) error {
	position, err := st.Position(ctx, demoNode, store.ProjectionCalls)
	if err != nil {
		return fmt.Errorf("seed the demo: %w", err)
	}
	if position.Applied > 0 {
		return nil
	}
	site, _, err := Site(Options{})
	if err != nil {
		return err
	}
	list, problems := readDemoCustomers()
	if err := problems.Err(); err != nil {
		return fmt.Errorf("seed the demo: %w", err)
	}
	seeder := demoSeeder{site: site, now: now}
	for i, c := range list {
		customer := seeder.customer(i, c)
		if _, err := st.CreateCustomer(ctx, customer, "admin"); err != nil && !errors.Is(err, store.ErrExists) {
			return fmt.Errorf("seed the demo: customer %s: %w", c.Name, err)
		}
	}
	seeder.batch.Position = store.Position{Applied: 1, Safe: 2, At: now}
	if err := st.Apply(ctx, demoNode, store.ProjectionCalls, seeder.batch); err != nil && !errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("seed the demo: calls: %w", err)
	}
	return nil
}

func readDemoCustomers() ([]demoCustomer, configs.Problems) {
	var v struct {
		Customers []demoCustomer `yaml:"customers" check:"required,min=1"`
	}
	problems := load.Decode("customers.yaml", demoCustomers, &v)
	return v.Customers, problems
}

// demoSeeder turns entries into records. IDs depend on the entry alone, so that a second try after a
// crash finds what the first one made.
type demoSeeder struct {
	site  *configs.Site
	now   time.Time
	batch store.Batch
}

// id makes a UUIDv7 (RFC 9562, 5.7) whose random part is made of a name.
func id(at time.Time, name string) string {
	sum := sha256.Sum256([]byte(name))
	b := sum[:16]
	ms := uint64(at.UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	b[6], b[8] = b[6]&0x0f|0x70, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (s *demoSeeder) moment(days int, at clock) time.Time {
	y, m, d := s.now.In(s.site.Location).Date()
	return time.Date(y, m, d-days, int(at)/60, int(at)%60, 0, 0, s.site.Location).UTC()
}

func (s *demoSeeder) customer(i int, c demoCustomer) store.Customer {
	since := time.Date(c.Since.Year, c.Since.Month, c.Since.Day, 9, i, 0, 0, s.site.Location).UTC()
	customer := store.Customer{
		ID:   call.CustomerID(id(since, fmt.Sprintf("customer %d %s", i, c.Name))),
		Name: c.Name, Company: c.Company, Position: c.Position, Grade: c.Grade, Language: c.Language,
		Email: c.Email, Address: c.Address, Region: c.Region, AccountManager: c.AccountManager,
		Tags: c.Tags, Notes: c.Notes, CreatedAt: since, UpdatedAt: since,
	}
	if c.DoNotCall != nil {
		customer.DoNotCallFrom, customer.DoNotCallTo = clockText(c.DoNotCall.From), clockText(c.DoNotCall.To)
	}
	for _, p := range c.Phones {
		customer.Phones = append(customer.Phones, store.ReadPhones(store.Phone{Kind: p.Kind, Raw: p.Number, Primary: p.Primary}, s.site.Region)...)
	}
	calls := make([]call.ID, 0, len(c.Calls))
	for k, past := range c.Calls {
		made := s.call(fmt.Sprintf("call %d %d", i, k), customer, past)
		calls = append(calls, made.ID)
		s.batch.Calls = append(s.batch.Calls, made)
	}
	for k, t := range c.Tickets {
		ticket := s.ticket(fmt.Sprintf("ticket %d %d", i, k), customer.ID, t)
		if t.Call >= 1 && t.Call <= len(calls) {
			ticket.Call = calls[t.Call-1]
		}
		s.batch.Tickets = append(s.batch.Tickets, ticket)
	}
	return customer
}

func clockText(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

func (s *demoSeeder) ticket(name string, customer call.CustomerID, t demoTicket) store.NewTicket {
	at := s.moment(t.Days, t.At)
	ticket := store.Ticket{
		ID: call.TicketID(id(at, name)), Kind: t.Kind, Subject: t.Subject, Text: t.Text, State: t.State,
		Owner: t.Owner, Customer: customer, Urgency: t.Urgency, CreatedBy: t.Owner, CreatedAt: at, UpdatedAt: at,
	}
	if t.Due > 0 {
		due := at.AddDate(0, 0, t.Due)
		ticket.Due = &due
	}
	if t.Closed > 0 {
		closed := at.AddDate(0, 0, t.Closed)
		ticket.ClosedAt, ticket.UpdatedAt = &closed, closed
	}
	return store.NewTicket{Ticket: ticket, Series: s.site.Numbering().Series(t.Kind, at)}
}

// call makes the row of a past call. Its times add up as a real one's do.
func (s *demoSeeder) call(name string, customer store.Customer, p demoCall) store.Call {
	at := s.moment(p.Days, p.At)
	number := call.Number{Raw: customer.Phones[0].Raw, E164: customer.Phones[0].E164}
	c := store.Call{
		ID: call.ID(id(at, name)), Direction: p.Direction, Customer: customer.ID, CustomerName: customer.Name,
		Queue: p.Queue, Agent: p.Agent, Trunk: s.site.Outbound.Trunk, ArrivedAt: at,
		WaitMS: p.Wait.Milliseconds(), RingMS: p.Ring.Milliseconds(), TalkMS: p.Talk.Milliseconds(),
		HoldMS: p.Hold.Milliseconds(), WrapUpMS: p.WrapUp.Milliseconds(),
		Disposition: p.Disposition, Notes: p.Notes,
	}
	if a := s.site.Agent(p.Agent); a != nil {
		c.Extension = a.Extension
	}
	if p.Direction == call.Outbound {
		c.From, c.To = call.Number{Raw: string(c.Extension)}, number
		s.outbound(&c, p)
	} else {
		c.From, c.To = number, call.Number{Raw: p.To}
		s.inbound(&c, p)
	}
	for i := range c.Timeline {
		c.Timeline[i].Seq = uint64(i + 1)
	}
	return c
}

// tell adds a line to a call's timeline.
func tell(c *store.Call, at time.Time, e store.TimelineEntry) {
	e.At = at
	c.Timeline = append(c.Timeline, e)
}

func (s *demoSeeder) inbound(c *store.Call, p demoCall) {
	answered := c.ArrivedAt.Add(200 * time.Millisecond)
	queued := answered
	if p.To == "4000" {
		queued = answered.Add(6 * time.Second) // in the menu
	}
	end := queued.Add(p.Wait)
	c.AnsweredAt, c.QueuedAt = &answered, &queued
	tell(c, c.ArrivedAt, store.TimelineEntry{Type: "call_arrived"})
	tell(c, c.ArrivedAt, store.TimelineEntry{Type: "customer_identified", Customer: c.Customer})
	tell(c, answered, store.TimelineEntry{Type: "call_answered"})
	tell(c, queued, store.TimelineEntry{Type: "call_queued", Queue: p.Queue})
	if p.Agent == "" {
		c.EndedAt, c.End = &end, call.End{By: call.ByCaller, Cause: call.CauseAbandoned}
		tell(c, end, store.TimelineEntry{Type: "caller_left", By: string(call.ByCaller), Reason: string(call.CauseAbandoned)})
		tell(c, end, store.TimelineEntry{Type: "call_ended", By: string(call.ByCaller), Reason: string(call.CauseAbandoned)})
		return
	}
	bridged := end
	offered := bridged.Add(-p.Ring)
	tell(c, offered, store.TimelineEntry{Type: "call_offered", Agent: p.Agent, Queue: p.Queue, Reason: "longest_idle"})
	tell(c, bridged, store.TimelineEntry{Type: "offer_answered", Agent: p.Agent})
	s.talked(c, p, store.Segment{Queue: p.Queue, Agent: p.Agent, Why: "longest_idle", OfferedAt: offered, RingingAt: &offered}, bridged)
}

func (s *demoSeeder) outbound(c *store.Call, p demoCall) {
	answered := c.ArrivedAt.Add(p.Ring)
	c.AnsweredAt = &answered
	tell(c, c.ArrivedAt, store.TimelineEntry{Type: "call_placed", Agent: p.Agent})
	tell(c, answered, store.TimelineEntry{Type: "call_answered"})
	s.talked(c, p, store.Segment{Agent: p.Agent, OfferedAt: c.ArrivedAt}, answered)
}

// talked fills in the agent's part: from the bridge to the caller's hang-up.
func (s *demoSeeder) talked(c *store.Call, p demoCall, segment store.Segment, bridged time.Time) {
	end := bridged.Add(p.Talk + p.Hold)
	c.BridgedAt, c.EndedAt, c.End = &bridged, &end, call.End{By: call.ByCaller, Cause: call.CauseHangup}
	segment.AnsweredAt, segment.BridgedAt, segment.EndedAt = &bridged, &bridged, &end
	segment.End = store.SegmentCaller
	segment.TalkMS, segment.HoldMS, segment.WrapUpMS = c.TalkMS, c.HoldMS, c.WrapUpMS
	c.Segments = []store.Segment{segment}
	tell(c, bridged, store.TimelineEntry{Type: "bridged", Agent: p.Agent})
	tell(c, end, store.TimelineEntry{Type: "caller_left", By: string(call.ByCaller), Reason: string(call.CauseHangup)})
	tell(c, end, store.TimelineEntry{Type: "call_ended", By: string(call.ByCaller), Reason: string(call.CauseHangup)})
	tell(c, end, store.TimelineEntry{Type: "wrap_up_started", Agent: p.Agent})
	tell(c, end.Add(p.WrapUp), store.TimelineEntry{Type: "wrap_up_ended", Agent: p.Agent})
}
