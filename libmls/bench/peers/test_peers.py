#!/usr/bin/env python3
"""Tests the drivers of the peers in small groups with libmls: after each operation all have to be in the same epoch.

    test_peers.py LIBMLS_DRIVER BUILD_DIR

LIBMLS_DRIVER is that of tests/interop. Ends with 77 if a peer is missing, and no other has failed.
"""

import pathlib
import sys
import tempfile

import build_peers  # before the others: it knows the folder that they are in
from drivers import Client, Driver, Refused, Unsupported
from peers import Missing

SUITE = 1
NUM_OTHERS = 3  # members of libmls besides its first one


class Bench:
    """A group of a member of libmls and members of a peer, and the folder for their files."""

    def __init__(self, libmls, peer, folder):
        self.libmls = libmls
        self.peer = peer
        self._folder = folder
        self._num_names = 0
        self.observer = Client(libmls, SUITE)
        self.observer.ask("create", b"bench".hex())
        self.members = []

    def path(self, name):
        return self._folder / name

    def as_file(self, name, message):
        self.path(name).write_bytes(bytes.fromhex(message))
        return self.path(name)

    def as_hex(self, name):
        return self.path(name).read_bytes().hex()

    def make_client(self):
        self._num_names += 1
        return PeerClient(self.peer, f"member{self._num_names}")

    def check(self):
        """All have to have the same epoch authenticator."""
        epoch, _, authenticator = self.observer.ask("state")[:3]
        for member in self.members:
            state = member.ask("state")
            assert (state[0], state[2]) == (epoch, authenticator), f"{member} is in another epoch"

    def deliver(self, sender, name):
        """Has all but the sender process the Commit in a file."""
        assert self.observer.ask("receive", self.as_hex(name)) == ["commit"]
        for member in self.members:
            if member is not sender:
                member.ask("process", self.path(name))
        self.check()


class PeerClient:
    def __init__(self, driver, name):
        self._driver = driver
        self._name = name
        driver.ask("client", name, SUITE)

    def __repr__(self):
        return f"{self._name} of {self._driver.name}"

    def ask(self, command, *words):
        answer = self._driver.ask(command, self._name, *words)
        assert command in ("snapshot", "restore", "state") or int(answer[0]) > 0, f"{command} takes no time"
        return answer


def join(bench):
    """Two members of the peer join by one Commit of libmls, each of them twice."""
    others = [Client(bench.libmls, SUITE).key_package() for _ in range(NUM_OTHERS)]
    bench.members = [bench.make_client(), bench.make_client()]
    for number, member in enumerate(bench.members):
        member.ask("key_package", bench.path(f"key-package-{number}"))
    joiners = [bench.as_hex(f"key-package-{number}") for number in range(len(bench.members))]
    proposals = [word for key_package in others + joiners for word in ("add", key_package)]
    _, welcome = bench.observer.ask("commit", "private", "tree", *proposals)
    bench.observer.ask("merge")
    bench.as_file("welcome", welcome)
    for member in bench.members:
        member.ask("snapshot")
        for _ in range(2):
            member.ask("restore")
            member.ask("join", bench.path("welcome"))
    bench.check()


def commit(bench):
    """Each commits, twice from the same state."""
    for member in bench.members:
        member.ask("snapshot")
        member.ask("commit", bench.path("commit"))
        member.ask("restore")
        member.ask("commit", bench.path("commit"))
        bench.deliver(member, "commit")
    message, _ = bench.observer.ask("commit", "private", "bare")
    bench.as_file("commit", message)
    bench.observer.ask("merge")
    for member in bench.members:
        member.ask("process", bench.path("commit"))
    bench.check()


def add_and_remove(bench):
    member, joiner = bench.members[0], bench.make_client()
    joiner.ask("key_package", bench.path("key-package"))
    member.ask("add", bench.path("key-package"), bench.path("commit"), bench.path("welcome"))
    bench.deliver(member, "commit")
    joiner.ask("join", bench.path("welcome"))
    bench.members.append(joiner)
    bench.check()
    leaf = bench.members.pop().ask("state")[1]
    member.ask("remove", leaf, bench.path("commit"))
    bench.deliver(member, "commit")


def join_external(bench):
    """With the GroupInfo of libmls, or that of the peer if it cannot read others'."""
    joiner = bench.make_client()
    bench.as_file("group-info", bench.observer.ask_one("group_info", "tree"))
    try:
        joiner.ask("join_external", bench.path("group-info"), bench.path("commit"))
    except Refused as refusal:
        print(f"  join_external: {refusal}")
        bench.members[0].ask("group_info", bench.path("group-info"))
        joiner.ask("join_external", bench.path("group-info"), bench.path("commit"))
    bench.deliver(joiner, "commit")
    bench.members.append(joiner)
    bench.check()


def talk(bench):
    sender, receiver = bench.members[:2]
    for length in (1, 100, 5000):
        sender.ask("encrypt", length, bench.path("message"))
        assert receiver.ask("decrypt", bench.path("message"))[-1] == f"len={length}"
        assert bench.observer.ask("receive", bench.as_hex("message")) == ["application", (b"x" * length).hex()]
        bench.as_file("message", bench.observer.ask_one("encrypt", "78" * length, "-"))
        assert receiver.ask("decrypt", bench.path("message"))[-1] == f"len={length}"


def save_and_load(bench):
    member = bench.members[0]
    try:
        member.ask("save", bench.path("state"))
    except Unsupported as reason:
        print(f"  save: {reason}")
    member.ask("load", bench.path("state"))
    bench.check()
    member.ask("commit", bench.path("commit"))
    bench.deliver(member, "commit")


def create(bench):
    """A member of the peer makes a group, which one of libmls joins."""
    creator = bench.make_client()
    folder = bench.path("key-packages")
    folder.mkdir()
    clients = [Client(bench.libmls, SUITE) for _ in range(NUM_OTHERS)]
    for number, client in enumerate(clients):
        bench.as_file(f"key-packages/{number}", client.key_package())
    creator.ask("create", folder, bench.path("commit"), bench.path("welcome"))
    bench.observer, bench.members = clients[0], [creator]
    bench.observer.ask("join", bench.as_hex("welcome"), "-")
    bench.check()


def run(libmls, peer):
    print("", *peer.ask("library"))
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(libmls, peer, pathlib.Path(folder))
        for part in (join, commit, add_and_remove, join_external, talk, save_and_load, create):
            part(bench)
            print(f"  {part.__name__}: passed")


def main(libmls_driver, builds):
    libmls = Driver("libmls", [libmls_driver])
    is_missing = False
    for name, peer in build_peers.known_peers().items():
        print(name)
        try:
            driver = Driver(name, peer.prepare(pathlib.Path(builds).resolve()))
        except Missing as reason:
            print(f"  missing: {reason}")
            is_missing = True
            continue
        run(libmls, driver)
        driver.stop()
    libmls.stop()
    return 77 if is_missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
