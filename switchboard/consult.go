package switchboard

import (
	"context"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// Consult has the agent ask somebody beside the call, while the far party hears music: a colleague, an extension, or a
// number outside.
func (sb *Switchboard) Consult(ctx context.Context, id call.AgentID, c call.ID, to call.Target) (seq uint64, err error) {
	d, err := sb.destination(to)
	if err != nil {
		return 0, err
	}
	return sb.onCall(ctx, c, talk.Command{Agent: id, Verb: talk.VerbConsult, To: d})
}

// Swap has the agent speak with the other of the two.
func (sb *Switchboard) Swap(ctx context.Context, id call.AgentID, c call.ID) (seq uint64, err error) {
	return sb.onCall(ctx, c, talk.Command{Agent: id, Verb: talk.VerbSwap})
}

// Complete hands the call over to who was asked.
func (sb *Switchboard) Complete(ctx context.Context, id call.AgentID, c call.ID) (seq uint64, err error) {
	return sb.onCall(ctx, c, talk.Command{Agent: id, Verb: talk.VerbComplete})
}

// CancelConsult ends the asking: the agent is back with the far party.
func (sb *Switchboard) CancelConsult(ctx context.Context, id call.AgentID, c call.ID) (seq uint64, err error) {
	return sb.onCall(ctx, c, talk.Command{Agent: id, Verb: talk.VerbCancel})
}
