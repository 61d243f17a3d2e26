#!/bin/sh
# usage: tidy.sh BUILD_DIRECTORY [OPTION]... : clang-tidy, with these options of its own, over all that is
# compiled, on all processors.
set -eu
build=$1
shift
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
find "$root/src" "$root/rules" -name '*.cpp' -print0 |
    xargs -0 -n 4 -P "$(nproc)" clang-tidy -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option "$@"
