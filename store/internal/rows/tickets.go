package rows

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/ticket"
)

const ticketColumns = "id, number, kind, subject, body, state, owner, customer, call_id, queue, urgency, due_at, recording," +
	" version, created_by, created_at, updated_at, closed_at, phone_raw, phone_e164"

// ticketWritten are the columns that a write has: those that are read, and what a number is found by.
const ticketWritten = ticketColumns + ", phone_key"

func scanTicket(r Rows) (t store.Ticket, err error) {
	err = r.Scan(&t.ID, &t.Number, &t.Kind, &t.Subject, &t.Text, &t.State, &t.Owner, &t.Customer, &t.Call, &t.Queue, &t.Urgency,
		atOrNull{&t.Due}, &t.Recording, &t.Version, &t.CreatedBy, at{&t.CreatedAt}, at{&t.UpdatedAt}, atOrNull{&t.ClosedAt},
		&t.Phone.Raw, &t.Phone.E164)
	return t, err
}

func ticketArgs(t store.Ticket) []any {
	return []any{
		string(t.ID), t.Number, t.Kind, t.Subject, t.Text, t.State, string(t.Owner), string(t.Customer), string(t.Call), string(t.Queue),
		t.Urgency, orNil(t.Due), t.Recording, t.Version, string(t.CreatedBy), t.CreatedAt, t.UpdatedAt, orNil(t.ClosedAt),
		t.Phone.Raw, t.Phone.E164, store.CallerKey(t.Phone),
	}
}

// Ticket implements store.Tickets.
func (db *DB) Ticket(ctx context.Context, id call.TicketID) (store.Ticket, error) {
	return ticketOf(ctx, db.conn, id)
}

func ticketOf(ctx context.Context, q querier, id call.TicketID) (store.Ticket, error) {
	t, err := one(ctx, q, scanTicket, "SELECT "+ticketColumns+" FROM tickets WHERE id = $1", store.CleanID(id))
	if err != nil {
		return t, fmt.Errorf("ticket %s: %w", id, err)
	}
	return t, nil
}

// Tickets implements store.Tickets.
func (db *DB) Tickets(ctx context.Context, f store.TicketFilter) (store.Page[store.Ticket], error) {
	var page store.Page[store.Ticket]
	limit, err := store.Limit(f.Limit)
	if err != nil {
		return page, err
	}
	cur, err := store.ParseCursor(f.Cursor)
	if err != nil {
		return page, err
	}
	sql, args := ticketsQuery(f, cur, limit)
	ts, err := list(ctx, db.conn, scanTicket, sql, args...)
	if err != nil {
		return page, fmt.Errorf("list tickets: %w", err)
	}
	return store.PageOf(ts, limit, func(t store.Ticket) store.Cursor {
		return store.Cursor{At: t.CreatedAt, ID: string(t.ID)}
	}), nil
}

func ticketsQuery(f store.TicketFilter, cur store.Cursor, limit int) (string, []any) {
	var w where
	w.is("number", store.CleanLine(f.Number))
	w.is("kind", store.CleanLine(f.Kind))
	w.is("state", store.CleanLine(f.State))
	w.isIndexed("owner", store.CleanID(f.Owner))
	w.isIndexed("call_id", store.CleanID(f.Call))
	if f.Of != nil {
		w.and("(owner = '' OR " + among(&w, "owner", f.Of) + " OR " + among(&w, "created_by", f.Of) + ")")
	}
	if f.Open {
		w.and("closed_at IS NULL")
	}
	w.before("created_at", cur)
	newest := w.newest("created_at", limit)
	if f.Customer == "" && f.Phone == "" {
		return "SELECT " + ticketColumns + " FROM tickets" + w.String() + newest, w.args
	}
	var sides []string
	customer, phone := store.CleanID(f.Customer), w.arg(store.CallerKey(call.Number{Raw: f.Phone}))
	if customer != "" {
		c := w.arg(customer)
		sides = append(sides, "customer = "+c+" AND customer <> ''",
			"customer = '' AND phone_key <> '' AND phone_key <> "+phone+" AND phone_key IN "+numbersOf(c))
	}
	if f.Phone != "" {
		sides = append(sides, "customer = '' AND phone_key <> '' AND phone_key = "+phone)
	}
	return w.sides("SELECT "+ticketColumns+" FROM tickets", sides, newest), w.args
}

// numbersOf are the keys of all numbers of the customer in a parameter.
func numbersOf(customer string) string {
	return "(SELECT number_key FROM customer_numbers WHERE customer = " + customer + ")"
}

