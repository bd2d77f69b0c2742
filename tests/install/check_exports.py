#!/usr/bin/env python3
"""check_exports.py NM LIBRARY FOLDER: the library exports exactly what FOLDER's headers declare MLS_API."""

import pathlib
import re
import subprocess
import sys

# MLS_API, then anything up to the name before the first parenthesis; MLS_MUST_USE is no name.
DECLARATION = re.compile(r"^MLS_API\b[^;(]*?\b(\w+)\s*\(", re.MULTILINE)


def declared(folder):
    texts = (path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.h")))
    return {name for text in texts for name in DECLARATION.findall(text)}


def exported(nm, library):
    output = subprocess.run([nm, "--dynamic", "--defined-only", "--format=posix", library],
                            stdout=subprocess.PIPE, text=True, check=True).stdout
    return {line.split()[0] for line in output.splitlines()}


def main(nm, library, folder):
    public, found = declared(pathlib.Path(folder)), exported(nm, library)
    for name in sorted(public - found):
        print(f"declared and not exported: {name}")
    for name in sorted(found - public):
        print(f"exported and not declared: {name}")
    print(f"{len(public)} functions declared, {len(found)} symbols exported")
    return 0 if public and public == found else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
