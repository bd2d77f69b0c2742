"""Reads what callgrind has counted: instructions by object file and function, of each operation.

    python3 profile.py PROGRAM PROFILE...    prints how the instructions are shared out, and the dearest functions
"""

import collections
import pathlib
import re
import subprocess
import sys

NAME = re.compile(r"\((\d+)\)(?: (.*))?")
COST = re.compile(r"[+\-*]?\d* ?(\d+)$|\* (\d+)$")


class Names:
    """callgrind writes a name once and its number from then on."""

    def __init__(self):
        self._names = {}

    def read(self, text):
        number, name = NAME.fullmatch(text).groups()
        if name is not None:
            self._names[number] = name
        return self._names[number]


def read_profile(path):
    """The operation's name, and the instructions of each (object file, function), what it calls left out."""
    objects, functions = Names(), Names()
    counts = collections.Counter()
    operation = object_file = function = None
    is_call = False
    for line in pathlib.Path(path).read_text(encoding="utf-8", errors="replace").splitlines():
        key, equals, value = line.partition("=")
        if line.startswith("desc: Trigger: Client Request: "):
            operation = line.rpartition(": ")[2]
        elif equals and key == "ob":
            object_file = objects.read(value)
        elif equals and key == "fn":
            function = functions.read(value)
        elif equals and key == "cob":
            objects.read(value)
        elif equals and key == "cfn":
            functions.read(value)
        elif equals and key == "calls":
            is_call = True  # the next line has what the callee cost, which is counted there
        elif line and line[0] in "0123456789+-*" and function is not None:
            if not is_call:
                counts[object_file, function] += int(line.split()[-1])
            is_call = False
    return operation, counts


def functions_of(library):
    """The functions that a static library defines, hidden and static ones as well."""
    lines = subprocess.run(["nm", "--defined-only", str(library)], check=True, capture_output=True, text=True).stdout
    return {words[2] for words in map(str.split, lines.splitlines()) if len(words) == 3 and words[1] in "tT"}


def own(counts, functions):
    """Of these, the instructions of libmls itself. A compiler's own copies are called NAME.part.0 and the like."""
    return sum(count for (_, function), count in counts.items()
               if function.partition(".")[0].partition("'")[0] in functions)


def main(library, *profiles):
    functions = functions_of(library)
    for path in profiles:
        operation, counts = read_profile(path)
        total = sum(counts.values())
        if operation is None or not total:
            continue
        print(f"{operation}: {total:,} instructions, {own(counts, functions):,} of libmls")
        shares = collections.Counter()
        for (object_file, function), count in counts.items():
            name = pathlib.Path(object_file or "?").name
            shares["libmls" if function.partition(".")[0] in functions else name] += count
        print("   " + ", ".join(f"{name} {100 * count / total:.1f} %" for name, count in shares.most_common(6)))
        for (object_file, function), count in counts.most_common(14):
            print(f"   {100 * count / total:5.1f} % {count:12,} {function} ({pathlib.Path(object_file or '?').name})")


if __name__ == "__main__":
    main(*sys.argv[1:])
