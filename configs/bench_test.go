package configs

import "testing"

// BenchmarkLoadSite reads and checks the demo site: what a publish costs.
func BenchmarkLoadSite(b *testing.B) {
	docs, err := Documents(demo, DemoDir)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, problems := SiteFromDocuments(docs); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}
