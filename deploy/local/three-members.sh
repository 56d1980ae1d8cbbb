#!/usr/bin/env bash
# Runs three members on loopback, each in a process of its own, until Ctrl-C.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
probe=$here/../docker/probe.sh
usage="usage: three-members.sh [OPTION]...
  --static             give each member the list of all, instead of finding them by Hazelcast
  --jar FILE           (target/balsa.jar)
  --data DIR           where the members keep data and logs (./balsa-data)
  --ports A,B,C        for clients (2379,22379,32379); the next ones are for peers
  --hazelcast-ports A,B,C
                       (5701,5702,5703)
  --wait SECONDS       how long to wait until all are ready (60)"

static=false
jar=$here/../../target/balsa.jar
data=./balsa-data
ports=2379,22379,32379
hazelcast_ports=5701,5702,5703
wait_seconds=60
while [[ $# -gt 0 ]]; do
  case $1 in
    --static) static=true; shift; continue ;;
    --help) echo "$usage"; exit 0 ;;
  esac
  if [[ $# -lt 2 ]]; then
    printf '%s: unknown option or no value\n%s\n' "$1" "$usage" >&2
    exit 2
  fi
  case $1 in
    --jar) jar=$2 ;;
    --data) data=$2 ;;
    --ports) ports=$2 ;;
    --hazelcast-ports) hazelcast_ports=$2 ;;
    --wait) wait_seconds=$2 ;;
    *) printf '%s: unknown option\n%s\n' "$1" "$usage" >&2; exit 2 ;;
  esac
  shift 2
done
three_ports='^[0-9]{1,5},[0-9]{1,5},[0-9]{1,5}$'
if [[ ! $ports =~ $three_ports || ! $hazelcast_ports =~ $three_ports ]]; then
  echo "ports must be three numbers with commas between: $ports and $hazelcast_ports" >&2
  exit 2
fi
if [[ ! $wait_seconds =~ ^[0-9]{1,4}$ ]]; then
  echo "--wait must be a number of seconds: $wait_seconds" >&2
  exit 2
fi
if [[ ! -f $jar ]]; then
  echo "no $jar: run mvn -B -ntp -q -DskipTests package first" >&2
  exit 2
fi
IFS=, read -r -a client <<<"$ports"
IFS=, read -r -a hazelcast <<<"$hazelcast_ports"

cluster=
seeds=
for i in 0 1 2; do
  cluster+=${cluster:+,}n$((i + 1))=http://127.0.0.1:$((client[i] + 1))
  seeds+=${seeds:+,}127.0.0.1:${hazelcast[i]}
done

pids=()
stop_all() {
  trap '' INT TERM HUP
  for pid in "${pids[@]}"; do
    kill -TERM "$pid" 2>/dev/null || true
  done
  for pid in "${pids[@]}"; do
    wait "$pid" || true
  done
}
trap stop_all EXIT
trap 'echo "stopping"; exit 0' INT TERM HUP

mkdir -p "$data"
for i in 0 1 2; do
  name=n$((i + 1))
  flags=(
    --name "$name" --data-dir "$data/$name"
    --listen-client-urls "http://127.0.0.1:${client[i]}"
    --listen-peer-urls "http://127.0.0.1:$((client[i] + 1))"
  )
  if $static; then
    flags+=(--initial-cluster "$cluster")
  else
    flags+=(
      --discovery hazelcast --founders "n1,n2,n3"
      --hazelcast-join tcp-ip --hazelcast-members "$seeds"
      --hazelcast-interface 127.0.0.1 --hazelcast-port "${hazelcast[i]}"
    )
  fi
  java -jar "$jar" server "${flags[@]}" >>"$data/$name.log" 2>&1 &
  pids[i]=$!
done

all_ready() {
  for port in "${client[@]}"; do
    "$probe" "$port" /readyz 2>/dev/null || return 1
  done
}

deadline=$((SECONDS + wait_seconds))
until all_ready; do
  for i in 0 1 2; do
    if ! kill -0 "${pids[i]}" 2>/dev/null; then
      echo "n$((i + 1)) ended: $(tail -n 1 "$data/n$((i + 1)).log")" >&2
      exit 1
    fi
  done
  if ((SECONDS >= deadline)); then
    echo "not all are ready after $wait_seconds s: see $data/n*.log" >&2
    exit 1
  fi
  sleep 0.2
done

cat <<END
three members are ready: n1 (process ${pids[0]}), n2 (${pids[1]}), n3 (${pids[2]})
put:  curl -X PUT --data-binary hello http://127.0.0.1:${client[0]}/v1/kv/greeting
get:  curl http://127.0.0.1:${client[2]}/v1/kv/greeting
logs: $data/n1.log $data/n2.log $data/n3.log
stop: Ctrl-C
END

# One that ends leaves the others running: they are a majority.
while [[ ${#pids[@]} -gt 0 ]]; do
  wait -n || true
  for i in "${!pids[@]}"; do
    if ! kill -0 "${pids[i]}" 2>/dev/null; then
      echo "n$((i + 1)) ended: see $data/n$((i + 1)).log" >&2
      unset "pids[i]"
    fi
  done
done
exit 1
