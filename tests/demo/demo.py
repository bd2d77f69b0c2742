#!/usr/bin/env python3
"""The demo: three people chat through a real server of their own, and everything about it is checked.

`scripts/demo` builds first and then runs this. Ends with `demo: N checks passed, N failed`; the exit status is 0
if none failed. Whatever it started it also stops, when it is interrupted, too."""

import argparse
import contextlib
import pathlib
import socket
import sys
import tempfile
import traceback

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "server"))

import interactive  # noqa: E402
import refusals  # noqa: E402
import server_disk  # noqa: E402
from chat_client import ChatClient, Unexpected  # noqa: E402
from conversation import Conversation  # noqa: E402
from prosody import Prosody, stop_on_signals  # noqa: E402
from report import Report  # noqa: E402

USERS = ("alice", "bob", "carol")
# As shipped, a joiner renews its keys within a day. Here it does so while we watch.
OPTIONS = ("--join-commit-delay", "1", "--keep-membership")


def main():
    options = read_options()
    stop_on_signals()
    if options.interactive:
        return interactive.run(options.bin / "mls-chat", USERS, options.detached)
    report = Report()
    try:
        run(report, options.bin)
    except KeyboardInterrupt:
        print("\ndemo: interrupted, everything is stopped")
        return 130
    return report.summary()


def read_options():
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--interactive", action="store_true",
                        help="leave the server running and open the three clients side by side in tmux")
    parser.add_argument("--detached", action="store_true", help="with --interactive: do not attach to tmux")
    parser.add_argument("--bin", type=pathlib.Path, default=HERE.parents[1] / "build" / "release" / "bin",
                        help="where mls-chat and find_private_keys are (default: build/release/bin)")
    return parser.parse_args()


def run(report, programs):
    left = {}
    try:
        converse(report, programs, left)
    except Unexpected as unexpected:
        report.check("the conversation went to its end", False, unexpected)
    except Exception:  # a fault of the demo is a failure, too, and must not hide what was left behind
        report.check("the demo itself is in order", False, traceback.format_exc())
    report.act("Afterwards")
    check_nothing_left(report, **left)


def converse(report, programs, left):
    with Prosody(USERS) as server, tempfile.TemporaryDirectory(prefix="mls-demo-") as folder, \
            contextlib.ExitStack() as stack:
        left.update(folders=[server.folder, pathlib.Path(folder)], address=(server.host, server.port),
                    processes=[server.process.pid])
        report.line("server", f"Prosody on {server.host}:{server.port}, for this run only")
        people = [ChatClient(programs / "mls-chat", server, user, folder, OPTIONS, report.event) for user in USERS]
        for person in people:
            stack.callback(person.stop)
        stack.callback(lambda: left["processes"].extend(pid for person in people for pid in person.pids))
        conversation = Conversation(server, report, *people)
        refusals.check_alone(report, people[0])
        converse_or_explain(report, conversation, server)
        server.stop()
        server_disk.check(report, server, conversation, programs / "find_private_keys")


def converse_or_explain(report, conversation, server):
    try:
        conversation.run()
    except Exception:
        for person in conversation.people:
            for event in person.events[-12:]:
                report.line(person.user, f"  {event.line}")
            report.line(person.user, f"  {person.errors()}")
        report.line("server", server.log[-2000:])
        raise


def check_nothing_left(report, folders=(), address=None, processes=()):
    report.check("no folder is left", not any(folder.exists() for folder in folders))
    report.check("no port is left open", address is None or not is_open(address))
    report.check("no process is left", not any(pathlib.Path(f"/proc/{pid}").exists() for pid in processes))


def is_open(address):
    with contextlib.suppress(OSError), socket.create_connection(address, timeout=1):
        return True
    return False


if __name__ == "__main__":
    sys.exit(main())
