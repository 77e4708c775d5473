package acdsim_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/linedesk/linedesk/acd/acdsim"
)

const threshold = 20 * time.Second

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance {
		t.Errorf("%s: got %.6f, want %.6f ± %g", what, got, want, tolerance)
	}
}

func TestErlangBAgreesWithTheTables(t *testing.T) {
	for _, row := range []struct {
		n    int
		a, b float64
	}{
		{1, 1, .5}, {2, 1, .2}, {5, 3, .11005435}, {10, 5, .01838457}, {10, 10, .21458234}, {20, 15, .04559322},
	} {
		near(t, "B", acdsim.ErlangB(row.n, row.a), row.b, 5e-9)
	}
}

// The values of pyworkforce 0.1.0 and of CRAN's ErlangC 0.1.0 for 100 calls in 30 minutes of 180 s each, and
// of the recursion for other loads.
func TestErlangCAgreesWithThePublishedPackages(t *testing.T) {
	at14 := acdsim.ErlangC(14, 200, 180*time.Second, threshold)
	near(t, "service level", at14.ServiceLevel, 0.8883500191794669, 1e-12)
	near(t, "delayed", at14.Delayed, 0.1741319335950498, 1e-12)
	near(t, "ASA", at14.ASA.Seconds(), 7.83593701177724, 1e-8)
	near(t, "occupancy", at14.Occupancy, 0.7142857142857143, 1e-12)
	for _, row := range []struct {
		n         int
		perHour   float64
		aht       time.Duration
		threshold time.Duration
		level     float64
		delayed   float64
		asa       float64
	}{
		{11, 200, 180 * time.Second, threshold, .389614, .682118, 122.781},
		{12, 200, 180 * time.Second, threshold, .640158, .449388, 40.445},
		{13, 200, 180 * time.Second, threshold, .795595, .285270, 17.116},
		{16, 200, 180 * time.Second, threshold, .970560, .057340, 1.720},
		{25, 240, 300 * time.Second, threshold, .850171, .209103, 12.546},
		{74, 1000, 240 * time.Second, threshold, .846136, .283490, 9.278},
		{58, 1000, 180 * time.Second, threshold, .920067, .194432, 4.375},
		{13, 100, 300 * time.Second, 10 * time.Second, .915605, .098599, 6.339},
		{5, 40, 240 * time.Second, threshold, .866927, .161635, 16.625},
		{55, 720, 240 * time.Second, 15 * time.Second, .845883, .238701, 8.184},
	} {
		got := acdsim.ErlangC(row.n, row.perHour, row.aht, row.threshold)
		near(t, "service level", got.ServiceLevel, row.level, 1e-6)
		near(t, "delayed", got.Delayed, row.delayed, 1e-6)
		near(t, "ASA", got.ASA.Seconds(), row.asa, 1e-3)
	}
	if over := acdsim.ErlangC(10, 200, 180*time.Second, threshold); over.Delayed != 1 || over.ServiceLevel != 0 {
		t.Errorf("at a load of as many erlangs as agents: got %+v, want everybody to wait", over)
	}
}

// rowA is 200 calls an hour of 180 s with n agents, and callers of finite patience.
type rowA struct {
	patience                                time.Duration
	n                                       int
	delayed, abandoned, wait, occupancy, sl float64
}

var tableA = []rowA{
	{180 * time.Second, 10, .542070, .125110, 22.520, .874890, .58698},
	{180 * time.Second, 12, .303224, .053092, 9.557, .789090, .80230},
	{180 * time.Second, 14, .135536, .018694, 3.365, .700933, .92556},
	{60 * time.Second, 10, .423418, .157527, 9.452, .842473, .71801},
	{60 * time.Second, 12, .240426, .075902, 4.554, .770082, .86030},
}

func TestErlangAAgreesWithTheTable(t *testing.T) {
	for _, row := range tableA {
		got := acdsim.ErlangA(row.n, 200, 180*time.Second, row.patience)
		near(t, "delayed", got.Delayed, row.delayed, 1e-6)
		near(t, "abandoned", got.Abandoned, row.abandoned, 1e-6)
		near(t, "mean wait", got.ASA.Seconds(), row.wait, 1e-3)
		near(t, "occupancy", got.Occupancy, row.occupancy, 1e-6)
	}
}

// The machine itself, with callers who never give up, does what Erlang C says. The tolerances are about
// four standard deviations of such runs.
func TestMachineAgreesWithErlangC(t *testing.T) {
	for _, n := range []int{13, 14} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			got := simulate(t, acdsim.Config{Agents: n, Queues: 3, ArrivalRate: 200, AHT: 180 * time.Second, Duration: 300 * time.Hour, Seed: 1})
			want := acdsim.ErlangC(n, 200, 180*time.Second, threshold)
			near(t, "service level", got.ServiceLevel, want.ServiceLevel, 0.03)
			near(t, "delayed", got.Delayed, want.Delayed, 0.03)
			near(t, "ASA", got.ASA.Seconds(), want.ASA.Seconds(), 0.25*want.ASA.Seconds())
			near(t, "occupancy", got.Occupancy, want.Occupancy, 0.01)
			if got.Abandoned != 0 {
				t.Errorf("%d callers gave up who wait for ever", got.Abandoned)
			}
		})
	}
}

func TestMachineAgreesWithErlangA(t *testing.T) {
	for _, row := range tableA {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			got := simulate(t, acdsim.Config{
				Agents: row.n, Queues: 2, ArrivalRate: 200, AHT: 180 * time.Second, Patience: row.patience,
				Duration: 60 * time.Hour, Seed: 1, Runs: 3,
			})
			near(t, "service level", got.ServiceLevel, row.sl, 0.015)
			near(t, "delayed", got.Delayed, row.delayed, 0.015)
			near(t, "abandoned", float64(got.Abandoned)/float64(got.Offered), row.abandoned, 0.008)
			near(t, "mean wait", got.MeanWait.Seconds(), row.wait, 0.2*row.wait)
			near(t, "occupancy", got.Occupancy, row.occupancy, 0.01)
		})
	}
}

func simulate(t *testing.T, cfg acdsim.Config) acdsim.Result {
	t.Helper()
	got, err := acdsim.Run(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestSameSeedSameAnswer(t *testing.T) {
	cfg := acdsim.Config{Agents: 5, ArrivalRate: 100, AHT: 3 * time.Minute, Patience: time.Minute, Duration: 10 * time.Hour, Seed: 9}
	first := simulate(t, cfg)
	if again := simulate(t, cfg); again != first {
		t.Errorf("got %+v the second time, want %+v", again, first)
	}
	cfg.Seed++
	if other := simulate(t, cfg); other == first {
		t.Errorf("another seed gave the same %+v", other)
	}
}

func TestQuestionWithoutSenseIsRefusedAsAWhole(t *testing.T) {
	_, err := acdsim.Run(acdsim.Config{AHT: 2 * time.Hour, ArrivalRate: math.NaN(), Patience: -1})
	if err == nil {
		t.Fatal("got an answer")
	}
	for _, word := range []string{"agents", "arrival rate", "handling time", "patience", "duration"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the error does not speak of %s: %v", word, err)
		}
	}
}
