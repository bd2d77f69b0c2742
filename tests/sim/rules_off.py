#!/usr/bin/env python3
"""rules_off.py -- switches single checks of libmls off, and sees that the simulation finds the fault.

    rules_off.py PROGRAM RULE…      PROGRAM is the mls-sim of a build of the preset `mutate`

A rule may be checked in several places: one of them has to be missed. That nobody misses anything while all
checks are on is looked at first.
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rules"))
import mutate  # noqa: E402

SEEDS = "1..30"
SECONDS = 300


def first_fault(program, **switches):
    """The first fault that a run reports; None: there is none. A run that crashes has one, too."""
    environment = {name: value for name, value in os.environ.items() if name != "MLS_RULE_OFF"}
    result = subprocess.run([program, "--seeds", SEEDS, "--first"], env={**environment, **switches},
                            capture_output=True, text=True, timeout=SECONDS)
    if result.returncode == 0:
        return None
    return (result.stderr.splitlines() or [f"it ends with {result.returncode}"])[0]


def main():
    program, rules = sys.argv[1], sys.argv[2:]
    fault = first_fault(program)
    if fault is not None:
        sys.exit(f"with all checks on: {fault}")
    mutants = mutate.find_mutants()
    missed = []
    for rule in rules:
        faults = (first_fault(program, MLS_RULE_OFF=mutant.name) for mutant in mutants if mutant.rule == rule)
        fault = next((fault for fault in faults if fault is not None), None)
        print(f"{rule:6} {fault or 'NOT FOUND'}", flush=True)
        if fault is None:
            missed.append(rule)
    print(f"{len(rules)} rules switched off, {len(missed)} not found")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
