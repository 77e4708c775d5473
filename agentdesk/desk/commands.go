package desk

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/linedesk/linedesk/agentdesk/proto"
	"github.com/linedesk/linedesk/agentdesk/web"
)

func (r *Room) registerCommands(s *web.Server) {
	mine := web.Needs(web.UseDesk)
	s.Command(proto.CmdTakeOver, web.Command{Access: mine, Passing: true, Do: r.takeOver})
	s.Command(proto.CmdQuality, web.Command{Access: mine, Passing: true, Do: web.Body(r.linkQuality)})
	s.Command(proto.CmdRTCOffer, web.Command{Access: mine, Passing: true, Do: web.Body(r.rtcOffer)})
	s.Command(proto.CmdStation, web.Command{Access: mine, Do: web.Body(r.station)})
	s.Command(proto.CmdState, web.Command{Access: mine, Do: web.Body(r.state)})
}

func (r *Room) takeOver(_ context.Context, k *web.Socket, who *web.Principal, _ json.RawMessage) (web.Done, error) {
	agent, err := who.MustBeAgent()
	if err != nil {
		return web.Done{}, err
	}
	r.desks.takeOver(k, agent)
	return web.Done{}, nil
}

// linkQuality takes a browser's word, within what is possible.
func (r *Room) linkQuality(_ context.Context, _ *web.Socket, _ *web.Principal, q proto.LinkQuality) (web.Done, error) {
	if q.RTTMS >= 0 && q.RTTMS <= 60_000 {
		r.rtt.Observe(q.RTTMS / 1000)
	}
	if q.LossPct >= 0 && q.LossPct <= 100 {
		r.loss.Observe(q.LossPct / 100)
	}
	return web.Done{}, nil
}

// rtcOffer gives the answer to the browser's offer; only the page that holds the desk has the leg.
func (r *Room) rtcOffer(ctx context.Context, k *web.Socket, who *web.Principal, b proto.RTCOffer) (web.Done, error) {
	agent, err := who.MustBeAgent()
	if err != nil {
		return web.Done{}, err
	}
	if !r.desks.holds(k) {
		return web.Done{}, web.NewProblem(http.StatusConflict, proto.CodeNoDesk, "subscribe to the desk first")
	}
	r.desks.linkOffered(agent)
	sdp, err := r.calls.BrowserOffer(ctx, agent, b.SDP)
	if err != nil {
		return web.Done{}, err
	}
	return web.Done{Result: proto.RTCAnswer{SDP: sdp, Gen: b.Gen}}, nil
}

func (r *Room) station(ctx context.Context, _ *web.Socket, who *web.Principal, b proto.Station) (web.Done, error) {
	seq, err := r.chooseStation(ctx, who, b)
	return web.Done{Seq: seq}, err
}

func (r *Room) state(ctx context.Context, _ *web.Socket, who *web.Principal, b proto.State) (web.Done, error) {
	seq, err := r.chooseState(ctx, who, b)
	return web.Done{Seq: seq}, err
}
