#!/usr/bin/env bash
# `make compare OTHER=path/of/another/linedesk`: this build and another one in turn, A B A B …, for what speed work is
# judged by: CPU per whole call at several rates, an agent's BYE to the next INVITE, CPU per relayed packet, memory per
# call. Only ratios count, and of them the median: shared machines drift. PARTS=calls,latency,relay and ROUNDS choose.
set -euo pipefail
cd "$(dirname "$0")/../.."
other=${1:?name the other binary}
rounds=${ROUNDS:-3} parts=${PARTS:-calls,latency,relay}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
[ -x "$other" ] || { echo "$other is no program" >&2; exit 1; }

# figure NAME BINARY LABEL ENV…: one run of a part; the figures go to a file a label
figure() {
	local part=$1 binary=$2 label=$3
	shift 3
	env BENCH_ONLY="$part" BENCH_BIN="$binary" "$@" bash e2e/bench/run.sh >"$out/run" 2>&1 || { cat "$out/run"; return 1; }
	sed -n 's/.* \([0-9.]*\) µs CPU per call above idle.*/\1/p' "$out/run" >>"$out/$label.cpu-per-call${BENCH_TAG:-}"
	sed -n 's/.*agentbye_nextinv.*p50[ =]*\([0-9.]*\).*/\1/p' "$out/run" >>"$out/$label.bye-to-invite-p50"
	sed -n 's/.*agentbye_nextinv.*p99[ =]*\([0-9.]*\).*/\1/p' "$out/run" >>"$out/$label.bye-to-invite-p99"
	sed -n 's/ *\([0-9.]*\) µs CPU per relayed packet.*/\1/p' "$out/run" >>"$out/$label.cpu-per-packet"
	sed -n 's/.*: \([0-9.]*\) KiB per call.*/\1/p' "$out/run" >>"$out/$label.rss-per-call"
	grep -E '^   (ok|idle|before)' "$out/run" | sed "s/^/   $label/" || true
}

for round in $(seq "$rounds"); do
	echo "round $round of $rounds"
	for side in this other; do
		binary=$PWD/bin/linedesk
		[ "$side" = other ] && binary=$other
		if [[ ,$parts, == *,calls,* ]]; then
			for rate in ${RATES:-100 600}; do
				BENCH_TAG="-at-$rate" figure calls "$binary" "$side" BENCH_RATE="$rate" BENCH_CALLS=$((rate * 8))
			done
		fi
		for part in latency relay; do
			if [[ ,$parts, == *,$part,* ]]; then figure "$part" "$binary" "$side"; fi
		done
	done
done
python3 - "$out" <<-'P'
	import glob, os, statistics, sys
	print(f"{'figure':26} {'this':>10} {'other':>10} {'this/other':>10}")
	for f in sorted(glob.glob(sys.argv[1] + '/this.*')):
	    a = [float(x) for x in open(f).read().split()]
	    b = [float(x) for x in open(f.replace('/this.', '/other.')).read().split()] if os.path.exists(f.replace('/this.', '/other.')) else []
	    if a and b:
	        ratio = statistics.median(x / y for x, y in zip(a, b) if y)
	        print(f"{os.path.basename(f)[5:]:26} {statistics.median(a):10.1f} {statistics.median(b):10.1f} {ratio:10.2f}")
P
