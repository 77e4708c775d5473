// Package sip is everything that touches the telephone line: the endpoint with its transactions, the
// legs (dialogs with offer and answer), the registrar, digest, trunks and their numbers.
//
// It knows phones and trunks, not agents, queues or customers: what a leg means is the caller's
// business. Work is divided among workers by a message's Call-ID; a worker is one goroutine that
// owns its transactions, dialogs and timers without locks. Whatever blocks (DNS, dialling TCP) runs aside.
//
// The messages are read and written by sip/wire, session descriptions by sip/sdp, and sockets are
// sip/transport's. Sound is sip/media's; all that is known of it here are the parameters agreed on.
package sip
