package agentdesk

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/call"
)

// command is one thing that a page may ask for: the access it needs, and what is done.
type command struct {
	access Access
	// passing commands are about this connection, not about the world: they are carried out each time.
	passing bool
	do      func(context.Context, *socket, *caller, json.RawMessage) (any, error)
}

// commandTable is every command. One without access lets nobody in.
var commandTable map[string]command

func init() {
	commandTable = map[string]command{
		proto.CmdSubscribe:    {access: anyUser, passing: true, do: body(cmdSubscribe)},
		proto.CmdUnsubscribe:  {access: anyUser, passing: true, do: body(cmdUnsubscribe)},
		proto.CmdTakeOver:     {access: needs(useDesk), passing: true, do: cmdTakeOver},
		proto.CmdPing:         {access: anyUser, passing: true, do: func(context.Context, *socket, *caller, json.RawMessage) (any, error) { return nil, nil }},
		proto.CmdQuality:      {access: needs(useDesk), passing: true, do: body(cmdQuality)},
		proto.CmdRTCOffer:     {access: needs(useDesk), passing: true, do: body(cmdRTCOffer)},
		proto.CmdStation:      {access: needs(useDesk), do: body(cmdStation)},
		proto.CmdState:        {access: needs(useDesk), do: body(cmdState)},
		proto.CmdAnswer:       {access: needs(useDesk), do: body(cmdAnswer)},
		proto.CmdDecline:      {access: needs(useDesk), do: body(cmdDecline)},
		proto.CmdHold:         {access: needs(controlCall), do: body(cmdHold)},
		proto.CmdResume:       {access: needs(controlCall), do: body(cmdResume)},
		proto.CmdMute:         {access: needs(controlCall), do: body(cmdMute)},
		proto.CmdDTMF:         {access: needs(controlCall), do: body(cmdDTMF)},
		proto.CmdHangUp:       {access: needs(controlCall), do: body(cmdHangUp)},
		proto.CmdDial:         {access: needs(dialCall), do: body(cmdDial)},
		proto.CmdIdentify:     {access: needs(useDesk), do: body(cmdIdentify)},
		proto.CmdWrapUpSave:   {access: needs(useDesk), do: body(cmdWrapUpSave)},
		proto.CmdWrapUpFinish: {access: needs(useDesk), do: body(cmdWrapUpFinish)},
		proto.CmdTicket:       {access: needs(writeTicket), do: body(cmdTicket)},
	}
}

// body reads the command's body for its handler.
func body[B any](do func(context.Context, *socket, *caller, B) (any, error)) func(context.Context, *socket, *caller, json.RawMessage) (any, error) {
	return func(ctx context.Context, k *socket, c *caller, raw json.RawMessage) (any, error) {
		var b B
		if len(raw) == 0 {
			return nil, problem(http.StatusUnprocessableEntity, proto.CodeMissingBody, "this command has a body")
		}
		if err := decodeStrict(raw, &b); err != nil {
			return nil, problem(http.StatusUnprocessableEntity, proto.CodeBadBody, err.Error())
		}
		return do(ctx, k, c, b)
	}
}

// carryOut does what a command asks, unless the same page's user sent it before, and answers it.
func (k *socket) carryOut(cmd proto.Command) {
	start := time.Now()
	entry := commandTable[cmd.T]
	if entry.passing {
		k.sendRaw(k.run(cmd, entry))
		k.s.metrics.commands.WithLabelValues(cmd.T).Observe(time.Since(start).Seconds())
		return
	}
	ans, repeated := k.s.acks.begin(k.user, cmd.ID)
	if repeated {
		select {
		case <-ans.ready:
			k.sendRaw(ans.data)
		case <-time.After(commandTimeout):
			k.ack(cmd.ID, nil, problem(http.StatusServiceUnavailable, proto.CodeTooSlow, "the command is still being carried out"))
		case <-k.done:
		}
		return
	}
	data := k.encodeAck(cmd.ID, nil, problem(http.StatusInternalServerError, proto.CodeFailed, "the server made a mistake"))
	defer func() { ans.fill(data) }() // whatever happens: a repetition may be waiting
	data = k.run(cmd, entry)
	k.sendRaw(data)
	k.s.metrics.commands.WithLabelValues(cmd.T).Observe(time.Since(start).Seconds())
}

// run gives the encoded answer. A command that was sent is carried out, though the page goes away.
func (k *socket) run(cmd proto.Command, entry command) []byte {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	c := k.caller()
	err := c.admit(entry.access)
	var result any
	if err == nil {
		result, err = entry.do(ctx, k, c, cmd.Body)
	}
	return k.encodeAck(cmd.ID, result, err)
}

func cmdSubscribe(_ context.Context, k *socket, c *caller, b proto.Subscribe) (any, error) {
	switch b.Ch {
	case proto.ChannelDesk:
		if err := c.admit(needs(useDesk)); err != nil {
			return nil, err
		}
		return nil, k.s.desks.subscribe(k, c, b)
	case proto.ChannelBoard:
		if err := c.admit(needs(readBoard)); err != nil {
			return nil, err
		}
		k.s.boards.subscribe(k, c, b)
		return nil, nil
	}
	return nil, unknownChannel(b.Ch)
}

func cmdUnsubscribe(_ context.Context, k *socket, _ *caller, b proto.Subscribe) (any, error) {
	switch b.Ch {
	case proto.ChannelDesk:
		k.s.desks.release(k)
	case proto.ChannelBoard:
		k.s.boards.unsubscribe(k)
	default:
		return nil, unknownChannel(b.Ch)
	}
	return nil, nil
}

func unknownChannel(ch proto.Channel) error {
	return problem(http.StatusUnprocessableEntity, proto.CodeUnknownChannel, "the channels are desk and board", "ch", string(ch))
}

