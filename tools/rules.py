"""The house rules that a program can check; tools/check runs them, tools/check_test.py proves that each can fail.

A rule is a generator of problems over a Tree. A line is exempt from a rule with a comment on it or on the line above,
a whole file with one before its first line of code:

    // check: allow RULE because REASON
"""
import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Callable, Iterator

FILE_LINES = 400
FUNCTION_LINES = 60

# Folders that may use less than all that stands above them in CMakeLists.txt.
NARROWER = {"sim": {"base", "json", "http", "net"}}
# Folders whose own folders do not know each other.
SIBLINGS = ("stage", "guardrail")
# Library headers and the only places that may include them, also through our own headers.
LIBRARIES = [
    (r"boost/(?:asio|beast)\b", r"src/net/.*", "Asio and Beast are for src/net alone"),
    (r"openssl/", r"src/net/.*|src/base/(digest|hmac|sealer)\.cpp", "OpenSSL is for src/net and src/base/{digest,hmac,sealer}.cpp"),
    (r"yaml\.h", r"src/app/.*", "YAML is for src/app"),
    (r"sqlite3\.h", r"src/store/sqlite/.*", "SQLite is for src/store/sqlite"),
    (r"CLI/", r"src/app/command_line\.cpp", "CLI11 is for src/app/command_line.cpp"),
]
# TLS set-ups, which connections go on using after a reload; everything else that can change has one owner.
SHARED = {"ClientTls", "ServerTls", "ssl::context"}

EXEMPTION = re.compile(r"check: allow ([a-z-]+)( because \S)?")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
SKIPPED_FOLDERS = {".git", ".venv", ".cache", "node_modules", "__pycache__", "sluice-data"}


@dataclass(frozen=True)
class Problem:
    rule: str
    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text} [{self.rule}]"


def without_comments(text: str) -> str:
    """C++ with comments blanked and strings emptied; every character left stands where it stood."""
    pattern = re.compile(
        r'R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"'    # raw string
        r'|"(?:\\.|[^"\\\n])*"'
        r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])*'"           # not the separator of 1'000
        r"|//[^\n]*|/\*.*?\*/",
        re.DOTALL,
    )

    def blank(match: re.Match) -> str:
        found = match[0]
        hollow = re.sub(r"[^\n]", " ", found)
        return hollow if found[0] == "/" else '"' + hollow[1:-1] + '"'

    # Paths of includes are needed, and they look like strings.
    kept = re.sub(r'^(\s*#\s*include\s*)"([^"]*)"', r"\1<\2>", text, flags=re.MULTILINE)
    return pattern.sub(blank, kept)


@dataclass
class File:
    path: str    # from the root, with '/'
    text: str

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def code(self) -> str:
        return without_comments(self.text)

    @cached_property
    def code_lines(self) -> list[str]:
        return self.code.splitlines()

    @property
    def is_cpp(self) -> bool:
        return self.path.endswith((".h", ".cpp"))

    @property
    def is_product(self) -> bool:
        """C++ that is not a test, benchmark or fuzzer."""
        return self.is_cpp and not re.search(r"_(test|bench|fuzz)\.(cpp|h)$|/testing/", self.path)

    @property
    def layer(self) -> str:
        return self.path.split("/")[1]

    @cached_property
    def opening(self) -> str:
        """The comment lines before the first line of anything else."""
        comment = []
        for line in self.lines:
            if line.strip() and not line.lstrip().startswith(("//", "#!", "# ", '"""', "<!--")):
                break
            comment.append(line)
        return "\n".join(comment)

    def exempts(self, rule: str, line: int) -> bool:
        near = "\n".join(self.lines[max(0, line - 2):line]) + "\n" + self.opening
        return any(found[1] == rule and found[2] for found in EXEMPTION.finditer(near))


@dataclass
class Tree:
    root: Path
    files: list[File] = field(default_factory=list)

    @classmethod
    def read(cls, root: Path) -> "Tree":
        tree = cls(root)
        for folder, folders, names in os.walk(root):
            folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS and not re.match(r"build(-|$)", f))
            for name in sorted(names):
                path = Path(folder) / name
                try:
                    text = path.read_text(encoding="utf-8")
                except (UnicodeDecodeError, OSError):
                    continue    # not text
                tree.files.append(File(path.relative_to(root).as_posix(), text))
        return tree

    @property
    def sources(self) -> list[File]:
        return [file for file in self.files if file.path.startswith("src/") and file.is_cpp]

    @property
    def product(self) -> list[File]:
        return [file for file in self.sources if file.is_product]

    @cached_property
    def layers(self) -> list[str]:
        """Lowest first, from the lines sluice_layer(NAME …) of CMakeLists.txt."""
        listing = next((file.text for file in self.files if file.path == "CMakeLists.txt"), "")
        return re.findall(r"^\s*sluice_layer\(\s*(\w+)", listing, re.MULTILINE)


