package switchboard

import (
	"hash/fnv"
	"slices"
	"strings"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/configs"
	"github.com/linedesk/linedesk/sip"
	"github.com/linedesk/linedesk/store"
)

// number is a published number, with the flow behind it.
type number = configs.Number

// agentAt gives the agent whose telephone an extension is.
func (sb *Switchboard) agentAt(ext call.Extension) (call.AgentID, bool) {
	if a := sb.site.Load().AgentAt(ext); a != nil {
		return a.ID, true
	}
	return "", false
}

func hasCode(codes []configs.Code, id string) bool {
	return slices.ContainsFunc(codes, func(c configs.Code) bool { return c.ID == id })
}

// phonePause is the reason of a pause that was begun at the phone: the site's first.
func phonePause(s *configs.Site) call.ReasonID {
	if len(s.PauseReasons) == 0 {
		return ""
	}
	return call.ReasonID(s.PauseReasons[0].ID)
}

// staticStation is the station of an agent who is signed in from the start.
func staticStation(a configs.Agent) (call.Station, bool) {
	if !a.SignedIn || a.Station == "" {
		return call.Station{}, false
	}
	return call.Station{Kind: call.StationStatic, Extension: a.Extension, URI: a.Station}, true
}

// destination is where a number that an agent dials leads.
type destination struct {
	direction call.Direction
	number    call.Number
	trunk     call.TrunkID
}

// Lengths of a number that may be dialled; E.164 allows 15 digits, prefixes of ours come on top.
const (
	dialledMin = 3
	dialledMax = 20
)

// route tells where a number leads: to a colleague, or out through the site's trunk.
func (sb *Switchboard) route(dialled string) (destination, error) {
	site := sb.site.Load()
	to := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -./()\u00a0", r) {
			return -1
		}
		return r
	}, dialled)
	if site.Extension(call.Extension(to)) != nil {
		return destination{direction: call.Internal, number: call.Number{Raw: to}}, nil
	}
	digits := strings.TrimPrefix(to, "+")
	if len(digits) < dialledMin || len(digits) > dialledMax || strings.Trim(digits, "0123456789*#") != "" {
		return destination{}, refuse(422, "bad_number", "number", dialled)
	}
	if site.Outbound.Trunk == "" {
		return destination{}, refuse(409, "no_outbound_trunk")
	}
	return destination{direction: call.Outbound, number: sb.normalise(to), trunk: site.Outbound.Trunk}, nil
}

// callerID is the number that the far end of a trunk sees.
func (sb *Switchboard) callerID(trunk call.TrunkID, own call.Extension) string {
	if t := sb.site.Load().Trunk(trunk); t != nil && t.CallerID != "" {
		return t.CallerID
	}
	return string(own)
}

// normalise gives a number its E.164 form in the site's region, if it has one.
func (sb *Switchboard) normalise(raw string) call.Number {
	region := sb.site.Load().Region
	key, now := region+" "+raw, sb.now()
	n, ok := sb.numbers.get(key, now)
	if !ok {
		n = store.Normalise(raw, region)
		sb.numbers.put(key, n, now)
	}
	return n
}

// salt makes the ACD's salt from the node's ID, so that two nodes never make the same offer ID.
func salt(node call.NodeID) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(node))
	return h.Sum32()
}

// SIPConfig completes the endpoint's configuration with what the site says.
func (sb *Switchboard) SIPConfig(c sip.Config) sip.Config {
	c.Trunks = trunks(sb.site.Load())
	c.Extensions = func(ext call.Extension) (string, bool) {
		e := sb.site.Load().Extension(ext)
		if e == nil {
			return "", false
		}
		return e.Password, true
	}
	return c
}

// trunks are the site's trunks in the words of the sip room.
func trunks(s *configs.Site) []sip.Trunk {
	list := make([]sip.Trunk, 0, len(s.Trunks))
	for _, t := range s.Trunks {
		list = append(list, sip.Trunk{
			ID: t.ID, Allow: t.Allow, Host: t.Host, Transport: t.Transport, DialFormat: t.DialFormat, Domain: t.Domain,
			User: t.User, Password: t.Password, Realm: t.Realm, Ping: t.Ping,
		})
	}
	return list
}
