// Package talk decides what happens to a live call: who is rung, who joins whom, who hears whom, and when
// it is over.
//
// It is a pure state machine, beside acd (which agent answers) and sip/ivr/flow (what the caller hears in a
// menu): [Step] takes the state of one call and one input and returns the effects that the caller must carry
// out, in their order. It starts no goroutine, reads no clock and does no I/O. The switchboard's live call
// feeds it and carries out what it decides; nobody else calls it.
//
// A call has parties. Each has a role, one leg, and a state; rooms and gains follow from roles and states by
// one table (see [Hears]). To add a role or a state is to say there whom it hears.
package talk
