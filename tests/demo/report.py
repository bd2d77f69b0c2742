"""What the demo prints: the conversation as it happens, and its checks."""

import os
import sys
import threading

COLOURS = {"alice": "35", "bob": "34", "carol": "33", "server": "2", "pass": "32", "fail": "31", "act": "1"}


class Report:
    """Counts checks; lines of several threads stay whole."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self._has_colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        self._lock = threading.Lock()

    def _paint(self, colour, text):
        return f"\033[{COLOURS[colour]}m{text}\033[0m" if self._has_colour and colour in COLOURS else text

    def _print(self, text):
        with self._lock:
            print(text, flush=True)

    def act(self, title):
        self._print("\n" + self._paint("act", f"== {title}"))

    def line(self, who, text):
        self._print(self._paint(who, f"{who:>6} | ") + text)

    def check(self, name, condition, detail=""):
        """One claim of the demo. `detail` says what was found instead."""
        if condition:
            self.passed += 1
            self._print(self._paint("pass", f"    ok | {name}"))
        else:
            self.failed += 1
            self._print(self._paint("fail", f"FAILED | {name}") + (f": {detail}" if detail else ""))
        return bool(condition)

    def event(self, client, event):
        """A client's event in a person's words; what a person would not look at is left out."""
        text = describe(event)
        if text:
            self.line(client.user, text)

    def summary(self):
        self._print(f"\ndemo: {self.passed} checks passed, {self.failed} failed")
        return 0 if self.failed == 0 and self.passed > 0 else 1


def name(jid):
    return (jid or "somebody").split("@")[0]


def describe(event):
    describer = DESCRIBERS.get(event.name)
    return describer(event) if describer else None


DESCRIBERS = {
    "connected": lambda event: "(connected)",
    "disconnected": lambda event: f"({event['text']})" if event["reason"] != "wanted" else "(offline)",
    "message": lambda event: f"\U0001F512 {name(event['from'])}: {event['text']}",
    "unencrypted": lambda event: f"NOT ENCRYPTED {event.get('nick')}: {event['text']}",
    "unreadable": lambda event: f"[cannot be read: {event['text']}]",
    "invitation": lambda event: f"(invited to '{event['name']}' by {name(event['inviter'])})",
    "joined": lambda event: f"(in the room: epoch {event['epoch']}, {event['devices']} devices)",
    "epoch": lambda event: f"(epoch {event['epoch']}, {event['devices']} devices)",
    "went-back": lambda event: f"(back to epoch {event['epoch']})",
    "member-added": lambda event: f"({name(event['account'])} added by {name(event.get('by'))})",
    "member-removed": lambda event: f"({name(event['account'])} removed by {name(event.get('by'))})",
    "left": lambda event: "(has left)",
    "member-left": lambda event: f"({name(event['account'])} left)",
    "removed": lambda event: f"(removed from the room by {name(event.get('by'))})",
    "warning": lambda event: f"(warning: {event['text']})",
    "error": lambda event: f"(error: {event['text']})",
    "room-unsafe": lambda event: f"(unsafe: {event['text']})",
}
