"""Programs that a benchmark starts: started, waited for, measured from /proc and always ended."""
import atexit
import ctypes
import os
import pathlib
import resource
import signal
import socket
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")
_running = []
_taken = set()


class Failure(Exception):
    """A benchmark that cannot go on; the message is what the user is told."""


def free_port():
    """A port below the range of outgoing connections, of which ten thousand are opened later."""
    for port in range(20000 + os.getpid() % 4000, 32000):
        if port in _taken:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _taken.add(port)
        return port
    raise Failure("no free port between 20000 and 32000")


def raise_file_limit():
    """The number of files a child may open from now on."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Process:
    """One program with all the processes it starts. Its output goes to a file that a failure quotes."""

    def __init__(self, name, command, directory):
        self.name = name
        self.log = pathlib.Path(directory) / f"{name}.out"
        with open(self.log, "wb") as out:
            self._child = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out,
                                           stderr=out, cwd=directory, preexec_fn=_die_with_parent)
        _running.append(self)

    def pids(self):
        found, todo = [], [self._child.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                todo += [int(child) for child in _text(task).split()]
        return found

    def check(self):
        if self._child.poll() is not None:
            raise Failure(f"{self.name} ended with status {self._child.returncode}:\n{_text(self.log)[-2000:]}")

    def wait_for(self, text, seconds=30):
        limit = time.monotonic() + seconds
        while text not in _text(self.log):
            self.check()
            if time.monotonic() > limit:
                raise Failure(f"{self.name} did not say {text!r} in {seconds} s:\n{_text(self.log)[-2000:]}")
            time.sleep(0.01)

    def cpu_seconds(self):
        """What utime + stime of all its processes are made from, in nanoseconds instead of ticks."""
        total = 0
        for pid in self.pids():
            for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
                total += int(_text(task).split()[0])
        return total / 1e9

    def user_and_system_seconds(self):
        user = system = 0
        for pid in self.pids():
            fields = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()
            user, system = user + int(fields[11]), system + int(fields[12])
        return user / TICK, system / TICK

    def memory_bytes(self):
        """Resident memory; what its processes may share is counted once."""
        private = shared = 0
        for pid in self.pids():
            sizes = {}
            for line in _text(f"/proc/{pid}/smaps_rollup").splitlines()[1:]:
                name, _, value = line.partition(":")
                sizes[name] = int(value.split()[0]) * 1024
            own = sizes["Private_Clean"] + sizes["Private_Dirty"]
            private += own
            shared = max(shared, sizes["Rss"] - own)
        return private + shared

    def stop(self):
        if self in _running:
            _running.remove(self)
        if self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(10)
            except subprocess.TimeoutExpired:
                for pid in self.pids():
                    os.kill(pid, signal.SIGKILL)
                self._child.wait(10)


def _text(path):
    try:
        return pathlib.Path(path).read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


@atexit.register
def stop_all():
    for process in list(_running):
        process.stop()
