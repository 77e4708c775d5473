// Package acdsim runs the ACD against simulated callers and phones, in simulated time.
//
// [Run] answers what-if questions: so many agents, so many callers, what service level? Its answers
// agree with the formulas of Erlang (see [ErlangC], [ErlangA]), which a test proves.
//
// [Storm] searches for faults: random events from a seed, phones that answer late, twice or never, lost
// legs, flapping stations, a site that changes in mid-day; and after every step a watcher, who keeps books
// of its own, checks what must always hold.
package acdsim
