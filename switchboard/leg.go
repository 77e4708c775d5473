package switchboard

import (
	"slices"

	"github.com/google/uuid"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/sip/media"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// leg is what a party speaks through: its dialog, if it has one, and its sound. The leg of a browser has no
// dialog, and its sound outlives the call.
type leg struct {
	id      call.LegID
	party   talk.PartyID
	dialog  *sip.Leg // nil: a browser
	sound   *media.Leg
	browser *browserLeg // nil: a SIP leg
	room    *room       // nil: alone
	gone    bool        // its dialog is over
	closing bool        // its sound was told to close; the figures are to come
}

// newSIPLeg makes a leg with a port of its own; the dialog is put in by who made it.
func (c *liveCall) newSIPLeg(id call.LegID, party talk.PartyID) (*leg, error) {
	l := &leg{id: id, party: party}
	c.legs[party] = l
	if err := c.openSound(l); err != nil {
		return nil, err
	}
	return l, nil
}

// openSound gives a leg its sound and a port.
func (c *liveCall) openSound(l *leg) error {
	l.sound = c.sb.engine.NewLeg(func(e media.Event) { c.post(legSounded{leg: l, event: e}) })
	_, err := l.sound.OpenUDP()
	return err
}

// newLegID makes the ID of a leg.
func newLegID() call.LegID { return call.LegID(uuid.Must(uuid.NewV7()).String()) }

// let hangs a leg up, whichever way its state wants, and lets its sound go. It tells whether figures will come.
func (l *leg) let(c *liveCall, end call.End) (figures bool) {
	if l.closing {
		return true
	}
	if l.dialog != nil && !l.gone {
		l.dialog.HangUp(end)
	}
	l.gone, l.closing = true, true
	if l.sound == nil {
		return false
	}
	if l.room != nil {
		l.room.leave(l)
	}
	if l.browser != nil {
		l.browser.release(c)
		return true
	}
	l.sound.Close()
	return true
}

// room is a room of the call as it stands in the media room.
type room struct {
	bridge  *media.Bridge
	members []*leg
	gains   []talk.Gain
}

// leave takes a leg out.
func (r *room) leave(l *leg) {
	l.room = nil
	for i, m := range r.members {
		if m == l {
			r.members = append(r.members[:i:i], r.members[i+1:]...)
			r.bridge.Remove(l.sound)
			return
		}
	}
}

// connect makes a room stand as the machine wants it. Two and more legs are bridged; who is left alone in a room hears
// nothing, which needs no bridge.
func (c *liveCall) connect(want talk.Room) {
	r := c.rooms[want.ID]
	var members []*leg
	for _, id := range want.Members {
		if l := c.legs[id]; l != nil && l.sound != nil && !l.closing {
			members = append(members, l)
		}
	}
	if len(members) < 2 {
		if r != nil {
			for _, l := range r.members {
				l.room = nil
			}
			r.bridge.Close()
			delete(c.rooms, want.ID)
		}
		return
	}
	if r == nil {
		r = &room{bridge: c.sb.engine.Bridge(members[0].sound, members[1].sound), members: members[:2:2]}
		members[0].room, members[1].room = r, r
		if c.rooms == nil {
			c.rooms = make(map[talk.RoomID]*room, 1)
		}
		c.rooms[want.ID] = r
	}
	r.stand(members)
	r.hear(want.Gains, c.legs)
}

// stand brings the members in and out.
func (r *room) stand(members []*leg) {
	for _, l := range append([]*leg(nil), r.members...) {
		if !slices.Contains(members, l) {
			r.leave(l)
		}
	}
	for _, l := range members {
		if !slices.Contains(r.members, l) {
			r.bridge.Add(l.sound)
			r.members, l.room = append(r.members, l), r
		}
	}
}

// hear sets the gains that are to be, and takes back those that were.
func (r *room) hear(gains []talk.Gain, legs map[talk.PartyID]*leg) {
	set := func(g talk.Gain, loud float32) {
		listener, source := legs[g.Listener], legs[g.Source]
		if listener != nil && source != nil {
			r.bridge.SetGain(listener.sound, source.sound, loud)
		}
	}
	for _, g := range r.gains {
		set(g, 1)
	}
	for _, g := range gains {
		set(g, g.Loud)
	}
	r.gains = gains
}
