#!/usr/bin/env bash
# espeak-ng 1.51 (Debian 1.51+dfsg-10+deb12u2): the voice "cmn-latn-pinyin" says other numbers than are written.
#
# It reads Chinese characters well, and single digits; but of longer numbers it loses parts without a word of warning:
# hundreds before the ten thousands, the decimal point, the minus sign. A text with 1,000,000 yuan in it tells
# callers of 10,000.
# Seen (in brackets what a listener understands):
#   1000000 | ji55_| w'A51n_|_|                  [yi wan: 10,000]
#   1.5     | ji55_| w'u214_|                    [yi wu: one, five]
#   -5      | w'u214_|                           [wu: 5]
#   一百万  | j'i55_| p'ai21_| w'A51n_|           [yi bai wan: 1,000,000]
set -euo pipefail
version=1.51+dfsg-10+deb12u2 # Debian 12, amd64 and arm64

# The program, its data and its libraries are unpacked into a folder of their own; nothing is installed.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
libraries=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances \
	libpcaudio0 libsonic0 | grep -E '^[a-z0-9]' | grep -vE '^(libc6|libgcc-s1|gcc-12-base|libcrypt1)$')
# shellcheck disable=SC2086 # a list of names
apt-get -qq -o APT::Sandbox::User=root download espeak-ng=$version libespeak-ng1=$version espeak-ng-data=$version $libraries
for package in *.deb; do dpkg -x "$package" root; done
libs=$(dirname "$(find root -name 'libespeak-ng.so.1' | head -1)")
say() { # VOICE TEXT: the phonemes that the voice makes of it
	LD_LIBRARY_PATH="$libs:root/lib/$(basename "$libs"):$libs/pulseaudio" root/usr/bin/espeak-ng --path="$libs" -v "$1" -x -q -- "$2" | tr -s ' \n' ' '
}
expect() { # VOICE TEXT PHONEMES
	got=$(say "$1" "$2")
	echo "$1 | $2 | $got"
	[ "$got" = "$3" ] || { echo "expected: $3" >&2; exit 1; }
}

expect cmn-latn-pinyin 一百万 "j'i55_| p'ai21_| w'A51n_| " # in words it is right
expect cmn-latn-pinyin 1000000 "ji55_| w'A51n_|_| "
expect cmn-latn-pinyin 1.5 "ji55_| w'u214_| "
expect cmn-latn-pinyin -5 "w'u214_| "
