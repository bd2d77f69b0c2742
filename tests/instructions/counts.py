"""Has the operations of libmls counted, by mls-bench under callgrind."""

import collections
import dataclasses
import json
import pathlib
import shutil
import subprocess
import tempfile

import callgrind


class CannotCount(Exception):
    """Something is missing that counting needs."""


@dataclasses.dataclass
class Count:
    functions: collections.Counter  # the instructions of libmls' own functions, by name
    allocated: int  # bytes, of libmls

    @property
    def instructions(self):
        return self.functions.total()


@dataclasses.dataclass
class Build:
    """A build as CMake describes it, in instructions.json of its folder."""

    compiler: str  # with the flags: what the number of instructions depends on
    bench: str
    library: str
    valgrind: str  # empty: there is none, or it lacks the header

    @classmethod
    def of(cls, folder):
        return cls(**json.loads((pathlib.Path(folder) / "instructions.json").read_text(encoding="utf-8")))


def defined_functions(file):
    """How often each function is defined in a program or an archive, hidden and static ones as well."""
    lines = subprocess.run(["nm", "--defined-only", file], check=True, capture_output=True, text=True).stdout.splitlines()
    return collections.Counter(words[2] for words in map(str.split, lines) if len(words) == 3 and words[1] in "tT")


def own_functions(build):
    """libmls' own functions: what callgrind says of a function is its name and the program."""
    library, program = defined_functions(build.library), defined_functions(build.bench)
    shared = sorted(name for name in library if program[name] > library[name])
    if shared:
        raise SystemExit(f"functions of mls-bench have names of libmls', and count as libmls' own: {', '.join(shared)}")
    return set(library)


def read_profiles(folder, own):
    """The instructions of libmls' own functions, by operation."""
    counts = {}
    for path in pathlib.Path(folder).glob("profile.*"):
        operation, instructions = callgrind.read(path.read_text(encoding="utf-8", errors="replace"))
        if operation is not None:
            counts[operation] = collections.Counter(
                {name: count for (file, name), count in instructions.items()
                 if name in own and pathlib.Path(file).name == "mls-bench"})
    return counts


def run_once(build, prepared, options, own):
    """The Count of each operation with what was prepared, by name."""
    with tempfile.TemporaryDirectory(prefix="mls-instructions-") as folder:
        shutil.copytree(prepared, folder, dirs_exist_ok=True)
        lines = subprocess.run(
            [build.valgrind, "--quiet", "--tool=callgrind", "--instr-atstart=no",
             f"--callgrind-out-file={folder}/profile", build.bench, "--count", *options, "--folder", folder],
            check=True, capture_output=True, text=True).stdout.splitlines()
        allocated = {words[1]: int(words[3]) for words in map(str.split, lines) if words[:1] == ["counted"]}
        functions = read_profiles(folder, own)
    if set(functions) != set(allocated) or not all(functions.values()):
        raise SystemExit(f"callgrind has counted {sorted(functions)} of {sorted(allocated)}")
    return {operation: Count(functions[operation], allocated[operation]) for operation in allocated}


def mean(found):
    """Of several Counts."""
    functions = sum((each.functions for each in found), collections.Counter())
    return Count(collections.Counter({name: round(number / len(found)) for name, number in functions.items()}),
                 round(sum(each.allocated for each in found) / len(found)))


def count(build, members, runs, warm_only=False):
    """The Count of each operation in a group of that many members, by name.

    With the same seed it is the same each time. Another one, or one more random byte that is taken, moves the public
    keys to other places in the tree's hash table, and the small counts by up to 5 %: so several seeds are averaged. What
    is left out by --warm-only is long, and has found its average after one run.
    """
    if not build.valgrind:
        raise CannotCount("no valgrind, or no valgrind/callgrind.h; `scripts/setup test` installs both")
    own = own_functions(build)
    found = collections.defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="mls-instructions-") as prepared:
        options = ["--members", str(members)] + ["--warm-only"] * warm_only
        subprocess.run([build.bench, "--prepare", *options, "--folder", prepared], check=True)
        for seed in range(1, 1 + runs):
            more = ["--seed", str(seed)] + ["--warm-only"] * (warm_only or seed > 1)
            for operation, once in run_once(build, prepared, more, own).items():
                found[operation].append(once)
    return {operation: mean(each) for operation, each in found.items()}
