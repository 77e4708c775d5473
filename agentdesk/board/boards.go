package board

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/view"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/switchboard/live"
)

// boardEvery bounds how often a board changes: 4 Hz.
const boardEvery = 250 * time.Millisecond

// boards keeps one channel for each scope that somebody looks at: what changed is worked out and encoded
// once, and the same bytes go to all its pages.
type boards struct {
	r *Room

	mu   sync.Mutex
	open map[sight]*board
	of   map[*web.Socket]*board // what each page looks at
	last map[sight]uint64       // sequence numbers of boards that nobody looks at, so that they never repeat
}

// sight is what a page may see of the board.
type sight struct {
	scope  configs.Scope
	teams  string       // of scope team: their IDs, sorted, with commas
	agent  call.AgentID // of scope team and own
	masked bool
}

// board is one sight's channel.
type board struct {
	sight   sight
	seq     uint64
	rows    proto.BoardRows // sorted by ID
	journal uint64          // the number that the rows show at least
	ring    web.Ring
	pages   map[*web.Socket]struct{}
	snap    web.Frame // of snapSeq, made when somebody needs it
	snapOf  uint64
	idle    time.Time // since when nobody looks
}

func newBoards(r *Room) *boards {
	return &boards{r: r, open: map[sight]*board{}, of: map[*web.Socket]*board{}, last: map[sight]uint64{}}
}

// sightOf gives what a principal may see.
func sightOf(who *web.Principal) sight {
	v := sight{scope: who.Rights[web.ReadBoard], masked: who.Masked()}
	switch v.scope {
	case configs.ScopeTeam:
		v.agent = who.AgentID()
		var teams []string
		for _, t := range who.Site.Teams {
			if who.SeesTeam(t.ID) {
				teams = append(teams, t.ID)
			}
		}
		slices.Sort(teams)
		v.teams = strings.Join(teams, ",")
	case configs.ScopeOwn:
		v.agent = who.AgentID()
	case configs.ScopeAll, configs.ScopeNone:
	}
	return v
}

func (v sight) seesAgent(st view.Site, id call.AgentID) bool {
	switch v.scope {
	case configs.ScopeAll:
		return true
	case configs.ScopeTeam:
		return id == v.agent || v.seesTeam(st.TeamOf(id))
	case configs.ScopeOwn:
		return id == v.agent
	case configs.ScopeNone:
	}
	return false
}

func (v sight) seesTeam(team string) bool {
	return team != "" && slices.Contains(strings.Split(v.teams, ","), team)
}

func (v sight) seesQueue(st view.Site, q call.QueueID) bool {
	if v.scope == configs.ScopeAll {
		return true
	}
	for i := range st.Agents {
		if a := &st.Agents[i]; v.seesAgent(st, a.ID) && slices.Contains(a.Queues, q) {
			return true
		}
	}
	return false
}

// run publishes what changed, at 4 Hz at most.
func (b *boards) run(ctx context.Context) {
	sub := b.r.live.Subscribe()
	defer sub.Close()
	pause := time.NewTimer(boardEvery)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-sub.C():
		}
		b.publish()
		pause.Reset(boardEvery)
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
	}
}

func (b *boards) publish() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.open) == 0 {
		return
	}
	src := b.source()
	now := b.r.web.Now()
	for key, bd := range b.open {
		if len(bd.pages) == 0 {
			if now.Sub(bd.idle) > web.RingAge {
				b.last[key] = bd.seq
				delete(b.open, key)
			}
			continue
		}
		if f, changed := b.update(bd, src, now); changed {
			for k := range bd.pages {
				k.SendFrame(f)
			}
		}
	}
}

// boardSource is the live state that all boards are made of.
type boardSource struct {
	site    view.Site
	queues  []live.Queue
	agents  []live.Agent
	journal uint64 // the number that all this shows at least
}

func (b *boards) source() boardSource {
	journal := b.r.live.Version() // before looking
	return boardSource{view.Site{Site: b.r.site()}, b.r.live.Queues(), b.r.live.Agents(), journal}
}

// update brings a board up to date and gives the delta, if there is one.
func (b *boards) update(bd *board, src boardSource, now time.Time) (web.Frame, bool) {
	bd.journal = src.journal
	next := rowsOf(bd.sight, src)
	delta, changed := difference(bd.rows, next)
	bd.rows = next
	if !changed {
		return web.Frame{}, false
	}
	bd.seq++
	f, err := encode(proto.Delta{T: "d", Ch: "board", Seq: bd.seq, Now: view.EpochMS(now), Journal: src.journal, Board: &delta}, bd.seq, now)
	if err != nil {
		b.r.web.Log().Error("board not encoded", slog.Any("error", err))
		return web.Frame{}, false
	}
	bd.ring.Add(f)
	return f, true
}

func encode(msg any, seq uint64, now time.Time) (web.Frame, error) {
	data, err := json.Marshal(msg)
	if err != nil {
		return web.Frame{}, err
	}
	pm, err := websocket.NewPreparedMessage(websocket.TextMessage, data)
	return web.Frame{Seq: seq, At: now, Data: data, Prepared: pm}, err
}

