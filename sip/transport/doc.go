// Package transport carries SIP messages over UDP and TCP (RFC 3261, 18), and decides which sources may
// be heard.
//
// It hands whole messages up as bytes, with the [Flow] that they came by, and sends bytes down a flow.
// It knows what ends a message in a stream and nothing else of what is in it.
//
// RFC 3261, 26.2.1, no: there is no TLS transport yet.
// RFC 7118, no: there is no WebSocket transport for SIP yet.
package transport
