// Package media carries sound: RTP in and out, prompts, music, keys, mixing, recording.
//
// Three things make it up. A [Leg] is our end of one conversation with one telephone or browser:
// its line of sequence numbers and timestamps, its figures, what it plays. A transport carries the
// leg: a pair of UDP ports ([Leg.OpenUDP]) or a browser's PeerConnection ([Engine.Browser]), and
// can be replaced under it. A [Bridge] lets legs hear each other.
//
// A leg lives on one shard: one goroutine that owns the sockets, the wheel of twenty slots and
// everything of its legs. Every method here posts a command to the shard and returns at once, so all
// are safe for concurrent use, and commands on one leg keep their order. What happens comes back
// through the function given to [Engine.NewLeg], which runs on the shard's goroutine and must not
// block.
//
// The package knows no SIP and no call: sip tells it what was negotiated, switchboard who
// speaks with whom.
package media
