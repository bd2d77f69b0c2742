#!/usr/bin/env python3
"""An interrupted demo leaves no process and no folder, wherever it is."""

import pathlib
import signal
import sys
import unittest

sys.dont_write_bytecode = True
from leftovers import Sandbox  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv.pop(1))


class InterruptedTest(unittest.TestCase):
    def interrupt(self, mark, number):
        with Sandbox(PROGRAMS) as sandbox:
            sandbox.read_until(mark)
            self.assertTrue(sandbox.processes())
            self.assertTrue(sandbox.files())
            sandbox.process.send_signal(number)
            sandbox.process.stdout.read()
            self.assertNotEqual(sandbox.process.wait(30), 0)
            self.assertEqual(sandbox.processes(), [])
            self.assertEqual(sandbox.files(), [])

    def test_ctrl_c__as_soon_as_the_server_runs(self):
        self.interrupt("server | Prosody on", signal.SIGINT)

    def test_ctrl_c__in_the_conversation(self):
        self.interrupt("bob joins after accepting", signal.SIGINT)

    def test_sigterm__in_the_conversation(self):
        self.interrupt("bob joins after accepting", signal.SIGTERM)


if __name__ == "__main__":
    unittest.main()
