"""libmls' own instructions: as many as ever, and no more of them in large groups.

    python3 -B check.py BUILD baseline           compares them in a group of 1,000 with baseline.json
    python3 -B check.py BUILD baseline --renew   writes what there is now into baseline.json
    python3 -B check.py BUILD growth SMALL LARGE compares a group of SMALL members with one of LARGE

BUILD is a folder like build/release. What the crypto libraries, the allocator and SQLite spend is not counted here. Ends
with 77, and says why, where nothing can be compared.
"""

import argparse
import json
import pathlib
import sys

import counts

BASELINE = pathlib.Path(__file__).with_name("baseline.json")
BASELINE_MEMBERS = 1000
BASELINE_RUNS = 8
BASELINE_OPERATIONS = ("join", "cold-commit-create", "cold-commit-process", "warm-commit-create", "warm-commit-process",
                       "warm-add-process", "warm-remove-process", "encrypt-100", "decrypt-100", "save")
TOLERANCE = 5  # per cent
GROWTH_OPERATIONS = ("warm-commit-create", "warm-commit-process", "warm-add-process", "warm-remove-create",
                     "warm-remove-process", "encrypt-100", "decrypt-100", "save")
GROWTH = 1.5
GROWTH_RUNS = 3
SKIPPED = 77


# ---- baseline ------------------------------------------------------------------------------------------------------


def verdict_on(now, before):
    """Whether that is too many instructions, and what is to be said of it."""
    more = now - before
    text = f"{before:12,} {now:12,} {100 * more / before:+6.1f} %"
    if 100 * more > TOLERANCE * before:
        return True, text + "  too many"
    return False, text + ("  fewer: the baseline wants to be renewed" if -100 * more > TOLERANCE * before else "")


def compare_with_baseline(found, baseline):
    """The lines of a table, and the operations that have grown."""
    lines, grown = [], []
    for operation in BASELINE_OPERATIONS:
        too_many, text = verdict_on(found[operation], baseline[operation])
        lines.append(f"{operation:20} {text}")
        if too_many:
            grown.append(operation)
    return lines, grown


def check_baseline(build, renew):
    baselines = json.loads(BASELINE.read_text(encoding="utf-8"))
    if not renew and build.compiler not in baselines:
        raise counts.CannotCount(f"there is no baseline of {build.compiler}, but of: {'; '.join(baselines)}")
    counted = counts.count(build, BASELINE_MEMBERS, BASELINE_RUNS)
    found = {operation: counted[operation].instructions for operation in BASELINE_OPERATIONS}
    if renew:
        baselines[build.compiler] = found
        BASELINE.write_text(json.dumps(baselines, indent=4) + "\n", encoding="utf-8")
        return 0
    lines, grown = compare_with_baseline(found, baselines[build.compiler])
    print(f"libmls' own instructions, by {build.compiler}: in the baseline, now", *lines, sep="\n")
    if grown:
        print(f"more than {TOLERANCE} % above the baseline: {', '.join(grown)}. If it has to be:",
              "    python3 -B tests/instructions/check.py build/release baseline --renew", sep="\n")
    return 1 if grown else 0


# ---- growth --------------------------------------------------------------------------------------------------------


def most_grown(small, large, how_many=6):
    """The functions whose instructions have grown most, and by how many."""
    return (large - small).most_common(how_many)


def compare_sizes(small, large):
    """The lines of a table, and the operations that grow too much."""
    lines, grown = [], []
    for operation in GROWTH_OPERATIONS:
        few, many = small[operation], large[operation]
        instructions = many.instructions / few.instructions
        allocated = many.allocated / few.allocated
        lines.append(f"{operation:20} {few.instructions:10,} {many.instructions:10,} {instructions:5.2f}"
                     f" {few.allocated:10,} {many.allocated:10,} {allocated:5.2f}")
        if max(instructions, allocated) > GROWTH:
            grown.append(operation)
    return lines, grown


def check_growth(build, small_members, large_members):
    small = counts.count(build, small_members, GROWTH_RUNS, warm_only=True)
    large = counts.count(build, large_members, GROWTH_RUNS, warm_only=True)
    lines, grown = compare_sizes(small, large)
    print(f"In groups of {small_members:,} and {large_members:,}: libmls' own instructions, and the bytes it allocates",
          *lines, sep="\n")
    for operation in grown:
        print(f"{operation} grows to more than {GROWTH} times as much. What has grown most:")
        for function, more in most_grown(small[operation].functions, large[operation].functions):
            print(f"    {more:+10,} {function}")
    return 1 if grown else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("baseline").add_argument("--renew", action="store_true")
    growth = what.add_parser("growth")
    growth.add_argument("small", type=int)
    growth.add_argument("large", type=int)
    arguments = parser.parse_args()
    try:
        build = counts.Build.of(arguments.build)
        if arguments.what == "baseline":
            return check_baseline(build, arguments.renew)
        return check_growth(build, arguments.small, arguments.large)
    except counts.CannotCount as reason:
        print(f"skipped: {reason}")
        return SKIPPED


if __name__ == "__main__":
    sys.exit(main())
