package main

import (
	"bytes"
	"os"
	"testing"
)

func TestTypeScriptIsUpToDate(t *testing.T) {
	want, err := Generate("..", map[string]string{"call": "../../../call"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../web/src/lib/proto.gen.ts")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("web/src/lib/proto.gen.ts is not what package proto says: run `go generate ./agentdesk/proto`")
	}
}
