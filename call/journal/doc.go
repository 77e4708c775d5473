// Package journal is the one place that every event passes: it gives events their order and time,
// makes them durable and hands them on. Boards, desks, call logs and reports are projections of it.
//
// A record is written to the operating system before [Journal.Append] returns, so a killed process
// loses nothing. [Journal.Run] brings it to the disk, which guards against power loss: within 50 ms when somebody
// waits for it ([Journal.WaitSynced], a follower with Synced), else in the next lull or within a second.
// Readers keep their own position and read by [Journal.Follow], or [Journal.FollowWith] where what
// they do must never be ahead of the disk.
//
// The package knows no meaning of any event, and records but one of its own: [call.ClockStepped]. One
// process owns a journal, see [LockFolder].
package journal
