#!/usr/bin/env python3
"""libmls and other MLS libraries in the same groups: a matrix of operations, then random operations.

Ends with `interop: N passed, N failed, N n/a`. The exit status is 1 if something failed, and 77 if nothing failed but
a peer was missing."""

import argparse
import contextlib
import pathlib
import random
import sys
import traceback

sys.dont_write_bytecode = True
import random_group  # noqa: E402
from drivers import Client, Disagreement, Driver, Group, Refused  # noqa: E402
from operations import World, rows  # noqa: E402
from peers import FAULTS, HERE, Missing, NotBuilt, fault_behind, known_peers  # noqa: E402

SKIPPED = 77
SUITES = range(1, 8)
ROW_WIDTH = 50
ALL_PEERS = ("openmls", "ts-mls")


def read_options():
    build = HERE.parents[1] / "build" / "release"
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--libmls", type=pathlib.Path, default=build / "bin" / "libmls_driver", metavar="PROGRAM",
                        help="libmls's driver (default: the one in build/release)")
    parser.add_argument("--builds", type=pathlib.Path, default=build / "tests" / "interop", metavar="FOLDER",
                        help="where the drivers of the peers are built")
    parser.add_argument("--peer", action="append", choices=[*ALL_PEERS, "libmls"],
                        help="this peer (default: %(choices)s but libmls)")
    parser.add_argument("--suite", action="append", type=int, choices=SUITES, help="this cipher suite (default: all)")
    parser.add_argument("--only", choices=["matrix", "random"], help="this part")
    parser.add_argument("--row", default="", metavar="TEXT", help="rows of the matrix that have TEXT in them")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32),
                        help="of the random operations")
    parser.add_argument("--operations", type=int, default=200, help="how many random ones (default: %(default)s)")
    parser.add_argument("--trace", type=argparse.FileType("w"), metavar="FILE", help="gets all lines to and fro")
    return parser.parse_args()


class Results:
    """Counts cells, and keeps what is to be said about those that did not pass."""

    def __init__(self):
        self.passed = self.failed = self.not_applicable = 0
        self.failures = []
        self.reasons = []

    def passes(self):
        self.passed += 1
        return "pass"

    def fails(self, where, why):
        self.failed += 1
        self.failures.append(f"FAILED {where}: {why}")
        return "FAIL"

    def does_not_apply(self, reason):
        self.not_applicable += 1
        if reason not in self.reasons:
            self.reasons.append(reason)
        return f"n/a {chr(ord('a') + self.reasons.index(reason))}"

    def notes(self):
        for index, reason in enumerate(self.reasons):
            yield f"n/a {chr(ord('a') + index)}: {reason}"
        yield from self.failures

    def summary(self):
        return f"interop: {self.passed} passed, {self.failed} failed, {self.not_applicable} n/a"


class Column:
    """A peer with one cipher suite."""

    def __init__(self, libmls, peer, suite):
        self.libmls = libmls
        self.peer = peer
        self.suite = suite

    def run(self, row, operation, peer_acts, results):
        """One cell of the matrix."""
        actor, other = (self.peer, self.libmls) if peer_acts else (self.libmls, self.peer)
        where = f"{row}, {actor.name} → {other.name}, suite {self.suite}"
        world = World(self.suite, lambda is_acting, grease: Client(actor if is_acting else other, self.suite, grease))
        try:
            operation(world, Group)
            return results.passes()
        except Refused as refusal:
            fault = fault_behind(self.peer.name, row, refusal.text)
            if fault is not None:
                return results.does_not_apply(f"{fault.library} {fault.reason}")
            return results.fails(where, refusal)
        except Disagreement as disagreement:
            return results.fails(where, disagreement)
        except Exception:  # a fault of the test is one of this cell, and the other cells are still worth a look
            return results.fails(where, traceback.format_exc())
        finally:
            world.end()


def has_suite(driver, suite):
    """Whether a library has a cipher suite: it makes a client for it, and a KeyPackage. If not, says why."""
    try:
        client = Client(driver, suite)
        client.key_package()
        client.forget()
        return True
    except Refused as refusal:
        print(f"{driver.name} has no cipher suite {suite}: {refusal.text}")
        return False


def print_heading(columns, width):
    names = [column.peer.name if column.suite == min(other.suite for other in columns if other.peer is column.peer)
             else "" for column in columns]
    print(f"\n{'':{ROW_WIDTH + 9}}" + "".join(f"{name:<{width}}" for name in names))
    print(f"{'libmls acts (→ peer), the peer acts (← peer)':{ROW_WIDTH}} suite   "
          + "".join(f"{column.suite:<{width}}" for column in columns))


def run_matrix(columns, results, wanted):
    width = 6 if len(columns) > len({column.peer for column in columns}) else 9
    print_heading(columns, width)
    for row, operation in rows():
        if wanted not in row:
            continue
        for peer_acts in (False, True):
            print(f"{'' if peer_acts else row:{ROW_WIDTH}} {'←' if peer_acts else '→'} peer ", end="")
            for column in columns:
                print(f" {column.run(row, operation, peer_acts, results):<{width - 1}}", end="", flush=True)
            print()


def check_faults(columns, results):
    """What is listed as a fault of a peer has to be one still."""
    for fault in FAULTS:
        if fault.row and any(column.peer.name == fault.library for column in columns):
            if f"{fault.library} {fault.reason}" not in results.reasons:
                results.fails("peers.py", f"no longer true: {fault.library} {fault.reason}")


def run_random(drivers, suites, options, results):
    for suite in suites:
        print(f"\nrandom operations of {' and '.join(driver.name for driver in drivers)}, suite {suite}, "
              f"seed {options.seed}", flush=True)
        if random_group.run(drivers, suite, options.seed, options.operations, lambda text: print(f"    {text}")):
            results.passes()
        else:
            results.fails(f"random operations, suite {suite}", f"--only random --suite {suite} --seed {options.seed}")


def start_peers(names, options, results, stack):
    """Drivers of those peers that are here."""
    known = known_peers(options.libmls.resolve())
    for name in names:
        peer = known[name]
        try:
            driver = Driver(name, peer.prepare(options.builds.resolve()), options.trace)
            stack.callback(driver.stop)
            print(" ".join(driver.ask("library")))
            yield driver
        except Missing as missing:
            print(f"skipped: {name} {peer.version()} {missing}")
        except NotBuilt as not_built:
            results.fails(name, not_built)


def run(options, results, stack):
    """Whether all peers were there."""
    libmls = Driver("libmls", [options.libmls.resolve()], options.trace)
    stack.callback(libmls.stop)
    print(" ".join(libmls.ask("library")))
    names = options.peer or ALL_PEERS
    peers = list(start_peers(names, options, results, stack))
    suites = [suite for suite in options.suite or SUITES if has_suite(libmls, suite)]
    columns = [Column(libmls, peer, suite) for peer in peers for suite in suites if has_suite(peer, suite)]
    if columns and options.only != "random":
        run_matrix(columns, results, options.row)
        if not options.row:
            check_faults(columns, results)
    if peers and options.only != "matrix":
        common = [suite for suite in suites
                  if all(any((column.peer, column.suite) == (peer, suite) for column in columns) for peer in peers)]
        run_random([libmls, *peers], common, options, results)
    return len(peers) == len(names)


def main():
    options = read_options()
    results = Results()
    with contextlib.ExitStack() as stack:
        is_complete = run(options, results, stack)
    print()
    for note in results.notes():
        print(note)
    print(results.summary())
    if results.failed or (is_complete and not results.passed):
        return 1
    return 0 if is_complete else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
