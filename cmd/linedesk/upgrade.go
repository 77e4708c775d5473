package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/linedesk/linedesk/configs/load"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/store/open"
)

// openStore opens a database, with its tables and the site's documents in it brought up to date.
func openStore(ctx context.Context, url string, log *slog.Logger) (store.Store, error) {
	st, err := open.Open(ctx, url, log)
	if err != nil {
		return nil, err
	}
	if err := upgradeSite(ctx, st, log); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return st, nil
}

// upgradeSite brings the site of an older linedesk to what this one keeps. It goes forward only: the old documents
// stay as versions that are not published. Several servers may start at once: one of them does it.
func upgradeSite(ctx context.Context, st store.Store, log *slog.Logger) error {
	const tries = 3
	for try := 1; ; try++ {
		docs, err := st.Published(ctx)
		if err != nil {
			return fmt.Errorf("read the site: %w", err)
		}
		now, left, changed := load.Upgrade(docs)
		if !changed {
			return nil
		}
		_, err = st.ImportDocuments(ctx, now, "")
		if errors.Is(err, store.ErrConflict) && try < tries {
			continue // another server was faster
		}
		if err != nil {
			return fmt.Errorf("bring the site's documents up to date: %w", err)
		}
		log.InfoContext(ctx, "the site is kept as a document per item now", slog.Int("before", len(docs)), slog.Int("now", len(now)))
		if len(left) > 0 {
			log.WarnContext(ctx, "settings that are not in force yet are left out of the site", slog.Any("settings", left))
		}
		return nil
	}
}
