package agentdesk

import (
	"encoding/json"
	"testing"

	"github.com/linedesk/linedesk/call"
)

// TestTheSchemaHasTheLimitsOfTheCommands: what the HTTP API lets through, the switchboard takes, and the other way
// round. JSON Schema counts characters (Validation, 6.3.1), as package call does.
func TestTheSchemaHasTheLimitsOfTheCommands(t *testing.T) {
	var doc any
	if err := json.Unmarshal(newRig(t).stranger().get("/openapi.json").want(200).body, &doc); err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{"subject": call.MaxSubject, "text": call.MaxText, "notes": call.MaxNotes}
	met := map[string]int{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if properties, ok := v["properties"].(map[string]any); ok {
				for name, limit := range want {
					if p, ok := properties[name].(map[string]any); ok && p["maxLength"] != nil {
						met[name]++
						if p["maxLength"] != limit {
							t.Errorf("%s has the limit %v, want %v", name, p["maxLength"], limit)
						}
					}
				}
			}
			for _, inner := range v {
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(doc)
	for name := range want {
		if met[name] == 0 {
			t.Errorf("no schema limits %s", name)
		}
	}
}
