#!/usr/bin/env bash
# Whether a member on this machine answers 200: probe.sh CLIENT_PORT PATH
# In bash alone, because images and machines need not have curl. Not for https.
set -euo pipefail

if [[ $# -ne 2 ]]; then
  echo "usage: probe.sh CLIENT_PORT PATH" >&2
  exit 2
fi
exec 3<>"/dev/tcp/127.0.0.1/$1"
printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$2" "$1" >&3
IFS= read -r -t 3 status <&3
[[ $status == "HTTP/1.1 200 "* ]]
