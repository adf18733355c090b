"""The table that a run prints, and the machine that it was measured on."""
import os
import pathlib
import platform
import re
import subprocess


def machine():
    """What the figures depend on."""
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return {"cpu": model.group(1) if model else platform.machine(), "cores": len(os.sched_getaffinity(0)),
            "kernel": f"{platform.system()} {platform.release()}"}


def versions(sluice):
    """The versions of the programs that are compared."""
    found = {}
    commands = {"nginx": ["nginx", "-v"], "haproxy": ["haproxy", "-v"], "sluice": [sluice, "--version"]}
    for name, command in commands.items():
        try:
            done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=10)
            text = done.stdout + done.stderr
        except OSError:
            continue
        number = re.search(r"\d+\.\d+(\.\d+)?", text)
        found[name] = number.group(0) if number else "?"
    return found


def ratio(row, name, to):
    """Nothing where there is nothing to divide by: an added latency can be lost in the noise and below zero."""
    mine, other = row.median(name), row.median(to)
    return mine / other if mine is not None and mine > 0 and other is not None and other > 0 else None


def verdict(row):
    """(the target in words, "met", "missed" or "unclear"), or two empty texts.

    A median alone would decide what the noise has not: only where all samples agree is a target met or missed.
    """
    mine = row.samples.get("sluice")
    if row.target is None or not mine:
        return "", ""
    other, factor = row.target
    words = f"≤ {factor} {row.unit}" if other is None else f"≤ {factor:g} × {other}"
    theirs = [1] if other is None else row.samples.get(other)
    if not theirs:
        return "", ""
    outcome = "met" if max(mine) <= factor * min(theirs) else "missed" if min(mine) > factor * max(theirs) else "unclear"
    times = ratio(row, "sluice", other) if other and other not in ("nginx", "haproxy") else None
    return words, outcome if times is None else f"{outcome}: {times:.2f} ×"


def _number(value):
    return "–" if value is None else f"{value:.2f}" if abs(value) < 100 else f"{value:,.0f}"


def render(rows, names, form):
    """The table as lines, "text" or "markdown"."""
    head = ["what", "", *names, "to nginx", "to haproxy", "target", ""]
    lines = [head]
    for row in rows:
        target, outcome = verdict(row)
        ratios = [ratio(row, "sluice", other) for other in ("nginx", "haproxy")]
        lines.append([row.title, row.unit, *[_number(row.median(name)) for name in names],
                      *["–" if value is None else f"{value:.2f} ×" for value in ratios], target,
                      outcome])
    if form == "markdown":
        return _markdown(lines)
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return ["  ".join(cell.ljust(width) if i < 2 or i > len(names) + 3 else cell.rjust(width)
                      for i, (cell, width) in enumerate(zip(line, widths))).rstrip() for line in lines]


def _markdown(lines):
    rule = ["---" if i < 2 else "---:" for i in range(len(lines[0]) - 2)] + ["---", "---"]
    return ["| " + " | ".join(line) + " |" for line in [lines[0], rule, *lines[1:]]]


def as_json(rows, names, about):
    """All samples, so that a run can be judged again later."""
    return about | {"rows": {row.key: {
        "title": row.title, "unit": row.unit, "target": verdict(row)[0], "outcome": verdict(row)[1],
        "medians": {name: row.median(name) for name in names if name in row.samples}, "samples": row.samples}
        for row in rows}}
