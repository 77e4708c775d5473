// Package wire reads and writes SIP messages (RFC 3261, 7 and 25).
//
// Reading is strict where a stranger could gain by laxness (duplicated headers, control characters,
// lengths, versions) and lenient where old equipment is known to be odd. What is wrong with a message
// is a [Fault] that says how to answer it; the message is filled in as far as it could be understood,
// so that the answer can quote it.
//
// What reads the parts is sipgo's codec: URIs, Via, CSeq and the numbers. It takes
// much that is wrong and passes over what it doesn't expect, so the bytes are checked before it reads them and
// what it read is checked against its text. Where it can't be used, a comment says why.
//
// The package knows no sockets, transactions or calls.
package wire
