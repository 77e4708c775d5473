// Package siptest is a SIP telephone for tests, and a trunk's far end: [NewPhone] makes either.
//
// It shares nothing with the server's own SIP and media rooms but the parser of the sipgo library, so
// that a misreading of ours is not answered by the same misreading. Sound is tested as sound: a phone
// sends tones and measures what comes back, see [Call.Tone] and [Call.Heard]. Hundreds of phones fit
// one process.
//
// Everything that waits takes a context and ends with it, saying what it had seen by then.
package siptest
