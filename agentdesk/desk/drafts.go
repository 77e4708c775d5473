package desk

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// Draft is a wrap-up form as typed so far.
type Draft struct {
	Disposition call.CodeID
	Notes       string
}

// draftsKept bounds how many calls' forms are in memory; the one begun longest ago goes first.
const draftsKept = 8192

// drafts remembers the forms of calls that the database does not have yet, so that a page that is
// reloaded shows what was typed. The journal has them for good.
type drafts struct {
	mu    sync.Mutex
	of    map[call.ID]Draft
	order []call.ID
}

func newDrafts() *drafts { return &drafts{of: map[call.ID]Draft{}} }

func (d *drafts) get(id call.ID) (Draft, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, ok := d.of[id]
	return f, ok
}

func (d *drafts) put(id call.ID, f Draft) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.of[id]; !ok {
		if len(d.order) == draftsKept {
			delete(d.of, d.order[0])
			d.order = d.order[1:]
		}
		d.order = append(d.order, id)
	}
	d.of[id] = f
}

// KeepDraft shows a form on the desk of the agent whose call it is, before the call log has it.
func (r *Room) KeepDraft(agent call.AgentID, id call.ID, f Draft) {
	r.drafts.put(id, f)
	r.desks.touch(agent)
}

// Draft gives the wrap-up form of a call as it stands, if the agent had a part in the call.
func (r *Room) Draft(ctx context.Context, agent call.AgentID, id call.ID) (Draft, error) {
	known, has := r.drafts.get(id)
	if a, ok := r.live.Agent(agent); ok && a.Call != nil && a.Call.ID == id {
		return known, nil
	}
	if l, ok := r.live.Call(id); ok && l.Agent == agent {
		return known, nil
	}
	row, err := r.store.Call(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Draft{}, err
	}
	mine := row.Agent == agent || slices.ContainsFunc(row.Segments, func(sg store.Segment) bool {
		return sg.Agent == agent && sg.BridgedAt != nil
	})
	if err != nil || !mine {
		return Draft{}, web.NewProblem(http.StatusConflict, proto.CodeNotYourCall, "you had no part in this call", "call", string(id))
	}
	if !has {
		known = Draft{row.Disposition, row.Notes}
	}
	return known, nil
}
