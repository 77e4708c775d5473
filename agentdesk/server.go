package agentdesk

import (
	"context"
	"crypto/tls"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/linedesk/linedesk/agentdesk/board"
	"github.com/linedesk/linedesk/agentdesk/calls"
	"github.com/linedesk/linedesk/agentdesk/crm"
	"github.com/linedesk/linedesk/agentdesk/desk"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/switchboard"
	"github.com/linedesk/linedesk/switchboard/live"
)

// Calls is what the rooms need of the switchboard.
type Calls interface {
	desk.Switchboard
	calls.Switchboard
	crm.Switchboard

	Site() *configs.Site
	Ready() error
}

var _ Calls = (*switchboard.Switchboard)(nil)

// Options say what the server stands on.
type Options struct {
	Listen string      // host:port; port 0 takes a free one, see [web.Server.Addr]
	TLS    *tls.Config // nil: plain http, fit for loopback and behind a proxy on this machine only

	Calls Calls
	Live  *live.Live
	Store store.Store
	// Rows waits until the rows of all records up to a number are in the database; nil: there is nobody to wait for.
	Rows func(ctx context.Context, seq uint64) error

	// Recordings is the folder that call records name files in; "" if there are none.
	Recordings string
	// Origins are web origins, besides the server's own, whose pages may use it: "https://desk.example.com".
	Origins []string
	// Registry takes the server's metrics and gives /metrics, so others may register theirs; nil: a new one.
	Registry *prometheus.Registry
	// Version of the program, for the API's description.
	Version string
	// Pages are the built web pages; nil: those built into the program.
	Pages fs.FS
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	Log *slog.Logger
}

// New binds the address and puts the rooms into the web server; nothing is answered before [web.Server.Run].
func New(o Options) (*web.Server, error) {
	var recordings *os.Root
	if o.Recordings != "" {
		var err error
		if recordings, err = os.OpenRoot(o.Recordings); err != nil {
			return nil, fmt.Errorf("open the recordings folder: %w", err)
		}
	}
	s, err := web.New(web.Options{
		Listen: o.Listen, TLS: o.TLS, Store: o.Store, Live: o.Live, Site: o.Calls.Site, Rows: o.Rows, Ready: o.Calls.Ready,
		Origins: o.Origins, Registry: o.Registry, Version: o.Version, Pages: o.Pages, Now: o.Now, Log: o.Log,
	})
	if err != nil {
		if recordings != nil {
			_ = recordings.Close()
		}
		return nil, err
	}
	desks := desk.New(o.Calls, o.Live, o.Store)
	s.Add(desks, board.New(o.Live, o.Calls.Site), calls.New(desks, o.Calls, o.Live, o.Store, recordings),
		crm.New(desks, o.Calls, o.Live, o.Store))
	return s, nil
}
