#!/usr/bin/env python3
"""check_command_line.py PROGRAM: what mls-vectors does with good and bad arguments."""

import json
import pathlib
import subprocess
import sys
import tempfile


def run(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


BAD = (
    [],
    ["--unknown"],
    ["--generate"],
    ["--generate", "no-such-kind"],
    ["--generate", "welcome", "--suite", "0"],
    ["--generate", "welcome", "--suite", "3x"],
    ["--generate", "welcome", "--suite", "65539"],
    ["--generate", "welcome", "--seed", "-1"],
    ["--generate", "welcome", "--seed"],
    ["--generate", "welcome", "--seed", "18446744073709551616"],
    ["--generate", "welcome", "--cases", "0"],
    ["--generate", "welcome", "--output"],
    ["--generate", "welcome", "welcome"],
    ["--generate", "--seed", "1"],
)


def is_refused(program, arguments):
    status, out, err = run(program, *arguments)
    return status == 2 and not out and err


def not_failing(program, folder):
    """Arguments that are understood and come to nothing: those of them that do not end with status 1."""
    nothing, empty = folder / "nothing", folder / "empty"
    empty.mkdir()
    fruitless = (
        [nothing],
        [empty],
        ["--generate", "tree-math", "--output", nothing / "file"],
        ["--generate", "--output", nothing],
    )
    return [arguments for arguments in fruitless if run(program, *arguments)[0] != 1]


def check_sequences(program):
    """A case follows from the seed, its kind, its suite and its number, and from nothing else."""
    def made(*arguments):
        status, out, _ = run(program, "--generate", "psk_secret", "--suite", "3", *arguments)
        return json.loads(out) if status == 0 else None

    all_cases = made("--seed", "7")
    return (all_cases is not None and made("--seed", "0x7") == all_cases and made("--seed", "8") != all_cases
            and made("--seed", "7", "--cases", "2") == all_cases[:2] and made("--seed", "7", "--cases", "99") == all_cases
            and made("--seed", "7", "--suite", "0x0003") == all_cases * 2)


def main(program):
    wrong = []
    status, out, _ = run(program, "--help")
    if status != 0 or "passive-client-random" not in out:
        wrong.append("--help")
    with tempfile.TemporaryDirectory() as name:
        wrong += not_failing(program, pathlib.Path(name))
    wrong += [arguments for arguments in BAD if not is_refused(program, arguments)]
    if not check_sequences(program):
        wrong.append("sequences of cases")
    for arguments in wrong:
        print(f"wrong: {arguments}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
