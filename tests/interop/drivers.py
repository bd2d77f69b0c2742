"""The drivers' processes, the clients in them, and a group of clients of several libraries."""

import contextlib
import itertools
import os
import pathlib
import selectors
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "server"))
from processes import uninterrupted  # noqa: E402

TIMEOUT = 120  # seconds for one answer
EXPORT_LENGTH = 48  # bytes; more than one hash of some suites, less than one of others


class Refused(Exception):
    """A library has refused something, or its driver has ended."""

    def __init__(self, library, command, text):
        super().__init__(f"{command} of {library}: {text}")
        self.library = library
        self.text = text


class Unsupported(Refused):
    """A library has no such function."""


class Disagreement(Exception):
    """Members of a group are not in the same state."""


class Driver:
    """A library behind the line protocol. The process starts with the first command, and again after it ended."""

    def __init__(self, name, command, trace=None):
        self.name = name
        self._command = command
        self._trace = trace
        self._process = None
        self._selector = None
        self._input = b""

    def _start(self):
        with uninterrupted():
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._input = b""
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._process.stdout, selectors.EVENT_READ)

    def stop(self):
        if self._process is None:
            return
        process, self._process = self._process, None
        self._selector.close()
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    def _note(self, direction, line):
        if self._trace is not None:
            print(f"{self.name} {direction} {line}", file=self._trace, flush=True)

    def _exchange(self, line):
        """The answer to a line; None if the process has ended, or says nothing."""
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            return None
        while b"\n" not in self._input:
            if not self._selector.select(TIMEOUT):
                return None
            data = os.read(self._process.stdout.fileno(), 1 << 16)
            if not data:
                return None
            self._input += data
        answer, _, self._input = self._input.partition(b"\n")
        return answer.decode(errors="replace")

    def ask(self, *words):
        """Has a command carried out; the words of the answer after `ok`."""
        if self._process is None:
            self._start()
        line = " ".join(str(word) for word in words)
        self._note("<", line)
        answer = self._exchange(line)
        self._note(">", answer)
        if answer is None:
            self._process.kill()
            self.stop()
            raise Refused(self.name, words[0], "no answer: its driver has ended, or hangs")
        kind, _, rest = answer.partition(" ")
        if kind == "ok":
            return rest.split()
        raise (Unsupported if kind == "unsupported" else Refused)(self.name, words[0], rest)


class State:
    """What a client says of its group's epoch."""

    def __init__(self, epoch, own_leaf, authenticator, *members):
        self.epoch = int(epoch)
        self.own_leaf = int(own_leaf)
        self.authenticator = authenticator
        self.leaves = {}  # by the members' names
        for member in members:
            leaf, _, name = member.partition("=")
            self.leaves[name] = int(leaf)


class Client:
    """A client that one of the drivers keeps."""

    _numbers = itertools.count(1)

    def __init__(self, driver, suite, grease=False):
        self.driver = driver
        self.library = driver.name
        self.name = f"{driver.name}{next(self._numbers)}"
        driver.ask("client", self.name, suite, *(["grease"] if grease else []))

    def __repr__(self):
        return self.name

    def ask(self, command, *words):
        return self.driver.ask(command, self.name, *words)

    def ask_one(self, command, *words):
        (answer,) = self.ask(command, *words)
        return answer

    def state(self):
        return State(*self.ask("state"))

    def key_package(self):
        return self.ask_one("key_package")

    def forget(self):
        with contextlib.suppress(Refused):  # with a driver that has ended, it is forgotten
            self.ask("forget")


def as_hex(data):
    return data.hex() if data else "-"


