#!/bin/sh
# usage: tidy.sh BUILD_DIRECTORY [OPTION]... : clang-tidy, with these options of its own, over all that is
# compiled, on all processors. Each file by itself: so that none lacks an include that its neighbours
# or the precompiled headers bring.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=$1/tidy
shift
cmake -S "$root" -B "$build" -G Ninja -DGATELINT_FAST_BUILD=OFF >/dev/null
find "$root/src" "$root/rules" -name '*.cpp' -print0 |
    xargs -0 -n 4 -P "$(nproc)" clang-tidy -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option "$@"
