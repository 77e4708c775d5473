#!/usr/bin/env bash
# `make test`: every check and every test, in stages, each with its time beside its budget. The budgets add
# up to the 25 minutes that the whole may take; a stage over its budget is marked, not failed: a slow
# machine is no defect.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PATH:$(go env GOPATH)/bin"

summary=() failed=0 begun=$SECONDS
stage() {
	local name=$1 budget=$2 start=$SECONDS result=ok took mark=""
	shift 2
	printf '\n==> %s (budget %d s)\n' "$name" "$budget"
	"$@" || { result=FAILED; failed=1; }
	took=$((SECONDS - start))
	[ "$took" -gt "$budget" ] && mark=" over budget"
	summary+=("$(printf '%-34s %4d s of %4d s  %s%s' "$name" "$took" "$budget" "$result" "$mark")")
	printf -- '--- %s: %s in %d s\n' "$name" "$result" "$took"
	[ "$result" = ok ]
}
finish() {
	printf '\n'
	printf '%s\n' "${summary[@]}"
	printf 'total %d s of 1500 s\n' $((SECONDS - begun))
	exit "$failed"
}

web() { (cd agentdesk/web && npm run --silent check && npm run --silent lint && npm run --silent test && npm run --silent build); }
# What carries live calls must be reached by its own tests, in per cent of its statements.
covered='switchboard 85 switchboard/talk 95'
units() {
	local mod result=0
	mod=$(go list -m)
	go test -race -timeout 10m $(go list ./... | grep -vE "/e2e|^$mod/switchboard(/talk)?\$") || result=1
	go test -race -timeout 10m -cover ./switchboard ./switchboard/talk | awk -v mod="$mod/" -v want="$covered" '
		BEGIN { n = split(want, w, " "); for (i = 1; i < n; i += 2) least[w[i]] = w[i + 1] }
		{ print }
		match($0, /coverage: [0-9.]+%/) {
			name = substr($2, length(mod) + 1)
			got[name] = substr($0, RSTART + 10, RLENGTH - 11)
		}
		END {
			for (name in least) if (!(name in got) || got[name] + 0 < least[name]) {
				printf "%s: its own tests reach %s%% of its statements, at least %d%% is asked for\n", name, name in got ? got[name] : "?", least[name]
				low = 1
			}
			exit low
		}' || result=1
	return "$result"
}
simulation() { go test -count=1 -v -run 'Storm|PlantedBug' ./acd/acdsim ./switchboard/talk/talksim -args -steps 1000000 | grep -vE '^=== |^ +--- PASS'; }
binary() { CGO_ENABLED=0 go build -trimpath -o bin/linedesk ./cmd/linedesk; }
system() { go test -race -count=1 -timeout 10m -v ./e2e/... | grep -vE '^=== (RUN|PAUSE|CONT|NAME)'; }

stage "install what is missing" 160 bash e2e/install.sh || finish
stage "web: types, lint, tests, build" 80 web || finish
stage "formatting, vet, lint, imports" 150 bash e2e/check.sh
stage "go test -race, both databases" 260 units
stage "simulation, 2 × 1,000,000 steps" 30 simulation
stage "fuzz, 20 s each" 500 bash e2e/fuzz.sh
stage "the server" 60 binary || finish
stage "end to end, browser included" 240 system
finish
