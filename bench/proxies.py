"""The three proxies, each started with a fair configuration of its own."""
import base64
import hashlib
import json
import os
import pathlib
import shutil
import socket
import sqlite3
import time
import urllib.request

from process import Failure, Process, free_port

HERE = pathlib.Path(__file__).resolve().parent
KEY = "sk-sl-bench-0123456789abcdef0123456789abcdef"
MASTER_KEY = "bench-master-key-0123456789abcdef"
# What the provider is told to do, by the model that is asked for. Sluice sends the scripts as its provider's header,
# the other proxies pass on the client's.
SCRIPTS = {
    "plain": {"text": "The answer is short, as most of the answers are that people pay for."},
    "paced": {"events": 64, "event_delay_ms": 10},
    "burst": {"events": 64},
    "held": {"events": 2, "break": {"at": "body", "after": 1, "how": "hang"}},
}


# The same models behind a provider that speaks another API.
TRANSLATED = {f"{name}-translated": name for name in ("plain", "paced", "burst")}


class Large:
    """A configuration of many models and keys; every proxy must know a request's key and model."""

    models = 1000
    keys = 100000

    @staticmethod
    def model(number):
        return f"team-model-{number:04}"

    @staticmethod
    def key(number):
        return f"sk-sl-large-{number:06}-0123456789abcdef01234567"


class Proxy:
    """One running proxy. `port` is for whole answers, `stream_port` for streams."""

    name = ""

    def __init__(self, upstream_port, directory, large=False):
        self.directory = pathlib.Path(directory)
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        self.port, self.stream_port = free_port(), free_port()
        self.upstream_port = upstream_port
        self.key = Large.key(Large.keys - 1) if large else KEY
        self.model = Large.model(Large.models - 1) if large else "plain"
        self.command = self.prepare(large)
        self.process = None

    def prepare(self, large):
        raise NotImplementedError

    def start(self):
        """Seconds from the start of the program to its first answer of the provider."""
        began = time.monotonic()
        self.process = Process(self.name, self.command, self.directory)
        while not self._answers():
            self.process.check()
            if time.monotonic() - began > 60:
                raise Failure(f"{self.name} gave no answer in 60 s")
            time.sleep(0.001)
        return time.monotonic() - began

    def stop(self):
        self.process.stop()

    def _answers(self):
        body = request_body(512, self.model)
        head = (f"POST /v1/chat/completions HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.key}\r\n"
                f"x-sim: {json.dumps(SCRIPTS['plain'])}\r\nContent-Type: application/json\r\nConnection: close\r\n"
                f"Content-Length: {len(body)}\r\n\r\n")
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=30) as peer:
                peer.sendall(head.encode() + body)
                answer = b""
                while piece := peer.recv(65536):
                    answer += piece
        except ConnectionError:
            return False
        if not answer.startswith(b"HTTP/1.1 200"):
            raise Failure(f"{self.name} answered: {answer[:1000].decode(errors='replace')}")
        return True

    def _fill(self, template, **values):
        text = (HERE / template).read_text()
        for name, value in values.items():
            text = text.replace(f"@{name.upper()}@", str(value))
        file = self.directory / template.removesuffix(".in")
        file.write_text(text)
        return file


class Nginx(Proxy):
    name = "nginx"
    binary = "nginx"

    def prepare(self, large):
        more = check = ""
        if large:
            keys = "".join(f'"Bearer {Large.key(i)}" 1;\n' for i in range(Large.keys))
            (self.directory / "keys.map").write_text(keys)
            more = ("map_hash_max_size 262144; map_hash_bucket_size 128; variables_hash_max_size 2048;\n"
                    f"map $http_authorization $known {{ default 0; include {self.directory}/keys.map; }}")
            more += "".join(f"\nupstream {Large.model(i)} {{ server 127.0.0.1:{self.upstream_port}; keepalive 16; }}"
                            for i in range(Large.models))
            check = "if ($known = 0) { return 401; }"
        user = "user root root;" if os.geteuid() == 0 else ""
        config = self._fill("nginx.conf.in", dir=self.directory, port=self.port, stream_port=self.stream_port,
                            upstream=self.upstream_port, user=user, more=more, check=check)
        return [self.binary, "-c", config, "-p", self.directory, "-e", "stderr"]