func cmdTakeOver(_ context.Context, k *socket, c *caller, _ json.RawMessage) (any, error) {
	agent, err := c.mustBeAgent()
	if err != nil {
		return nil, err
	}
	k.s.desks.takeOver(k, agent)
	return nil, nil
}

func cmdQuality(_ context.Context, k *socket, _ *caller, b proto.LinkQuality) (any, error) {
	k.s.metrics.linkQuality(b)
	return nil, nil
}

// cmdRTCOffer gives the answer to the browser's offer; only the page that holds the desk has the leg.
func cmdRTCOffer(ctx context.Context, k *socket, c *caller, b proto.RTCOffer) (any, error) {
	agent, err := c.mustBeAgent()
	if err != nil {
		return nil, err
	}
	if !k.holdsDesk() {
		return nil, problem(http.StatusConflict, proto.CodeNoDesk, "subscribe to the desk first")
	}
	k.s.desks.linkOffered(agent)
	sdp, err := k.s.calls.BrowserOffer(ctx, agent, b.SDP)
	if err != nil {
		return nil, err
	}
	return proto.RTCAnswer{SDP: sdp, Gen: b.Gen}, nil
}

func cmdStation(ctx context.Context, k *socket, c *caller, b proto.Station) (any, error) {
	return nil, k.s.chooseStation(ctx, c, b)
}

func cmdState(ctx context.Context, k *socket, c *caller, b proto.State) (any, error) {
	return nil, k.s.chooseState(ctx, c, b)
}

func cmdAnswer(ctx context.Context, k *socket, c *caller, b proto.OfferRef) (any, error) {
	agent, err := c.mustBeAgent()
	if err != nil {
		return nil, err
	}
	return nil, done(k.s.calls.Answer(ctx, agent, call.OfferID(b.Offer)))
}

func cmdDecline(ctx context.Context, k *socket, c *caller, b proto.OfferRef) (any, error) {
	agent, err := c.mustBeAgent()
	if err != nil {
		return nil, err
	}
	return nil, done(k.s.calls.Decline(ctx, agent, call.OfferID(b.Offer)))
}

func cmdHold(ctx context.Context, k *socket, c *caller, b proto.CallRef) (any, error) {
	agent, err := c.mustBeAgent()
	if err != nil {
		return nil, err
	}
	return nil, done(k.s.calls.Hold(ctx, agent, call.ID(b.Call)))
}

func cmdResume(ctx context.Context, k *socket, c *caller, b proto.CallRef) (any, error) {
	agent, err := c.mustBeAgent()
	if err != nil {
		return nil, err
	}
	return nil, done(k.s.calls.Resume(ctx, agent, call.ID(b.Call)))
}

func cmdHangUp(ctx context.Context, k *socket, c *caller, b proto.CallRef) (any, error) {
	agent, err := c.mustBeAgent()
	if err != nil {
		return nil, err
	}
	return nil, done(k.s.calls.HangUp(ctx, agent, call.ID(b.Call)))
}

func cmdMute(ctx context.Context, k *socket, c *caller, b proto.Mute) (any, error) {
	agent, err := c.mustBeAgent()
	if err != nil {
		return nil, err
	}
	return nil, done(k.s.calls.Mute(ctx, agent, call.ID(b.Call), b.Muted))
}

func cmdDTMF(ctx context.Context, k *socket, c *caller, b proto.DTMF) (any, error) {
	agent, err := c.mustBeAgent()
	if err != nil {
		return nil, err
	}
	return nil, done(k.s.calls.SendDTMF(ctx, agent, call.ID(b.Call), b.Digits))
}

func cmdDial(ctx context.Context, k *socket, c *caller, b proto.Dial) (any, error) {
	agent, err := c.mustBeAgent()
	if err != nil {
		return nil, err
	}
	id, _, err := k.s.calls.PlaceCall(ctx, agent, b.To)
	if err != nil {
		return nil, err
	}
	return proto.CallRef{Call: string(id)}, nil
}

func cmdIdentify(ctx context.Context, k *socket, c *caller, b proto.Identify) (any, error) {
	agent, err := c.mustBeAgent()
	if err != nil {
		return nil, err
	}
	id := call.ID(b.Call)
	if _, err := k.s.draftOf(ctx, agent, id); err != nil {
		return nil, err
	}
	if _, ok := k.s.live.Call(id); !ok {
		return nil, problem(http.StatusConflict, proto.CodeCallOver, "the call and its wrap-up are over", "call", b.Call)
	}
	r, err := k.s.store.Customer(ctx, call.CustomerID(b.Customer))
	if err != nil {
		return nil, asNotFound(err, "customer", b.Customer)
	}
	return nil, done(k.s.calls.Identify(ctx, call.CustomerIdentified{Call: id, Customer: r.ID, Grade: r.Grade, Name: r.Name}))
}

func cmdWrapUpSave(ctx context.Context, k *socket, c *caller, b proto.WrapUp) (any, error) {
	return nil, k.s.wrapUp(ctx, c, call.ID(b.Call), &b.Disposition, &b.Notes, false)
}

func cmdWrapUpFinish(ctx context.Context, k *socket, c *caller, b proto.WrapUp) (any, error) {
	return nil, k.s.wrapUp(ctx, c, call.ID(b.Call), &b.Disposition, &b.Notes, true)
}

func cmdTicket(ctx context.Context, k *socket, c *caller, b proto.TicketDraft) (any, error) {
	r, err := k.s.ticketOfDraft(c, b)
	if err != nil {
		return nil, err
	}
	if r, err = k.s.openFromCall(ctx, c, r); err != nil {
		return nil, err
	}
	return proto.TicketRef{Ticket: string(r.ID), Number: r.Number}, nil
}
