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
    for name, command in {"nginx": ["nginx", "-v"], "haproxy": ["haproxy", "-v"], "sluice": [sluice, "--version"]}.items():
        try:
            done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=10)
            text = done.stdout + done.stderr
        except OSError:
            continue
        number = re.search(r"\d+\.\d+(\.\d+)?", text)
        found[name] = number.group(0) if number else "?"
    return found


def ratio(row, name, to):
    mine, other = row.median(name), row.median(to)
    return mine / other if mine is not None and other else None


def verdict(row):
    """(the target in words, whether Sluice meets it) or ("", None)."""
    mine = row.median("sluice")
    if row.target is None or mine is None:
        return "", None
    other, factor = row.target
    if other is None:
        return f"≤ {factor} {row.unit}", mine <= factor
    if row.median(other) is None:
        return "", None
    return f"≤ {factor:g} × {other}", mine <= factor * row.median(other)


def _number(value):
    return "–" if value is None else f"{value:.2f}" if abs(value) < 100 else f"{value:,.0f}"


def render(rows, names, form):
    """The table as lines, "text" or "markdown"."""
    head = ["what", "", *names, "to nginx", "to haproxy", "target", ""]
    lines = [head]
    for row in rows:
        target, met = verdict(row)
        ratios = [ratio(row, "sluice", other) for other in ("nginx", "haproxy")]
        lines.append([row.title, row.unit, *[_number(row.median(name)) for name in names],
                      *["–" if value is None else f"{value:.2f} ×" for value in ratios], target,
                      {None: "", True: "met", False: "missed"}[met]])
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
        "title": row.title, "unit": row.unit, "target": verdict(row)[0] or None, "met": verdict(row)[1],
        "medians": {name: row.median(name) for name in names if name in row.samples}, "samples": row.samples}
        for row in rows}}
