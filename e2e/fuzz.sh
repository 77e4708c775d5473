#!/usr/bin/env bash
# Runs every fuzz target of the repository for FUZZTIME (20 s), two at a time, and lists them.
set -euo pipefail
cd "$(dirname "$0")/.."
FUZZTIME=${FUZZTIME:-20s}

targets=$(grep -rEoh --include='*_test.go' --with-filename '^func Fuzz[A-Za-z0-9_]+' . --exclude-dir=node_modules |
	sed -E 's|/[^/]+_test\.go:func | |' | sort -u)
echo "fuzz targets, $FUZZTIME each:"
sed 's/^/  /' <<<"$targets"

one() {
	local dir=$1 name=$2 log
	log=$(mktemp)
	if go test -run='^$' -fuzz="^$name\$" -fuzztime="$FUZZTIME" -fuzzminimizetime=10x -parallel=1 "$dir" >"$log" 2>&1; then
		printf 'ok    %-28s %s\n' "$name" "$(grep -o 'execs: [0-9]*' "$log" | tail -n 1)"
	else
		printf 'FAIL  %s in %s\n' "$name" "$dir"
		cat "$log"
		return 1
	fi
}
export -f one
export FUZZTIME
xargs -P 2 -L 1 bash -c 'one "$0" "$1"' <<<"$targets"
