// Package invariant says what must hold, where it must. [Check] panics when it does not, in builds with the race
// detector, as tests are; in the server's own build it is nothing and costs nothing.
//
// It is for what would be a fault of ours wherever it came up, never for what a peer or a disk can bring about. What
// is dear to find out goes behind [On].
package invariant
