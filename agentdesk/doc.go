// Package agentdesk is everything people see: the HTTP API, the desks' and boards' websocket, sign-in
// and rights, and the pages themselves.
//
// It decides nothing about calls: what agents wish goes to the switchboard ([Calls]), what they see is
// read from the live projection and the store. This package only puts the rooms into the web server; each room has a
// package of its own. Only cmd/linedesk may import it.
package agentdesk
