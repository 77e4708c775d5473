package configs

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// PortRange is a range of UDP ports, both ends included, written "40000-49999".
type PortRange struct{ First, Last uint16 }

// UnmarshalText reads "40000-49999". The range must have room for one call: four ports.
func (r *PortRange) UnmarshalText(text []byte) error {
	from, to, ok := strings.Cut(string(text), "-")
	if !ok {
		return fmt.Errorf("%q is not a range", text)
	}
	least, err := strconv.ParseUint(strings.TrimSpace(from), 10, 16)
	if err != nil {
		return fmt.Errorf("first port: %w", err)
	}
	most, err := strconv.ParseUint(strings.TrimSpace(to), 10, 16)
	if err != nil {
		return fmt.Errorf("last port: %w", err)
	}
	if least < 1024 || most < least+3 {
		return fmt.Errorf("%q has no room", text)
	}
	r.First, r.Last = uint16(least), uint16(most)
	return nil
}

func (r PortRange) String() string { return fmt.Sprintf("%d-%d", r.First, r.Last) }

// TimeRange is a stretch of a day, written "08:30-18:00". Minutes since midnight; To may be 24:00.
type TimeRange struct{ From, To int }

// UnmarshalText reads "08:30-18:00".
func (r *TimeRange) UnmarshalText(text []byte) error {
	from, to, ok := strings.Cut(string(text), "-")
	a, okFrom := Minutes(from)
	b, okTo := Minutes(to)
	if !ok || !okFrom || !okTo || b <= a {
		return fmt.Errorf("%q is not a time range", text)
	}
	r.From, r.To = a, b
	return nil
}

// MarshalText writes the range as it is read.
func (r TimeRange) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%02d:%02d-%02d:%02d", r.From/60, r.From%60, r.To/60, r.To%60), nil
}

// Minutes reads a time of day, such as "08:30", as minutes since midnight; up to 24:00.
func Minutes(s string) (int, bool) {
	hour, minute, ok := strings.Cut(strings.TrimSpace(s), ":")
	h, err := strconv.Atoi(hour)
	m, err2 := strconv.Atoi(minute)
	if !ok || err != nil || err2 != nil || h < 0 || m < 0 || m > 59 || h*60+m > 24*60 {
		return 0, false
	}
	return h*60 + m, true
}

// Date is a day of the calendar, written "2026-02-17".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// UnmarshalText reads "2026-02-17".
func (d *Date) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.DateOnly, string(text))
	if err != nil {
		return fmt.Errorf("date: %w", err)
	}
	d.Year, d.Month, d.Day = t.Date()
	return nil
}

// MarshalText writes the date as it is read.
func (d Date) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%04d-%02d-%02d", d.Year, d.Month, d.Day), nil
}
