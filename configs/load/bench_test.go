package load

import (
	"testing"

	"github.com/linedesk/linedesk/configs"
)

// BenchmarkLoadSite reads and checks the demo site: what a publish costs.
func BenchmarkSite(b *testing.B) {
	docs, err := Documents(configs.DemoFS(), configs.DemoDir)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, problems := FromDocuments(docs); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}
