#!/usr/bin/env python3
"""Tests mls-verify-evidence: test_verify_evidence.py PROGRAM FIXTURES

FIXTURES has evidence of version 1 of the format, as a libmls of that time has exported it, each file with the
key that it was signed with: whatever comes later must still say the same of it."""

import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

PROVED, NOT_PROVED, USAGE, NO_KEY = range(4)
NAMES = ("application", "commit", "external-proposal")


class VerifyEvidence(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.work = pathlib.Path(folder.name)

    def run_program(self, *arguments):
        done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, timeout=60, check=False)
        for byte in done.stdout:
            self.assertTrue(byte == 0x0A or 0x20 <= byte < 0x7F, "something speaks to the terminal")
        return done.returncode, done.stdout.decode("ascii"), done.stderr.decode()

    def write(self, content):
        path = self.work / "file"
        path.write_bytes(content)
        return path

    def test_evidence__is_proved_for_its_key(self):
        for name in NAMES:
            status, out, _ = self.run_program(evidence(name), key(name))
            self.assertEqual(status, PROVED, out)
            self.assertIn(key(name), out)
            self.assertIn("Proved", out)
            self.assertIn("Not proved", out)

    def test_application_message__is_shown_and_escaped(self):
        _, out, _ = self.run_program(evidence("application"), key("application"))
        self.assertIn('"hello \\x1b[31m\\"w\\xc3\\xb6rld\\"\\\\\\x0a"', out)
        self.assertIn("a member, at leaf 2", out)
        self.assertIn('claims to be        "member"', out)
        self.assertIn(b"a room".hex(), out)

    def test_key__is_read_as_hex_and_from_files(self):
        known = key("application")
        raw = bytes.fromhex(known)
        spaced = " ".join(known[i : i + 2] for i in range(0, len(known), 2))
        for given in (known.upper(), spaced, spaced.replace(" ", ":"), self.write(raw)):
            self.assertEqual(self.run_program(evidence("application"), given)[0], PROVED)
        self.assertEqual(self.run_program(evidence("application"), FIXTURES / "application.key")[0], PROVED)

    def test_other_key__is_refused(self):
        for given in (key("commit"), key("application")[:-2], "00"):
            status, out, _ = self.run_program(evidence("application"), given)
            self.assertEqual(status, NOT_PROVED)
            self.assertIn("NOT PROVED", out)

    def test_without_a_key__a_human_compares(self):
        for name in NAMES:
            status, out, _ = self.run_program(evidence(name))
            self.assertEqual(status, NO_KEY)
            self.assertIn(key(name), out)
            self.assertIn("Compare the key", out)

    def test_changed_evidence__is_refused(self):
        for name in NAMES:
            good = evidence(name).read_bytes()
            for _ in range(30):
                at = random.randrange(len(good))
                bad = bytearray(good)
                bad[at] ^= 1 << random.randrange(8)
                self.assertEqual(self.run_program(self.write(bad), key(name))[0], NOT_PROVED, f"byte {at}")
            for bad in (good[:-1], good + b"\0", b"", b"no evidence at all"):
                self.assertEqual(self.run_program(self.write(bad), key(name))[0], NOT_PROVED)

    def test_content__is_written_as_it_is(self):
        path = self.work / "content"
        status, _, _ = self.run_program("--content", path, evidence("application"), key("application"))
        self.assertEqual(status, PROVED)
        self.assertEqual(path.read_bytes(), 'hello \x1b[31m"wörld"\\\n'.encode())
        self.assertEqual(self.run_program("--content", path / "x", evidence("application"))[0], USAGE)

    def test_wrong_calls__say_so(self):
        good = evidence("application")
        for arguments in ((), ("--content", "x"), (good, key("application"), "more"), ("--what", good),
                          (self.work / "nowhere",), (good, "neither hex nor a file"), (good, "")):
            status, out, err = self.run_program(*arguments)
            self.assertEqual(status, USAGE)
            self.assertEqual(out, "")
            self.assertIn("mls-verify-evidence", err)


def evidence(name):
    return FIXTURES / f"{name}.evidence"


def key(name):
    return (FIXTURES / f"{name}.key").read_text().strip()


if __name__ == "__main__":
    PROGRAM, FIXTURES = sys.argv[1], pathlib.Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
