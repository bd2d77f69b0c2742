"""One mls-chat process, driven through its script interface (demo-client/SCRIPTING.md)."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

import processes

FIELD = re.compile(r' ([a-z-]+)="((?:[^"\\]|\\.)*)"')
ESCAPE = re.compile(r'\\(?:u\{([0-9A-F]+)\}|x([0-9A-F]{2})|(.))')
PATIENCE_SECONDS = 60


class Unexpected(Exception):
    """What a client was waited for did not come."""


def unescape(text):
    def character(match):
        code_point, byte, other = match.groups()
        return chr(int(code_point or byte, 16)) if code_point or byte else "\n" if other == "n" else other
    return ESCAPE.sub(character, text)


class Event(dict):
    """A line of output: its name, and its fields as a dictionary."""

    def __init__(self, line):
        super().__init__((name, unescape(value)) for name, value in FIELD.findall(line))
        self.name = line.split(" ", 1)[0]
        self.line = line

    def matches(self, name, fields):
        return self.name == name and all(self.get(key.replace("_", "-")) == value for key, value in fields.items())


def last_will():
    """The start of a command line that ends with whoever started it, however that one ends."""
    return ["setpriv", "--pdeathsig=TERM"]


class ChatClient:
    """A person with a device: a data folder, and one process at a time on it."""

    def __init__(self, program, server, user, folder, options=(), on_event=None):
        self.user = user
        self.account = server.jid(user)
        self.data = pathlib.Path(folder) / user
        self.process = None
        self.events = []
        self.num_runs = 0
        self.pids = []
        self._program = program
        self._server = server
        self._options = list(options)
        self._on_event = on_event
        self._changed = threading.Condition()
        self._reader = None
        self.data.mkdir(mode=0o700)
        self._password_file = self.data / "password"
        self._write_password(server.password(user))

    @property
    def database(self):
        return self.data / "mls-chat" / self.account / "mls.sqlite"

    def _write_password(self, password):
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(password + "\n")

    def command_line(self, ca_file=None, password_file=None, options=()):
        return [str(self._program), "--server", self._server.host, "--port", str(self._server.port),
                "--ca-file", str(ca_file or self._server.ca_file),
                "--password-file", str(password_file or self._password_file), *self._options, *options, self.account]

    def environment(self):
        kept = ("PATH", "TERM", "LANG", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS")
        known = {name: os.environ[name] for name in kept if name in os.environ}
        return {**known, "HOME": str(self.data), "XDG_DATA_HOME": str(self.data)}

    def start(self):
        self.num_runs += 1
        with open(self.data / "stderr", "ab") as errors, processes.uninterrupted():
            self.process = subprocess.Popen([*last_will(), *self.command_line()], env=self.environment(),
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                                            start_new_session=True)
            self.pids.append(self.process.pid)
        self._reader = threading.Thread(target=self._read, args=(self.process, self.num_runs), daemon=True)
        self._reader.start()
        self.expect("ready")

    def run_once(self, lines="", **how):
        """A run apart from the conversation, to its end: (exit status, events, standard error)."""
        status, output, errors = processes.run([*last_will(), *self.command_line(**how)], lines, PATIENCE_SECONDS,
                                               env=self.environment(), stderr=subprocess.PIPE)
        return status, [Event(line) for line in output.splitlines()], errors

    def _read(self, process, run):
        for raw in process.stdout:
            event = Event(raw.decode().rstrip("\n"))
            event.run = run
            with self._changed:
                self.events.append(event)
                self._changed.notify_all()
            if self._on_event:
                self._on_event(self, event)
        with self._changed:
            self._changed.notify_all()

    def send(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def command(self, line, answer=None):
        """Sends a command, waits for its `done`, and returns the events of the name `answer` that came until then.

        Unexpected if the command failed."""
        begin = len(self.events)
        self.send(line)
        name = line.split(" ", 1)[0] if line.startswith("/") else "text"
        end = self._await(lambda event: event.name in ("done", "failed") and event.get("command") == name, begin,
                          PATIENCE_SECONDS, line)
        if end.name == "failed":
            raise Unexpected(f"{self.user}: {end.line}")
        return [event for event in self.events[begin:] if event.name == answer]

    def expect(self, name, timeout=PATIENCE_SECONDS, since=0, **fields):
        """The first event of this run with this name and these fields; waits for it."""
        return self._await(lambda event: event.run == self.num_runs and event.matches(name, fields), since, timeout,
                           f"{name} {fields}")

    def _await(self, is_wanted, begin, timeout, what):
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                for event in self.events[begin:]:
                    if is_wanted(event):
                        return event
                begin = len(self.events)
                left = deadline - time.monotonic()
                if left <= 0 or not self._reader.is_alive():
                    raise Unexpected(f"{self.user}: {what} has not come")
                self._changed.wait(min(left, 0.5))

    def position(self, event):
        return next(index for index, other in enumerate(self.events) if other is event)

    def find(self, name, **fields):
        return [event for event in list(self.events) if event.matches(name, fields)]

    def texts(self):
        """What this person has seen written, in order and as often as it was shown."""
        return [event["text"] for event in self.find("message")]

    def quit(self):
        """Ends as a person would, and returns the exit status."""
        self.send("/quit")
        return self._finish()

    def _finish(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            status = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self._reader.join(5)
        self.process.stdout.close()
        self.process = None
        return status

    def kill(self):
        """Ends as in a power cut."""
        self.process.kill()
        self._finish()

    def stop(self):
        """Ends in whatever state; for cleaning up."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        self._finish()

    def errors(self):
        path = self.data / "stderr"
        return path.read_text(errors="replace") if path.exists() else ""
