#!/usr/bin/env python3
"""`scripts/demo --interactive`, played by a program: three terminals, typed into and looked at."""

import pathlib
import re
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
from leftovers import Sandbox  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv.pop(1))
PATIENCE_SECONDS = 30
ALICE, BOB = "0", "1"


class Panes:
    def __init__(self, socket):
        self._socket = socket

    def tmux(self, *arguments):
        return subprocess.run(["tmux", "-S", self._socket, *arguments], capture_output=True, text=True,
                              check=True).stdout

    def type(self, pane, text, *keys):
        if text:
            self.tmux("send-keys", "-t", pane, "-l", text)
        for key in keys:
            self.tmux("send-keys", "-t", pane, key)

    def screen(self, pane):
        """What stands in the pane, with lines joined that are only wrapped."""
        return self.tmux("capture-pane", "-p", "-J", "-t", pane)

    def expect(self, pane, pattern):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            screen = self.screen(pane)
            if re.search(pattern, screen):
                return screen
            time.sleep(0.1)
        raise AssertionError(f"{pattern!r} does not come in pane {pane}:\n{screen}")


class InteractiveTest(unittest.TestCase):
    def test_three_terminals(self):
        with Sandbox(PROGRAMS, "--interactive", "--detached") as sandbox:
            socket = re.search(r"tmux=(\S+)", sandbox.read_until("tmux="))[1]
            self.play(Panes(socket))
            sandbox.process.stdout.read()
            self.assertEqual(sandbox.process.wait(30), 0)
            self.assertEqual(sandbox.processes(), [])
            self.assertEqual(sandbox.files(), [])

    def play(self, panes):
        for pane in "012":
            panes.expect(pane, "others can invite you now")
        self.make_room(panes)
        self.talk(panes)
        for pane in "210":
            panes.type(pane, "/quit", "Enter")

    def make_room(self, panes):
        panes.type(ALICE, "/cr", "Tab")  # completed
        panes.type(ALICE, "garden", "Enter")
        panes.expect(ALICE, r"garden is end-to-end encrypted")
        panes.type(ALICE, "/invite bob", "Enter")
        panes.expect(BOB, r"alice invites you to garden")
        panes.type(BOB, "/accept", "Enter")
        panes.expect(BOB, r"(?m)^garden \S+\d>")

    def talk(self, panes):
        panes.type(BOB, "half a senten")
        panes.type(ALICE, "hello from alice", "Enter")
        screen = panes.expect(BOB, "alice: hello from alice")
        self.assertRegex(screen, r"(?m)^garden \S+> half a senten", "what was being typed is still there")
        panes.type(BOB, "ce", "Enter")
        panes.expect(ALICE, "bob: half a sentence")
        panes.type(BOB, "", "Up")
        panes.expect(BOB, r"(?m)^garden \S+> half a sentence")
        panes.type(BOB, "", "C-u")


if __name__ == "__main__":
    unittest.main()
