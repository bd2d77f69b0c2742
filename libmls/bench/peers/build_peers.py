#!/usr/bin/env python3
"""Finds or builds the drivers of the peers that mls-bench measures, below a build folder.

    build_peers.py BUILD_DIR [PEER…]

Prints one line for each peer: `peer NAME COMMAND`, where COMMAND is for sh, or `missing NAME REASON`. README.md says
what the drivers understand.
"""

import pathlib
import shlex
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "tests" / "interop"))
from peers import Missing, NotBuilt, OpenMls, TsMls  # noqa: E402


class FastOpenMls(OpenMls):
    """OpenMLS without drafts, built as libmls is: for any processor, of which the libraries find out at run time what
    it has. Not with link-time optimisation in one unit: that made Commits ten times as slow."""

    options = []
    environment = {"BENCH_BUILD": "for any processor"}  # the driver tells how it was built


def known_peers():
    return {"openmls": FastOpenMls(HERE / "openmls"), "ts-mls": TsMls(HERE / "ts-mls")}


def describe(name, peer, builds):
    try:
        command = peer.prepare(builds)
    except (Missing, NotBuilt) as reason:
        return f"missing {name} {reason}"
    return f"peer {name} {shlex.join(map(str, command))}"


def main(arguments):
    peers = known_peers()
    if not arguments or not set(arguments[1:]) <= set(peers):
        print(__doc__, file=sys.stderr)
        return 2
    builds = pathlib.Path(arguments[0]).resolve()
    for name in arguments[1:] or peers:
        print(describe(name, peers[name], builds), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
