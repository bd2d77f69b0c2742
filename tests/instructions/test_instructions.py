"""What is made of callgrind's profiles, on small ones that are written here."""

import collections
import contextlib
import io
import pathlib
import tempfile
import unittest
from unittest import mock

import callgrind
import check
import counts

# As callgrind writes it: names once, then their numbers; positions relative to the line before; the line after `calls`
# is what the callee cost, seen from the caller.
PROFILE = """\
# callgrind format
version: 1
creator: callgrind-3.19.0
pid: 1
cmd:  mls-bench --count
part: 3

desc: I1 cache:
desc: Timerange: Basic block 100 - 200
desc: Trigger: Client Request: save

positions: line
events: Ir
summary: 177

ob=(1) bin/mls-bench
fl=(1) ???
fn=(1) mls_group_save
0 20
cob=(2) lib/libsqlite3.so.0
cfi=(2) ???
cfn=(2) sqlite3_step
calls=2 0
0 100
cfn=(3) put_row
calls=1 +3
+0 57

fn=(3)
+0 30
* 7
calls=1 0
0 999
cfn=(4) put_row'2
calls=1 0
0 10

fn=(4)
0 10

ob=(2)
fn=(2)
0 100

ob=(1)
fn=(5) begin
0 3
"""


def count_of(instructions, allocated=100):
    return counts.Count(collections.Counter(instructions), allocated)


class ReadingTest(unittest.TestCase):
    def test_counts_each_function_without_what_it_calls(self):
        operation, instructions = callgrind.read(PROFILE)
        self.assertEqual(operation, "save")
        self.assertEqual(instructions, {("bin/mls-bench", "mls_group_save"): 20,
                                        ("bin/mls-bench", "put_row"): 47,
                                        ("lib/libsqlite3.so.0", "sqlite3_step"): 100,
                                        ("bin/mls-bench", "begin"): 3})

    def test_what_was_left_at_the_end_is_of_no_operation(self):
        operation, instructions = callgrind.read("desc: Trigger: Program termination\nevents: Ir\nsummary: 0\n")
        self.assertIsNone(operation)
        self.assertFalse(instructions)

    def test_own_functions_are_those_of_libmls(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "profile.1").write_text(PROFILE, encoding="utf-8")
            found = counts.read_profiles(folder, {"mls_group_save", "put_row", "sqlite3_step"})
        self.assertEqual(found, {"save": {"mls_group_save": 20, "put_row": 47}})

    def test_a_name_that_mls_bench_has_too_is_refused(self):
        defined = {"library": collections.Counter(["put", "put"]), "program": collections.Counter(["put", "put", "put"])}
        with mock.patch("counts.defined_functions", defined.get), self.assertRaisesRegex(SystemExit, "put"):
            counts.own_functions(counts.Build("", "program", "library", ""))

    def test_several_runs_are_averaged(self):
        found = counts.mean([count_of({"walk": 10, "hash": 5}, 100), count_of({"walk": 20}, 103)])
        self.assertEqual(found.functions, {"walk": 15, "hash": 2})
        self.assertEqual(found.allocated, 102)


class BaselineTest(unittest.TestCase):
    BASELINE = dict.fromkeys(check.BASELINE_OPERATIONS, 1000)

    def test_five_per_cent_are_tolerated(self):
        _, grown = check.compare_with_baseline({**self.BASELINE, "save": 1050}, self.BASELINE)
        self.assertEqual(grown, [])

    def test_more_fails(self):
        lines, grown = check.compare_with_baseline({**self.BASELINE, "save": 1051}, self.BASELINE)
        self.assertEqual(grown, ["save"])
        self.assertIn("too many", lines[-1])

    def test_fewer_is_said(self):
        lines, grown = check.compare_with_baseline({**self.BASELINE, "save": 949}, self.BASELINE)
        self.assertEqual(grown, [])
        self.assertIn("renewed", lines[-1])

    def test_another_compiler_is_skipped(self):
        build = counts.Build("another compiler", "", "", "")
        with self.assertRaisesRegex(counts.CannotCount, "another compiler"):
            check.check_baseline(build, renew=False)

    def test_without_valgrind_it_is_skipped(self):
        with self.assertRaisesRegex(counts.CannotCount, "no valgrind"):
            counts.count(counts.Build("", "", "", ""), 10, 1)


class GrowthTest(unittest.TestCase):
    SMALL = dict.fromkeys(check.GROWTH_OPERATIONS, count_of({"walk": 60, "hash": 40}))

    def compare(self, large):
        return check.compare_sizes(self.SMALL, {**self.SMALL, "save": large})[1]

    def test_half_as_much_again_is_tolerated(self):
        self.assertEqual(self.compare(count_of({"walk": 110, "hash": 40}, 150)), [])

    def test_more_instructions_fail(self):
        self.assertEqual(self.compare(count_of({"walk": 111, "hash": 40}, 100)), ["save"])

    def test_more_bytes_fail(self):
        self.assertEqual(self.compare(count_of({"walk": 60, "hash": 40}, 151)), ["save"])

    def test_who_has_grown_is_said(self):
        large = {**self.SMALL, "save": count_of({"walk": 160, "hash": 42})}
        with mock.patch("counts.count", side_effect=[self.SMALL, large]):
            with contextlib.redirect_stdout(io.StringIO()) as said:
                self.assertEqual(check.check_growth(None, 10, 1000), 1)
        self.assertRegex(said.getvalue(), r"(?s)save grows.*\+100 walk\n +\+2 hash\n")


if __name__ == "__main__":
    unittest.main()
