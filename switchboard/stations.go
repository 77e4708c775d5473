package switchboard

import (
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip"
)

// dialStation tells how a station is rung. A browser is not dialled.
func (sb *Switchboard) dialStation(s call.Station) sip.DialRequest {
	switch s.Kind {
	case call.StationStatic:
		return sip.DialRequest{URI: s.URI}
	case call.StationPSTN:
		n := sb.normalise(s.Number)
		return sip.DialRequest{Trunk: sb.site.Load().Outbound.Trunk, Number: n.Raw, E164: n.E164}
	case call.StationSIP, call.StationWebRTC:
	}
	return sip.DialRequest{Extension: s.Extension}
}

// holdMusic names what a far party on hold hears: the music of the call's queue. A call that no queue gave has
// that of the agent's first queue with music.
func (sb *Switchboard) holdMusic(queue call.QueueID, agent call.AgentID) string {
	queues := []call.QueueID{queue}
	if a := sb.site.Load().Agent(agent); a != nil {
		queues = append(queues, a.Queues...)
	}
	for _, q := range queues {
		if music := sb.queueMusic(q); music != "" {
			return music
		}
	}
	return ""
}
