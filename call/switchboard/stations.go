package switchboard

import (
	"log/slog"

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

// playMusic lets the far party wait with the queue's music.
func (c *liveCall) playMusic() {
	m, err := c.sb.prompts.Music(c.sb.queueMusic(c.queue))
	if err != nil {
		c.log.Error("no music on hold", slog.Any("error", err))
		return
	}
	c.far.sound.PlayMusic(m)
}
