// Package agentdesk is everything people see: the HTTP API, the desks' and boards' websocket, sign-in
// and rights, and the pages themselves.
//
// It decides nothing about calls: what agents wish goes to the switchboard ([Calls]), what they see is
// read from the live projection and the store. Only cmd/linedesk may import it.
package agentdesk
