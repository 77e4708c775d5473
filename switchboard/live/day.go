package live

import "time"

// day is the site's day, from its first moment to the next one's.
type day struct {
	begin, end time.Time
}

// dayOf gives the day of a moment.
func dayOf(at time.Time, loc *time.Location) day {
	y, m, d := at.In(loc).Date()
	return day{firstMoment(y, m, d, loc), firstMoment(y, m, d+1, loc)}
}

// firstMoment is when a day begins, which is not midnight where the clocks are put forward then.
func firstMoment(y int, m time.Month, d int, loc *time.Location) time.Time {
	noon := time.Date(y, m, d, 12, 0, 0, 0, loc)
	t := time.Date(y, m, d, 0, 0, 0, 0, loc)
	// time.Date gives a moment of one side of a gap, it doesn't say which.
	for t.Day() != noon.Day() {
		t = t.Add(15 * time.Minute)
	}
	for before := t.Add(-15 * time.Minute); before.Day() == noon.Day(); before = t.Add(-15 * time.Minute) {
		t = before
	}
	return t
}

// has tells whether a moment is of this day or later. A later one will begin a new day, so nothing
// is ever counted for the wrong one.
func (d day) has(at time.Time) bool { return !at.Before(d.begin) }

// roll begins a new day if the moment is no more of the present one: today's figures begin at
// zero, calls in progress go on and belong to the day on which they arrived. Under mu.
func (l *Live) roll(at time.Time) bool {
	if at.Before(l.day.end) {
		return false
	}
	l.day = dayOf(at, l.loc)
	for _, q := range l.queueList {
		q.today = today{}
	}
	for _, a := range l.agentList {
		a.calls, a.talk, a.misses = 0, 0, 0
		l.changed(a)
	}
	return true
}