func rowsOf(v sight, src boardSource) proto.BoardRows {
	rows := proto.BoardRows{Queues: []proto.QueueRow{}, Agents: []proto.AgentRow{}}
	var inTime, offered, short int
	for i := range src.queues {
		q := &src.queues[i]
		if !v.seesQueue(src.site, q.ID) {
			continue
		}
		rows.Queues = append(rows.Queues, view.QueueRow(src.site, q))
		inTime, offered, short = inTime+q.AnsweredInSL, offered+q.Offered, short+q.AbandonedShort
	}
	rows.Totals = &proto.BoardTotals{ServiceLevel: live.ServiceLevel(inTime, offered, short)}
	for i := range src.agents {
		if v.seesAgent(src.site, src.agents[i].ID) {
			rows.Agents = append(rows.Agents, view.AgentRow(src.site, &src.agents[i], v.masked))
		}
	}
	return rows
}

// difference gives the rows that changed or went. Both sides are sorted by ID.
func difference(old, next proto.BoardRows) (proto.BoardRows, bool) {
	var d proto.BoardRows
	queues := make(map[string]*proto.QueueRow, len(old.Queues))
	for i := range old.Queues {
		queues[old.Queues[i].ID] = &old.Queues[i]
	}
	for _, q := range next.Queues {
		if was := queues[q.ID]; was == nil || !reflect.DeepEqual(*was, q) {
			d.Queues = append(d.Queues, q)
		}
		delete(queues, q.ID)
	}
	agents := make(map[string]*proto.AgentRow, len(old.Agents))
	for i := range old.Agents {
		agents[old.Agents[i].ID] = &old.Agents[i]
	}
	for _, a := range next.Agents {
		if was := agents[a.ID]; was == nil || !reflect.DeepEqual(*was, a) {
			d.Agents = append(d.Agents, a)
		}
		delete(agents, a.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(queues)) {
		d.Gone = append(d.Gone, "queue:"+id)
	}
	for _, id := range slices.Sorted(maps.Keys(agents)) {
		d.Gone = append(d.Gone, "agent:"+id)
	}
	if !reflect.DeepEqual(old.Totals, next.Totals) {
		d.Totals = next.Totals
	}
	return d, len(d.Queues)+len(d.Agents)+len(d.Gone) > 0 || d.Totals != nil
}

// subscribe puts a page on its board: what it missed follows, or a snapshot.
func (b *boards) subscribe(k *web.Socket, who *web.Principal, from proto.Subscribe) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leave(k)
	v := sightOf(who)
	bd := b.open[v]
	if bd == nil {
		bd = &board{sight: v, seq: b.last[v] + 1, pages: map[*web.Socket]struct{}{}}
		b.open[v] = bd
		src := b.source()
		bd.rows, bd.journal = rowsOf(v, src), src.journal
	} else if len(bd.pages) == 0 {
		b.update(bd, b.source(), b.r.web.Now()) // it stood still
	}
	bd.pages[k] = struct{}{}
	b.of[k] = bd
	k.Fresh()
	if from.Epoch == b.r.web.Epoch() {
		if missed, ok := bd.ring.After(from.Seq, bd.seq); ok && from.Seq > 0 {
			for _, f := range missed {
				k.SendFrame(f)
			}
			return
		}
	}
	b.sendSnap(k, bd)
}

func (b *boards) sendSnap(k *web.Socket, bd *board) {
	if bd.snapOf != bd.seq {
		rows, now := bd.rows, b.r.web.Now()
		f, err := encode(proto.Snap{
			T: "snap", Ch: "board", Epoch: b.r.web.Epoch(), Seq: bd.seq, Now: view.EpochMS(now), Journal: bd.journal, Board: &rows,
		}, bd.seq, now)
		if err != nil {
			b.r.web.Log().Error("board not encoded", slog.Any("error", err))
			return
		}
		bd.snap, bd.snapOf = f, bd.seq
	}
	k.SendFrame(bd.snap)
}

// again gives a fresh snapshot to a page that had fallen behind.
func (b *boards) again(k *web.Socket) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k.Fresh()
	if bd := b.of[k]; bd != nil {
		b.r.resnaps.Inc()
		b.sendSnap(k, bd)
	}
}

// review moves a page to another board if its rights have changed.
func (b *boards) review(k *web.Socket, who *web.Principal) {
	b.mu.Lock()
	bd := b.of[k]
	b.mu.Unlock()
	switch {
	case bd == nil:
	case who.Admit(web.Needs(web.ReadBoard)) != nil:
		b.unsubscribe(k)
	case bd.sight != sightOf(who):
		b.subscribe(k, who, proto.Subscribe{Ch: "board"})
	}
}

func (b *boards) unsubscribe(k *web.Socket) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leave(k)
}

func (b *boards) leave(k *web.Socket) {
	bd := b.of[k]
	if bd == nil {
		return
	}
	delete(b.of, k)
	delete(bd.pages, k)
	if len(bd.pages) == 0 {
		bd.idle = b.r.web.Now()
	}
}
