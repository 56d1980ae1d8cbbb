#!/usr/bin/env python3
"""Puts per second over HTTP: three Balsa servers beside three etcd servers, on this machine.

    mvn -q package -DskipTests
    src/test/bench/compare-etcd.py                      # 64 and 1,000 in flight, five rounds
    src/test/bench/compare-etcd.py --in-flight 1000 --rounds 3 --seconds 8
    src/test/bench/compare-etcd.py --only etcd          # one side alone: balsa or etcd

Needs etcd-server and nghttp2-client (h2load) of Debian, python3 3.8 or later, and target/balsa.jar.

Both clusters run at the same time, on loopback addresses, with their data in --work (on the same
disk; fsync is on in both). Only one is under load at a time: in every round each has its turn, and
the order changes from round to round, so that the machine's drift hits both. h2load sends to the
leader over cleartext HTTP/2 with the same number of connections and streams: to Balsa PUT /v1/kv/...,
to etcd the unary gRPC call etcdserverpb.KV/Put, both with the same key and the same random value.

A run counts only if every answer had status 200 and the store's revision grew by at least the
number of answered puts: h2load does not look at the status of a gRPC call.

Printed: the median over the rounds of each figure, and of the rounds' ratios Balsa / etcd. "cpu"
is the CPU time of the three servers per put in microseconds, "oth" the share of the machine that
neither they nor h2load used but somebody else did: a run with much of it says little.
"""
import argparse
import json
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
TICKS = os.sysconf("SC_CLK_TCK")


