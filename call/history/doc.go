// Package history tells what a call was, from the events about it: who took part, in which queues it stood, each
// agent's part, the legs, and how long all that took.
//
// It is the one teller of these truths. The live board (switchboard/live), the call log (store/calllog) and the
// agents' rows (store/agents) fold the same records with it and differ in what they keep of the outcome only. It is
// pure: records in, state out; no clock, no I/O, no goroutine.
//
// What the durations mean:
//
//	wait      in queues, until the first bridge; without one, until the call left them
//	ring      from the offer that was answered to that answer; of a placed call, from the click to the far end's answer
//	talk      bridged, without hold
//	hold      on hold while bridged, by whichever side
//	wrap-up   from its beginning to its end, no longer than it was given
//
// The customer's part in a call ends when the caller leaves, or when the talk ends that nothing followed. What our
// side needs afterwards to take its legs down counts for nobody.
//
// A caller who loses an agent in mid-call (the phone is gone) waits again at the queue's head. That is a stay like
// any other, marked [Stay.Again], and no wait: service level and speed of answer tell how soon a caller was first
// answered, and the second wait would make a late answer of a prompt one.
//
// A call that a restart of the server ended was over with the last thing that the dead run told: see [Run].
package history
