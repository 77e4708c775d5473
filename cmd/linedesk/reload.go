package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// reloadOnSignal puts the published site in force at each SIGHUP: after "linedesk site import" nothing has to
// be restarted.
func (v *server) reloadOnSignal(ctx context.Context) {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hup:
			if err := v.reload(ctx); err != nil {
				v.log.Error("the site is left as it was", slog.Any("error", err))
				continue
			}
			v.log.Info("the published site is in force")
		}
	}
}

// reload reads, checks and prepares the whole site before any of it counts.
func (v *server) reload(ctx context.Context) error {
	before := v.documents
	site, err := v.readSite(ctx)
	if err != nil {
		return err
	}
	if err := loadPrompts(ctx, v.prompts, site); err != nil {
		return err
	}
	if err := syncUsers(ctx, v.store, site, v.demo); err != nil {
		return err
	}
	return v.switchboard.Reload(ctx, site, siteChanges(before, v.documents))
}

// siteChanges lists the documents whose published version is another one now.
func siteChanges(before, after []store.Document) []call.SiteChanged {
	type name struct{ kind, name string }
	had := make(map[name]int, len(before))
	for _, d := range before {
		had[name{d.Kind, d.Name}] = d.Version
	}
	var changes []call.SiteChanged
	for _, d := range after {
		if had[name{d.Kind, d.Name}] != d.Version {
			changes = append(changes, call.SiteChanged{Kind: d.Kind, Name: d.Name, Version: d.Version, By: d.By})
		}
	}
	return changes
}