// ExplainTickets gives the database's plan of a list, for tests.
func (db *DB) ExplainTickets(ctx context.Context, f store.TicketFilter) ([]string, error) {
	sql, args := ticketsQuery(f, store.Cursor{}, store.DefaultLimit)
	return db.conn.Explain(ctx, sql, args...)
}

// CreateTicket implements store.Tickets.
func (db *DB) CreateTicket(ctx context.Context, n store.NewTicket, by call.UserID) (store.Ticket, error) {
	if n.ID == "" {
		n.ID = call.TicketID(uuid.Must(uuid.NewV7()).String())
	}
	if err := checkID("ticket", n.ID); err != nil {
		return n.Ticket, err
	}
	n.CreatedBy = by
	var t store.Ticket
	err := db.write(ctx, "create ticket", func(ctx context.Context, tx Tx) (err error) {
		t, err = db.insertTicket(ctx, tx, n)
		return err
	})
	return t, err
}

// insertTicket gives a ticket its number and keeps it. The counter's row is locked until the
// transaction ends and goes back with it, so that numbers have neither twins nor gaps.
func (db *DB) insertTicket(ctx context.Context, tx Tx, n store.NewTicket) (store.Ticket, error) {
	t, err := db.prepareTicket(n)
	if err != nil {
		return t, err
	}
	last, err := one(ctx, tx, func(r Rows) (n int64, err error) { return n, r.Scan(&n) },
		"INSERT INTO ticket_series (series, last) VALUES ($1, 1)"+
			" ON CONFLICT (series) DO UPDATE SET last = ticket_series.last + 1 RETURNING last", store.CleanLine(n.Series))
	if err != nil {
		return t, err
	}
	t.Number = store.TicketNumber(store.CleanLine(n.Series), last)
	_, err = tx.Exec(ctx, "INSERT INTO tickets ("+ticketWritten+") VALUES ("+params(ticketWritten)+")", ticketArgs(t)...)
	if db.conn.IsDuplicate(err) {
		return t, store.ErrExists
	}
	if err != nil {
		return t, err
	}
	return t, audit(ctx, tx, edit{at: t.CreatedAt, by: t.CreatedBy, object: store.AuditTicket, of: string(t.ID), to: t})
}

func (db *DB) prepareTicket(n store.NewTicket) (store.Ticket, error) {
	t := n.Cleaned()
	if n.Series == "" || t.Kind == "" {
		return t, fmt.Errorf("ticket %s: %w: it needs a kind and a series for its number", t.ID, store.ErrInvalid)
	}
	if t.CreatedAt.IsZero() {
		t.CreatedAt = db.now()
	}
	if t.UpdatedAt.IsZero() {
		t.UpdatedAt = t.CreatedAt
	}
	t.CreatedAt, t.UpdatedAt = micro(t.CreatedAt), micro(t.UpdatedAt)
	t.Due, t.ClosedAt = microOrNull(t.Due), microOrNull(t.ClosedAt)
	if t.State == "" {
		t.State = ticket.Open
	}
	t.Version = 1
	return t, nil
}

// UpdateTicket implements store.Tickets.
func (db *DB) UpdateTicket(ctx context.Context, t store.Ticket, by call.UserID) (store.Ticket, error) {
	t = t.Cleaned()
	read := t.Version
	err := db.write(ctx, "update ticket", func(ctx context.Context, tx Tx) error {
		was, err := ticketOf(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		if was.Version != read {
			return store.ErrConflict
		}
		t.Number, t.Kind, t.CreatedBy, t.CreatedAt = was.Number, was.Kind, was.CreatedBy, was.CreatedAt
		t.Due, t.ClosedAt = microOrNull(t.Due), microOrNull(t.ClosedAt)
		t.Version, t.UpdatedAt = read+1, micro(db.now())
		const sql = "UPDATE tickets SET number = $2, kind = $3, subject = $4, body = $5, state = $6, owner = $7, customer = $8, call_id = $9," +
			" queue = $10, urgency = $11, due_at = $12, recording = $13, version = $14, created_by = $15, created_at = $16, updated_at = $17," +
			" closed_at = $18, phone_raw = $19, phone_e164 = $20, phone_key = $21 WHERE id = $1 AND version = $22"
		n, err := tx.Exec(ctx, sql, append(ticketArgs(t), read)...)
		if err != nil {
			return err
		}
		if n == 0 {
			return store.ErrConflict
		}
		return audit(ctx, tx, edit{at: t.UpdatedAt, by: by, object: store.AuditTicket, of: string(t.ID), from: was, to: t})
	})
	return t, err
}
