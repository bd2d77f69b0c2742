#!/usr/bin/env python3
"""Checks that includes go downward only, and that each source file is known to its folder.

    check_layers.py [ROOT]        ROOT: the project's folder; without it the one that this script is in

Prints one line per violation, `file:line: what is wrong`, and ends with status 1 if there is any.

What is checked:
  * between folders: a file includes headers only of the folders that FOLDERS allows it;
  * inside a folder: a file includes no header of a higher layer of the folder's LAYERS file (format: see the
    head of libmls/LAYERS), and the files of one layer do not include each other in a circle;
  * libraries: the headers of LIBRARIES are seen by the named files only, directly or by another header;
  * lists: each folder with sources is in FOLDERS; each source file is in LAYERS and, if it is compiled, in
    the folder's CMakeLists.txt; LAYERS names no file that is not there.
"""

import graphlib
import pathlib
import re
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Folder:
    may_include: tuple = ()  # other folders whose headers its files may include
    layers: str = ""  # its LAYERS file; without one the folder is a single layer
    cmake: str = ""  # the CMakeLists.txt that lists its .c files


LIBMLS_API = "libmls/include/mls"
VECTORS = "libmls/tools/vectors"
BENCH = "libmls/bench"
MOD_MLS_API = "mod_mls/include/mod_mls"
STROPHE = ("mod_mls/strophe", "mod_mls/strophe/include/mod_mls")

FOLDERS = {
    LIBMLS_API: Folder(),
    "libmls/src": Folder((LIBMLS_API,), "libmls/LAYERS", "libmls/CMakeLists.txt"),
    "libmls/tools": Folder((LIBMLS_API, "libmls/src", VECTORS), "", "libmls/tools/CMakeLists.txt"),
    "libmls/examples": Folder((LIBMLS_API,), "", "libmls/examples/CMakeLists.txt"),
    VECTORS: Folder((LIBMLS_API, "libmls/src"), f"{VECTORS}/LAYERS", "libmls/tools/CMakeLists.txt"),
    BENCH: Folder((LIBMLS_API, "libmls/src", "libmls/examples"), f"{BENCH}/LAYERS", f"{BENCH}/CMakeLists.txt"),
    MOD_MLS_API: Folder((LIBMLS_API,)),
    "mod_mls/src": Folder((LIBMLS_API, MOD_MLS_API), "mod_mls/LAYERS", "mod_mls/CMakeLists.txt"),
    STROPHE[1]: Folder((MOD_MLS_API,)),
    STROPHE[0]: Folder((MOD_MLS_API, STROPHE[1]), "mod_mls/strophe/LAYERS", "mod_mls/strophe/CMakeLists.txt"),
    "demo-client": Folder((MOD_MLS_API, *STROPHE), "demo-client/LAYERS", "demo-client/CMakeLists.txt"),
}

# Who may see a library's headers, itself or by a header of the project: pattern of the header, pattern of the file.
LIBRARIES = {
    r"sodium(\.h|/)": r"libmls/(src/engine_\w+\.[ch]|bench/primitives\.c)",
    r"openssl/": r"libmls/(src/engine_\w+\.[ch]|examples/office\.c|bench/primitives\.c)",
    r"(cjson/)?cJSON": r"libmls/(tools/|bench/report\.c)",
    r"expat": r"mod_mls/src/xml\w*\.[ch]",
    r"sqlite3": r"(mod_mls/src/store\w*|libmls/examples/sqlite_store|libmls/bench/database)\.[ch]",
    r"strophe\.h": r"(mod_mls/strophe|demo-client)/",
    r"(histedit\.h|(editline/)?readline)": r"demo-client/",
}

# Tests see everything, but each source must be listed.
TEST_PROGRAMS = {
    "tests/unit/*.c": "tests/unit/CMakeLists.txt",
    "tests/unit/mod_mls/*.c": "tests/unit/mod_mls/CMakeLists.txt",
    "tests/rules/*.c": "tests/rules/CMakeLists.txt",
    "tests/fuzz/fuzz_*.c": "tests/fuzz/CMakeLists.txt",
    "tests/crowd/*.c": "tests/crowd/CMakeLists.txt",
}

# Where the compiler looks for "…" and <…> after the file's own folder.
INCLUDE_PATHS = ("libmls/include", "libmls/src", "mod_mls/include", "mod_mls/src", "mod_mls/strophe/include",
                 "mod_mls/strophe", "libmls/examples")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


@dataclass(frozen=True)
class Include:
    file: pathlib.PurePosixPath
    line: int
    header: str
    target: pathlib.PurePosixPath | None  # of the project; None: a library's

    def complain(self, text):
        return f"{self.file}:{self.line}: {text}"


def sources(root, folder):
    """The .c and .h files that lie directly in a folder, as paths below the root."""
    found = [path for path in (root / folder).glob("*") if path.suffix in (".c", ".h")]
    return sorted(pathlib.PurePosixPath(path.relative_to(root)) for path in found)


def resolve(root, file, quote, header):
    """Finds the project's file that an include means, the way the compiler does."""
    own = [file.parent] if quote == '"' else []
    for folder in [*own, *map(pathlib.PurePosixPath, INCLUDE_PATHS)]:
        if (root / folder / header).is_file():
            path = (root / folder / header).resolve().relative_to(root)
            return pathlib.PurePosixPath(path)
    return None


