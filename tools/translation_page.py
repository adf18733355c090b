#!/usr/bin/env python3
"""Writes the tables of docs/guide/translation.md from `sluice schema --translation`: tools/translation_page.py [--check]

They are printed from the tables that the dialects work by, so the page cannot name a field that is not there, or miss one.
"""
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "guide" / "translation.md"
BEGIN, END = "<!-- fields: begin -->\n", "<!-- fields: end -->\n"


def main():
    build = ROOT / os.environ.get("SLUICE_BUILD", "build")
    tables = subprocess.run([build / "sluice", "schema", "--translation"], capture_output=True, text=True, check=True).stdout
    page = PAGE.read_text()
    head, rest = page.split(BEGIN)
    _, tail = rest.split(END)
    wanted = head + BEGIN + tables.strip() + "\n" + END + tail
    if "--check" in sys.argv[1:]:
        if wanted != page:
            print("docs/guide/translation.md is not what `sluice schema --translation` prints: run tools/translation_page.py")
        return 0 if wanted == page else 1
    PAGE.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
