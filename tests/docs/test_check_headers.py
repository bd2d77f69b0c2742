#!/usr/bin/env python3
"""Plants gaps in the comments of headers, and sees that check_headers.py names each of them and no more."""

import pathlib
import tempfile
import unittest

from check_headers import check

HEADER = "libmls/include/mls/group.h"
STRANGER = "mod_mls/include/mod_mls/mod_mls.h"

CLEAN = """/* group.h -- groups. */
#ifndef MLS_GROUP_H
#define MLS_GROUP_H

/* A group. */
typedef struct mls_group mls_group_t;

/* How many. */
#define MLS_GROUP_MAX 4

/* Makes a group at `now` (seconds). The caller frees it. MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t mls_group_create(mls_group_t **out,
                                                   uint64_t now);
MLS_API void mls_group_free(mls_group_t *group); /* NULL is fine */
/* Writes it. The caller clears `*out`. MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t mls_group_info(const mls_group_t *group, mls_bytes_t *out);
/* As mls_group_info(), with the tree. */
MLS_API MLS_MUST_USE mls_status_t mls_group_info_with_tree(const mls_group_t *group, mls_bytes_t *out);

#endif
"""


def gaps(*changes, header=HEADER, text=CLEAN):
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    with tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name) / header
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
        return list(check(pathlib.Path(name)))


class CheckHeaders(unittest.TestCase):
    def assert_caught(self, line, complaint, *changes):
        self.assertEqual(gaps(*changes), [f"{HEADER}:{line}: {complaint}"])

    def test_complete_header__passes(self):
        self.assertEqual(gaps(), [])

    def test_header_of_another_name__is_caught(self):
        self.assert_caught(1, "does not begin with `/* group.h -- …`", ("/* group.h", "/* epoch.h"))

    def test_function_without_comment__is_caught(self):
        self.assert_caught(14, "mls_group_free has no comment", (" /* NULL is fine */", ""))

    def test_comment_of_the_function_before__does_not_count(self):
        self.assert_caught(17, "mls_group_info_with_tree has no comment",
                           ("/* As mls_group_info(), with the tree. */\n", ""))

    def test_comment_above_a_blank_line__does_not_count(self):
        self.assert_caught(7, "mls_group has no comment", ("/* A group. */\n", "/* A group. */\n\n"))

    def test_macro_without_comment__is_caught(self):
        self.assert_caught(8, "MLS_GROUP_MAX has no comment", ("/* How many. */\n", ""))

    def test_errors_that_are_not_named__are_caught(self):
        self.assert_caught(12, "mls_group_create does not name its errors", ("frees it. MLS_ERR_NOMEM.", "frees it."))

    def test_bytes_that_belong_to_nobody__are_caught(self):
        self.assert_caught(16, "mls_group_info does not say that the caller clears the bytes",
                           (" The caller clears `*out`.", ""))

    def test_object_that_belongs_to_nobody__is_caught(self):
        self.assert_caught(12, "mls_group_create does not say who frees the object", (" The caller frees it.", ""))

    def test_time_without_unit__is_caught(self):
        self.assert_caught(12, "mls_group_create does not say the unit of the time", (" (seconds)", ""))

    def test_mention_of_another_function__is_no_excuse(self):
        self.assert_caught(16, "mls_group_info does not name its errors",
                           ("`*out`. MLS_ERR_NOMEM.", "`*out`. See mls_group_create()."))

    def test_mod_mls__says_its_errors_by_events(self):
        text = CLEAN.replace("MLS_ERR_NOMEM", "").replace("group.h", "mod_mls.h")
        self.assertEqual(gaps(header=STRANGER, text=text), [])
        self.assertEqual(gaps((" /* NULL is fine */", ""), header=STRANGER, text=text),
                         [f"{STRANGER}:14: mls_group_free has no comment"])


if __name__ == "__main__":
    unittest.main()
