package acdsim

import (
	"math"
	"time"
)

// Staffed is what a formula says of n agents under a load.
type Staffed struct {
	Delayed      float64       // the part of callers who have to wait, 0…1
	ServiceLevel float64       // the part answered within the threshold, 0…1
	ASA          time.Duration // mean wait of all callers
	Occupancy    float64       // the part of the time that an agent is taken, 0…1
	Abandoned    float64       // the part of callers who give up, 0…1
}

// ErlangB is the part of calls that find all n lines taken, at a load of a erlangs, if nobody waits.
// B(0) = 1, B(n) = a·B(n−1) / (n + a·B(n−1)).
func ErlangB(n int, a float64) float64 {
	b := 1.0
	for i := 1; i <= n; i++ {
		b = a * b / (float64(i) + a*b)
	}
	return b
}

// ErlangC says what n agents achieve if every caller waits for ever. At a load of n erlangs or more the
// wait has no bound: everybody waits, and ASA is the longest duration there is.
func ErlangC(n int, perHour float64, aht, threshold time.Duration) Staffed {
	a := perHour / 3600 * aht.Seconds()
	free := float64(n) - a
	if free <= 0 {
		return Staffed{Delayed: 1, ASA: math.MaxInt64, Occupancy: 1}
	}
	b := ErlangB(n, a)
	c := float64(n) * b / (float64(n) - a*(1-b))
	return Staffed{
		Delayed:      c,
		ServiceLevel: 1 - c*math.Exp(-free*threshold.Seconds()/aht.Seconds()),
		ASA:          time.Duration(c * float64(aht) / free),
		Occupancy:    a / float64(n),
	}
}

// ErlangA says what n agents achieve if callers give up after an exponential time (M/M/n+M). It gives no
// service level: that has no closed form. p(k)/p(k−1) = λ / (min(k,n)·µ + max(k−n,0)·θ).
func ErlangA(n int, perHour float64, aht, patience time.Duration) Staffed {
	lambda, mu, theta := perHour/3600, 1/aht.Seconds(), 1/patience.Seconds()
	// Until the terms no longer count; they fall at least geometrically once k·θ exceeds λ.
	p, sum, delayed, queued, busy := 1.0, 1.0, 0.0, 0.0, 0.0
	for k := 1; k < n+10_000_000; k++ {
		p *= lambda / (float64(min(k, n))*mu + float64(max(k-n, 0))*theta)
		if p < 1e-300 || (k > n && p < sum*1e-16) {
			break
		}
		sum += p
		busy += p * float64(min(k, n))
		if k >= n {
			delayed += p
			queued += p * float64(k-n)
		}
		if sum > 1e250 { // only ratios matter
			p, sum, busy, delayed, queued = p/1e250, sum/1e250, busy/1e250, delayed/1e250, queued/1e250
		}
	}
	if n == 0 {
		delayed += 1 / sum
	}
	queued /= sum
	return Staffed{
		Delayed:   delayed / sum,
		ASA:       time.Duration(queued / lambda * float64(time.Second)),
		Occupancy: busy / sum / float64(max(n, 1)),
		Abandoned: theta * queued / lambda,
	}
}
