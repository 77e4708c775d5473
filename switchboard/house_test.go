package switchboard

import (
	"context"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/call/logtest"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/configs/demosite"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/sip/ivr"
	"github.com/linedesk/linedesk/sip/media"
	"github.com/linedesk/linedesk/sip/siptest"
	"github.com/linedesk/linedesk/store"
)

// aMoment is for what happens at once, even on a machine that does ten other things.
const aMoment = 15 * time.Second

// house is a whole switchboard of the demo site on loopback: a real journal, media room and SIP endpoint, with
// telephones of siptest around it. The carrier takes the calls that leave by the trunk.
type house struct {
	*Switchboard
	t        *testing.T
	dir      string
	carrier  *siptest.Phone
	endpoint *sip.Endpoint
	engine   *media.Engine
	stop     func() // as the server stops: in order
}

type byNumber map[string]store.Customer

func (b byNumber) CustomersByPhone(_ context.Context, number string) ([]store.Customer, error) {
	if c, ok := b[number]; ok {
		return []store.Customer{c}, nil
	}
	return nil, nil
}

// open makes a house in a folder, which may have been one before.
func open(t *testing.T, dir string, change func(*configs.Site)) *house {
	t.Helper()
	h := &house{t: t, dir: dir, carrier: siptest.NewPhone(t, siptest.Options{User: "carrier"})}
	log := logtest.New(t)
	site, _, err := demosite.Site(demosite.Options{TrunkAddr: h.carrier.Addr()})
	ok(t, err)
	if change != nil {
		change(site)
	}
	ok(t, configs.AddSounds(configs.DemoSounds(), filepath.Join(dir, "sound")))
	prompts := ivr.NewPrompts(ivr.Options{Folder: filepath.Join(dir, "sound"), Log: log})
	var list []ivr.Prompt
	for name, p := range site.Prompts {
		list = append(list, ivr.Prompt{Name: name, Texts: p.Texts, File: p.File})
	}
	ok(t, prompts.Load(t.Context(), list))
	loopback := netip.MustParseAddr("127.0.0.1")
	h.engine, err = media.New(media.Config{Addr: loopback, Log: log})
	ok(t, err)
	j, err := journal.Open(journal.Options{Dir: filepath.Join(dir, "journal"), Node: "test", Log: log})
	ok(t, err)
	h.Switchboard, err = New(Options{
		Site: site, Journal: j, Engine: h.engine, Prompts: prompts, Recordings: filepath.Join(dir, "recordings"), Log: log,
		Customers: byNumber{"+8613800138000": {ID: "c7", Name: "Wang Fang", Grade: "AAA"}},
	})
	ok(t, err)
	h.endpoint, err = sip.New(h.SIPConfig(sip.Config{UDP: netip.AddrPortFrom(loopback, 0), Log: log}), h.Switchboard)
	ok(t, err)
	h.Attach(h.endpoint)
	h.run(j)
	return h
}

// run starts everything, and sees that it ends: first the calls, then what carries them.
func (h *house) run(j *journal.Journal) {
	lines, cutLines := context.WithCancel(context.WithoutCancel(h.t.Context()))
	calls, endCalls := context.WithCancel(lines)
	var working, running sync.WaitGroup
	working.Go(func() { _ = h.engine.Run(lines) })
	working.Go(func() { _ = h.endpoint.Run(lines) })
	running.Go(func() { _ = h.Run(calls) })
	h.stop = sync.OnceFunc(func() {
		endCalls()
		running.Wait()
		cutLines()
		working.Wait()
		_ = j.Close()
	})
	h.t.Cleanup(h.stop)
	eventually(h.t, "the switchboard is up", func() bool { return h.Ready() == nil })
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(aMoment); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %v", what, aMoment)
		}
	}
}

func (h *house) soon() context.Context {
	ctx, cancel := context.WithTimeout(h.t.Context(), aMoment)
	h.t.Cleanup(cancel)
	return ctx
}

// phone is an agent's telephone, registered.
func (h *house) phone(extension string) *siptest.Phone {
	h.t.Helper()
	p := siptest.NewPhone(h.t, siptest.Options{Server: h.endpoint.UDPAddr(), User: extension, Password: "demo-" + extension})
	ok(h.t, p.Register(h.soon()))
	return p
}

// caller is somebody with a telephone outside: calls come in by the trunk.
func (h *house) caller(number string) *siptest.Phone {
	h.t.Helper()
	return siptest.NewPhone(h.t, siptest.Options{Server: h.endpoint.UDPAddr(), User: number})
}

// ready has an agent sign in at a telephone.
func (h *house) ready(agent call.AgentID, p string) {
	h.t.Helper()
	_, err := h.SignIn(h.soon(), agent, call.Station{Kind: call.StationSIP, Extension: call.Extension(p)})
	ok(h.t, err)
	_, err = h.ChooseState(h.soon(), agent, call.ChoseReady, "", "")
	ok(h.t, err)
}

func (h *house) dial(p *siptest.Phone, number string) *siptest.Call {
	h.t.Helper()
	c, err := p.Dial(h.t.Context(), number)
	ok(h.t, err)
	return c
}

func (h *house) rung(p *siptest.Phone) *siptest.Call {
	h.t.Helper()
	c, err := p.Incoming(h.soon())
	ok(h.t, err)
	c.Ring()
	return c
}

func (h *house) gone(c *siptest.Call) siptest.Ended {
	h.t.Helper()
	end, err := c.WaitEnded(h.soon())
	ok(h.t, err)
	return end
}

// hear has both sides send a tone and sees that each arrives at the other.
func (h *house) hear(a, b *siptest.Call) {
	h.t.Helper()
	a.Tone(440)
	b.Tone(880)
	ok(h.t, b.Heard(h.soon(), 440))
	ok(h.t, a.Heard(h.soon(), 880))
}

// wrote waits for an event, the first of its type that fits.
func wrote[E call.Event](h *house, fits func(E) bool) E {
	h.t.Helper()
	var found E
	eventually(h.t, "event "+call.TypeName(found), func() bool {
		var is bool
		_ = h.journal.Read(1, func(rec call.Record) error {
			if e, ok := rec.Event.(E); ok && !is && (fits == nil || fits(e)) {
				found, is = e, true
			}
			return nil
		})
		return is
	})
	return found
}

// over waits until the only call is over and gives its end.
func (h *house) over() call.End {
	h.t.Helper()
	end := wrote[call.CallEnded](h, nil).End
	eventually(h.t, "the table is empty", func() bool { return h.Figures().LiveCalls == 0 })
	return end
}

// refusal is the code of an error of a command; empty: it was none.
func refusal(err error) string {
	if r, ok := err.(*RefusedError); ok { //nolint:errorlint // the type itself is the promise to clients
		return r.Code
	}
	return ""
}
