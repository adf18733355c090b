#!/usr/bin/env python3
"""Writes the table of all keys in docs/guide/configuration.md from `sluice schema`: tools/config_page.py [--check]

The schema is generated from the tables that check a file, so the page cannot name a key that is not there, or miss one.
"""
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "guide" / "configuration.md"
BEGIN, END = "<!-- keys: begin -->\n", "<!-- keys: end -->\n"


def choices(node):
    for part in [node, *node.get("anyOf", [])]:
        if "enum" in part:
            return ", ".join(f"`{value}`" for value in part["enum"])
    return ""


def rows(node, path):
    for part in [node, *node.get("anyOf", [])]:
        for name, child in part.get("properties", {}).items():
            yield from row(child, f"{path}.{name}" if path else name)
        if isinstance(part.get("additionalProperties"), dict):
            yield from rows(part["additionalProperties"], f"{path}.NAME")
        if isinstance(part.get("items"), dict):
            yield from rows(part["items"], f"{path}[]")


def row(node, path):
    below = list(rows(node, path))
    default = node.get("default")
    text = json.dumps(default).strip('"') if default not in (None, "") else ""
    about = node.get("description", "")
    if found := choices(node):
        about += f" One of {found}."
    yield f"| `{path}` | {f'`{text}`' if text else ''} | {about} |"
    yield from below


def main():
    build = ROOT / os.environ.get("SLUICE_BUILD", "build")
    schema = json.loads(subprocess.run([build / "sluice", "schema"], capture_output=True, text=True, check=True).stdout)
    table = "| key | default | meaning |\n|---|---|---|\n" + "\n".join(rows(schema, "")) + "\n"
    page = PAGE.read_text()
    head, rest = page.split(BEGIN)
    _, tail = rest.split(END)
    wanted = head + BEGIN + table + END + tail
    if "--check" in sys.argv[1:]:
        if wanted != page:
            print("docs/guide/configuration.md does not name the keys of `sluice schema`: run tools/config_page.py")
        return 0 if wanted == page else 1
    PAGE.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
