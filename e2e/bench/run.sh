#!/usr/bin/env bash
# `make bench`: speed and memory beside their targets. The server runs alone on core 0, the tools on core 1;
# everything is loopback and bounded in count and time. Shared machines are noisy: compare figures of one
# run, take medians of several. BENCH_ONLY=calls,relay,latency,desks,memory,go chooses parts;
# BENCH_BIN another binary, BENCH_RATE and BENCH_CALLS the size of the whole-call run. compare.sh sets two builds side by side.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
work=$(mktemp -d)
server=
cleanup() { stop_server; rm -rf "$work"; }
trap cleanup EXIT
export RUNS=$work/runs
binary=${BENCH_BIN:-$root/bin/linedesk}
rate=${BENCH_RATE:-600} calls=${BENCH_CALLS:-7200}
mkdir -p "$RUNS"
only=${BENCH_ONLY:-go,calls,latency,desks,relay,memory}
want() { [[ ",$only," == *",$1,"* ]]; }

say() { printf '\n== %s\n' "$*"; }
target() { printf '   target: %s\n' "$*"; }
field() { python3 -c 'import json,sys
d=json.load(open(sys.argv[1]))
for k in sys.argv[2].split("."): d=d.get(k) if isinstance(d,dict) else d[int(k)] if d else None
print(d)' "$1" "$2"; }
result() { ls -dt "$RUNS"/*-"$1"/result.json | head -n 1; }

start_server() { # arguments of "linedesk demo"
	rm -rf "$work/data"
	taskset -c 0 "$binary" demo --data "$work/data" --log warn "$@" >"$work/server.log" 2>&1 &
	server=$!
	for _ in $(seq 100); do
		curl -fsS -o /dev/null http://127.0.0.1:8080/readyz 2>/dev/null && return
		sleep 0.2
	done
	cat "$work/server.log"
	echo "the server did not come up" >&2
	exit 1
}
stop_server() {
	[ -n "$server" ] || return 0
	kill "$server" 2>/dev/null || true
	wait "$server" 2>/dev/null || true
	server=
}
bench() {
	(cd e2e/bench && RTPLOAD="$work/rtpload" python3 bench.py --pid "$server" "$@") >"$work/bench.out" 2>&1 ||
		{ tail -n 5 "$work/bench.out" "$work/server.log"; return 1; }
}
cpu_ticks() { awk '{sub(/.*\) /,""); print $12+$13}' "/proc/$server/stat"; }
rss_kib() { awk '/VmRSS/{print $2}' "/proc/$server/status"; }
gauge() { curl -fsS http://127.0.0.1:8080/metrics | awk -v n="$1" '$1==n{printf "%d", $2}'; }

cc -O2 -o "$work/rtpload" e2e/bench/rtpload.c

if want go; then
	say "ACD step and journal (go test -bench)"
	target "ACD step p99 < 100 µs at 1,000 agents × 10 queues, 10,000 waiting; journal ≥ 50,000 events/s"
	go test -run '^$' -bench . -benchtime 2s ./acd ./call/journal | grep -E '^(Benchmark|cpu)'
fi

if want calls; then
	say "whole call without RTP, 1 s long, --agents 900, $rate calls/s, $calls calls"
	target "≤ 600 µs CPU of the server per call above idle, ≥ 600 calls/s at ≥ 99.9 % success"
	start_server --agents 900 --agents-at 127.0.0.1:5070
	sleep 2
	a=$(cpu_ticks); sleep 5; b=$(cpu_ticks)
	idle=$(((b - a) * 10000 / 5)) # µs per second
	printf '   idle: %d µs CPU per s (target < 5000)\n' "$idle"
	bench --uac uac_queue.xml --service 4001 --rate "$rate" --calls "$calls" --hold 1000 --max 90 --tag calls
	f=$(result calls)
	wall=$(field "$f" wall_s)
	printf '   ok %s, failed %s, %s µs CPU per call above idle (%s ms with it), mean INVITE→200 %s ms, RSS %s KiB\n' \
		"$(field "$f" ok)" "$(field "$f" failed)" \
		"$(python3 -c "print(round(1000*$(field "$f" server_cpu_ms_per_call) - $idle*$wall/max(1,$(field "$f" ok))))")" \
		"$(field "$f" server_cpu_ms_per_call)" "$(field "$f" invite_200_ms.mean)" "$(field "$f" rss_kb)"
	stop_server
fi

if want latency; then
	say "with callers waiting: an agent's BYE to the next INVITE to that agent, 20 agents, wrap-up 0"
	target "p99 ≤ 10 ms"
	start_server --agents 20 --agents-at 127.0.0.1:5070
	tshark -q -i lo -f 'udp and (port 5070 or port 5080)' -F pcap -w "$work/x.pcap" -a duration:60 >/dev/null 2>&1 &
	capture=$!
	sleep 2
	bench --uac uac_queue.xml --service 4001 --rate 60 --calls 1200 --hold 500 --tag latency
	kill "$capture" 2>/dev/null || true
	wait "$capture" 2>/dev/null || true
	python3 e2e/bench/siplat.py "$work/x.pcap" | grep -E 'agentbye|retrans' | sed 's/^/   /'
	stop_server
fi

if want desks; then
	say "an offer in the journal to its agent's page: 2,999 open desks, two thirds in calls, 50 offers/s for 20 s"
	target "p99 ≤ 20 ms"
	[ "$(ulimit -n)" -ge 4096 ] || ulimit -Sn 4096 || echo "   ulimit -n $(ulimit -n) is too small: server and pages need 4096 each" >&2
	go test -c -o "$work/desks.test" ./agentdesk
	(cd agentdesk && timeout 180 taskset -c 0 "$work/desks.test" -test.run '^TestOfferToDesk$' -load.desks 2999 -load.pages "taskset -c 1") \
		>"$work/desks.out" 2>&1 || { tail -n 20 "$work/desks.out"; exit 1; }
	sed -n 's/^offer to desk:/   offer to desk:/p' "$work/desks.out"
fi

if want relay; then
	say "relay of two-leg G.711 calls: 1,000 at once for a minute, through the menu"
	target "≥ 1,000 at once without loss; RSS (40 s after the last call began − idle) ÷ calls ≤ 30 KiB"
	start_server --agents 1500 --agents-at 127.0.0.1:5070
	sleep 5
	idle=$(rss_kib)
	bench --uac uac_ivr.xml --service 4000 --rate 60 --calls 1000 --hold 60000 --rtp --tag relay &
	running=$!
	sleep 57 # the last of the calls began 40 s ago
	late=$(rss_kib)
	wait "$running"
	f=$(result relay)
	printf '   ok %s, failed %s, bridged at once %s, lost forward %s %%, round %s %%, round trip p99 %s µs\n' \
		"$(field "$f" ok)" "$(field "$f" failed)" "$(field "$f" rtp.bridged)" "$(field "$f" rtp.loss_fwd_pct)" \
		"$(field "$f" rtp.loss_round_pct)" "$(field "$f" rtp.rtt_us_p99)"
	python3 - "$f" "$idle" "$late" <<-'P'
		import json, sys
		d = json.load(open(sys.argv[1])); r = d.get('rtp') or {}; idle, late = int(sys.argv[2]), int(sys.argv[3])
		if r.get('cpu'):
		    packets = 2 * r['tx'] / max(1, r['steady_s'])
		    print(f"   {10_000 * r['cpu']['server_cpu_pct'] / packets:.2f} µs CPU per relayed packet at {r['cpu']['server_cpu_pct']} % of a core")
		print(f"   RSS {late} KiB, idle {idle} KiB: {(late - idle) / max(1, r.get('bridged', 1)):.1f} KiB per call")
	P
	stop_server
fi

if want memory; then
	say "heap, goroutines and descriptors 60 s after 10,000 calls"
	target "heap within 10 % + 5 MiB of the start; goroutines and descriptors as before"
	start_server --agents 900 --agents-at 127.0.0.1:5070
	bench --uac uac_queue.xml --service 4001 --rate 200 --calls 400 --hold 200 --tag warm
	sleep 60
	before="heap $(gauge go_memstats_heap_inuse_bytes) goroutines $(gauge go_goroutines) descriptors $(gauge process_open_fds)"
	bench --uac uac_queue.xml --service 4001 --rate 400 --calls 10000 --hold 200 --tag memory
	sleep 60
	printf '   before %s\n   after  heap %s goroutines %s descriptors %s\n' "$before" \
		"$(gauge go_memstats_heap_inuse_bytes)" "$(gauge go_goroutines)" "$(gauge process_open_fds)"
	stop_server
fi
