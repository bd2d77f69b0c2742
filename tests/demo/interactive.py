"""Three clients side by side in tmux, on a server of their own, for a person to play with."""

import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

from chat_client import ChatClient, last_will
from prosody import Prosody

HINT = ("Try: /create garden in the first pane, then /invite bob; /accept in the second. /help lists the commands. "
        "Ctrl-B and an arrow key go to another pane; the server ends when the last client does (/quit).")


class Tmux:
    """A tmux server of our own, which ends with us and leaves the user's sessions alone."""

    def __init__(self, folder):
        self.socket = str(pathlib.Path(folder) / "tmux")

    def run(self, *arguments, check=True):
        # Not inside of a session that the user may be in already.
        environment = {name: value for name, value in os.environ.items() if name != "TMUX"}
        return subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", *arguments], env=environment,
                              stdin=None if arguments[0] == "attach-session" else subprocess.DEVNULL,
                              capture_output=arguments[0] != "attach-session", text=True, check=check)

    def is_running(self):
        return self.run("has-session", check=False).returncode == 0

    def close(self):
        self.run("kill-server", check=False)


def pane_command(client):
    environment = [f"{name}={value}" for name, value in client.environment().items()]
    return shlex.join([*last_will(), "env", *environment, "TERM=screen-256color", *client.command_line()])


def open_panes(tmux, clients):
    first, *others = [pane_command(client) for client in clients]
    tmux.run("new-session", "-d", "-x", "180", "-y", "45", first)
    for command in others:
        tmux.run("split-window", "-h", command)
    tmux.run("select-layout", "even-horizontal")
    tmux.run("set-option", "-g", "mouse", "on")
    tmux.run("set-option", "-g", "status-left", "")
    tmux.run("set-option", "-g", "status-right-length", "150")
    tmux.run("set-option", "-g", "status-right", "/create garden | /invite bob | /accept | /help | /quit")
    tmux.run("set-option", "-g", "pane-border-status", "top")
    tmux.run("set-option", "-g", "pane-border-format", " #{pane_title} ")
    for index, client in enumerate(clients):
        tmux.run("select-pane", "-t", str(index), "-T", client.user)
    tmux.run("select-pane", "-t", "0")


def run(program, users, is_detached):
    if not is_detached and not (sys.stdin.isatty() and sys.stdout.isatty()):
        print("demo: --interactive needs a terminal", file=sys.stderr)
        return 2
    with Prosody(users) as server, tempfile.TemporaryDirectory(prefix="mls-demo-") as folder:
        clients = [ChatClient(program, server, user, folder) for user in users]
        tmux = Tmux(folder)
        try:
            open_panes(tmux, clients)
            print(f"tmux={tmux.socket}\n{HINT}" if is_detached else HINT, flush=True)
            if not is_detached:
                tmux.run("attach-session", check=False)
            while is_detached and tmux.is_running():
                time.sleep(0.2)
        except KeyboardInterrupt:
            pass
        finally:
            tmux.close()
    print("The server has stopped; nothing is left of it.")
    return 0
