"""Whether a program that was started in a folder of its own has left anything behind."""

import os
import pathlib
import subprocess
import sys
import tempfile

DEMO = pathlib.Path(__file__).resolve().parent / "demo.py"


class Sandbox:
    """Runs the demo with a temporary folder of its own: what names that folder is the demo's."""

    def __init__(self, programs, *options):
        self._folder = tempfile.TemporaryDirectory(prefix="mls-test-")
        self.path = pathlib.Path(self._folder.name)
        self.path.chmod(0o711)  # the server is somebody else's process and must get to its own folder
        environment = {**os.environ, "TMPDIR": str(self.path), "TERM": "xterm"}
        self.process = subprocess.Popen([sys.executable, "-B", str(DEMO), "--bin", str(programs), *options],
                                        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
        self.process.stdout.close()
        self._folder.cleanup()

    def read_until(self, mark):
        """The demo's output up to the line that holds the mark."""
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if mark in line:
                return "".join(lines)
        raise AssertionError(f"{mark!r} has not come:\n{''.join(lines)}")

    def files(self):
        return sorted(path.name for path in self.path.iterdir())

    def processes(self):
        """Command lines that name the folder, of processes that are not over."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                command = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            except OSError:  # it has ended meanwhile
                continue
            if str(self.path) in command:
                found.append(command)
        return found