class Group:
    """A group, and the Delivery Service between its members: everything arrives, and in order."""

    def __init__(self, creator):
        self.id = as_hex(f"group of {creator}".encode())
        creator.ask("create", self.id)
        self.members = [creator]

    def others(self, client):
        return [member for member in self.members if member is not client]

    def leaf(self, client):
        return client.state().own_leaf

    def deliver(self, sender, message, expected):
        """Hands a message to all other members; each has to answer as expected."""
        for member in self.others(sender):
            self.hand(member, message, expected)

    def hand(self, member, message, *expected):
        answer = member.ask("receive", message)
        if answer != list(expected):
            raise Disagreement(f"{member} takes for {' '.join(answer)} what is {' '.join(expected)}")

    def propose(self, proposer, form, *proposal):
        """Has a member send a Proposal to all others."""
        self.deliver(proposer, proposer.ask_one("propose", form, *proposal), "proposal")

    def commit(self, committer, form="private", proposals=(), joiners=(), removed=(), tree="tree"):
        """Has a member commit what was proposed and these proposals by value. All others follow, the joiners
        join by the Welcome, with the tree in it or ("bare") beside it."""
        words = [word for proposal in proposals for word in proposal]
        commit, welcome = committer.ask("commit", form, tree, *words)
        if (welcome == "-") != (not joiners):
            raise Disagreement(f"{committer} makes a Welcome for nobody, or none")
        for member in self.others(committer):
            self.hand(member, commit, "removed" if member in removed else "commit")
        committer.ask("merge")
        self.members = [member for member in self.members if member not in removed]
        tree_beside = committer.ask_one("tree") if tree == "bare" and joiners else "-"
        for joiner in joiners:
            self.join(joiner, welcome, tree_beside)

    def join(self, joiner, welcome, tree):
        joiner.ask("join", welcome, tree)
        self.members.append(joiner)

    def add(self, adder, *joiners, form="private", tree="tree"):
        """Has a member add clients, by value."""
        proposals = [("add", joiner.key_package()) for joiner in joiners]
        self.commit(adder, form, proposals, joiners, tree=tree)

    def remove(self, remover, *removed, form="private"):
        """Has a member remove others, by value."""
        leaves = remover.state().leaves
        self.commit(remover, form, [("remove", leaves[client.name]) for client in removed], removed=removed)

    def join_external(self, joiner, informer, tree="tree", resync=False):
        """Has a client join by an external Commit, with what a member tells of the group. With `resync` it is a
        member already, and replaces itself."""
        group_info = informer.ask_one("group_info", tree)
        tree_beside = informer.ask_one("tree") if tree == "bare" else "-"
        self.deliver(joiner, self.external_commit(joiner, group_info, tree_beside, resync), "commit")
        joiner.ask("merge")
        if not resync:
            self.members.append(joiner)

    def external_commit(self, joiner, group_info, tree, resync):
        return joiner.ask_one("join_external", group_info, tree, *(["resync"] if resync else []))

    def propose_from_outside(self, outsider, command, informer, *words):
        """Has somebody who is no member send a Proposal, with what a member tells of the group."""
        what_it_knows = (self.id, informer.state().epoch, informer.ask_one("group_info", "bare"))
        self.deliver(outsider, outsider.ask_one(command, *what_it_knows, *words), "proposal")

    def follow(self, maker, command, members, *words):
        """Has a member make a group that follows on this one, with these members: they leave this one for it."""
        others = [member for member in members if member is not maker]
        welcome = maker.ask_one(command, *words, *(other.key_package() for other in others))
        tree = maker.ask_one("tree")
        for other in others:
            other.ask("join", welcome, tree)
        self.members = members

    def say(self, sender, data, authenticated_data=b""):
        """Has a member send an application message to all others."""
        message = sender.ask_one("encrypt", as_hex(data), as_hex(authenticated_data))
        for member in self.others(sender):
            self.hand(member, message, "application", as_hex(data))

    def check(self):
        """All members have to agree on epoch, epoch authenticator, exporter output and who is a member."""
        states = {member: member.state() for member in self.members}
        exports = {member.ask_one("export", "interop", as_hex(b"context"), EXPORT_LENGTH) for member in self.members}
        if len(exports) != 1:
            raise Disagreement("the members' exporters differ")
        first = states[self.members[0]]
        names = {member.name for member in self.members}
        for member, state in states.items():
            if (state.epoch, state.authenticator) != (first.epoch, first.authenticator):
                raise Disagreement(f"{member} has another epoch authenticator than {self.members[0]}")
            if state.leaves != first.leaves or set(state.leaves) != names:
                raise Disagreement(f"{member} knows other members than {self.members[0]}")
            if state.own_leaf != state.leaves[member.name]:
                raise Disagreement(f"{member} is not where it believes")

    def check_and_talk(self):
        """As check(), and everybody hears everybody."""
        self.check()
        for member in self.members:
            self.say(member, f"{member} speaks".encode())
