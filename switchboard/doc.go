// Package switchboard owns the live calls: one goroutine for each, which joins the legs and carries
// out what the menu (sip/ivr) and the ACD decide.
//
// Three owners share the work. The router goroutine owns the acd.Machine, the agents' stations and the
// table of calls; everything that is to be recorded passes through it, so the journal's order is the
// order in which the machine saw it. A call's goroutine owns the call's legs, flow and bridge. The
// sip and media rooms own dialogs and packets; they tell a call what happened by posting to its mailbox.
//
// The router never waits for a call, and a mailbox never blocks who posts to it: a call that
// cannot keep up with its own mailbox is ended.
package switchboard