def at(file: File, offset: int) -> int:
    return file.code.count("\n", 0, offset) + 1


def includes(file: File) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(file.lines, 1):
        if found := INCLUDE.match(line):
            yield number, found[1] or found[2]


def layers(tree: Tree) -> Iterator[Problem]:
    """A folder of src/ includes only itself and what stands above it in CMakeLists.txt."""
    order = tree.layers
    for file in tree.sources:
        if file.layer not in order:
            yield Problem("layers", file.path, 1, f"src/{file.layer} is not a layer of CMakeLists.txt")
            continue
        allowed = NARROWER.get(file.layer, set(order[:order.index(file.layer)])) | {file.layer}
        for number, included in includes(file):
            other = included.split("/")[0]
            if other in order and other not in allowed:
                yield Problem("layers", file.path, number, f"{file.layer} may not include {other} ({included})")


def siblings(tree: Tree) -> Iterator[Problem]:
    """src/stage/x never includes src/stage/y."""
    for file in tree.sources:
        parts = file.path.split("/")
        if file.layer not in SIBLINGS or len(parts) < 4:
            continue
        for number, included in includes(file):
            other = included.split("/")
            if other[0] == file.layer and len(other) > 2 and other[1] != parts[2]:
                yield Problem("siblings", file.path, number, f"{file.layer}/{parts[2]} may not include its sibling {included}")


def libraries(tree: Tree) -> Iterator[Problem]:
    """Each library has its place, and no header carries it out of there."""
    direct = {file.path: list(includes(file)) for file in tree.sources}
    for header, places, why in LIBRARIES:
        for file in tree.sources:
            if re.fullmatch(places, file.path):
                continue
            for number, included in direct[file.path]:
                chain = way_to(header, included, direct)
                if chain:
                    yield Problem("libraries", file.path, number, f"includes {' → '.join(chain)}: {why}")


def way_to(header: str, included: str, direct: dict[str, list[tuple[int, str]]]) -> list[str]:
    """The chain of includes from `included` to a header that matches, or nothing."""
    chains, seen = [[included]], {included}
    while chains:
        chain = chains.pop(0)
        if re.match(header, chain[-1]):
            return chain
        for _, further in direct.get(f"src/{chain[-1]}", []):
            if further not in seen:
                seen.add(further)
                chains.append(chain + [further])
    return []


def by_pattern(rule: str, files: Callable[[Tree], list[File]], pattern: str, why: str):
    """A rule that is one regular expression over code without comments and strings."""
    compiled = re.compile(pattern, re.MULTILINE)

    def check(tree: Tree) -> Iterator[Problem]:
        for file in files(tree):
            for found in compiled.finditer(file.code):
                # A pattern may begin with white space; the problem stands where its text does.
                start = found.start() + len(found[0]) - len(found[0].lstrip())
                yield Problem(rule, file.path, at(file, start), f"{' '.join(found[0].split())}: {why}")

    check.__doc__ = why
    return check


def threads_elsewhere(tree: Tree) -> list[File]:
    return [file for file in tree.product if not re.match(r"src/(base/(workers|log|thread)\.|base/journal/|store/ingest\.|sim/simulator\.|app/)", file.path)]


def streams_elsewhere(tree: Tree) -> list[File]:
    return [file for file in tree.product if not file.path.startswith("src/app/")]


def owners(tree: Tree) -> Iterator[Problem]:
    """No new but into a smart pointer on the spot, and no delete."""
    for file in tree.sources:
        for found in re.finditer(r"(?<![\w.])(new|delete)\b(?!\s*[;,)>])", file.code):
            before = file.code[:found.start()].rstrip()
            if before.endswith("operator") or (found[1] == "delete" and before.endswith("=")):
                continue
            if found[1] == "new" and re.search(r"(_ptr<[^;{}]*>|Ptr|\breset)\s*(\w+\s*)?\($", before[-300:]):
                continue
            yield Problem("owners", file.path, at(file, found.start()), f"{found[1]}: give it an owner (std::make_unique)")


def shared_pointers(tree: Tree) -> Iterator[Problem]:
    """shared_ptr only for constants and for the few types of SHARED."""
    for file in tree.product:
        for found in re.finditer(r"\bshared_ptr<\s*(?!const\b)([\w:]+)", file.code):
            if re.sub(r"^(sluice::)?net::", "", found[1]) not in SHARED:
                yield Problem("shared-pointers", file.path, at(file, found.start()),
                              f"{found[0]}>: things have one owner; shared are only constants (shared_ptr<const T>)")


