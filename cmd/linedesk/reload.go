package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/configs/load"
	"github.com/linedesk/linedesk/store"
)

// siteEvery is how often the database is asked whether another site has been published.
const siteEvery = 2 * time.Second

// followChanges puts another site in force soon after it was published, and at each SIGHUP the site and
// linedesk.yaml: nothing has to be restarted for what can change in a running process.
func (v *server) followChanges(ctx context.Context) {
	tick := time.NewTicker(siteEvery)
	defer tick.Stop()
	seen := int64(-1) // refused already: said once
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-v.hangUps:
			err = v.reload(ctx)
		case <-tick.C:
			seen, err = v.followSite(ctx, seen)
		}
		if err != nil && ctx.Err() == nil {
			v.log.Error("nothing is reloaded, all is left as it was", slog.Any("error", err))
		}
	}
}

// followSite puts the published site in force if it is another one, and not one that was tried already. Sites are told
// apart by the count of publications.
func (v *server) followSite(ctx context.Context, tried int64) (now int64, err error) {
	asking, cancel := context.WithTimeout(ctx, siteEvery)
	defer cancel()
	now, err = v.store.Publications(asking)
	if err != nil {
		return tried, nil //nolint:nilerr // the database is away: others say so
	}
	if now == v.published.count || now == tried {
		return now, nil
	}
	return now, v.reloadSite(ctx)
}

// reload changes nothing unless linedesk.yaml and the site are both without mistakes. The demo has no
// linedesk.yaml.
func (v *server) reload(ctx context.Context) error {
	if v.process == nil {
		return v.reloadSite(ctx)
	}
	next, problems := load.Process(v.process.File)
	if err := problems.Err(); err != nil {
		return fmt.Errorf("the configuration has mistakes:\n%w", err)
	}
	var cert *tls.Certificate
	if v.cert != nil && next.HTTP.Cert != "" { // between http and https a server cannot change its mind
		var err error
		if cert, err = readCertificate(next); err != nil {
			return err
		}
	}
	if err := v.reloadSite(ctx); err != nil {
		return err
	}
	return v.apply(next, cert)
}

// apply takes from linedesk.yaml what can change at run time, and names what cannot.
func (v *server) apply(next *configs.Process, cert *tls.Certificate) error {
	now := *v.process
	if err := v.desk.TrustOrigins(next.HTTP.Origins); err != nil {
		return err
	}
	now.HTTP.Origins = next.HTTP.Origins
	if err := setLevel(v.level, next.Log.Level); err != nil {
		return err
	}
	now.Log.Level = next.Log.Level
	if cert != nil {
		v.cert.current.Store(cert)
		now.HTTP.Cert, now.HTTP.Key = next.HTTP.Cert, next.HTTP.Key
	}
	v.process = &now
	if keys := load.Differences(&now, next); len(keys) > 0 {
		v.log.Warn("these settings have changed and count from the next start", slog.Any("keys", keys))
	}
	v.log.Info("the configuration is in force", slog.String("file", now.File))
	return nil
}

// reloadSite reads, checks and prepares the whole site before any of it counts.
func (v *server) reloadSite(ctx context.Context) error {
	site, now, err := v.readSite(ctx)
	if err != nil {
		return err
	}
	if err := loadPrompts(ctx, v.prompts, site); err != nil {
		return err
	}
	if err := syncUsers(ctx, v.store, site, v.demo); err != nil {
		return err
	}
	if err := v.switchboard.Reload(ctx, site, siteChanges(v.published.documents, now.documents)); err != nil {
		return err
	}
	v.published = now
	v.desk.SiteChanged()
	if was := v.timezone; site.Location.String() != was {
		v.log.Warn("the site's timezone has changed; figures of today count by the old one until the next start",
			slog.String("old", was), slog.String("new", site.Location.String()))
	}
	v.log.Info("the published site is in force")
	return nil
}

// siteChanges lists the documents whose published version is another one now. One that was withdrawn has the
// version 0.
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
		delete(had, name{d.Kind, d.Name})
	}
	for _, d := range before {
		if _, left := had[name{d.Kind, d.Name}]; left {
			changes = append(changes, call.SiteChanged{Kind: d.Kind, Name: d.Name})
		}
	}
	return changes
}
