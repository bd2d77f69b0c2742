#!/usr/bin/env python3
"""Plants one violation after the other in a tiny tree and shows that check_layers.py catches each of them."""

import pathlib
import tempfile
import unittest

import check_layers

SQLITE = check_layers.LIBRARIES["sqlite3"]

# Two layers of libmls and one of mod_mls, with nothing wrong.
CLEAN = {
    "libmls/LAYERS": "base: bytes codec\ngroup: group\n",
    "libmls/CMakeLists.txt": "set(S src/bytes.c src/codec.c\n  src/group.c)\n",
    "libmls/include/mls/mls.h": "",
    "libmls/src/bytes.h": '#include "mls/mls.h"\n',
    "libmls/src/bytes.c": '#include "bytes.h"\n#include <stdlib.h>\n',
    "libmls/src/codec.c": '#include "bytes.h"\n',
    "libmls/src/group.h": "",
    "libmls/src/group.c": '#include "group.h"\n#include "bytes.h"\n',
    "mod_mls/LAYERS": "xml\nstore_sqlite\n",
    "mod_mls/CMakeLists.txt": "set(S src/xml.c src/store_sqlite.c)\n",
    "mod_mls/src/xml.c": "#include <expat.h>\n#include <mls/mls.h>\n",
    "mod_mls/src/store_sqlite.c": "#include <sqlite3.h>\n",
}


def violations(changes):
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for path, text in {**CLEAN, **changes}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        return list(check_layers.check(root))


class CheckLayers(unittest.TestCase):
    def assert_caught(self, changes, *expected):
        self.assertEqual(violations(changes), list(expected))

    def test_clean_tree__passes(self):
        self.assert_caught({})

    def test_include_of_a_higher_layer__is_caught(self):
        self.assert_caught({"libmls/src/codec.c": '#include "bytes.h"\n#include "group.h"\n'},
                           "libmls/src/codec.c:2: group.h is of a higher layer")

    def test_layer_of_two_lines__is_one_layer(self):
        self.assert_caught({"libmls/LAYERS": "all: group\n     bytes codec\n"})

    def test_include_of_a_layer_beside__is_caught(self):
        self.assert_caught({"libmls/LAYERS": "base: bytes codec\n+ group: group\n"},
                           "libmls/src/group.c:2: bytes.h is of a layer that lies beside")

    def test_circle_in_a_layer__is_caught(self):
        found = violations({"libmls/src/codec.h": "", "libmls/src/bytes.c": '#include "codec.h"\n'})
        self.assertEqual(len(found), 1)
        self.assertRegex(found[0], "^libmls/src: includes in a circle: .*(bytes -> codec|codec -> bytes)")

    def test_file_without_a_layer__is_caught(self):
        self.assert_caught({"libmls/src/extra.h": ""}, "libmls/src/extra.h:1: extra is not in libmls/LAYERS")

    def test_folder_without_layers__is_caught(self):
        self.assert_caught({"demo-client/main.c": "", "demo-client/CMakeLists.txt": "set(S main.c)\n"},
                           "demo-client: there is no demo-client/LAYERS")

    def test_layer_without_a_file__is_caught(self):
        self.assert_caught({"libmls/LAYERS": "base: bytes codec gone\ngroup: group\n"},
                           "libmls/LAYERS:1: no file gone.c or gone.h in libmls/src")

    def test_file_that_is_not_compiled__is_caught(self):
        self.assert_caught({"libmls/CMakeLists.txt": "set(S src/bytes.c src/codec.c)\n"},
                           "libmls/src/group.c:1: not listed in libmls/CMakeLists.txt")

    def test_test_program_that_is_not_compiled__is_caught(self):
        self.assert_caught({"tests/unit/CMakeLists.txt": "", "tests/unit/test_bytes.c": ""},
                           "tests/unit/test_bytes.c:1: not listed in tests/unit/CMakeLists.txt")

    def test_folder_that_nobody_knows__is_caught(self):
        self.assert_caught({"libmls/extra/a.c": ""},
                           "libmls/extra/a.c:1: libmls/extra is not in the FOLDERS of tests/layers/check_layers.py")

    def test_libmls_that_sees_mod_mls__is_caught(self):
        self.assert_caught({"mod_mls/include/mod_mls/mod_mls.h": "",
                            "libmls/src/group.c": "#include <mod_mls/mod_mls.h>\n"},
                           "libmls/src/group.c:1: libmls/src must not include mod_mls/include/mod_mls/mod_mls.h")

    def test_mod_mls_that_sees_internals_of_libmls__is_caught(self):
        self.assert_caught({"mod_mls/src/xml.c": '#include "group.h"\n'},
                           "mod_mls/src/xml.c:1: mod_mls/src must not include libmls/src/group.h")

    def test_library_outside_of_its_files__is_caught(self):
        for library, header, file in (
                (r"sodium(\.h|/)", "sodium.h", "libmls/src/group.c"),
                (r"openssl/", "openssl/evp.h", "mod_mls/src/xml.c"),
                (r"expat", "expat.h", "mod_mls/src/store_sqlite.c"),
                (r"sqlite3", "sqlite3.h", "mod_mls/src/xml.c"),
                (r"strophe\.h", "strophe.h", "mod_mls/src/xml.c"),
                (r"(histedit\.h|(editline/)?readline)", "histedit.h", "mod_mls/src/xml.c")):
            with self.subTest(header=header):
                self.assert_caught({file: f"#include <{header}>\n"},
                                   f"{file}:1: only {check_layers.LIBRARIES[library]} may see {header}")

    def test_library_seen_by_another_header__is_caught(self):
        self.assert_caught({"mod_mls/LAYERS": "store\nstore_sqlite\nxml\n",
                            "mod_mls/src/store.h": "#include <sqlite3.h>\n",
                            "mod_mls/src/xml.c": '#include "store.h"\n'},
                           f"mod_mls/src/xml.c:1: only {SQLITE} may see sqlite3.h, here by store.h")


if __name__ == "__main__":
    unittest.main()
