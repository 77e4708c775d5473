#!/usr/bin/env bash
# Runs every fuzz target of the repository for FUZZTIME (20 s), two at a time, and lists them.
set -euo pipefail
cd "$(dirname "$0")/.."
FUZZTIME=${FUZZTIME:-20s}

targets=$(grep -rEoh --include='*_test.go' --with-filename '^func Fuzz[A-Za-z0-9_]+' . --exclude-dir=node_modules |
	sed -E 's|/[^/]+_test\.go:func | |' | sort -u)
echo "fuzz targets, $FUZZTIME each:"
sed 's/^/  /' <<<"$targets"

fuzz() { go test -run='^$' -fuzz="^$2\$" -fuzztime="$FUZZTIME" -fuzzminimizetime=10x -parallel=1 "$1" >"$3" 2>&1; }

# Go before 1.27 may take the end of -fuzztime for a failure (golang/go#75804): it says so in these words and
# nothing else, and there is no failing input. Such a run proves nothing and is done again.
ended_by_itself() {
	! grep -q 'Failing input' "$1" &&
		[ "$(grep -A1 '^--- FAIL' "$1" | tail -n 1)" = "    context deadline exceeded" ]
}

one() {
	local dir=$1 name=$2 log
	log=$(mktemp)
	for _ in 1 2 3; do
		if fuzz "$dir" "$name" "$log"; then
			printf 'ok    %-28s %s\n' "$name" "$(grep -o 'execs: [0-9]*' "$log" | tail -n 1)"
			return
		fi
		ended_by_itself "$log" || break
	done
	printf 'FAIL  %s in %s\n' "$name" "$dir"
	cat "$log"
	return 1
}
export -f fuzz ended_by_itself one
export FUZZTIME
xargs -P 2 -L 1 bash -c 'one "$0" "$1"' <<<"$targets"
