package agentdesk

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"
)

//go:generate go test -count=1 -run TestOpenAPIChangesOnPurpose . -args -update
//go:generate npm --prefix web run --silent api

var update = flag.Bool("update", false, "write web/openapi.json as the server says it")

// The pages' types of the REST API are made of this file. Who changes a route sees here what clients will see.
func TestOpenAPIChangesOnPurpose(t *testing.T) {
	const file = "web/openapi.json"
	r := newRig(t)
	var doc map[string]any
	if err := json.Unmarshal(r.stranger().get("/openapi.json").want(200).body, &doc); err != nil {
		t.Fatal(err)
	}
	doc["info"].(map[string]any)["version"] = "0" // of the build: no part of the contract
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(doc); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s is not what the server says: run `go generate ./agentdesk` and look at what changed", file)
	}
}
