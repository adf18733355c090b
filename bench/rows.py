"""The rows of the table: how each is measured, in rounds that take the proxies by turns."""
import json
import pathlib
import shutil
import statistics
import subprocess
import time

import proxies
from process import Failure, Process, free_port

SETTLE = 0.3  # seconds after a load in which a proxy may finish what it owes, journals for example


class Row:
    """One line of the table: samples of every proxy, the lower the better."""

    def __init__(self, key, title, unit, target=None):
        self.key, self.title, self.unit, self.target = key, title, unit, target
        self.samples = {}

    def add(self, name, value):
        self.samples.setdefault(name, []).append(value)

    def median(self, name):
        return statistics.median(self.samples[name]) if self.samples.get(name) else None


class Bench:
    """Everything that one run of the benchmark shares: programs, sizes, the provider and the running proxies."""

    def __init__(self, options, directory, kinds, file_limit):
        self.options, self.directory, self.kinds = options, pathlib.Path(directory), kinds
        self.rounds = options.rounds or (2 if options.quick else 5)
        self.scale = 0.1 if options.quick else 1.0
        # A proxy has two sockets for each stream, all in one process, beside some for itself.
        self.streams = min(1000 if options.quick else 10000, (file_limit - 200) // 2)
        self.upstream = self.upstream_port = None
        self.running = []
        self._capacity = {}

    def start_upstream(self):
        self.upstream_port = free_port()
        if self.options.upstream == "plain":
            command = [self.options.load.parent / "bench_upstream", self.upstream_port]
        else:
            command = [self.options.sluice, "sim", "--threads", "1", "--listen", f"127.0.0.1:{self.upstream_port}"]
        self.upstream = Process("upstream", command, self.directory)
        self.upstream.wait_for("listening on http")

    def fresh(self, kind, large=False):
        return kind(self.upstream_port, self.directory / kind.name, large)

    def start_proxies(self):
        """The proxies that the rows of load share; they stay up and idle while others are measured."""
        if not self.running:
            self.running = [self.fresh(kind) for kind in self.kinds]
            for proxy in self.running:
                proxy.start()
        return self.running

    def stop_proxies(self):
        for proxy in self.running:
            proxy.stop()
        self.running = []

    def load_command(self, mode, port, model, size, **more):
        script = proxies.TRANSLATED.get(model, model)
        body = self.directory / f"{model}-{size}.json"
        if not body.exists():
            is_image = size > 1 << 20
            body.write_bytes(proxies.image_body(size, model) if is_image else
                             proxies.request_body(size, model, stream=script != "plain"))
        command = [self.options.load, mode, "--port", port, "--body", body,
                   "--header", f"Authorization: Bearer {proxies.KEY}",
                   "--header", f"x-sim: {json.dumps(proxies.SCRIPTS[script])}"]
        for name, value in more.items():
            command += [f"--{name}", value]
        return [str(part) for part in command]

    def load(self, mode, port, model, size, **more):
        done = subprocess.run(self.load_command(mode, port, model, size, limit=240, **more),
                              capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise Failure(f"load on port {port} ({model}, {size} bytes): {done.stderr.strip()}")
        return json.loads(done.stdout)

    def say(self, text):
        if not self.options.silent:
            print(text, flush=True)


def _cpu(bench, row, port_of, count_of, model, size, requests, connections):
    """CPU seconds of a proxy during a load, divided by what the load counted."""
    for proxy in bench.start_proxies():  # connections to the provider, caches, first growth of buffers
        bench.load("closed", port_of(proxy), model, size, requests=connections * 4, connections=connections)
    for turn in range(bench.rounds):
        for proxy in bench.running:
            time.sleep(SETTLE)
            before, parts = proxy.process.cpu_seconds(), proxy.process.user_and_system_seconds()
            report = bench.load("closed", port_of(proxy), model, size, requests=requests, connections=connections)
            time.sleep(SETTLE)
            used, after = proxy.process.cpu_seconds() - before, proxy.process.user_and_system_seconds()
            count = count_of(report)
            row.add(proxy.name, used / count * 1e6)
            user, system = after[0] - parts[0], after[1] - parts[1]
            bench.say(f"  {row.key} {turn + 1}/{bench.rounds} {proxy.name:12} {used / count * 1e6:8.2f} µs "
                      f"({100 * user / max(user + system, 1e-9):.0f} % user), {count / report['seconds']:8.0f}/s")


def requests_1k(bench):
    row = Row("request-1k", "CPU per 1 KB request", "µs", ("nginx", 1.5))
    _cpu(bench, row, lambda p: p.port, lambda r: r["answered"], "plain", 1024, int(50000 * bench.scale), 32)
    return [row]


def requests_100k(bench):
    row = Row("request-100k", "CPU per 100 KB request", "µs", ("haproxy", 2.0))
    _cpu(bench, row, lambda p: p.port, lambda r: r["answered"], "plain", 102400, int(10000 * bench.scale), 16)
    return [row]


def _events(bench, row, model, streams, connections):
    direct = bench.load("closed", bench.upstream_port, model, 1024, requests=4, connections=4)
    expected = direct["events"] // 4

    def count(report):
        if report["events"] != expected * report["answered"]:
            raise Failure(f"{row.key}: {report['events']} events of {expected * report['answered']} arrived")
        return report["events"]

    _cpu(bench, row, lambda p: p.stream_port, count, model, 1024, streams, connections)
    return [row]


def events(bench):
    """64 events, 10 to 20 ms apart, on 100 streams at once: each event wakes the proxy up, as a model's tokens do."""
    row = Row("events", "CPU per streamed event, one at a time", "µs", ("nginx", 1.5))
    return _events(bench, row, "paced", int(1000 * bench.scale) or 1, 100)


def burst(bench):
    """64 events written at once: what a proxy pays for an event when several arrive in one read."""
    row = Row("burst", "CPU per streamed event, in bursts", "µs")
    return _events(bench, row, "burst", int(5000 * bench.scale), 32)


UNTRANSLATED = "untranslated"


def _translated(bench, row, model, size, requests, connections, count_of=lambda report: report["answered"]):
    """CPU of Sluice alone: a client of OpenAI's API and a provider of Anthropic's, by turns with one of OpenAI's."""
    bench.stop_proxies()
    proxy = bench.fresh(proxies.Sluice)
    proxy.start()
    translated = next(name for name, of in proxies.TRANSLATED.items() if of == model)
    try:
        for turn in range(-1, bench.rounds):  # the first is for buffers and connections to grow
            for name, asked in ((UNTRANSLATED, model), (proxy.name, translated)):
                before = proxy.process.cpu_seconds()
                report = bench.load("closed", proxy.port, asked, size, requests=requests, connections=connections)
                time.sleep(SETTLE)
                used = (proxy.process.cpu_seconds() - before) / count_of(report) * 1e6
                if turn < 0:
                    continue
                row.add(name, used)
                bench.say(f"  {row.key} {turn + 1}/{bench.rounds} {name:12} {used:8.2f} µs")
    finally:
        proxy.stop()
    return row


def translated(bench):
    """Requests and events whose API is translated, beside the same ones passed through."""
    target = (UNTRANSLATED, 2.0)
    for key, title, size, requests in (("1k", "1 KB", 1024, 50000), ("100k", "100 KB", 102400, 5000),
                                       ("5m", "5 MB", 5 << 20, 200)):
        row = Row(f"translated-{key}", f"CPU per translated {title} request", "µs", target)
        yield _translated(bench, row, "plain", size, int(requests * bench.scale), 16)
    for key, title, streams in (("paced", "one at a time", 1000), ("burst", "in bursts", 5000)):
        row = Row(f"translated-{key}", f"CPU per translated event, {title}", "µs", target)
        yield _translated(bench, row, key, 1024, int(streams * bench.scale) or 1, 64, lambda r: r["answered"] * 64)


def latency(bench):
    """An open loop at half of what the slowest proxy answers in a closed one, against the same load without a proxy."""
    half = Row("latency-p50", "added latency p50 at half load", "µs", ("nginx", 1.5))
    tail = Row("latency-p99", "added latency p99 at half load", "µs", ("nginx", 1.5))
    rates = []
    for proxy in bench.start_proxies():
        report = bench.load("closed", proxy.port, "plain", 1024, requests=int(20000 * bench.scale), connections=32)
        rates.append(report["answered"] / report["seconds"])
    rate = int(min(rates) / 2)
    requests = int(rate * 50 * bench.scale / 5)

    def measure(port):
        report = bench.load("open", port, "plain", 1024, rate=rate, requests=requests, skip=requests // 10,
                            connections=64)
        return report["latency_us"]

    bench.say(f"  latency at {rate} requests a second")
    for turn in range(bench.rounds):
        direct = measure(bench.upstream_port)
        for proxy in bench.running:
            time.sleep(SETTLE)
            times = measure(proxy.port)
            half.add(proxy.name, times["p50"] - direct["p50"])
            tail.add(proxy.name, times["p99"] - direct["p99"])
            bench.say(f"  latency {turn + 1}/{bench.rounds} {proxy.name:12} p50 {times['p50']} p99 {times['p99']} µs, "
                      f"without a proxy p50 {direct['p50']} p99 {direct['p99']} µs")
    return [half, tail]


def streams(bench):
    """Memory for each stream that is open and silent, from the difference to the idle proxy."""
    bench.stop_proxies()
    each = Row("streams", f"memory per open stream, {bench.streams:,} open", "KB", (None, 20))
    whole = Row("streams-total", f"memory with {bench.streams:,} streams open", "MB", (None, 250))
    for _ in range(1 if bench.options.quick else 3):
        for kind in [kind for kind in bench.kinds if kind.name != "sluice-warn"]:
            proxy = bench.fresh(kind)
            proxy.start()
            time.sleep(1)
            idle = proxy.process.memory_bytes()
            held = _memory_while_holding(bench, proxy)
            proxy.stop()
            each.add(proxy.name, (held - idle) / bench.streams / 1e3)
            whole.add(proxy.name, held / 1e6)
            bench.say(f"  streams {proxy.name:12} {held / 1e6:.1f} MB, "
                      f"{(held - idle) / bench.streams / 1e3:.2f} KB each")
    return [each, whole]


def _memory_while_holding(bench, proxy):
    command = bench.load_command("hold", proxy.stream_port, "held", 1024, connections=bench.streams, rate=1000,
                                 limit=120)
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        if not holder.stdout.readline().startswith("holding"):
            raise Failure(f"{proxy.name} did not hold the streams: {holder.stderr.read().strip()}")
        time.sleep(2)
        return proxy.process.memory_bytes()
    finally:
        holder.stdin.close()
        try:
            holder.wait(20)
        except subprocess.TimeoutExpired:
            holder.kill()


def start(bench):
    """From the start of the program to its first proxied answer; idle memory a second after."""
    bench.stop_proxies()
    found = [(Row("start", "start to first answer", "ms"), Row("idle", "idle memory", "MB", (None, 25))),
             (Row("start-large", "the same, 1,000 models and 100,000 keys in the file", "ms", (None, 300)),
              Row("idle-large", "the same, 1,000 models and 100,000 keys in the file", "MB")),
             (Row("start-stored", "the same, 1,000 models and 100,000 keys in the store", "ms", (None, 300)),
              Row("idle-stored", "the same, 1,000 models and 100,000 keys in the store", "MB"))]
    small, large, stored = found
    for _ in range(bench.rounds):
        for kind in [kind for kind in bench.kinds if kind.name != "sluice-warn"]:
            ways = [(small, kind, False), (large, kind, True)]
            if kind is proxies.Sluice:
                ways.append((stored, proxies.StoringSluice, True))
            for (time_row, memory_row), made, is_large in ways:
                proxy = bench.fresh(made, large=is_large)
                took = proxy.start()
                time.sleep(1)
                memory = proxy.process.memory_bytes()
                proxy.stop()
                time_row.add(proxy.name, took * 1e3)
                memory_row.add(proxy.name, memory / 1e6)
                bench.say(f"  {time_row.key:12} {proxy.name:12} {took * 1e3:7.1f} ms, then {memory / 1e6:.1f} MB")
    return [time_row for time_row, _ in found] + [memory_row for _, memory_row in found]


def binary(bench):
    row = Row("binary", "stripped binary", "MB", (None, 20))
    for kind in [kind for kind in bench.kinds if kind.name != "sluice-warn"]:
        copy = bench.directory / f"{kind.name}.stripped"
        subprocess.run(["strip", "-o", copy, shutil.which(str(kind.binary))], check=True)
        row.add(kind.name, copy.stat().st_size / 1e6)
    return [row]


ALL = {"request-1k": requests_1k, "request-100k": requests_100k, "events": events, "burst": burst, "translated": translated,
       "latency": latency,
       "streams": streams, "start": start, "binary": binary}
