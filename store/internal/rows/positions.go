package rows

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// Position implements store.Positions.
func (db *DB) Position(ctx context.Context, node call.NodeID, of store.Projection) (store.Position, error) {
	p, err := one(ctx, db.conn, func(r Rows) (store.Position, error) {
		var p store.Position
		var applied, safe int64
		err := r.Scan(&applied, &safe, at{&p.At})
		p.Applied, p.Safe = uint64(applied), uint64(safe)
		return p, err
	}, "SELECT applied, safe, at FROM positions WHERE node = $1 AND projection = $2", string(node), string(of))
	if errors.Is(err, store.ErrNotFound) {
		return store.Position{}, nil
	}
	if err != nil {
		return p, fmt.Errorf("position of %s, node %s: %w", of, node, err)
	}
	return p, nil
}

// Apply implements store.Positions.
func (db *DB) Apply(ctx context.Context, node call.NodeID, of store.Projection, b store.Batch) error {
	calls := make([][]any, len(b.Calls))
	var w object
	for i, c := range b.Calls {
		args, err := callArgs(c, &w)
		if err != nil {
			return fmt.Errorf("call %s: %w: %w", c.ID, store.ErrInvalid, err)
		}
		calls[i] = args
	}
	return db.write(ctx, "apply journal", func(ctx context.Context, tx Tx) error {
		if err := movePosition(ctx, tx, node, of, b); err != nil {
			return err
		}
		if err := tx.Each(ctx, putCall, calls); err != nil {
			return err
		}
		if err := applySegments(ctx, tx, b.Calls); err != nil {
			return err
		}
		if err := db.applyTickets(ctx, tx, b.Tickets); err != nil {
			return err
		}
		if err := applyWrapUps(ctx, tx, b.WrapUps); err != nil {
			return err
		}
		return applyStates(ctx, tx, b.States)
	})
}

// movePosition comes first: it locks the projection's row, so that two appliers of one journal exclude each
// other, and it finds out the one that is late.
func movePosition(ctx context.Context, tx Tx, node call.NodeID, of store.Projection, b store.Batch) error {
	p := b.Position
	args := []any{string(node), string(of), int64(p.Applied), int64(p.Safe), micro(p.At), int64(b.From)}
	sql := "UPDATE positions SET applied = $3, safe = $4, at = $5 WHERE node = $1 AND projection = $2 AND applied = $6"
	if b.From == 0 {
		sql = "INSERT INTO positions (node, projection, applied, safe, at) VALUES ($1, $2, $3, $4, $5)" +
			" ON CONFLICT (node, projection) DO UPDATE SET applied = excluded.applied, safe = excluded.safe, at = excluded.at" +
			" WHERE positions.applied = $6"
	}
	n, err := tx.Exec(ctx, sql, args...)
	if err == nil && n == 0 {
		return fmt.Errorf("%s of node %s is not at %d: %w", of, node, b.From, store.ErrConflict)
	}
	return err
}

// applyTickets makes the tickets that are not there yet.
func (db *DB) applyTickets(ctx context.Context, tx Tx, tickets []store.NewTicket) error {
	// In the order of their series, since each series is locked until the end: two nodes that took them
	// in different orders would wait for each other.
	tickets = slices.Clone(tickets)
	slices.SortStableFunc(tickets, func(a, b store.NewTicket) int { return cmp.Compare(a.Series, b.Series) })
	for _, t := range tickets {
		_, err := ticketOf(ctx, tx, t.ID)
		if err == nil {
			continue
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if _, err := db.insertTicket(ctx, tx, t); err != nil {
			return fmt.Errorf("ticket %s: %w", t.ID, err)
		}
	}
	return nil
}

func applyWrapUps(ctx context.Context, tx Tx, wrapUps []store.WrapUp) error {
	for _, w := range wrapUps {
		w = w.Cleaned()
		id := string(w.Call)
		if w.Saved {
			if _, err := tx.Exec(ctx, "UPDATE calls SET disposition = $2, notes = $3 WHERE id = $1", id, string(w.Disposition), w.Notes); err != nil {
				return err
			}
		}
		if w.Finished {
			if _, err := tx.Exec(ctx, "UPDATE calls SET unfinished = $2 WHERE id = $1", id, false); err != nil {
				return err
			}
		}
	}
	return nil
}
