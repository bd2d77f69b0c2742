#!/usr/bin/env python3
"""Plots what mls-bench has measured, with gnuplot.

    plot.py RESULTS.json… FOLDER    writes FOLDER/operations-SUITE.svg: time against members, both logarithmic, of
                                    libmls on one thread, of the floor, and of the peers that were measured, and of
                                    libmls with as many threads as they had; of the fastest runs, since a machine can
                                    only be slower than it is
"""

import json
import pathlib
import subprocess
import sys

# In the order of the page. What is not measured is left out.
OPERATIONS = (
    ("create", "create in one Commit, with Welcome"),
    ("join", "join by Welcome"),
    ("external-join", "join by external Commit"),
    ("cold-commit-create", "make a Commit, blank tree"),
    ("cold-commit-process", "process a Commit, blank tree"),
    ("warm-commit-create", "make a Commit"),
    ("warm-commit-process", "process a Commit"),
    ("warm-add-create", "make an Add, with Welcome and tree"),
    ("warm-add-process", "process an Add"),
    ("warm-remove-create", "make a Remove"),
    ("warm-remove-process", "process a Remove"),
    ("encrypt-100", "encrypt 100 bytes"),
    ("decrypt-100", "decrypt 100 bytes"),
    ("save", "save after a Commit"),
    ("load", "load"),
)
COLUMNS = 3
WITH_THREADS = "libmls with threads"
COLOURS = {"libmls": "#0060ad", WITH_THREADS: "#56b4e9", "floor": "#999999", "openmls": "#dd181f", "ts-mls": "#e69f00"}

HEAD = """
set terminal svg size {width},{height} font 'sans-serif,11' background rgb 'white'
set output '{output}'
set multiplot layout {rows},{columns} title 'Cipher suite {suite}: time of one operation, by the size of the group'
set logscale xy 10
set xrange [1.5:70000]
set xtics ('2' 2, '10' 10, '100' 100, '1,000' 1000, '10,000' 10000, '50,000' 50000) font ',9'
set ytics ('10 us' 10, '100 us' 1e2, '1 ms' 1e3, '10 ms' 1e4, '100 ms' 1e5, '1 s' 1e6, '10 s' 1e7) font ',9'
set grid ytics lc rgb '#dddddd'
set key left top Left reverse font ',9' samplen 1.5 spacing 0.9
"""


def points(figures):
    return "\n".join(f"{members} {us}" for members, us in sorted(figures.items())) + "\ne\n"


def curves(results, suite, operation):
    """What is drawn in one plot: names with times by members."""
    own = {row["members"]: row for row in results["operations"]
           if row["suite"] == suite and row["operation"] == operation}
    peers = [row for row in results.get("peers", ()) if row["suite"] == suite and row["operation"] == operation
             and "us" in row]
    yield "libmls", {members: row["minimum_us"] for members, row in own.items()}
    yield "floor", {members: row["minimum_us"] / row["ratio"] for members, row in own.items() if row["ratio"] > 0}
    for name in sorted({row["library"] for row in peers}):
        label = WITH_THREADS if name == "libmls" else name
        yield label, {row["members"]: row["minimum_us"] for row in peers if row["library"] == name}


def plot_one(results, suite, operation, title, has_key):
    drawn = [(name, figures) for name, figures in curves(results, suite, operation) if figures]
    lines = ", ".join(
        f"'-' with linespoints pt 7 ps 0.4 lw {1 if name == 'floor' else 2} dt {2 if name == 'floor' else 1} "
        f"lc rgb '{COLOURS.get(name, '#000000')}' title '{name}'" for name, _ in drawn)
    key = "set key\n" if has_key else "unset key\n"
    return key + f"set title '{title}' font ',11'\nplot {lines}\n" + "".join(points(figures) for _, figures in drawn)


def plot_suite(results, suite, folder):
    measured = {row["operation"] for row in results["operations"] if row["suite"] == suite}
    shown = [(name, title) for name, title in OPERATIONS if name in measured]
    rows = -(-len(shown) // COLUMNS)
    script = HEAD.format(width=360 * COLUMNS, height=250 * rows + 40, rows=rows, columns=COLUMNS, suite=suite,
                         output=folder / f"operations-{suite}.svg")
    script += "".join(plot_one(results, suite, name, title, name == shown[0][0]) for name, title in shown)
    subprocess.run(["gnuplot"], input=script + "unset multiplot\n", text=True, check=True)


def read(paths):
    """Of several runs; where they have measured the same, the last one counts."""
    results = {"operations": [], "peers": []}
    for path in paths:
        for name, rows in json.loads(pathlib.Path(path).read_text(encoding="utf-8")).items():
            results.setdefault(name, []).extend(rows)
    return results


def main(paths, folder):
    results = read(paths)
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for suite in sorted({row["suite"] for row in results["operations"]}):
        plot_suite(results, suite, folder)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1:-1], sys.argv[-1])
