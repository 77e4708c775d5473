package agentdesk

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
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/switchboard/live"
)

// boardEvery bounds how often a board changes: 4 Hz.
const boardEvery = 250 * time.Millisecond

// boards keeps one channel for each scope that somebody looks at: what changed is worked out and encoded
// once, and the same bytes go to all its pages.
type boards struct {
	s *Server

	mu   sync.Mutex
	open map[view]*board
	last map[view]uint64 // sequence numbers of boards that nobody looks at, so that they never repeat
}

// view is what a page may see of the board.
type view struct {
	scope  configs.Scope
	teams  string       // of scope team: their IDs, sorted, with commas
	agent  call.AgentID // of scope team and own
	masked bool
}

// board is one view's channel.
type board struct {
	view   view
	seq    uint64
	rows   proto.BoardRows // sorted by ID
	ring   ring
	pages  map[*socket]struct{}
	snap   frame // of snapSeq, made when somebody needs it
	snapOf uint64
	idle   time.Time // since when nobody looks
}

func newBoards(s *Server) *boards {
	return &boards{s: s, open: map[view]*board{}, last: map[view]uint64{}}
}

// viewOf gives what a caller may see.
func viewOf(c *caller) view {
	v := view{scope: c.rights[readBoard], masked: c.rights[unmaskNumber] == configs.ScopeNone}
	switch v.scope {
	case configs.ScopeTeam:
		v.agent = c.agentID()
		var teams []string
		for _, t := range c.site.Teams {
			if c.seesTeam(t.ID) {
				teams = append(teams, t.ID)
			}
		}
		slices.Sort(teams)
		v.teams = strings.Join(teams, ",")
	case configs.ScopeOwn:
		v.agent = c.agentID()
	case configs.ScopeAll, configs.ScopeNone:
	}
	return v
}

func (v view) seesAgent(st site, id call.AgentID) bool {
	switch v.scope {
	case configs.ScopeAll:
		return true
	case configs.ScopeTeam:
		return id == v.agent || v.seesTeam(st.teamOf(id))
	case configs.ScopeOwn:
		return id == v.agent
	case configs.ScopeNone:
	}
	return false
}

func (v view) seesTeam(team string) bool {
	return team != "" && slices.Contains(strings.Split(v.teams, ","), team)
}

func (v view) seesQueue(st site, q call.QueueID) bool {
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
	sub := b.s.live.Subscribe()
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
	now := b.s.now()
	for key, bd := range b.open {
		if len(bd.pages) == 0 {
			if now.Sub(bd.idle) > ringAge {
				b.last[key] = bd.seq
				delete(b.open, key)
			}
			continue
		}
		if f, changed := b.update(bd, src); changed {
			for k := range bd.pages {
				k.out.sendBoard(f)
			}
		}
	}
}

// boardSource is the live state that all boards are made of.
type boardSource struct {
	site   site
	queues []live.Queue
	agents []live.Agent
}

func (b *boards) source() boardSource {
	return boardSource{b.s.site(), b.s.live.Queues(), b.s.live.Agents()}
}

// update brings a board up to date and gives the delta, if there is one.
func (b *boards) update(bd *board, src boardSource) (frame, bool) {
	next := rowsOf(bd.view, src)
	delta, changed := difference(bd.rows, next)
	bd.rows = next
	if !changed {
		return frame{}, false
	}
	bd.seq++
	f, err := b.encode(proto.Delta{T: "d", Ch: "board", Seq: bd.seq, Now: epochMS(b.s.now()), Board: &delta}, bd.seq)
	if err != nil {
		b.s.log.Error("board not encoded", slog.Any("error", err))
		return frame{}, false
	}
	bd.ring.add(f)
	return f, true
}

func (b *boards) encode(msg any, seq uint64) (frame, error) {
	data, err := json.Marshal(msg)
	if err != nil {
		return frame{}, err
	}
	pm, err := websocket.NewPreparedMessage(websocket.TextMessage, data)
	return frame{seq: seq, at: b.s.now(), data: data, prepared: pm}, err
}

func rowsOf(v view, src boardSource) proto.BoardRows {
	rows := proto.BoardRows{Queues: []proto.QueueRow{}, Agents: []proto.AgentRow{}}
	var inTime, offered, short int
	for i := range src.queues {
		q := &src.queues[i]
		if !v.seesQueue(src.site, q.ID) {
			continue
		}
		rows.Queues = append(rows.Queues, queueRow(src.site, q))
		inTime, offered, short = inTime+q.AnsweredInSL, offered+q.Offered, short+q.AbandonedShort
	}
	rows.Totals = &proto.BoardTotals{ServiceLevel: live.ServiceLevel(inTime, offered, short)}
	for i := range src.agents {
		if v.seesAgent(src.site, src.agents[i].ID) {
			rows.Agents = append(rows.Agents, agentRow(src.site, &src.agents[i], v.masked))
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
func (b *boards) subscribe(k *socket, c *caller, from proto.Subscribe) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leave(k)
	v := viewOf(c)
	bd := b.open[v]
	if bd == nil {
		bd = &board{view: v, seq: b.last[v] + 1, pages: map[*socket]struct{}{}}
		b.open[v] = bd
		bd.rows = rowsOf(v, b.source())
	} else if len(bd.pages) == 0 {
		b.update(bd, b.source()) // it stood still
	}
	bd.pages[k] = struct{}{}
	k.setBoard(bd)
	k.out.fresh()
	if from.Epoch == b.s.epoch {
		if missed, ok := bd.ring.after(from.Seq, bd.seq); ok && from.Seq > 0 {
			for _, f := range missed {
				k.out.sendBoard(f)
			}
			return
		}
	}
	b.sendSnap(k, bd)
}

func (b *boards) sendSnap(k *socket, bd *board) {
	if bd.snapOf != bd.seq {
		rows := bd.rows
		f, err := b.encode(proto.Snap{
			T: "snap", Ch: "board", Epoch: b.s.epoch, Seq: bd.seq, Now: epochMS(b.s.now()), Board: &rows,
		}, bd.seq)
		if err != nil {
			b.s.log.Error("board not encoded", slog.Any("error", err))
			return
		}
		bd.snap, bd.snapOf = f, bd.seq
	}
	k.out.sendBoard(bd.snap)
}

// again gives a fresh snapshot to a page that had fallen behind.
func (b *boards) again(k *socket) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k.out.fresh()
	if bd := k.boardOf(); bd != nil {
		b.s.metrics.resnaps.Inc()
		b.sendSnap(k, bd)
	}
}

// review moves a page to another board if its rights have changed.
func (b *boards) review(k *socket, c *caller) {
	bd := k.boardOf()
	switch {
	case bd == nil:
	case c.admit(needs(readBoard)) != nil:
		b.unsubscribe(k)
	case bd.view != viewOf(c):
		b.subscribe(k, c, proto.Subscribe{Ch: "board"})
	}
}

func (b *boards) unsubscribe(k *socket) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leave(k)
}

func (b *boards) leave(k *socket) {
	bd := k.boardOf()
	if bd == nil {
		return
	}
	k.setBoard(nil)
	delete(bd.pages, k)
	if len(bd.pages) == 0 {
		bd.idle = b.s.now()
	}
}

func (k *socket) boardOf() *board {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.board
}

func (k *socket) setBoard(bd *board) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.board = bd
}
