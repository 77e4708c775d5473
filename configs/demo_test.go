package configs

import (
	"testing"
	"time"
)

func TestDemoSiteHasNoProblems(t *testing.T) {
	site, problems := LoadSite(DemoFS(), DemoDir)
	if len(problems) > 0 {
		t.Fatalf("the demo site:\n%v", problems)
	}
	if site.Timezone != "Asia/Shanghai" || site.Region != "CN" {
		t.Errorf("timezone %q, region %q", site.Timezone, site.Region)
	}
}

func TestDemoTakesAsManyAgentsAsAsked(t *testing.T) {
	for _, n := range []int{1, 3, 20, 150, 2999} {
		start := time.Now()
		site, docs, err := Demo(DemoOptions{Agents: n, AgentsAt: "127.0.0.1:5070"})
		if err != nil {
			t.Fatalf("%d agents: %v", n, err)
		}
		t.Logf("%d agents in %v, %d docs", n, time.Since(start), len(docs))
		if len(site.Agents) != n {
			t.Errorf("%d agents, want %d", len(site.Agents), n)
		}
	}
}
