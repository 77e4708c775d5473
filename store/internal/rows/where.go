package rows

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/linedesk/linedesk/store"
)

// where collects conditions and their parameters. Conditions are constants of this package; values
// only ever travel as parameters.
type where struct {
	conds []string
	args  []any
}

// arg adds a parameter and gives its name.
func (w *where) arg(v any) string {
	w.args = append(w.args, v)
	return "$" + strconv.Itoa(len(w.args))
}

// is narrows a column to a value, if there is one.
func (w *where) is(column, value string) {
	if value != "" {
		w.conds = append(w.conds, column+" = "+w.arg(value))
	}
}

// isIndexed is for a column whose index leaves out the rows in which it is empty. The query must say
// that it does not want those, or the database cannot know that the index will do.
func (w *where) isIndexed(column, value string) {
	if value != "" {
		w.conds = append(w.conds, column+" = "+w.arg(value)+" AND "+column+" <> ''")
	}
}

// among gives the condition that a column is one of some values.
func among[S ~string](w *where, column string, values []S) string {
	if len(values) == 0 {
		return "1 = 0"
	}
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = w.arg(store.CleanID(v))
	}
	return column + " IN (" + strings.Join(names, ", ") + ")"
}

func (w *where) and(cond string) { w.conds = append(w.conds, cond) }

func (w *where) String() string {
	if len(w.conds) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conds, " AND ")
}

// before narrows to what follows a cursor in a list that is sorted by the time column and ID.
func (w *where) before(column string, c store.Cursor) {
	if c.ID != "" {
		// The first half is what an index can seek to; the second settles equal times.
		w.and("(" + column + ", id) < (" + w.arg(c.At) + ", " + w.arg(c.ID) + ")")
	}
}

// window narrows a time column to [from, to).
func (w *where) window(column string, from, to time.Time) {
	if !from.IsZero() {
		w.and(column + " >= " + w.arg(micro(from)))
	}
	if !to.IsZero() {
		w.and(column + " < " + w.arg(micro(to)))
	}
}

// newest gives ORDER BY and LIMIT of a page, with one row more than asked for.
func (w *where) newest(column string, limit int) string {
	return " ORDER BY " + column + " DESC, id DESC LIMIT " + strconv.Itoa(limit+1)
}

// sides gives the newest of what several conditions find, none of which finds what another does. One OR would make the
// databases read a whole index, or collect all rows before they sort; so each condition gives its newest, and of
// those the newest are taken.
func (w *where) sides(selects string, conds []string, newest string) string {
	sides := make([]string, 0, len(conds))
	for _, cond := range conds {
		side := where{conds: append([]string{cond}, w.conds...)}
		sides = append(sides, "SELECT * FROM ("+selects+side.String()+newest+") AS side")
	}
	return strings.Join(sides, " UNION ALL ") + newest
}

// one reads a single row; store.ErrNotFound if there is none.
func one[T any](ctx context.Context, q querier, scan func(Rows) (T, error), sql string, args ...any) (T, error) {
	got, err := list(ctx, q, scan, sql, args...)
	if err == nil && len(got) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		var zero T
		return zero, err
	}
	return got[0], nil
}

// params makes "a, b, c" into the parameters "$1, $2, $3".
func params(columns string) string {
	n := strings.Count(columns, ",") + 1
	p := make([]string, n)
	for i := range p {
		p[i] = "$" + strconv.Itoa(i+1)
	}
	return strings.Join(p, ", ")
}

// sets makes "a, b" into "a = excluded.a, b = excluded.b".
func sets(columns string) string {
	names := strings.Split(columns, ",")
	for i, n := range names {
		n = strings.TrimSpace(n)
		names[i] = n + " = excluded." + n
	}
	return strings.Join(names, ", ")
}
