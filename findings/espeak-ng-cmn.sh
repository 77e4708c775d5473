#!/usr/bin/env bash
# espeak-ng 1.51 (Debian 1.51+dfsg-10+deb12u2): its Mandarin voice "cmn" reads most Chinese characters as English.
#
# The voice's dictionary gives each character's pinyin, and most of these are then taken for English words: (en) stands
# before them in the phonemes. A caller hears "xiao-one shou an-four yi-one". The voice "cmn-latn-pinyin" of the same
# package, whose name says that it reads pinyin, reads the characters as they are read in Mandarin.
# Seen:
#   cmn             | 销售请按一 | (en)z,aI55@55r-@55w'055n(cmn)_| s.'ou51_| …
#   cmn-latn-pinyin | 销售请按一 | S;j'Au55_| s.'ou51_| tS;h'i21N_| 'a51n_| j'i55_|
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

case $(say cmn 销售请按一) in
*"(en)"*) echo "cmn | 销售请按一 | $(say cmn 销售请按一)" ;;
*) echo "cmn does not read Chinese as English any more: $(say cmn 销售请按一)" >&2; exit 1 ;;
esac
expect cmn-latn-pinyin 销售请按一 "S;j'Au55_| s.'ou51_| tS;h'i21N_| 'a51n_| j'i55_| "
