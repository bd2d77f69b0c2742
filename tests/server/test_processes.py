#!/usr/bin/env python3
"""Whoever is interrupted knows which processes to stop."""

import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.dont_write_bytecode = True
import processes  # noqa: E402


class ProcessesTest(unittest.TestCase):
    def test_uninterrupted__ends_before_the_interruption(self):
        process = None
        with self.assertRaises(KeyboardInterrupt), processes.uninterrupted():
            signal.raise_signal(signal.SIGINT)
            process = subprocess.Popen(["sleep", "60"])
        process.kill()
        self.assertNotEqual(process.wait(), 0)

    def test_uninterrupted__gives_the_handlers_back(self):
        before = [signal.getsignal(number) for number in processes.STOPPING]
        with processes.uninterrupted():
            pass
        self.assertEqual([signal.getsignal(number) for number in processes.STOPPING], before)

    def test_run__interrupted_ends_what_it_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "pid"
            timer = threading.Timer(0.5, signal.pthread_kill, [threading.main_thread().ident, signal.SIGINT])
            timer.start()
            with self.assertRaises(KeyboardInterrupt):
                processes.run(["sh", "-c", f"echo $$ >{path}; exec sleep 60"])
            timer.join()
            self.assertFalse(pathlib.Path(f"/proc/{path.read_text().strip()}").exists())

    def test_run__gives_status_and_output(self):
        result = processes.run(["sh", "-c", "cat; echo b >&2; exit 3"], "a", stderr=subprocess.PIPE)
        self.assertEqual(result, (3, "a", "b\n"))

    def test_run__ends_what_takes_too_long(self):
        started = time.monotonic()
        with self.assertRaises(subprocess.TimeoutExpired):
            processes.run(["sleep", "60"], timeout=0.2)
        self.assertLess(time.monotonic() - started, 30)


if __name__ == "__main__":
    unittest.main()