def read_includes(root, file):
    lines = (root / file).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        if match := INCLUDE.match(line):
            quote, header = match.groups()
            yield Include(file, number, header, resolve(root, file, quote, header))


@dataclass(frozen=True)
class Place:
    height: int  # greater is higher
    layer: int  # its number in LAYERS; layers beside each other have one height
    line: int


def read_layers(path):
    """Reads a LAYERS file into stem -> Place."""
    places = {}
    height = layer = 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.split("#", 1)[0]
        if not text.strip():
            continue
        if not text[0].isspace():
            layer += 1
            height += not text.startswith("+")
        for stem in text.lstrip("+").split(":", 1)[-1].split():
            if stem in places:
                raise SystemExit(f"{path}:{number}: {stem} is listed twice")
            places[stem] = Place(height, layer, number)
    return places


def check_folder_borders(include, folder):
    target = str(include.target.parent)
    if target != str(include.file.parent) and target not in folder.may_include:
        yield include.complain(f"{include.file.parent} must not include {include.target}")


def check_layer(include, places):
    here, there = places.get(include.file.stem), places.get(include.target.stem)
    if include.target.parent != include.file.parent or None in (here, there):
        return
    if there.height > here.height:
        yield include.complain(f"{include.header} is of a higher layer")
    elif there.height == here.height and there.layer != here.layer:
        yield include.complain(f"{include.header} is of a layer that lies beside")


def headers_below(include, tree):
    """The names of all headers that an include lets its file see."""
    seen, todo = {include.header}, [include.target]
    done = set()
    while todo:
        file = todo.pop()
        if file is not None and file not in done:
            done.add(file)
            seen.update(below.header for below in tree.get(file, ()))
            todo.extend(below.target for below in tree.get(file, ()))
    return seen


def check_libraries(include, tree):
    for seen in sorted(headers_below(include, tree)):
        for header, users in LIBRARIES.items():
            if re.match(header, seen) and not re.match(users, str(include.file)):
                by = "" if seen == include.header else f", here by {include.header}"
                yield include.complain(f"only {users} may see {seen}{by}")


def check_circles(name, includes):
    """Files of one stem are one node: that a.c uses b.h and b.c uses a.h is a circle too."""
    users = {}
    for include in includes:
        inside = include.target is not None and include.target.parent == include.file.parent
        if inside and include.target.stem != include.file.stem:
            users.setdefault(include.target.stem, set()).add(include.file.stem)
    try:
        graphlib.TopologicalSorter(users).prepare()
    except graphlib.CycleError as error:
        yield f"{name}: includes in a circle: {' -> '.join(error.args[1])}"


def check_layers_list(name, folder, files, places):
    stems = {file.stem for file in files}
    for file in files:
        if file.stem not in places:
            yield f"{file}:1: {file.stem} is not in {folder.layers}"
    for stem in sorted(places.keys() - stems):
        yield f"{folder.layers}:{places[stem].line}: no file {stem}.c or {stem}.h in {name}"


def check_listed(root, file, cmake):
    """The list may leave out `test_` and the suffix."""
    name = str(file.relative_to(pathlib.PurePosixPath(cmake).parent))
    words = re.split(r"[\s()\"]+", (root / cmake).read_text(encoding="utf-8"))
    names = {name, name.removesuffix(".c"), name.removeprefix("test_").removesuffix(".c")}
    if file.suffix == ".c" and not names & set(words):
        yield f"{file}:1: not listed in {cmake}"


def check_folder(root, name, folder, tree):
    files = sources(root, name)
    includes = [include for file in files for include in tree[file]]
    places = {}
    if folder.layers and (root / folder.layers).is_file():
        places = read_layers(root / folder.layers)
        yield from check_layers_list(name, folder, files, places)
    elif folder.layers and files:
        yield f"{name}: there is no {folder.layers}"
    for include in includes:
        yield from check_libraries(include, tree)
        if include.target is not None:
            yield from check_folder_borders(include, folder)
            yield from check_layer(include, places)
    yield from check_circles(name, includes)
    for file in files if folder.cmake else ():
        yield from check_listed(root, file, folder.cmake)


def check_known_folders(root):
    for part in ("libmls", "mod_mls", "demo-client"):
        for path in sorted((root / part).rglob("*.[ch]")):
            file = path.relative_to(root)
            if str(file.parent) not in FOLDERS:
                yield f"{file}:1: {file.parent} is not in the FOLDERS of tests/layers/check_layers.py"


def check(root):
    root = root.resolve()
    yield from check_known_folders(root)
    tree = {file: list(read_includes(root, file)) for name in FOLDERS for file in sources(root, name)}
    for name, folder in FOLDERS.items():
        yield from check_folder(root, name, folder, tree)
    for pattern, cmake in TEST_PROGRAMS.items():
        for path in sorted(root.glob(pattern)):
            yield from check_listed(root, pathlib.PurePosixPath(path.relative_to(root)), cmake)


def main(arguments):
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).parents[2]
    violations = list(check(root))
    print("\n".join(violations) or "layers: includes go downward only")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
