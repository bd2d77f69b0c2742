#!/usr/bin/env python3
"""doc_comments.py FILE: prints a public header, or a page in Markdown, as Doxygen wants it; Doxyfile.in calls it.

In the headers a comment is a plain one, and where it stands says what it is of:
  * `/* name.h -- …` at the beginning: of the file;
  * `/* ---- title ---- */`: the beginning of a section;
  * above a declaration: of it;
  * behind a declaration: of it;
  * above a blank line, or behind `struct name;`: of nothing, and left as it is.

Names of the libraries in a comment, and those in `…` on a page, become links, so that Doxygen complains about those
that do not exist. Sections of the RFC lead to its text. Lines keep their numbers.
"""

import pathlib
import re
import sys

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SECTION = re.compile(r"/\* -{3,} (.*?) -{3,} \*/")
FORWARD = re.compile(r"^struct \w+; *\Z", re.MULTILINE)
FILE = re.compile(r"/\* (\S+\.h) -- ")

# Left alone: `…`, and lines that are indented.
CODE = re.compile(r"(`[^`]*`|^ \* {5,}.*$)", re.MULTILINE)
NAME = re.compile(r"\b(MLS_[A-Z0-9]\w*\b(?!…)|MOD_MLS_[A-Z0-9]\w*\b(?!…)|(?:mod_)?mls_\w+_t\b|(?:mod_)?mls_\w+\(\))")
RFC = re.compile(r"RFC 9420,(\s+(?:\* )?)Section ([0-9.]*[0-9])")
RFC_LINK = r'RFC 9420,\1<a href="https://www.rfc-editor.org/rfc/rfc9420.html#section-\2">Section \2</a>'
MARKUP = re.compile(r"[<>@\\#%]")


def prose(text):
    text = MARKUP.sub(r"\\\g<0>", text)
    text = NAME.sub(r"#\1", text)
    return RFC.sub(RFC_LINK, text)


def doc(comment, opening="/**"):
    """The comment for Doxygen."""
    parts = CODE.split(comment.removeprefix("/*").removesuffix("*/"))
    return opening + "".join(part if at % 2 else prose(part) for at, part in enumerate(parts)) + "*/"


def convert(text):
    out, end, in_section = [], 0, False
    for match in COMMENT.finditer(text):
        comment, code = match.group(), text[end : match.start()]
        end = match.end()
        out.append(code)
        if start := FILE.match(comment):
            brief = comment[start.end() :]
            out.append(doc(f"{brief[0].upper()}{brief[1:]}", f"/** @file {start[1]} @brief "))
        elif title := SECTION.fullmatch(comment):
            out.append(("/** @} */ " if in_section else "") + f"/** @name {title[1].capitalize()} */ /** @{{ */")
            in_section = True
        elif FORWARD.search(code):
            out.append(comment)
        elif code.rpartition("\n")[2].strip():
            out.append(doc(comment, "/**<"))
        else:
            out.append(comment if text.startswith("\n\n", end) else doc(comment))
    return "".join(out) + text[end:] + ("/** @} */\n" if in_section else "")


def convert_page(text):
    return re.sub(f"`{NAME.pattern}`", r"#\1", text)


if __name__ == "__main__":
    path = pathlib.Path(sys.argv[1])
    text = path.read_text(encoding="utf-8")
    sys.stdout.write(convert_page(text) if path.suffix == ".md" else convert(text))
