package e2e

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// metrics reads /metrics. Figures with labels have them in their name, as printed.
func (s *server) metrics() (map[string]float64, error) {
	res, err := http.Get("http://" + s.http + "/metrics")
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("/metrics gave %s", res.Status)
	}
	m := map[string]float64{}
	for line := range strings.Lines(string(b)) {
		name, value, found := strings.Cut(strings.TrimSpace(line), " ")
		if v, err := strconv.ParseFloat(value, 64); found && name != "#" && err == nil {
			m[name] = v
		}
	}
	return m, nil
}
