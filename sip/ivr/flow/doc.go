// Package flow is what a caller goes through before a person answers: menus, announcements,
// collected digits, a queue, a voicemail.
//
// A [Flow] is data: nodes with named exits. [Start] and [Step] are pure: a state and an input give
// the next state and the effects that the caller of Step carries out. The package plays nothing,
// reads no clock and starts no goroutine, so that a flow can be walked through without a telephone;
// package ivr drives it on a real leg. [Check] says what is wrong with a flow before it goes live.
package flow
