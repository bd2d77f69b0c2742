#!/usr/bin/env python3
"""check_tampering.py PROGRAM FOLDER SUITE: whether mls-vectors would notice. For each kind of official vector, takes
a case of that cipher suite, or of none, changes one value in each copy of it, and wants every copy to fail. Skipped
(77) without the vectors; MLS_TEST_VECTORS overrides FOLDER."""

import copy
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile

MAX_COPIES, MAX_LARGE_COPIES = 80, 16
# Whoever adds or removes leaves no trace in the tree.
FREE = {("tree-operations.json", "proposal_sender")}
# A decoder takes any content of the right shape. So these files are cut short instead.
SHAPE_ONLY = {"messages.json"}


def values(node, path=""):
    """The path of each string, number and null in a case."""
    if isinstance(node, dict):
        for key, child in node.items():
            yield from values(child, f"{path}.{key}" if path else key)
    elif isinstance(node, list):
        for i, child in enumerate(node):
            yield from values(child, f"{path}[{i}]")
    else:
        yield path


def steps(path):
    return [int(part[1:-1]) if part.startswith("[") else part for part in re.findall(r"[^.\[\]]+|\[\d+\]", path)]


def change(value, shape_only):
    if value is None:
        return 0
    if isinstance(value, int):
        return value + 1
    if shape_only:
        return value[:-2]
    # A private key of X25519 ignores bits at both its ends, and only 32 bytes of a ciphertext are sampled.
    at = min(len(value) // 4, 31) * 2
    digit = value[at:at + 1]
    return value[:at] + (f"{int(digit, 16) ^ 1:x}" if re.fullmatch("[0-9a-f]", digit) else "x") + value[at + 1:]


def changed(case, path, shape_only):
    case = copy.deepcopy(case)
    node = case
    *parents, last = steps(path)
    for step in parents:
        node = node[step]
    node[last] = change(node[last], shape_only)
    return case


def passing_case(cases, suite):
    """A small one, or None."""
    candidates = [case for case in cases if case.get("cipher_suite", suite) == suite]
    return min(candidates, key=lambda case: (not list(values(case)), abs(len(json.dumps(case)) - 6000)), default=None)


def copies(path, suite):
    """At most MAX_COPIES of them, for values all over the case; fewer if it is one of hundreds of epochs."""
    case = passing_case(json.loads(path.read_text()), suite)
    if case is None:
        return
    max_copies = MAX_COPIES if len(json.dumps(case)) < 100_000 else MAX_LARGE_COPIES
    paths = [name for name in values(case) if name != "cipher_suite" and (path.name, name) not in FREE]
    for name in paths[::math.ceil(len(paths) / max_copies)]:
        yield name, changed(case, name, path.name in SHAPE_ONLY)


def check(program, path, suite):
    """The values of one file whose change goes unnoticed."""
    named = list(copies(path, suite))
    if not named:
        print(f"{path.name}: no case of cipher suite {suite}, left out")
        return []
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "changed.json"
        file.write_text(json.dumps([case for _, case in named]))
        output = subprocess.run([program, file], capture_output=True, text=True, check=False).stdout
    noticed = {int(number) for number in re.findall(r"^\S+: case (\d+): ", output, re.MULTILINE)}
    if not output.endswith(" skipped\n"):
        sys.exit(f"{path.name}: the program did not end as it should")
    print(f"{path.name}: {len(named)} values changed, {len(noticed)} noticed")
    return [f"{path.name}: {name}" for number, (name, _) in enumerate(named) if number not in noticed]


def main(program, folder, suite):
    folder = pathlib.Path(os.environ.get("MLS_TEST_VECTORS", folder))
    files = sorted(folder.glob("*.json"))
    if not files:
        print(f"skipped: no vectors in {folder}")
        return 77
    unnoticed = [name for path in files for name in check(program, path, int(suite))]
    for name in unnoticed:
        print(f"not noticed: {name}")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
