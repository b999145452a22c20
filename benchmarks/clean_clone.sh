#!/usr/bin/env bash
# Runs both commands of the README on a clean clone with an empty HOME, and says how long each took.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
git clone --quiet "$here" "$folder/mtprompt"
mkdir "$folder/home"
clean() { (cd "$folder/mtprompt" && env -i HOME="$folder/home" PATH="$PATH" "$@"); }
for command in demo demo test test; do
    start=$SECONDS
    clean make "$command"
    echo "== make $command: $((SECONDS - start)) s"
done
