#!/usr/bin/env python3
"""check_rules.py -- rule, tests, result: is every rule of rules.txt tested, and are all tests of rules good?

    check_rules.py BUILD

Runs the programs in BUILD/tests/bin that have tests of rules, compares rules.txt with libmls/src/rule_table.h,
prints the table and closes with the number of rules, and of those that are not covered. A rule is covered by
tests that are named for it, all of which pass, and by one that keeps it; or by a reason why there is none.
"""
import concurrent.futures
import os
import re
import sys

import rule_tests

RULES = os.path.join(rule_tests.TOP, "tests", "rules", "rules.txt")
TABLE = os.path.join(rule_tests.TOP, "libmls", "src", "rule_table.h")
BUG = "B"  # these rules are what others have stumbled over: they have no check of their own


class Rule:
    def __init__(self, name, sections, text, good):
        self.name, self.sections, self.text, self.good = name, sections, text, good
        self.by, self.is_kept, self.reason = [], False, ""


def read_rules():
    rules, headings, good = {}, [], None
    with open(RULES, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            heading = re.fullmatch(r"\[([^:\]]+)(?:: (\w+) (\w+))?\]", line)
            rule = re.fullmatch(r"([A-Z][0-9]+) \(([^)]+)\) (\S.*)", line)
            field = re.fullmatch(r"    (good|by|kept|untested)(?: (\S.*))?", line)
            if not line or line.startswith("#"):
                continue
            if heading:
                good = heading.group(2, 3) if heading.group(2) else None
                headings.append((heading.group(1), []))
            elif rule and headings and rule.group(1) not in rules:
                last = Rule(*rule.groups(), good)
                rules[last.name] = last
                headings[-1][1].append(last)
            elif field and rules:
                name, value = field.groups()
                if name == "good":
                    last.good = tuple(value.split())
                elif name == "by":
                    last.by = value.split()
                elif name == "kept" and value is None:
                    last.is_kept = True
                elif name == "untested" and value:
                    last.reason = value
                else:
                    sys.exit(f"check_rules: rules.txt:{number}: {name} does not look like that")
            else:
                sys.exit(f"check_rules: rules.txt:{number}: neither a heading nor a new rule nor a field of one")
    return rules, headings


def read_table():
    """Of each rule that is checked, the sections that its checks name."""
    checks = {}
    with open(TABLE, encoding="utf-8") as file:
        for name, section in re.findall(r'^    RULE\((\w+), \w+, "([^"]+)"', file.read(), re.M):
            checks.setdefault(rule_tests.base_of(name), set()).add(section)
    return checks


def compare(rules, checks):
    """What is wrong with the list itself."""
    faults = [f"{name} is checked, and is no rule" for name in checks if name not in rules]
    for rule in rules.values():
        is_checked = rule.name in checks
        ways = [is_checked, bool(rule.by), rule.is_kept, bool(rule.reason), rule.name.startswith(BUG)]
        if sum(ways) != 1:
            faults.append(f"{rule.name} has to be one of: checked, by others, kept, untested, a bug of others")
        for section in checks.get(rule.name, set()):
            if section != rule.sections and section not in rule.sections.split(", "):
                faults.append(f"{rule.name} is checked with section {section}, and is from {rule.sections}")
        faults += [f"{rule.name} is by {name}, which nothing checks" for name in rule.by if name not in checks]
    return faults


def run_all(build, rules):
    """The results of all programs that have tests of rules, or that keep them: by program and test."""
    folder = os.path.join(build, "tests", "bin")
    wanted = {os.path.basename(program) for program in rule_tests.programs(build)}
    wanted |= {rule.good[0] for rule in rules.values() if rule.good}
    results = {}

    def run(name):
        program = os.path.join(folder, name)
        return name, rule_tests.run(program) if os.path.exists(program) else None

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, result in pool.map(run, sorted(wanted)):
            if result is None:
                print(f"check_rules: there is no program {name}")
                continue
            results.update({(name, test): True for test in result.passed})
            results.update({(name, test): False for test in result.failed})
            if result.failed:
                print(result.message)
    return results


def faults_of(rule, results):
    """Why the rule is not covered; nothing if it is."""
    tests = [key for key in results if rule.name in rule_tests.rules_of(key[1])]
    if rule.reason:
        return ["has tests, and a reason for none"] if tests else []
    faults = [] if tests else ["no test"]
    faults += [f"{test} fails" for program, test in tests if not results[program, test]]
    if not (rule.is_kept or rule.name.startswith(BUG)) and not results.get(rule.good):
        faults.append(f"{' '.join(rule.good)} does not pass" if rule.good else "no test keeps it")
    return faults


def show(rule, results, faults):
    tests = [key for key in results if rule.name in rule_tests.rules_of(key[1])]
    state = "NOT COVERED" if faults else "reason" if rule.reason else f"{len(tests)} passed"
    print(f"{rule.name:4} {state:12} ({rule.sections}) {rule.text}")
    for program, test in tests:
        print(f"{'':17} {'  ' if results[program, test] else '! '}{program}: {test}")
    if rule.reason:
        print(f"{'':19} {rule.reason}")
    for fault in faults:
        print(f"{'':17} ! {fault}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    rules, headings = read_rules()
    faults = compare(rules, read_table())
    results = run_all(sys.argv[1], rules)
    named = {name for key in results for name in rule_tests.rules_of(key[1])}
    faults += [f"there are tests of {name}, and no such rule" for name in sorted(named - set(rules))]
    num_uncovered = 0
    for heading, members in headings:
        print(f"\n{heading}")
        for rule in members:
            of_rule = faults_of(rule, results)
            num_uncovered += bool(of_rule)
            show(rule, results, of_rule)
    print()
    for fault in faults:
        print(f"check_rules: {fault}")
    print(f"{len(rules)} rules, {num_uncovered} uncovered")
    sys.exit(1 if faults or num_uncovered else 0)


if __name__ == "__main__":
    main()
