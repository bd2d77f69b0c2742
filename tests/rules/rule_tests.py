"""rule_tests.py -- finding and running the tests that are named for rules.

Such a test is called rule_L7__..., or rule_L7_L8__... where it is of several rules, or rule_C3_SIZE__...
after an id of rule_table.h.
"""
import os
import re
import signal
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def base_of(rule):
    """The rule of an id in rule_table.h: L5 of L5_CREDENTIAL."""
    return rule.split("_")[0]


def rules_of(test):
    """The ids in the name of a test."""
    match = re.match(r"rule_([A-Z0-9_]+?)__", test)
    return [word for word in match.group(1).split("_") if re.fullmatch(r"[A-Z][0-9]+", word)] if match else []


class Result:
    def __init__(self, passed, failed, message=""):
        self.passed, self.failed, self.message = passed, failed, message


def run(program, environment=None, seconds=300):
    """Runs a test program. Where it crashes or hangs, the test that was running has failed."""
    process = subprocess.Popen([program], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True)
    try:
        output = process.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output = process.communicate()[0]
    text = output.decode("utf-8", "replace")
    started = re.findall(r"^\[ RUN      \] (\w+)", text, re.M)
    passed = re.findall(r"^\[       OK \] (\w+)", text, re.M)
    skipped = re.findall(r"^\[  SKIPPED \] (\w+)", text, re.M)
    return Result(passed, [test for test in started if test not in passed + skipped], text)


def find_programs(build):
    folder = os.path.join(build, "tests", "bin")
    return sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.startswith("test_"))


def programs(build):
    """Of each program that has tests of rules, their names."""
    found = {}
    for program in find_programs(build):
        with open(program, "rb") as file:
            names = set(re.findall(rb"\brule_[A-Z][0-9]\w*?__\w+", file.read()))
        tests = sorted(name.decode() for name in names)
        if tests:
            found[program] = tests
    return found