def free_ports(count):
    """Below the range that the kernel gives to outgoing connections."""
    ports = []
    while len(ports) < count:
        port = random.randrange(12000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in ports:
            ports.append(port)
    return ports


def call(url, body=None, timeout=5):
    """JSON there and back."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=timeout) as response:
        return json.load(response)


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid) as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def machine_cpu_seconds():
    with open("/proc/stat") as stat:
        fields = [int(x) for x in stat.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICKS


class Cluster:
    """Three server processes of one kind."""

    def __init__(self, work):
        self.directory = os.path.join(work, self.name)
        ports = free_ports(6)
        self.clients, self.peers = ports[:3], ports[3:]
        self.initial = ",".join(
            "n%d=http://127.0.0.1:%d" % (i + 1, port) for i, port in enumerate(self.peers))
        self.processes = []

    def start(self):
        for i in range(3):
            directory = os.path.join(self.directory, "n%d" % (i + 1))
            os.makedirs(directory)
            client = "http://127.0.0.1:%d" % self.clients[i]
            peer = "http://127.0.0.1:%d" % self.peers[i]
            command = self.command() + [
                "--name", "n%d" % (i + 1), "--data-dir", os.path.join(directory, "data"),
                "--listen-client-urls", client, "--advertise-client-urls", client,
                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                "--initial-cluster", self.initial, "--initial-cluster-state", "new"]
            with open(os.path.join(directory, "output.log"), "w") as log:
                self.processes.append(subprocess.Popen(
                    command, cwd=directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def leader(self):
        """Index of the member that says of itself that it leads."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for i in range(3):
                try:
                    if self.leads(i):
                        return i
                except (OSError, ValueError, KeyError):
                    pass
            time.sleep(0.1)
        raise SystemExit("%s has no leader after 60 s; see %s" % (self.name, self.directory))

    def url(self, i):
        return "http://127.0.0.1:%d" % self.clients[i]

    def cpu_seconds(self):
        return sum(cpu_seconds(process.pid) for process in self.processes)

    def stop(self):
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()


class Etcd(Cluster):
    name = "etcd"

    def __init__(self, work, value, args):
        super().__init__(work)
        self.body = os.path.join(work, "etcd.put")
        key = b"compare"
        message = b"\x0a" + bytes([len(key)]) + key + b"\x12" + varint(len(value)) + value
        with open(self.body, "wb") as body:  # A gRPC frame: not compressed, length, message.
            body.write(b"\x00" + len(message).to_bytes(4, "big") + message)

    def command(self):
        return ["etcd", "--logger", "zap", "--log-level", "warn"]

    def leads(self, i):
        status = call(self.url(i) + "/v3/maintenance/status", {})
        return status["leader"] == status["header"]["member_id"]

    def revision(self, i):
        return int(call(self.url(i) + "/v3/maintenance/status", {})["header"]["revision"])

    def request(self, i):
        return ["-d", self.body, "-H", "content-type: application/grpc", "-H", "te: trailers",
                self.url(i) + "/etcdserverpb.KV/Put"]

    def log_counts(self, i):
        return None


class Balsa(Cluster):
    name = "balsa"

    def __init__(self, work, value, args):
        super().__init__(work)
        self.options = args.java_options.split()
        self.jar = args.jar
        self.body = os.path.join(work, "balsa.put")
        with open(self.body, "wb") as body:
            body.write(value)

    def command(self):
        return ["java"] + self.options + ["-jar", self.jar, "server"]

    def status(self, i):
        return call(self.url(i) + "/v1/status")

    def leads(self, i):
        status = self.status(i)
        return status["leader"]["id"] == status["self"]["id"] if status["leader"] else False

    def revision(self, i):
        return self.status(i)["revision"]

    def request(self, i):
        return ["-d", self.body, "-H", ":method: PUT", "-H", "content-type: application/octet-stream",
                self.url(i) + "/v1/kv/compare"]

    def log_counts(self, i):
        wal = self.status(i)["wal"]
        return wal["entries"], wal["fsyncs"]


def varint(n):
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes(out + bytes([n]))


def load(cluster, in_flight, seconds, warm_up, work):
    """One run of h2load against the leader."""
    connections = max(1, min(50, in_flight // 8))
    streams = max(1, in_flight // connections)
    leader = cluster.leader()
    times = os.path.join(work, "times.tsv")
    command = ["h2load", "-c", str(connections), "-m", str(streams), "-t", "1", "-D", str(seconds),
               "--warm-up-time", str(warm_up), "--log-file", times] + cluster.request(leader)
    revision, counts = cluster.revision(leader), cluster.log_counts(leader)
    cpu, machine, clock = cluster.cpu_seconds(), machine_cpu_seconds(), time.monotonic()
    before = os.times()
    out = subprocess.run(command, capture_output=True, text=True, timeout=seconds + warm_up + 60)
    after = os.times()
    wall = time.monotonic() - clock
    machine, cpu = machine_cpu_seconds() - machine, cluster.cpu_seconds() - cpu
    client = (after.children_user - before.children_user
              + after.children_system - before.children_system)
    grew = cluster.revision(leader) - revision

    if cluster.leader() != leader:
        raise SystemExit("%s: the leader changed during the run" % cluster.name)
    micros = []
    with open(times) as log:
        for line in log:
            _, status, duration = line.split()
            if status == "0":
                continue  # Under way when the time was over.
            if status != "200":
                raise SystemExit("%s answered %s" % (cluster.name, status))
            micros.append(int(duration))
    os.remove(times)
    summary = re.search(r"(\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", out.stdout)
    if out.returncode or not micros or not summary or any(int(n) for n in summary.groups()[1:]):
        raise SystemExit("h2load: %s%s" % (out.stdout, out.stderr))
    answered = int(summary[1])
    if grew < answered:
        raise SystemExit("%s: revision grew by %d for %d answers" % (cluster.name, grew, answered))
    micros.sort()
    result = {
        # All puts that were applied in the whole run, the warm-up among them, share its CPU time.
        "rate": answered / seconds,
        "p50": micros[len(micros) // 2] / 1000,
        "p99": micros[len(micros) * 99 // 100] / 1000,
        "cpu": cpu * 1e6 / grew,
        "oth": max(0.0, machine - cpu - client) / wall / os.cpu_count() * 100,
    }
    if counts:
        entries, fsyncs = cluster.log_counts(leader)
        result["batch"] = (entries - counts[0]) / max(1, fsyncs - counts[1])
    return result


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--in-flight", default="64,1000", help="comma-separated")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="counted, per run")
    parser.add_argument("--warm-up", type=int, default=1, help="seconds before, not counted")
    parser.add_argument("--jit", type=int, default=15, help="seconds of load on each at first")
    parser.add_argument("--value-bytes", type=int, default=256)
    parser.add_argument("--only", choices=["balsa", "etcd"])
    parser.add_argument("--jar", default=os.path.join(ROOT, "target", "balsa.jar"))
    parser.add_argument("--java-options", default="-Xmx1g")
    parser.add_argument("--work", default=os.path.join(ROOT, "target", "bench"))
    args = parser.parse_args()
    needed = {"h2load": "nghttp2-client"}
    if args.only != "balsa":
        needed["etcd"] = "etcd-server"
    for program, package in needed.items():
        if not shutil.which(program):
            parser.error("no %s: install the package %s" % (program, package))
    if args.only != "etcd" and not os.path.isfile(args.jar):
        parser.error("no %s: run mvn package first" % args.jar)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.makedirs(args.work, exist_ok=True)
    work = tempfile.mkdtemp(prefix="compare-", dir=args.work)
    value = os.urandom(args.value_bytes)
    kinds = [kind for kind in (Balsa, Etcd) if args.only in (None, kind.name)]
    clusters = [kind(work, value, args) for kind in kinds]
    try:
        for cluster in clusters:
            cluster.start()
        for cluster in clusters:
            load(cluster, 256, args.jit, 0, work)
        for in_flight in [int(n) for n in args.in_flight.split(",")]:
            measure(clusters, in_flight, args, work)
    finally:
        for cluster in clusters:
            cluster.stop()
        shutil.rmtree(work, ignore_errors=True)


def measure(clusters, in_flight, args, work):
    runs = {cluster.name: [] for cluster in clusters}
    for i in range(args.rounds):
        for cluster in clusters if i % 2 == 0 else clusters[::-1]:
            runs[cluster.name].append(load(cluster, in_flight, args.seconds, args.warm_up, work))
    median = lambda name, field: statistics.median(run[field] for run in runs[name])
    print("%d puts of %d bytes in flight, %d rounds" % (in_flight, args.value_bytes, args.rounds))
    for name in runs:
        line = "  %-6s %7.0f puts/s  p50 %6.2f ms  p99 %7.2f ms  cpu %6.1f us  oth %2.0f%%" % (
            name, *(median(name, field) for field in ("rate", "p50", "p99", "cpu", "oth")))
        if "batch" in runs[name][0]:
            line += "  %.1f entries per fsync" % median(name, "batch")
        print(line)
    if len(runs) == 2:
        ratios = [a["rate"] / b["rate"] for a, b in zip(runs["balsa"], runs["etcd"])]
        cpu = [a["cpu"] / b["cpu"] for a, b in zip(runs["balsa"], runs["etcd"])]
        print("  balsa / etcd: puts/s %.2f (%.2f to %.2f), cpu %.2f" % (
            statistics.median(ratios), min(ratios), max(ratios), statistics.median(cpu)))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
