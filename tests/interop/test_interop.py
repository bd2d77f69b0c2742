#!/usr/bin/env python3
"""The runner finds what is wrong with a peer: here libmls itself, whose driver's answers are meddled with."""

import pathlib
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
import interop  # noqa: E402
import random_group  # noqa: E402
from drivers import Driver  # noqa: E402
from operations import rows  # noqa: E402

SUITE = 3  # the one that each build of libmls has

# What becomes of a driver's answer, given the command. None: the driver ends.
MEDDLING = {
    "nothing": lambda _command, answer: answer,
    "authenticator": lambda command, answer: flip(answer, 3) if command == "state" else answer,
    "roster": lambda command, answer: answer + " 99=somebody" if command == "state" else answer,
    "place": lambda command, answer: flip(answer, 2) if command == "state" else answer,
    "exporter": lambda command, answer: flip(answer, 1) if command == "export" else answer,
    "data": lambda command, answer: flip(answer, 2) if answer.startswith("ok application") else answer,
    "content": lambda command, answer: answer.replace("proposal", "commit") if command == "receive" else answer,
    "removed": lambda command, answer: answer.replace("removed", "commit") if command == "receive" else answer,
    "welcome": lambda command, answer: flip(answer, 2) if command == "commit" else answer,
    "commit": lambda command, answer: flip(answer, 1) if command == "commit" else answer,
    "message": lambda command, answer: flip(answer, 1) if command == "encrypt" else answer,
    "end": lambda command, answer: None if command == "receive" else answer,
    "refusal": lambda command, answer: "error No such thing" if command == "receive" else answer,
    "no_update": lambda command, answer: "unsupported no call makes the LeafNode of an Update"
    if command == "propose" else answer,
}

# Each kind of meddling, with a row of the matrix that it has to spoil.
SPOILED = {
    "authenticator": "join by Welcome, tree inside",
    "roster": "add by value, PublicMessage",
    "place": "add by value, PrivateMessage",
    "exporter": "update by value, PrivateMessage",
    "data": "application messages",
    "content": "add by reference, PublicMessage",
    "removed": "remove by value, PrivateMessage",
    "welcome": "join by Welcome, tree outside",
    "commit": "external PSK by value, PublicMessage",
    "message": "application messages out of order",
    "end": "application messages of the epoch before",
    "refusal": "external Commit, told by its own, tree inside",
    "no_update": "add by reference, PublicMessage",
}


def flip(answer, index):
    """Changes the last digit of one word."""
    words = answer.split(" ")
    if len(words) > index and words[0] == "ok" and words[index] != "-":
        words[index] = words[index][:-1] + ("1" if words[index][-1] == "0" else "0")
    return " ".join(words)


def meddle(kind, program):
    """Is a driver: hands lines to the real one and back."""
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as driver:
        for line in sys.stdin:
            driver.stdin.write(line)
            driver.stdin.flush()
            answer = MEDDLING[kind](line.split()[0], driver.stdout.readline().rstrip("\n"))
            if answer is None:
                break
            print(answer, flush=True)
        driver.stdin.close()


class InteropTest(unittest.TestCase):
    def setUp(self):
        self.results = interop.Results()
        self.libmls = self.driver("libmls", "nothing")

    def driver(self, name, kind):
        command = [DRIVER] if kind == "nothing" else [sys.executable, "-B", __file__, "--meddle", kind, DRIVER]
        driver = Driver(name, command)
        self.addCleanup(driver.stop)
        return driver

    def cells(self, kind, row, name="libmls"):
        """Both cells of a row."""
        column = interop.Column(self.libmls, self.driver(name, kind), SUITE)
        operation = dict(rows())[row]
        return [column.run(row, operation, peer_acts, self.results) for peer_acts in (False, True)]

    def test_each_row__passes_with_libmls_on_both_sides(self):
        for row, _ in rows():
            self.assertEqual(self.cells("nothing", row), ["pass", "pass"], (row, self.results.failures))

    def test_each_kind_of_meddling__fails_a_row(self):
        self.assertEqual(set(SPOILED) | {"nothing"}, set(MEDDLING))
        for kind, row in SPOILED.items():
            self.assertIn("FAIL", self.cells(kind, row), kind)

    def test_driver_that_ended__is_there_again_for_the_next_row(self):
        driver = self.driver("libmls", "end")
        column = interop.Column(self.libmls, driver, SUITE)
        operations = dict(rows())
        for row, cell in (("update by value, PublicMessage", "FAIL"), ("join by Welcome, tree inside", "FAIL")):
            self.assertEqual(column.run(row, operations[row], False, self.results), cell)
        self.assertTrue(all("has ended" in failure for failure in self.results.failures))

    def test_known_fault__is_not_applicable_in_its_rows_alone(self):
        self.assertEqual(self.cells("no_update", "update by reference, PublicMessage", "ts-mls"), ["pass", "n/a a"])
        self.assertEqual(self.cells("no_update", "add by reference, PublicMessage", "ts-mls"), ["pass", "FAIL"])
        self.assertEqual(self.cells("no_update", "update by reference, PublicMessage", "openmls"), ["pass", "FAIL"])
        self.assertEqual(self.results.summary(), "interop: 3 passed, 2 failed, 1 n/a")

    def test_fault_that_does_not_show__fails(self):
        column = interop.Column(self.libmls, self.driver("ts-mls", "nothing"), SUITE)
        interop.check_faults([column], self.results)
        self.assertGreater(self.results.failed, 0)
        self.assertIn("no longer true: ts-mls cannot send Update proposals", self.results.failures[0])

    def test_random_operations__pass_and_are_the_same_for_the_same_seed(self):
        reports = []
        for _ in range(2):
            drivers = [self.libmls, self.driver("libmls", "nothing")]
            self.assertTrue(random_group.run(drivers, SUITE, 5, 60, reports.append), reports)
        self.assertEqual(reports[0], reports[1])
        self.assertIn("to 32 members", reports[0])

    def test_random_operations__fail_where_members_disagree(self):
        for kind in ("authenticator", "exporter", "data", "end"):
            drivers = [self.libmls, self.driver("libmls", kind)]
            self.assertFalse(random_group.run(drivers, SUITE, 5, 20, lambda _text: None), kind)


if __name__ == "__main__":
    if sys.argv[1] == "--meddle":
        meddle(*sys.argv[2:])
        sys.exit()
    DRIVER = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
