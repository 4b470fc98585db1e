#!/bin/sh
# Commands over many files, as described in docs/how-to/commands.md: sh examples/map/thumbnails.sh FOLDER
# Makes a "thumbnail" (the first bytes, compressed) of every file in a folder. In a clone SAMOVAR is ./samovar.
set -eu
samovar=${SAMOVAR:-samovar}
folder=${1:?name a folder}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export out

# What would run, for the first two files.
find "$folder" -type f -print0 | $samovar map -0 --limit 2 --dry-run --command 'gzip -9 {}'

# A line of shell for each file, two attempts of at most ten seconds. Names with spaces, quotes or $(…) are no problem.
find "$folder" -type f -print0 |
    $samovar map -0 --command 'head -c 64 {} | gzip -9 > "$out"/{#}.gz && echo {/}' --keep-order --retries 1 --timeout 10s --job-log "$out/run.jsonl"

# The same command with --resume has nothing left to do.
find "$folder" -type f -print0 |
    $samovar map -0 --command 'head -c 64 {} | gzip -9 > "$out"/{#}.gz && echo {/}' --keep-order --retries 1 --timeout 10s --job-log "$out/run.jsonl" --resume
echo "$(find "$out" -name '*.gz' | wc -l) thumbnails"
