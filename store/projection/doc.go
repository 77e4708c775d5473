// Package projection keeps kinds of rows in the database up with the journal.
//
// A [Projection] has a name, under which the database keeps its position, and a [Fold], which turns
// records into rows and is pure. A [Runner] feeds the fold from the journal and writes what comes out
// exactly once, whatever crashes in between: rows and the position that they reach to are one
// transaction, and what a restarted runner must read again to know what is unfinished is part of that
// position ([store.Position].Safe). Several projections live in one database, each with a runner of its own;
// [Rebuild] makes one anew from the journal and touches no other.
//
// To add one: a name in store/position.go, its rows as a field of [store.Batch] (with Rows, Singles, and
// their writing in store/internal/rows), a fold, and its line in cmd/linedesk/projections.go. Rows must
// have keys that the journal gives (the call's ID, a record's node and number) and be written by "insert
// or replace": whoever is told a record again, by Rebuild or after a lost tail, must come to the same rows.
//
// Who may call it: the rooms that define projections (store/calllog) and the binary, which runs them.
package projection

import (
	"context"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// Projection is a kind of rows that is made of the journal alone.
type Projection struct {
	Name  store.Projection // the key of its position
	Title string           // in log lines and errors: "call log"
	Fold  func() Fold      // makes an empty one
	// Every is the least time between two writes; 0: a second. Rows that nobody looks at at once are cheaper by the
	// many: they share transactions, and pages of the database.
	Every time.Duration
	// Before looks up what the database has in place of a row, for [Rebuild]: which writes nothing where
	// nothing changes, and says how much did. Nil: every row is written again.
	Before func(ctx context.Context, st store.Store, one store.Batch) (Before, error)
	// Wrote is told of rows that are in the database now, by the runner's goroutine, which it must not hold up; nil:
	// nobody asks.
	Wrote func(store.Batch)
}

// Before is what a row is about to replace.
type Before struct {
	Key   string      // tells the row from all others
	Found bool        // the database has it
	Was   store.Batch // as it is there
	Now   store.Batch // as it shall be: the row, with what only the database knows
}

// Fold turns records into rows. It is pure: time comes with the records, and the same records give the same
// rows, however they are cut into batches. One goroutine uses it.
type Fold interface {
	// Add takes the next record. The first is the one that a position names as Safe, or the journal's oldest.
	Add(rec call.Record)
	// Pending is how many rows Take would give.
	Pending() int
	// Take gives the rows that changed since the last Take, as a batch without From and Position.
	Take() store.Batch
	// Safe is the first record that must be read again to know what is unfinished after Take; 0: none need be.
	Safe() uint64
	// Forget lets go of what nothing more is to come of, as of a moment, and tells whether there is more that
	// only time will end. It is called often, and must be cheap.
	Forget(now time.Time) (ending bool)
}
