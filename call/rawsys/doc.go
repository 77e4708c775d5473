// Package rawsys enters the Linux kernel without telling Go's scheduler.
//
// An ordinary system call of Go's hands the goroutine's processor over in case the call takes long, and wakes the
// runtime's monitor thread, which then naps for 20 µs at a time until all is quiet again: with a few calls in
// progress those naps are most of what the server does. A call that never waits needs none of it. The saving comes
// only when all calls of a busy path go this way; one ordinary call among them wakes the monitor all the same.
//
// What may be called here: what returns at once. A socket must be non-blocking (each call says MSG_DONTWAIT besides),
// and who gets EAGAIN waits by Go's own poller. A call that waited here would hold up its processor with everything
// on it, and the collector with that. The descriptor must stay open during the call; that is the caller's duty.
//
// Other systems than Linux have nothing here: their callers keep to package net.
package rawsys

// Sockaddr is an address as the kernel reads and writes it: a struct sockaddr_in or sockaddr_in6.
type Sockaddr struct {
	raw  [28]byte
	size uint32
}