def unfinished(tree: Tree) -> Iterator[Problem]:
    """Nothing is left for later."""
    words = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
    for file in tree.files:
        if not re.match(r"(src|tests|tools|cmake|bench|fuzz|docs|\.ci)/|[A-Z]\w*(\.md|\.txt)?$", file.path):
            continue
        if file.path.endswith((".json", ".lock", ".sse")) or file.path == "LICENSE":
            continue
        for number, line in enumerate(file.lines, 1):
            if found := words.search(line):
                yield Problem("unfinished", file.path, number, f"{found[1]}: do it now or leave it out")


def headers(tree: Tree) -> Iterator[Problem]:
    """A header opens with a comment that says what it is for, and has #pragma once."""
    for file in tree.sources:
        if not file.path.endswith(".h"):
            continue
        if not file.text.startswith("//"):
            yield Problem("headers", file.path, 1, "a header opens with its purpose, thread rule, ownership and lifetime")
        if not re.search(r"^#pragma once$", file.text, re.MULTILINE):
            yield Problem("headers", file.path, 1, "#pragma once is missing")


def file_sizes(tree: Tree) -> Iterator[Problem]:
    """A file has one thing in it, on at most FILE_LINES lines."""
    for file in tree.product:
        if len(file.lines) > FILE_LINES:
            yield Problem("file-sizes", file.path, 1, f"{len(file.lines)} lines; {FILE_LINES} at most")


def function_sizes(tree: Tree) -> Iterator[Problem]:
    """A function fits a screen: at most FUNCTION_LINES lines."""
    for file in tree.product:
        for first, last in functions(file.code):
            lines = last - first + 1
            if lines > FUNCTION_LINES:
                yield Problem("function-sizes", file.path, first, f"a function of {lines} lines; {FUNCTION_LINES} at most")


def functions(code: str) -> Iterator[tuple[int, int]]:
    """First and last line of every function with a body (not of lambdas inside one)."""
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda found: "\n" * found[0].count("\n"), code, flags=re.MULTILINE)
    open_blocks: list[tuple[str, int]] = []
    head = 0    # where the text that leads to the next brace begins
    for found in re.finditer(r"[;{}]", code):
        inside = open_blocks[-1][0] if open_blocks else "scope"
        if found[0] == ";":
            head = found.end() if inside == "scope" else head
        elif found[0] == "{":
            text = code[head:found.start()]
            kind = block_kind(text) if inside == "scope" else "inner"
            first = head + len(text) - len(re.sub(r"^\s*(?:(?:public|private|protected)\s*:\s*)*", "", text))
            open_blocks.append((kind, first))
            head = found.end() if kind == "scope" else head
        elif open_blocks:
            kind, first = open_blocks.pop()
            if kind == "function":
                yield code.count("\n", 0, first) + 1, code.count("\n", 0, found.start()) + 1
            if kind in ("scope", "function"):
                head = found.end()


def block_kind(head: str) -> str:
    """What a '{' opens outside functions: a scope (namespace, class), a function, or the braces of a value."""
    head = re.sub(r"operator\s*[=<>!+\-*/%&|^]+", "operator", head)
    if re.search(r"\bnamespace\b|\bextern\b", head):
        return "scope"
    if re.search(r"(^|[\s>:])(class|struct|union|enum)\b[^()=;]*$", head):
        return "scope"
    if "(" not in head or "=" in head[:head.index("(")] or head.count("(") != head.count(")"):
        return "value"
    if re.search(r"\)\s*(noexcept\s*)?:[^:].*[\w>]$", head, re.DOTALL) and not re.search(r"\)\s*$", head):
        return "value"    # member{initialiser} of a constructor
    return "function"


def paths(tree: Tree) -> Iterator[Problem]:
    """The repository speaks of no machine it was written on."""
    machine = re.compile(r"(?<![\w.\"$}~])/(?:work|root|home)/\w")
    for file in tree.files:
        if file.path.endswith((".md", ".cpp", ".h", ".py", ".mjs", ".ts", ".yaml", ".yml")) or "tools/" in file.path:
            for number, line in enumerate(file.lines, 1):
                if found := machine.search(line):
                    yield Problem("paths", file.path, number, f"{found[0]}…: a path of one machine")


def links(tree: Tree) -> Iterator[Problem]:
    """Every page and file that a page links to is there."""
    for file in tree.files:
        if not file.path.endswith(".md"):
            continue
        for number, line in enumerate(file.lines, 1):
            for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", line):
                if not (tree.root / file.path).parent.joinpath(target).exists():
                    yield Problem("links", file.path, number, f"there is no {target}")


