package talksim

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/switchboard/talk"
)

// The one call of a story, and what is the same in all of them.
const (
	theCall   call.ID      = "c1"
	theTrunk  call.TrunkID = "carrier"
	theCaller              = "13800138000"

	offerRing  = 18 * time.Second // how long an offered agent's station may ring
	placedRing = 30 * time.Second // that of an agent who places a call
	parkedFor  = 60 * time.Second // how long a call lies in its slot
)

// extensions are the telephones of the agents of all stories.
var extensions = map[call.AgentID]call.Extension{"amy": "2001", "bob": "2002", "carol": "2003"}

// agentAt is who sits at an extension; empty: nobody.
func agentAt(ext call.Extension) call.AgentID {
	for a, e := range extensions {
		if e == ext {
			return a
		}
	}
	return ""
}

// cast knows the parties of a call by the names that a story gives them: an agent's is the agent's own, the far
// party's is "caller" where it called, and "far" where it is called. A second party of the same name is "amy-2".
type cast struct{ names []string }

// come gives names to those whom an input has brought; last is the state's LastParty after it.
func (c *cast) come(in talk.Input, last talk.PartyID) {
	for len(c.names) < int(last) {
		name := "far"
		switch in := in.(type) {
		case talk.Arrived:
			name = "caller"
		case talk.Offered:
			name = string(in.Agent)
		case talk.Placed:
			if len(c.names) == 0 {
				name = placerOf(in)
			}
		case talk.Command:
			name = "guest"
		}
		c.names = append(c.names, c.unused(name))
	}
}

// placerOf names who placed a call: an agent, or an extension where no agent sits.
func placerOf(in talk.Placed) string {
	if in.Agent != "" {
		return string(in.Agent)
	}
	return string(in.Extension)
}

func (c *cast) unused(name string) string {
	try := name
	for n := 2; c.find(try) != 0; n++ {
		try = name + "-" + strconv.Itoa(n)
	}
	return try
}

// find gives the party of a name; 0: nobody has it.
func (c *cast) find(name string) talk.PartyID {
	for i, n := range c.names {
		if n == name {
			return talk.PartyID(i + 1)
		}
	}
	return 0
}

// name gives the name of a party; one that never came is "?9".
func (c *cast) name(id talk.PartyID) string {
	if id >= 1 && int(id) <= len(c.names) {
		return c.names[id-1]
	}
	return "?" + strconv.Itoa(int(id))
}

// party finds whom a script means.
func (c *cast) party(name string) (talk.PartyID, error) {
	if number, ok := strings.CutPrefix(name, "?"); ok {
		n, err := strconv.Atoi(number)
		if err != nil {
			return 0, fmt.Errorf("party %q: a number follows ?", name)
		}
		return talk.PartyID(n), nil
	}
	if id := c.find(name); id != 0 {
		return id, nil
	}
	return 0, fmt.Errorf("nobody here is called %q; there are %s", name, strings.Join(c.names, ", "))
}
