#!/usr/bin/env python3
"""generated.py PROGRAM SUITES [--write]: whether the files in generated/ beside this script pass, and mls-vectors
still makes them from their seed. SUITES are the cipher suites of its build, like 1,2,3. With --write it makes them
anew: for that the build must have all suites.

One line is one case, and is compared byte by byte. ECDSA signs differently each time: of the cases of its suites,
what is a signature or made of one is only looked for."""

import json
import pathlib
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path(__file__).parent / "generated"
SEED, CASES_OF_EACH_SUITE = 9420, 1
# They are large.
SUITES_OF = {"passive-client-random": {1, 2, 3}}

ECDSA_SUITES = {2, 5, 7}
SIGNED = {
    "crypto-basics": {"signature"},
    "message-protection": {"proposal_pub", "proposal_priv", "commit_pub", "commit_priv", "application_priv"},
    "welcome": {"key_package", "welcome"},
    "tree-operations": {"tree_before", "tree_hash_before", "proposal", "tree_after", "tree_hash_after"},
    "tree-validation": {"tree", "tree_hashes"},
    "treekem": {"ratchet_tree", "update_path", "tree_hash_after"},
    "passive-client-welcome": {"key_package", "welcome", "ratchet_tree", "initial_epoch_authenticator"},
    "passive-client-handling-commit": {"key_package", "welcome", "initial_epoch_authenticator", "epochs"},
    "passive-client-random": {"key_package", "welcome", "ratchet_tree", "initial_epoch_authenticator", "epochs"},
}


def suite_of(case):
    return json.loads(case).get("cipher_suite")


def cases(path, suites):
    """The lines that are cases of these suites, or of none."""
    lines = [line.rstrip(",") for line in path.read_text().splitlines()[1:-1]]
    return [line for line in lines if suite_of(line) in suites | {None}]


def without(node, names):
    """The same with nothing but the kind and number of what is below these names."""
    if isinstance(node, dict):
        return {name: shape(child) if name in names else without(child, names) for name, child in node.items()}
    return [without(child, names) for child in node] if isinstance(node, list) else node


def shape(node):
    if isinstance(node, dict):
        return {name: shape(child) for name, child in node.items()}
    return [shape(child) for child in node] if isinstance(node, list) else type(node).__name__


def equal(kind, a, b):
    if suite_of(a) not in ECDSA_SUITES:
        return a == b
    names = SIGNED.get(kind, set())
    return without(json.loads(a), names) == without(json.loads(b), names)


def generate(program, folder, suites):
    arguments = [argument for suite in sorted(suites) for argument in ("--suite", str(suite))]
    subprocess.run([program, "--generate", "--seed", str(SEED), "--cases", str(CASES_OF_EACH_SUITE), *arguments,
                    "--output", folder], check=True)


def compare(path, made, suites):
    """What is wrong with a file, if anything."""
    suites = suites & SUITES_OF.get(path.stem, suites)
    old, new = cases(path, suites), cases(made, suites)
    if len(old) != len(new):
        return f"{len(old)} cases, but {len(new)} are made"
    different = [number for number, (a, b) in enumerate(zip(old, new)) if not equal(path.stem, a, b)]
    return f"cases {different} are made differently" if different else ""


def verify(program, suites):
    """Whether every case passes that is of a suite of this build."""
    lines = [line for path in FOLDER.glob("*.json") for line in cases(path, set(range(1 << 16)))]
    num_skipped = sum(suite_of(line) not in suites | {None} for line in lines)
    expected = f"{len(lines) - num_skipped} passed, 0 failed, {num_skipped} skipped\n"
    output = subprocess.run([program, FOLDER], stdout=subprocess.PIPE, text=True, check=False).stdout
    print(output)
    if output.endswith(expected):
        return True
    print(f"expected: {expected}")
    return False


def check(program, suites):
    if not verify(program, suites):
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        generate(program, folder, suites)
        kinds, made_kinds = ({path.name for path in f.glob("*.json")} for f in (FOLDER, folder))
        wrong = [f"{kind}: is not both there and made" for kind in sorted(kinds ^ made_kinds)]
        for kind in sorted(kinds & made_kinds):
            text = compare(FOLDER / kind, folder / kind, suites)
            print(f"{kind}: {text or 'as it was'}")
            wrong += [kind] if text else []
    for line in wrong:
        print(f"wrong: {line}")
    if wrong:
        print(f"If that is as it should be: {sys.argv[0]} {program} 1,2,3,4,5,6,7 --write")
    return 1 if wrong else 0


def write(program, suites):
    FOLDER.mkdir(exist_ok=True)
    generate(program, FOLDER, suites)
    for kind, few in SUITES_OF.items():
        path = FOLDER / f"{kind}.json"
        path.write_text("[\n" + ",\n".join(cases(path, few)) + "\n]\n")


def main(program, suites, option=""):
    suites = {int(suite) for suite in suites.split(",")}
    if option == "--write":
        write(program, suites)
        return 0
    return check(program, suites)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
