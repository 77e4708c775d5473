package switchboard

import (
	"context"

	"github.com/linedesk/linedesk/call"
)

// What a call has to say to the router goes in one request for the messages that it handles in one go: the router is
// woken once, not once for each event. The order stays: report comes before any other request of the call's.

// tell notes what is to be written down.
func (c *liveCall) tell(e call.Event) {
	if c.toReport == nil {
		c.toReport = make([]call.Event, 0, 4)
	}
	c.toReport = append(c.toReport, e)
}

// report hands over what is to be written down.
func (c *liveCall) report() {
	if len(c.toReport) > 0 {
		c.sb.router.post(report{c.toReport})
		c.toReport = nil
	}
}

// reportNow returns when it is in the journal: for what must be known before a message leaves.
func (c *liveCall) reportNow() {
	_, _ = c.sb.router.ask(context.Background(), report{c.toReport})
	c.toReport = nil
}

// tellRouter hands a request over, after what is to be written down.
func (c *liveCall) tellRouter(q request) {
	c.report()
	c.sb.router.post(q)
}
