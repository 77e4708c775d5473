package agentdesk

import (
	"sync"

	"github.com/linedesk/linedesk/call"
)

// draft is a wrap-up form as typed so far.
type draft struct {
	disposition call.CodeID
	notes       string
}

// draftsKept bounds how many calls' forms are in memory; the one begun longest ago goes first.
const draftsKept = 8192

// drafts remembers the forms of calls that the database does not have yet, so that a page that is
// reloaded shows what was typed. The journal has them for good.
type drafts struct {
	mu    sync.Mutex
	of    map[call.ID]draft
	order []call.ID
}

func newDrafts() *drafts { return &drafts{of: map[call.ID]draft{}} }

func (d *drafts) get(id call.ID) (draft, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, ok := d.of[id]
	return f, ok
}

func (d *drafts) put(id call.ID, f draft) {
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
