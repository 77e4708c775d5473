package talksim

import (
	"slices"
	"strings"
)

// shortest finds the fewest of the moments that still break the rule, and tells them as a script with its answers.
// It is the delta debugging of Zeller and Hildebrandt: pieces are left out, smaller and smaller ones, for as long as
// the rest still shows the fault.
func shortest(machine func() Machine, past []moment, rule Rule) string {
	breaks := func(moments []moment) bool {
		b, _ := replay(machine(), moments)
		return b != nil && b.Rule == rule
	}
	for size := len(past) / 2; size > 0; {
		cut := false
		for from := 0; from < len(past); {
			without := slices.Concat(past[:from], past[min(from+size, len(past)):])
			if breaks(without) {
				past, cut = without, true
			} else {
				from += size
			}
		}
		if !cut || size > len(past) {
			size /= 2
		}
	}
	_, told := replay(machine(), past)
	return told
}

// replay plays moments to a fresh machine until a rule breaks, and tells them as a script.
func replay(machine Machine, moments []moment) (*BrokenError, string) {
	r := newRun(machine)
	var c cast
	var script strings.Builder
	for _, m := range moments {
		script.WriteString(c.input(m.in) + "\n")
		r.take(m)
		c.come(m.in, r.state.LastParty)
		if r.watch.broken != nil {
			break
		}
	}
	return r.watch.broken, script.String() + "----\n"
}
