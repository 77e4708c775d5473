#!/usr/bin/env bash
# Installs what the tests need and what is missing only: Debian packages (by sudo where not root), the
# linter, the web pages' packages. `install.sh npm` does the last of these alone; `install.sh bench` adds
# what the benchmarks need.
set -euo pipefail
cd "$(dirname "$0")/.."

LINT_VERSION=v2.6.2

npm_packages() {
	local folder
	for folder in agentdesk/web e2e/web; do
		if [ "$folder/package-lock.json" -nt "$folder/node_modules/.installed" ]; then
			echo "installing the packages of $folder"
			(cd "$folder" && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.installed)
		fi
	done
}

debian_packages() {
	local missing=() sudo=""
	declare -A provides=(
		[sip-tester]=sipp [chromium]=chromium [espeak-ng]=espeak-ng [redis-server]=redis-server
		[python3]=python3
	)
	for p in "${!provides[@]}"; do command -v "${provides[$p]}" >/dev/null || missing+=("$p"); done
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
	[ -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc ] || missing+=(fonts-noto-cjk)
	[ "${1:-}" = bench ] && { command -v tshark >/dev/null || missing+=(tshark); }
	command -v cc >/dev/null || missing+=(gcc libc6-dev)
	[ ${#missing[@]} -eq 0 ] && return
	[ "$(id -u)" -eq 0 ] || sudo=sudo
	echo "installing by apt: ${missing[*]}"
	$sudo apt-get update -qq
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

linter() {
	PATH="$PATH:$(go env GOPATH)/bin"
	if ! golangci-lint version 2>/dev/null | grep -q "${LINT_VERSION#v}"; then
		echo "building golangci-lint $LINT_VERSION"
		go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$LINT_VERSION"
	fi
}

if [ "${1:-}" = npm ]; then
	npm_packages
	exit
fi
debian_packages "${1:-}"
npm_packages
linter
