package agentdesk

import (
	"slices"
	"testing"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
)

// Whoever has a page open hears of a publication, and sees the new names without opening the page again.
func TestOpenPagesHearOfAPublication(t *testing.T) {
	r := newRig(t)
	r.onShift("amy")
	desk, board := r.page("amy"), r.page("lena")
	desk.desk()
	board.board()

	next := *r.line.site
	next.Queues = append(next.Queues[:0:0], next.Queues...)
	next.Queues[0].Names = map[string]string{"en": "Renamed", "zh-CN": "改名"}
	next.Index()
	r.line.publish(&next)
	r.SiteChanged()

	renamed := func(rows []proto.QueueRow) bool {
		for _, q := range rows {
			if q.ID == string(next.Queues[0].ID) && q.Name["en"] == "Renamed" {
				return true
			}
		}
		return false
	}
	for _, p := range []*webPage{desk, board} {
		p.until("the word of it", func(m message) bool { return m.T == proto.MsgSite })
	}
	desk.until("the queue's new name on the desk", func(m message) bool { return m.Desk != nil && renamed(m.Desk.Queues) })
	r.line.happened(next.Routing()) // as the switchboard does when it puts a site in force
	board.until("the queue's new name on the board", func(m message) bool { return m.Board != nil && renamed(m.Board.Queues) })
	if got := r.as("amy").get("/site").want(200); got.str("queues", 0, "name", "en") != "Renamed" {
		t.Errorf("GET /site gives %s", got.body)
	}
}

// Who has read the site is told that it is the same, until what it shows is not.
func TestTheSiteIsSentAgainOnlyIfItDiffers(t *testing.T) {
	r := newRig(t)
	first := r.as("amy").get("/site").want(200)
	tag := first.head.Get("ETag")
	if tag == "" || first.head.Get("Cache-Control") != "no-store" {
		t.Fatalf("headers %v", first.head)
	}
	holding := func(user, ifNoneMatch string) *client {
		c := r.as(user)
		c.head.Set("If-None-Match", ifNoneMatch)
		return c
	}
	for _, have := range []string{tag, "W/" + tag, `"1", ` + tag, "*"} {
		for _, who := range []string{"amy", "lena"} { // who see the same have the same tag
			if got := holding(who, have).get("/site").want(304); len(got.body) != 0 || got.head.Get("ETag") != tag {
				t.Errorf("If-None-Match %s of %s: %q with %v", have, who, got.body, got.head)
			}
		}
	}
	holding("amy", `"1"`).get("/site").want(200)
	r.stranger().get("/site").want(401)

	next := *r.line.site
	next.Index() // published again as it was
	r.line.publish(&next)
	holding("amy", tag).get("/site").want(304)
	renamed := next
	renamed.Queues = slices.Clone(next.Queues)
	renamed.Queues[0].Names = map[string]string{"en": "Renamed", "zh-CN": "改名"}
	renamed.Index()
	r.line.publish(&renamed)
	if got := holding("amy", tag).get("/site").want(200); got.head.Get("ETag") == tag || got.str("queues", 0, "name", "en") != "Renamed" {
		t.Errorf("the site that is in force now: %v %s", got.head, got.body)
	}
}

// The desk reads its last calls again when the call log has them, and not before.
func TestTheDeskShowsACallAsSoonAsItIsLogged(t *testing.T) {
	r := newRig(t)
	r.onShift("amy")
	p := r.page("amy")
	p.desk()
	r.logged(finished("c1", "amy", 1))
	r.RowsWritten([]call.AgentID{"ben"})
	r.RowsWritten([]call.AgentID{"amy"})
	p.until("the call among the last", func(m message) bool {
		return m.Desk != nil && len(m.Desk.Recent) == 1 && m.Desk.Recent[0].ID == "c1"
	})
}
