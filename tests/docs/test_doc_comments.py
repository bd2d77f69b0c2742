#!/usr/bin/env python3
"""Tests docs/doc_comments.py, and that Doxygen complains about what is wrong in the comments of a header.

    test_doc_comments.py DOXYGEN      DOXYGEN: the program; empty: what needs it is skipped
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
sys.path.insert(0, str(DOCS))
from doc_comments import convert, convert_page  # noqa: E402

DOXYGEN = ""

HEADER = """/* bytes.h -- runs of bytes. */
#include <stddef.h>

/* What it all stands on. */

/* ---- copying ---------------------------------------------- */

/* Copies `in` as in RFC 9420, Section 2.1, or MLS_ERR_NOMEM. */
void mls_bytes_copy(int in); /* NULL is fine */

enum mls_status { MLS_ERR_NOMEM };
"""


class DocComments(unittest.TestCase):
    def test_comment_at_the_beginning__is_the_files(self):
        self.assertTrue(convert(HEADER).startswith("/** @file bytes.h @brief Runs of bytes. */\n"))

    def test_comment_above__is_the_declarations(self):
        self.assertIn("/** Copies `in` as in ", convert(HEADER))

    def test_comment_behind__is_of_what_stands_before(self):
        self.assertIn("copy(int in); /**< NULL is fine */", convert(HEADER))

    def test_comment_above_a_blank_line__is_left_alone(self):
        self.assertIn("/* What it all stands on. */", convert(HEADER))

    def test_comment_behind_a_struct_of_another_header__is_left_alone(self):
        self.assertIn("struct mls_x; /* x.h */", convert("struct mls_x; /* x.h */\n"))

    def test_title__begins_a_section_that_is_closed(self):
        text = convert(HEADER)
        self.assertIn("/** @name Copying */ /** @{ */", text)
        self.assertEqual(text.count("@{"), text.count("@}"))

    def test_names__become_links_outside_of_code_only(self):
        self.assertIn("or #MLS_ERR_NOMEM.", convert(HEADER))
        self.assertIn("/** #mls_group_t, #mls_x() `mls_y()` MLS_ERR_…*/",
                      convert("/* mls_group_t, mls_x() `mls_y()` MLS_ERR_…*/\nint x;\n"))

    def test_section_of_the_rfc__leads_to_its_text(self):
        self.assertIn('rfc9420.html#section-2.1">Section 2.1</a>, or', convert(HEADER))

    def test_markup__is_taken_for_text(self):
        self.assertIn(r"opaque x\<V\> `a<b>` 50 \% a\@b.example",
                      convert("/* opaque x<V> `a<b>` 50 % a@b.example */\nint x;\n"))

    def test_indented_lines__are_left_alone(self):
        text = "/* Like this:\n *\n *     mls_x(\"a@b\") -> <V>\n *\n * 50 %. */\nint x;\n"
        self.assertEqual(convert(text), text.replace("/*", "/**").replace("%", "\\%"))

    def test_lines__keep_their_numbers(self):
        for before, after in zip(HEADER.splitlines(), convert(HEADER).splitlines()):
            self.assertEqual(before.startswith("void"), after.startswith("void"))

    def test_names_on_a_page__become_links(self):
        self.assertEqual(convert_page("`mls_x()`, `MLS_ERR_NOMEM` and `x`"), "#mls_x(), #MLS_ERR_NOMEM and `x`")


class Reference(unittest.TestCase):
    """The settings of Doxyfile.in find faults in a header."""

    def complaints(self, header):
        if not DOXYGEN:
            self.skipTest("there is no doxygen")
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "bytes.h").write_text(header, encoding="utf-8")
            lines = (DOCS / "Doxyfile.in").read_text(encoding="utf-8").replace("\\\n", "").splitlines()
            settings = [line for line in lines if "@" not in line]
            settings += [f"INPUT = {folder}/bytes.h", f"OUTPUT_DIRECTORY = {folder}",
                         f'FILTER_PATTERNS = "*.h={sys.executable} -B {DOCS}/doc_comments.py"']
            run = subprocess.run([DOXYGEN, "-"], input="\n".join(settings), text=True, cwd=folder,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(run.returncode != 0, run.stdout != "")
            return run.stdout

    def test_good_header__has_no_complaint(self):
        self.assertEqual(self.complaints(HEADER), "")

    def test_name_that_is_not_there__is_caught(self):
        self.assertIn("bytes.h:8", self.complaints(HEADER.replace("or MLS_ERR_NOMEM", "or MLS_ERR_NOMEN")))
        self.assertIn("mls_bytes_move()", self.complaints(HEADER.replace("Copies", "As mls_bytes_move():")))


if __name__ == "__main__":
    DOXYGEN = sys.argv.pop(1)
    unittest.main()
