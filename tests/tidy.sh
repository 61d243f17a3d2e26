#!/bin/sh
# usage: tidy.sh BUILD_DIRECTORY [OPTION]... : clang-tidy, with these options of its own, over all that is
# compiled, on all processors. Files are read together as they are compiled: ten that share their headers
# cost little more than one. That each includes what it names is asked by includes_test.cpp.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=$1/tidy
shift
cmake -S "$root" -B "$build" -G Ninja -DGATELINT_FAST_BUILD=ON -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
sed -n 's|^ *"file": "\(.*\)".*|\1|p' "$build/compile_commands.json" |
    grep -e /Unity/ -e "^$root/src/" | tr '\n' '\0' |
    xargs -0 -n 1 -P "$(nproc)" clang-tidy -p "$build" --config-file="$root/.clang-tidy" --quiet \
        --extra-arg=-Wno-unknown-warning-option "$@"
