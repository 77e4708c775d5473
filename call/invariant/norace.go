//go:build !race

package invariant

// On says whether invariants are checked in this build.
const On = false

// Check is nothing in this build.
func Check(bool, string) {}
