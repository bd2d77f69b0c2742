#!/usr/bin/env python3
"""check_headers.py [ROOT]: checks that the public headers say what somebody who calls them has to know.

    ROOT: the project's folder; without it the one that this script is in

Prints one line per gap, `file:line: what is missing`, and ends with status 1 if there is any. A comment is that of
the declaration below it, or of the one before it on the same line. What is checked:
  * each header, function, type and macro has one;
  * in libmls, that of a function that answers a status names the errors, that of one that puts out bytes or an
    object says whose they are, and that of one that takes a time says its unit. A comment that says "as mls_…()"
    may leave that to the other function.
"""

import pathlib
import re
import sys

LIBMLS = "libmls/include/mls"
FOLDERS = (LIBMLS, "mod_mls/include/mod_mls", "mod_mls/strophe/include/mod_mls")

FILE_COMMENT = re.compile(r"/\* (\S+) -- \S")
DECLARATION = re.compile(r"^(?:(?:MLS_API|static inline|typedef|enum)\b[^;{]*[;{]|#define\b.*$)", re.MULTILINE)
COMMENT_ABOVE = re.compile(r"/\*((?:(?!\*/).)*)\*/\n\Z", re.DOTALL)
COMMENT_BEHIND = re.compile(r"[^\S\n]*/\*((?:(?!\*/).)*)\*/", re.DOTALL)
GUARD = re.compile(r"#define \w+_H$|#define MLS_(API|MUST_USE)\b", re.MULTILINE)

# What a parameter or the result asks of the comment: pattern of the declaration, pattern of the comment, complaint.
NEEDS = (
    (r"\bmls_status_t\s+mls_\w+\(", r"MLS_ERR_", "does not name its errors"),
    (r"[(,]\s*mls_bytes_t \*", r"\bclears?\b|\bmakes it empty\b", "does not say that the caller clears the bytes"),
    (r"[(,]\s*mls_\w+_t \*\*", r"\bfrees?\b|\bbelongs\b", "does not say who frees the object"),
    (r"\buint64_t now\b", r"\bseconds\b", "does not say the unit of the time"),
)
OTHER_FUNCTION = re.compile(r"\b[Aa]s (?:in |for |by )?mls_\w+\(\)")


def comment_of(text, start, end):
    """The comment of the declaration between two positions, or None."""
    found = COMMENT_ABOVE.search(text, 0, start) or COMMENT_BEHIND.match(text, end)
    return " ".join(re.split(r"\s+(?:\* )?", found[1])) if found else None


def name_of(declaration):
    names = re.findall(r"\b(?:mod_)?mls_\w+\b(?=\()|\b(?:MOD_)?MLS_[A-Z]\w+|\b(?:mod_)?mls_\w+\b", declaration)
    calls = [name for name in names if f"{name}(" in declaration]
    return (calls or names or [declaration.split("\n")[0]])[0]


def gaps_of(declaration, comment, is_libmls):
    if comment is None:
        yield "has no comment"
    elif is_libmls and declaration.startswith("MLS_API"):
        for pattern, needed, complaint in NEEDS:
            is_said = re.search(needed, comment) or OTHER_FUNCTION.search(comment)
            if re.search(pattern, declaration) and not is_said:
                yield complaint


def check_header(name, text, is_libmls):
    file = name.rpartition("/")[2]
    start = FILE_COMMENT.match(text)
    if start is None or start[1] != file:
        yield f"{name}:1: does not begin with `/* {file} -- …`"
    for match in DECLARATION.finditer(text):
        if GUARD.match(match[0]):
            continue
        line = text.count("\n", 0, match.start()) + 1
        for gap in gaps_of(match[0], comment_of(text, match.start(), match.end()), is_libmls):
            yield f"{name}:{line}: {name_of(match[0])} {gap}"


def check(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).glob("*.h")):
            name = str(path.relative_to(root))
            yield from check_header(name, path.read_text(encoding="utf-8"), folder == LIBMLS)


def main(arguments):
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).parents[2]
    gaps = list(check(root.resolve()))
    print("\n".join(gaps) or "headers: everything has its comment")
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