class Haproxy(Proxy):
    name = "haproxy"
    binary = "haproxy"
    file_limit = 20000

    def prepare(self, large):
        check = ""
        if large:
            (self.directory / "keys.lst").write_text("".join(f"Bearer {Large.key(i)}\n" for i in range(Large.keys)))
            check = f"http-request deny deny_status 401 unless {{ hdr(authorization) -f {self.directory}/keys.lst }}"
        config = self._fill("haproxy.cfg.in", port=self.port, stream_port=self.stream_port,
                            upstream=self.upstream_port, maxconn=min(20000, (self.file_limit - 60) // 2), check=check)
        if large:
            with open(config, "a") as file:
                for i in range(Large.models):
                    file.write(f"\nbackend {Large.model(i)}\n    server provider 127.0.0.1:{self.upstream_port}\n")
        return [self.binary, "-db", "-f", config]


class Sluice(Proxy):
    name = "sluice"
    binary = "build/sluice"
    level = "info"

    def prepare(self, large):
        self.stream_port = self.port
        config = self.directory / "sluice.yaml"
        config.write_text(self._yaml(large))
        return [self.binary, "serve", "--config", config, "--listen", f"127.0.0.1:{self.port}",
                "--data", self.directory / "data"]

    def _yaml(self, large):
        lines = ["threads: 2", f"log: {{ level: {self.level} }}", f"master_key: {MASTER_KEY}",
                 "limits: { connections: 20000, idle_timeout: 1h }", "pool: { connections: 20000, idle: 512 }",
                 "providers:"]
        for name, script in SCRIPTS.items():
            lines.append(f"  {name}: {{ type: openai, base_url: 'http://127.0.0.1:{self.upstream_port}/v1', "
                         f"api_key: bench, headers: {{ x-sim: '{json.dumps(script)}' }} }}")
            lines.append(f"  {name}-translated: {{ type: anthropic, base_url: 'http://127.0.0.1:{self.upstream_port}', "
                         f"api_key: bench, headers: {{ x-sim: '{json.dumps(script)}' }} }}")
        timeout = "timeout: { first_byte: 1h, idle: 2h, total: 2h }"
        lines.append("models:")
        for name in SCRIPTS:
            lines.append(f"  {name}: {{ deployments: [{name}/gpt-4o-mini], {timeout} }}")
        for name in TRANSLATED:
            lines.append(f"  {name}: {{ deployments: [{name}/claude-haiku-4-5] }}")
        if large:
            lines += [f"  {Large.model(i)}: {{ deployments: [plain/gpt-4o-mini, burst/gpt-4o-mini] }}"
                      for i in range(Large.models)]
        lines += ["keys:", f"  - {{ name: bench, key: {KEY}, team: bench, tags: {{ feature: bench }} }}"]
        if large:
            lines += self._keys()
        return "\n".join(lines) + "\n"

    def _keys(self):
        return [f"  - {{ name: key-{i}, key: {Large.key(i)}, team: team-{i % 500} }}" for i in range(Large.keys)]


class StoringSluice(Sluice):
    """Its many keys are in the store, where the administrator's API puts them."""

    def prepare(self, large):
        command = super().prepare(large)
        self.key = self._fill(command)
        return command

    def _keys(self):
        return []

    def _fill(self, command):
        """Makes a key through the API, and others like it. What is given is the key, of which the store knows the hash."""
        process = Process(self.name, command, self.directory)
        try:
            process.wait_for("listening on http")
            made = self._make_key()
        finally:
            process.stop()
        with sqlite3.connect(self.directory / "data/sluice.db") as database:
            names = [column[1] for column in database.execute("PRAGMA table_info(api_key)")]
            row = database.execute("SELECT * FROM api_key").fetchone()
            own = {"id": lambda i: f"key_{i:016x}", "name": lambda i: f"key-{i}",
                   "hash": lambda i: hashlib.sha256(Large.key(i).encode()).hexdigest(),
                   "team": lambda i: f"team-{i % 500}"}
            others = ([own[name](i) if name in own else value for name, value in zip(names, row)]
                      for i in range(1, Large.keys))
            database.executemany(f"INSERT INTO api_key VALUES ({','.join('?' * len(names))})", others)
        database.close()
        return made

    def _make_key(self):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/admin/v1/keys", json.dumps({"name": "key-0"}).encode(),
            {"Authorization": f"Bearer {MASTER_KEY}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["key"]


class QuietSluice(Sluice):
    name = "sluice-warn"
    level = "warn"


def image_body(size, model):
    """A chat request of about `size` bytes, nearly all of them an image."""
    image = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * (size // 342)).decode()
    parts = [{"type": "text", "text": "What is this?"},
             {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{image}"}}]
    return json.dumps({"model": model, "messages": [{"role": "user", "content": parts}]}).encode()


def request_body(size, model, stream=False):
    """A chat request of exactly `size` bytes with text that needs escapes and more than ASCII."""
    words = ('The court said: "no further delay", and the clerk wrote it down.\n'
             "Réponds en une phrase, s’il te plaît: what follows from paragraph 7 (b)?\t")
    request = {"model": model, "messages": [{"role": "system", "content": "You answer briefly."}]}
    if stream:
        request |= {"stream": True, "stream_options": {"include_usage": True}}

    def length():
        return len(json.dumps(request, ensure_ascii=False).encode())

    messages = request["messages"]
    while length() + 4500 < size:
        messages.append({"role": "user" if len(messages) % 2 else "assistant", "content": (words * 30)[:4000]})
    messages.append({"role": "user", "content": ""})
    left = size - length()
    text = ""
    for letter in words * (left // 100 + 1):
        if len(json.dumps(text + letter, ensure_ascii=False).encode()) - 2 > left:
            break
        text += letter
    text += "x" * (left - len(json.dumps(text, ensure_ascii=False).encode()) + 2)
    messages[-1]["content"] = text
    return json.dumps(request, ensure_ascii=False).encode()
