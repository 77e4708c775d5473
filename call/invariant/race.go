//go:build race

package invariant

// On says whether invariants are checked in this build.
const On = true

// Check panics with what was to hold if it does not.
func Check(holds bool, what string) {
	if !holds {
		panic("invariant broken: " + what)
	}
}
