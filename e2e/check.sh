#!/usr/bin/env bash
# Formatting, vet, lint and the import rule.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PATH:$(go env GOPATH)/bin"

unformatted=$(git ls-files -co --exclude-standard '*.go' | xargs gofmt -l)
if [ -n "$unformatted" ]; then
	printf 'not formatted (make fmt):\n%s\n' "$unformatted"
	exit 1
fi
go mod verify >/dev/null
go vet ./...
golangci-lint run ./...
go test -count=1 -run "TestImportRule|TestNoArrow" ./cmd/linedesk
