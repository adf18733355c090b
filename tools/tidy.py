"""clang-tidy over the program's own .cpp files (tests excepted), as many at once as there are cores.

A file that passed is not looked at again until it, a header of ours that it includes, .clang-tidy, its compile command or
clang-tidy changed: the hash of all these is kept in $SLUICE_CACHE/tidy (default ~/.cache/sluice/tidy), for every checkout.
"""
import hashlib
import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PROGRAM = "clang-tidy-19"
# clang-tidy walks through all of the precompiled header, whatever a source needs of it: it is worth that only where the
# source includes one of the large libraries in it.
PRECOMPILED = re.compile(r" -Winvalid-pch| -Xclang -include-pch -Xclang \S+| -fprofile-use=\S+")
LARGE = re.compile(rb'#\s*include\s*<(boost/|simdjson)')


def ours(path: Path, source: Path, seen: dict[Path, bytes]) -> dict[Path, bytes]:
    """The file and every header of src/ that it includes, by path."""
    if path in seen or not path.exists():
        return seen
    seen[path] = path.read_bytes()
    for included in re.findall(rb'^\s*#\s*include\s*"([^"]+)"', seen[path], re.MULTILINE):
        name = included.decode(errors="replace")
        ours(source / name, source, seen)
        ours(path.parent / name, source, seen)
    return seen


def without_precompiled(entry: dict, root: Path) -> dict:
    """The compile command, without the precompiled header where that only costs time."""
    texts = ours(Path(entry["file"]), root / "src", {}).values()
    return entry if any(map(LARGE.search, texts)) else entry | {"command": PRECOMPILED.sub("", entry["command"])}


def key(entry: dict, root: Path, settings: bytes) -> str:
    digest = hashlib.sha256(settings)
    digest.update(entry["command"].replace(str(root), "").encode())
    for path, text in sorted(ours(Path(entry["file"]), root / "src", {}).items()):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + hashlib.sha256(text).digest())
    return digest.hexdigest()


def tidy(root: Path, build: Path) -> bool:
    entries = [without_precompiled(entry, root) for entry in json.loads((build / "compile_commands.json").read_text())
               if Path(entry["file"]).is_relative_to(root / "src") and not re.search(r"_(test|bench|fuzz)\.cpp$", entry["file"])]
    settings = (root / ".clang-tidy").read_bytes() + subprocess.run([PROGRAM, "--version"], capture_output=True, check=True).stdout
    cache = Path(os.environ.get("SLUICE_CACHE") or Path.home() / ".cache" / "sluice") / "tidy"
    cache.mkdir(parents=True, exist_ok=True)
    keys = {entry["file"]: key(entry, root, settings) for entry in entries}
    left = sorted(file for file, name in keys.items() if not (cache / name).exists())
    print(f"clang-tidy: {len(left)} of {len(keys)} files to look at", flush=True)
    commands = build / "tidy"
    commands.mkdir(exist_ok=True)
    (commands / "compile_commands.json").write_text(json.dumps(entries))

    def look(file: str) -> bool:
        done = subprocess.run([PROGRAM, "-p", str(commands), "--quiet", file], capture_output=True, text=True)
        if done.returncode == 0:
            (cache / keys[file]).touch()
        name = Path(file).relative_to(root)
        print(f"  {name}" if done.returncode == 0 else f"  {name}: FAILED\n{done.stdout}{errors(done.stderr)}", flush=True)
        return done.returncode == 0

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        return all(list(pool.map(look, left)))


def errors(text: str) -> str:
    """What clang-tidy says about itself, without the tally of warnings of other people's headers."""
    return "".join(line + "\n" for line in text.splitlines() if not re.match(r"\d+ warnings? (generated|treated)", line))
