// Package call holds the vocabulary that the rooms share: IDs, the closed set of events, how a call
// ended. It imports the standard library only, starts nothing and decides nothing.
//
// Everything that happens to a call, an agent or the site is one of the events here. The journal
// orders and keeps them; board, desk, call log and reports are projections of that one stream, and
// the ACD is stepped by it.
package call
