#!/usr/bin/env bash
# Checks that no source file has more than 400 lines: what is longer holds two things. .ci/tidy counts functions' lines.
# Usage: source_size.sh SOURCE_DIRECTORY. Prints each file that is too long; exit 1 when there is one.
set -euo pipefail

cd "${1:?usage: source_size.sh SOURCE_DIRECTORY}"
readonly MOST=400

mapfile -d '' files < <(find . -type d \( -name '.?*' -o -name 'build*' -o -name runs \) -prune -o \
  -type f \( -name '*.h' -o -name '*.cc' -o -name '*.inl' \) -print0)
((${#files[@]})) || { echo "no sources under $PWD"; exit 1; }

too_long=$(wc -l "${files[@]}" | awk -v most=$MOST '$2 != "total" && $1 > most {print $2 ": " $1 " lines, at most " most}')
[[ -z "$too_long" ]] || { echo "$too_long"; exit 1; }
