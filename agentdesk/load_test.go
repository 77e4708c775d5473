package agentdesk

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/call/journal"
	"github.com/linedesk/linedesk/call/logtest"
	"github.com/linedesk/linedesk/configs/demosite"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/switchboard/live"
)

var (
	loadDesks = flag.Int("load.desks", 0, "TestOfferToDesk: open desks, at most 2999; 0: leave it out")
	loadTime  = flag.Duration("load.time", 20*time.Second, "TestOfferToDesk: for how long offers come")
	loadRate  = flag.Int("load.rate", 50, "TestOfferToDesk: offers per second")
	loadPages = flag.String("load.pages", "", "command before that of the process with the pages, such as \"taskset -c 1\"")
)

// loadServer makes the process one of pages only: it is the server's base URL.
const loadServer = "LINEDESK_DESK_LOAD_SERVER"

func TestMain(m *testing.M) {
	if base := os.Getenv(loadServer); base != "" {
		if err := openPages(base); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// openPages opens a desk for each token on standard input, says "ready", and then a line for each offer that a page is
// shown: the call, and when the message had been read, in µs since 1970. It ends with its standard input.
func openPages(base string) error {
	var mu sync.Mutex
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() && lines.Text() != "" {
		head := http.Header{"Origin": {base}, "Cookie": {cookieName + "=" + lines.Text()}}
		conn, resp, err := plainDialer.Dial("ws"+strings.TrimPrefix(base, "http")+"/ws", head)
		if err != nil {
			return fmt.Errorf("open a page; each takes a descriptor here and one at the server (ulimit -n): %w", err)
		}
		_ = resp.Body.Close()
		if err := conn.WriteJSON(map[string]any{"t": proto.CmdSubscribe, "id": "1", "body": proto.Subscribe{Ch: proto.ChannelDesk}}); err != nil {
			return err
		}
		snap := make(chan struct{})
		go readPage(conn, &mu, sync.OnceFunc(func() { close(snap) }))
		<-snap
	}
	fmt.Println("ready")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

func readPage(conn *websocket.Conn, mu *sync.Mutex, desked func()) {
	shown := ""
	for {
		_, data, err := conn.ReadMessage()
		at := time.Now()
		if err != nil {
			fmt.Fprintln(os.Stderr, "page closed:", err)
			desked()
			return
		}
		if bytes.Contains(data, []byte(`"desk":{`)) {
			desked()
		}
		if !bytes.Contains(data, []byte(`"offer":{`)) {
			continue
		}
		var m message
		if err := json.Unmarshal(data, &m); err == nil && m.Desk != nil && m.Desk.Offer != nil && m.Desk.Offer.Call != shown {
			shown = m.Desk.Offer.Call
			mu.Lock()
			fmt.Println(shown, at.UnixMicro())
			mu.Unlock()
		}
	}
}

// floor is the agents at work: the events that the switchboard would write, by the real journal.
type floor struct {
	t       *testing.T
	j       *journal.Journal
	ready   []call.AgentID // longest idle first
	talks   []talk         // oldest first
	offered map[call.ID]time.Time
	calls   int
}

type talk struct {
	id    call.ID
	agent call.AgentID
}

func (f *floor) happened(events ...call.Event) (last call.Record) {
	f.t.Helper()
	for _, e := range events {
		rec, err := f.j.Append(e)
		if err != nil {
			f.t.Fatal(err)
		}
		last = rec
	}
	return last
}

// offer brings a new call to the agent who was idle longest.
func (f *floor) offer() talk {
	a := f.ready[0]
	f.ready = f.ready[1:]
	f.calls++
	id := call.ID(fmt.Sprintf("load-%06d", f.calls))
	number := fmt.Sprintf("138%08d", f.calls%5000) // some are customers
	f.happened(
		call.CallArrived{Call: id, Leg: "far", Direction: call.Inbound, From: call.Party{Number: call.Number{Raw: number, E164: "+86" + number}}, To: call.Number{Raw: "4001"}, Trunk: "demo"},
		call.CallAnswered{Call: id, Leg: "far"}, call.CallQueued{Call: id, Queue: "support"})
	rec := f.happened(call.CallOffered{Call: id, Offer: call.OfferID("offer-" + id), Queue: "support", Agent: a, Until: time.Now().Add(15 * time.Second)})
	f.offered[id] = rec.At
	f.happened(call.AgentStatusChanged{Agent: a, Status: call.StatusOffered, Call: id, Queue: "support", Chosen: call.ChoseReady})
	return talk{id, a}
}

func (f *floor) answered(k talk) {
	f.happened(
		call.OfferAnswered{Call: k.id, Offer: call.OfferID("offer-" + k.id), Agent: k.agent, Leg: "near"},
		call.Bridged{Call: k.id, Offer: call.OfferID("offer-" + k.id), Agent: k.agent, Leg: "near"},
		call.AgentStatusChanged{Agent: k.agent, Status: call.StatusTalking, Call: k.id, Queue: "support", Chosen: call.ChoseReady})
	f.talks = append(f.talks, k)
}

// hangUp ends the oldest talk; its agent is ready again.
func (f *floor) hangUp() {
	k := f.talks[0]
	f.talks = f.talks[1:]
	end := call.End{By: call.ByCaller, Cause: call.CauseHangup}
	f.happened(
		call.CallerLeft{Call: k.id, End: end}, call.TalkEnded{Call: k.id, Agent: k.agent, Offer: call.OfferID("offer-" + k.id), By: call.ByCaller},
		call.CallEnded{Call: k.id, End: end}, call.AgentStatusChanged{Agent: k.agent, Status: call.StatusReady, Chosen: call.ChoseReady})
	f.ready = append(f.ready, k.agent)
}

// TestOfferToDesk measures how long after its call_offered in the journal an offer is on the page of its agent, with all
// desks open and two thirds of the agents in calls: real journal, live projection, database, server and websockets; the
// pages are in a process of their own. Left out: SIP, the router and the call log's rows. It asserts no time.
func TestOfferToDesk(t *testing.T) {
	if *loadDesks == 0 {
		t.Skip("-load.desks is not given")
	}
	site, _, err := demosite.Site(demosite.Options{Agents: min(*loadDesks, demosite.MaxAgents)})
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(journal.Options{Dir: filepath.Join(t.TempDir(), "journal"), Node: "test", Log: logtest.New(t)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	l := live.New(site.Location)
	var wg sync.WaitGroup
	wg.Go(func() { _ = j.Run(ctx) })
	wg.Go(func() { _ = l.Run(ctx, j) })
	t.Cleanup(func() { cancel(); wg.Wait(); _ = j.Close() })
	r := newRig(t, func(o *Options) {
		o.Live = l
		o.Calls = &ledger{site: site, live: l, at: time.Now()}
	})
	f := &floor{t: t, j: j, offered: map[call.ID]time.Time{}}
	f.happened(call.NodeStarted{Node: "test"}, site.Routing())
	var tokens strings.Builder
	for i := range site.Agents {
		a := site.Agents[i].ID
		u := store.User{ID: call.UserID(a), Roles: []string{"agent"}, Agent: a}
		if err := r.st.PutUser(ctx, u); err != nil {
			t.Fatal(err)
		}
		tokens.WriteString(r.as(string(a)).token + "\n")
		f.happened(call.AgentSignedIn{Agent: a, Station: call.Station{Kind: call.StationWebRTC}}, call.StationUp{Agent: a},
			call.AgentStatusChanged{Agent: a, Status: call.StatusReady, Chosen: call.ChoseReady})
		f.ready = append(f.ready, a)
		if i%3 != 0 {
			f.ready[0], f.ready[len(f.ready)-1] = f.ready[len(f.ready)-1], f.ready[0]
			f.answered(f.offer())
		}
	}
	for i := range 500 {
		r.customer(store.Customer{Name: fmt.Sprintf("Customer %d", i), Phones: []store.Phone{{Raw: fmt.Sprintf("138%08d", i*10), E164: fmt.Sprintf("+86138%08d", i*10), Primary: true}}})
	}
	arrived := f.pages(r.base, tokens.String())
	clear(f.offered)

	tick := time.NewTicker(time.Second / time.Duration(*loadRate))
	defer tick.Stop()
	var ringing []talk
	for range int(loadTime.Seconds() * float64(*loadRate)) {
		<-tick.C
		ringing = append(ringing, f.offer())
		if len(ringing) > *loadRate { // rings for a second
			f.answered(ringing[0])
			ringing = ringing[1:]
			f.hangUp()
		}
	}
	time.Sleep(time.Second) // what is shown later is not counted as shown
	var took []time.Duration
	for id, at := range arrived() {
		if off, ok := f.offered[id]; ok {
			took = append(took, at.Sub(off))
		}
	}
	if len(took) == 0 {
		t.Fatal("no offer was shown")
	}
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	at := func(q float64) float64 { return ms(took[int(q*float64(len(took)-1))]) }
	fmt.Printf("offer to desk: %d desks, %d offers, %d not shown, p50 %.1f ms, p99 %.1f ms, max %.1f ms\n", // read by e2e/bench
		len(site.Agents), len(f.offered), len(f.offered)-len(took), at(.5), at(.99), at(1))
}

// pages opens the desks and waits until each has its snapshot; what it gives closes them and tells when which offer was shown.
func (f *floor) pages(base, tokens string) (arrived func() map[call.ID]time.Time) {
	args := append(strings.Fields(*loadPages), os.Args[0])
	cmd := exec.CommandContext(f.t.Context(), args[0], args[1:]...) //nolint:gosec // this test's own program
	cmd.Env = append(os.Environ(), loadServer+"="+base)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		f.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		f.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	if _, err := io.WriteString(in, tokens+"\n"); err != nil {
		f.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if lines.Text() == "ready" {
			break
		}
	}
	shown := make(chan map[call.ID]time.Time, 1)
	go func() {
		all := map[call.ID]time.Time{}
		for lines.Scan() {
			var id call.ID
			var us int64
			if _, err := fmt.Sscan(lines.Text(), &id, &us); err == nil {
				all[id] = time.UnixMicro(us)
			}
		}
		shown <- all
	}()
	return func() map[call.ID]time.Time {
		_ = in.Close()
		all := <-shown
		if err := cmd.Wait(); err != nil {
			f.t.Errorf("the pages: %v", err)
		}
		return all
	}
}
