#!/usr/bin/env python3
"""mutate.py -- switches each check of libmls off in turn, and sees that a test named for its rule fails.

    mutate.py BUILD                 a build of the preset `mutate`
    mutate.py BUILD treekem.c:2     this check alone, with what its tests say

A check is a call of mls_check(), mls_refuse() or mls_codec_check() in libmls/src; switch.h says how it is
switched off. Of the test programs those are run that have a test of the rule. Closes with the number of checks
switched off and of those that no test missed.
"""
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

import rule_tests

SOURCES = os.path.join(rule_tests.TOP, "libmls", "src")
CHECK = re.compile(r"\bmls_(?:check|refuse|codec_check)\(")
NOT_SWITCHED = {"rule.c", "codec_check.c"}  # they define the checks
SECONDS = 30  # a check that is off may be what ends a loop


class Mutant:
    def __init__(self, file, number, line, rule, is_one_of):
        self.site = f"{file}:{number}"
        self.name = self.site + (f"@{rule}" if is_one_of else "")
        self.file, self.line, self.rule = file, line, rule

    def __str__(self):
        return f"{self.file}:{self.line} {self.rule} (MLS_RULE_OFF={self.name})"


def without_comments(text):
    """The same with spaces for comments, so that lines and columns stay."""
    return re.sub(r"/\*.*?\*/|//[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.S)


def arguments(text, start):
    """The text from `start` to the parenthesis that closes the call."""
    depth = 1
    for end in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        if depth == 0:
            return text[start:end]
    raise ValueError("a call that does not end")


def find_mutants():
    mutants = []
    for file in sorted(os.listdir(SOURCES)):
        if not file.endswith(".c") or file in NOT_SWITCHED:
            continue
        with open(os.path.join(SOURCES, file), encoding="utf-8") as source:
            text = without_comments(source.read())
        for number, call in enumerate(CHECK.finditer(text)):
            rules = re.findall(r"\bMLS_RULE_(\w+)", arguments(text, call.end()))
            line = text.count("\n", 0, call.start()) + 1
            if not rules:
                sys.exit(f"mutate: {file}:{line}: the check names no rule")
            mutants += [Mutant(file, number, line, rule, len(rules) > 1) for rule in rules]
    return mutants


def run(program, **switches):
    """The tests of a program that failed; a crash or a hang is of the test that was running."""
    environment = {**os.environ, "MLS_TEST_SEED": "1", **switches}
    return rule_tests.run(program, environment, SECONDS).failed


def killers(mutant, programs):
    """The tests of the rule that fail without the check."""
    rule = rule_tests.base_of(mutant.rule)
    for program, tests in programs.items():
        named = {test for test in tests if rule in rule_tests.rules_of(test)}
        if not named:
            continue
        found = named & set(run(program, MLS_RULE_OFF=mutant.name))
        if found:
            return sorted(found)
    return []


def trace(programs):
    """The checks that do not hold in some test, "file:number@rule" each; all tests have to pass."""
    with tempfile.NamedTemporaryFile("r", suffix=".trace") as file:
        for program in programs:
            failed = run(program, MLS_RULE_TRACE=file.name)
            if failed:
                sys.exit(f"mutate: {os.path.basename(program)} fails as it is: {' '.join(failed)}")
        return set(file.read().split())


def check_numbers(mutants, traced):
    """What this program takes for the n-th check of a file has to be what the compiler does."""
    known = {f"{mutant.site}@{mutant.rule}" for mutant in mutants}
    unknown = sorted(traced - known)
    if unknown:
        sys.exit("mutate: these checks are not where they are looked for: " + " ".join(unknown))


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    programs = rule_tests.programs(sys.argv[1])
    mutants = find_mutants()
    if len(sys.argv) == 3:
        mutants = [mutant for mutant in mutants if sys.argv[2] in (mutant.site, mutant.name)]
        for mutant in mutants:
            print(f"{mutant}: {' '.join(killers(mutant, programs)) or 'nobody misses it'}")
        return
    traced = trace(programs)
    check_numbers(mutants, traced)
    survivors = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for mutant, found in zip(mutants, pool.map(lambda m: killers(m, programs), mutants)):
            print(f"{mutant.file}:{mutant.line}".ljust(28), mutant.rule.ljust(16), found[0] if found else "SURVIVES")
            sys.stdout.flush()
            if not found:
                survivors.append(mutant)
    for mutant in survivors:
        reached = f"{mutant.site}@{mutant.rule}" in traced
        print(f"survivor: {mutant}:", "nobody misses it" if reached else "no test breaks the rule there")
    print(f"{len(mutants)} mutants, {len(survivors)} survivors")
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
