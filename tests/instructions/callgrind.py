"""Reads what callgrind has counted: the instructions of each function, what it calls left out.

    python3 -B callgrind.py PROFILE...       prints how the instructions are shared out, and the dearest functions
"""

import collections
import pathlib
import re
import sys

NAME = re.compile(r"\((\d+)\)(?: (.*))?")


class Names:
    """callgrind writes a name once and its number from then on."""

    def __init__(self):
        self._names = {}

    def read(self, text):
        number, name = NAME.fullmatch(text).groups()
        if name is not None:
            self._names[number] = name
        return self._names[number]


def read(text):
    """The operation that a profile is of, and a Counter of the instructions of each (object file, function).

    The operation is None where no client request has made the profile: that is what was left when the program ended.
    """
    objects, functions = Names(), Names()
    counts = collections.Counter()
    operation = object_file = function = None
    is_call = False
    for line in text.splitlines():
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
                counts[object_file, function.partition("'")[0]] += int(line.split()[-1])  # NAME'2: called from itself
            is_call = False
    return operation, counts


def main(*profiles):
    for path in profiles:
        operation, counts = read(pathlib.Path(path).read_text(encoding="utf-8", errors="replace"))
        total = sum(counts.values())
        if operation is None or not total:
            continue
        shares = collections.Counter()
        for (object_file, _), count in counts.items():
            shares[pathlib.Path(object_file or "?").name] += count
        print(f"{operation}: {total:,} instructions")
        print("   " + ", ".join(f"{name} {100 * count / total:.1f} %" for name, count in shares.most_common(6)))
        for (object_file, function), count in counts.most_common(14):
            print(f"   {100 * count / total:5.1f} % {count:12,} {function} ({pathlib.Path(object_file or '?').name})")


if __name__ == "__main__":
    main(*sys.argv[1:])