def named_tests(tree: Tree) -> Iterator[Problem]:
    """A page that names a test, [file](path) “title”, “title”, names one that is there."""
    by_path = {file.path: file.text.replace("\\'", "'") for file in tree.files}
    for file in tree.files:
        if not file.path.endswith(".md"):
            continue
        for number, line in enumerate(file.lines, 1):
            for target, titles in re.findall(r"\]\(([^)\s]+)\)((?:[,;]?\s*“[^”]+”)+)", line):
                path = os.path.normpath(os.path.join(os.path.dirname(file.path), target))
                for title in re.findall(r"“([^”]+)”", titles):
                    if title not in by_path.get(path, ""):
                        yield Problem("named-tests", file.path, number, f"{path} has no test “{title}”")


def test_namespaces(tree: Tree) -> Iterator[Problem]:
    """Sources of tests are compiled several at once: what is in one is in its own namespace, named as its file."""
    for file in tree.files:
        if not file.path.endswith("_test.cpp"):
            continue
        own = f"::{os.path.basename(file.path).removesuffix('.cpp')} {{"
        begin = next((i for i, line in enumerate(file.lines) if line.startswith("namespace ") and line.endswith(own)), None)
        if begin is None:
            yield Problem("test-namespaces", file.path, 1, f"its namespace ends in {own.removesuffix(' {')}")
        for number, line in enumerate(file.lines[:begin], 1):
            if re.match(r"#\s*define\b|using\b", line):
                yield Problem("test-namespaces", file.path, number, "tests that are compiled with this one would see it")


def lock_files(tree: Tree) -> Iterator[Problem]:
    """Lock files name packages, versions and hashes, and leave where to get them to the machine."""
    for file in tree.files:
        if file.path.endswith("package-lock.json"):
            for number, line in enumerate(file.lines, 1):
                if re.search(r'"resolved":\s*"https?:', line):
                    yield Problem("lock-files", file.path, number, "names a host (npm install --omit-lockfile-registry-resolved)")
                    break


def exemptions(tree: Tree) -> Iterator[Problem]:
    """An exemption names a rule and a reason."""
    for file in tree.files:
        if not file.path.startswith(("src/", "tests/", "bench/", "fuzz/")):
            continue
        for number, line in enumerate(file.lines, 1):
            if found := EXEMPTION.search(line):
                if found[1] not in RULES:
                    yield Problem("exemptions", file.path, number, f"there is no rule '{found[1]}'")
                elif not found[2]:
                    yield Problem("exemptions", file.path, number, "an exemption ends in 'because …'")


RULES = {
    "layers": layers,
    "siblings": siblings,
    "libraries": libraries,
    "regex": by_pattern("regex", lambda tree: tree.sources, r"\bstd::w?regex\b|^\s*#\s*include\s*<regex>",
                        "std::regex takes exponential time"),
    "streams": by_pattern("streams", streams_elsewhere, r"^\s*#\s*include\s*<iostream>|\bstd::(?:cout|cerr|clog)\b",
                          "only commands (src/app) talk to the terminal; the rest logs"),
    "using-namespace": by_pattern("using-namespace", lambda tree: tree.product,
                                  r"^using namespace (?!std::(?:\w+::)*\w*literals;)[\w:]+",
                                  "name what you use, or put it inside a function"),
    "owners": owners,
    "threads": by_pattern("threads", threads_elsewhere, r"\b(?:std::(?:j?thread\b(?!::)|async\b)|named_thread\()",
                          "threads are made in src/app, sim/simulator, base/workers, base/log, base/journal and store/ingest"),
    "volatile": by_pattern("volatile", lambda tree: tree.sources, r"\bvolatile\b", "it orders nothing; use std::atomic"),
    "global": by_pattern(
        "global", lambda tree: tree.product,
        r"^[ \t]*(?:(?:static|inline)\s+)+(?!namespace\b)"
        r"(?![^;{}()]*\b(?:const|constexpr|consteval|thread_local|operator)\b)[^;{}()=]*\w\s*(?:=|;|\{)",
        "state that nobody owns"),
    "shared-pointers": shared_pointers,
    "unfinished": unfinished,
    "headers": headers,
    "file-sizes": file_sizes,
    "function-sizes": function_sizes,
    "paths": paths,
    "links": links,
    "named-tests": named_tests,
    "test-namespaces": test_namespaces,
    "lock-files": lock_files,
    "exemptions": exemptions,
}


def problems(root: Path) -> list[Problem]:
    tree = Tree.read(root)
    by_path = {file.path: file for file in tree.files}
    found = [problem for rule in RULES.values() for problem in rule(tree)]
    return [p for p in found if p.rule == "exemptions" or not by_path[p.path].exempts(p.rule, p.line)]
