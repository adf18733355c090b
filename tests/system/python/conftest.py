"""The gateway with one simulator behind it, as child processes on free ports, ended when the tests are over."""
import json
import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import httpx
import pytest

BINARY = os.environ.get("SLUICE_BIN", str(Path(__file__).resolve().parents[3] / "build" / "sluice"))
MASTER_KEY = "sk-sl-python-master-0123456789abcdef0123456789ab"
APP_KEY = "sk-sl-python-0123456789abcdef0123456789abcdef"
PROVIDER_KEY = "sk-provider-python-00112233445566778899"
INHERITED = ("PATH", "HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")


class Child:
    """One process of the binary, its output kept, ready when it has printed where it listens."""

    def __init__(self, folder: Path, *arguments: str):
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        self.log = (folder / f"{arguments[0]}.log").open("w+")
        self.process = subprocess.Popen([BINARY, *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        watchdog = threading.Timer(15, self.process.kill)
        watchdog.start()
        line = self.process.stdout.readline()
        watchdog.cancel()
        found = re.match(r"listening on (http://\S+)$", line)
        if not found:
            self.process.kill()
        assert found, f"printed {line!r} instead of its address: {Path(self.log.name).read_text()[-2000:]}"
        self.url = found[1]

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(10)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.process.stdout.close()
            self.log.close()


class Simulator(Child):
    def stats(self) -> dict:
        return httpx.get(f"{self.url}/_sim/stats").json()

    def wait(self, condition, limit_s: float = 3) -> dict:
        """Asks until condition(stats) holds: only the simulator knows."""
        end = time.monotonic() + limit_s
        while not condition(stats := self.stats()):
            assert time.monotonic() < end, f"still {stats}"
            time.sleep(0.01)
        return stats


@pytest.fixture(scope="session")
def simulator(tmp_path_factory):
    child = Simulator(tmp_path_factory.mktemp("sim"), "sim", "--listen", "127.0.0.1:0", "--name", "sim", "--key", PROVIDER_KEY, "--record", "--threads", "1")
    yield child
    child.process.kill()
    child.process.wait()
    child.stop()


@pytest.fixture(scope="session")
def gateway(simulator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("gateway")
    (folder / "sluice.yaml").write_text(f"""
master_key: {MASTER_KEY}
drain: 1s
providers:
  sim: {{ type: openai, base_url: "{simulator.url}/v1", api_key: "{PROVIDER_KEY}" }}
models:
  fast: {{ deployments: [sim/gpt-4o-mini], retries: 0 }}
  "sim/*": {{ deployments: ["sim/*"], retries: 0 }}
keys:
  - {{ name: python, key: "{APP_KEY}" }}
""")
    child = Child(folder, "serve", "--config", str(folder / "sluice.yaml"), "--listen", "127.0.0.1:0", "--data", str(folder / "data"))
    yield child
    assert child.stop() == 0, "the gateway ends well"


@pytest.fixture(scope="session")
def providers(simulator, tmp_path_factory):
    """A gateway in front of a provider of every API; a model named API.NAME is the provider's NAME."""
    folder = tmp_path_factory.mktemp("providers")
    key = f'api_key: "{PROVIDER_KEY}"'
    (folder / "sluice.yaml").write_text(f"""
master_key: {MASTER_KEY}
drain: 1s
keep_alive: 400ms
providers:
  openai: {{ dialect: openai, base_url: "{simulator.url}/v1", {key} }}
  responses: {{ type: openai, dialect: responses, base_url: "{simulator.url}/v1", {key} }}
  anthropic: {{ base_url: "{simulator.url}", {key} }}
  gemini: {{ base_url: "{simulator.url}", {key} }}
  cohere: {{ base_url: "{simulator.url}", {key} }}
  bedrock: {{ base_url: "{simulator.url}", region: us-east-1, access_key_id: "{PROVIDER_KEY}", secret_access_key: secret }}
models:
""" + "".join(f'  "{name}.*": {{ deployments: ["{name}/*"], retries: 0 }}\n' for name in ("openai", "responses", "anthropic", "gemini", "cohere", "bedrock"))
        + f"""keys:
  - {{ name: python, key: "{APP_KEY}" }}
""")
    child = Child(folder, "serve", "--config", str(folder / "sluice.yaml"), "--listen", "127.0.0.1:0", "--data", str(folder / "data"))
    yield child
    assert child.stop() == 0, "the gateway ends well"


@pytest.fixture
def scripted():
    """A model name that tells the simulator what to do."""
    return lambda **script: "sim/sim:" + json.dumps(script)
