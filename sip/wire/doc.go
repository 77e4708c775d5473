// Package wire reads and writes SIP messages (RFC 3261, 7 and 25).
//
// Reading is strict where a stranger could gain by laxness (duplicated headers, control characters,
// lengths, versions) and lenient where old equipment is known to be odd. What is wrong with a message
// is a [Fault] that says how to answer it; the message is filled in as far as it could be understood,
// so that the answer can quote it. Reading allocates one string per message: all values are parts of it.
//
// The package knows no sockets, transactions or calls.
package wire
