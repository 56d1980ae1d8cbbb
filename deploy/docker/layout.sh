#!/usr/bin/env bash
# Lays out the files that the image adds to its base: layout.sh BALSA_JAR DIRECTORY
set -euo pipefail

if [[ $# -ne 2 ]]; then
  echo "usage: layout.sh BALSA_JAR DIRECTORY" >&2
  exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
jar=$1
root=$2

mkdir -p "$root/opt/balsa" "$root/var/lib/balsa"
install -m 0644 "$jar" "$root/opt/balsa/balsa.jar"
install -m 0755 "$here/probe.sh" "$root/opt/balsa/probe.sh"
