package sqlite

import (
	"context"
	"fmt"

	"github.com/linedesk/linedesk/store/internal/rows"
)

// LimitPages makes the file no larger than so many pages, as a full disk does.
func (db *DB) LimitPages(ctx context.Context, n int) error {
	return db.conn.Write(ctx, func(rows.Tx) error {
		_, err := db.conn.writer.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", n))
		return err
	})
}
