"""Random operations in one group of clients of all libraries."""

import collections
import random

from drivers import Client, Disagreement, Group, Refused, Unsupported, as_hex
from operations import FORMS, TREES
from peers import fault_behind

MIN_MEMBERS = 2
MAX_MEMBERS = 32
NUM_PSKS = 4
STEPS_PER_TARGET = 20  # operations before the group heads for another size


class Impossible(Exception):
    """The operation that was chosen makes no sense now, or a library cannot do it. Nothing has changed."""


def fits(library, other):
    """Whether one can join by the other's GroupInfo. The matrix tells of ts-mls what it does with external_pub."""
    return (library == "ts-mls") == (other == "ts-mls")


def has_left_half(leaves):
    """Whether somebody is in the left half of a tree with these leaves."""
    half = 1 << max(leaves).bit_length() >> 1
    return min(leaves) < max(half, 1)


class LateMessage:
    """An application message that has not arrived yet."""

    def __init__(self, data, message, recipients):
        self.data = data
        self.message = message
        self.recipients = recipients


class RandomGroup(Group):
    """A group that gets along with the known faults of its members: who cannot join because of one is lost."""

    def __init__(self, creator, excuse, ask_others):
        super().__init__(creator)
        self._excuse = excuse
        self._ask_others = ask_others
        self.lost = []

    def hand(self, member, message, *expected):
        try:
            super().hand(member, message, *expected)
        except Refused as refusal:
            if expected != ("removed",) or not self._excuse(refusal):
                raise

    def join(self, joiner, welcome, tree):
        try:
            super().join(joiner, welcome, tree)
        except Refused as refusal:
            if not self._excuse(refusal):
                raise
            self._ask_others(joiner)
            self.lost.append(joiner)

    def external_commit(self, joiner, group_info, tree, resync):
        try:
            return super().external_commit(joiner, group_info, tree, resync)
        except Refused as refusal:
            if not self._excuse(refusal):
                raise
            self._ask_others(joiner)
            raise Impossible from refusal


class RandomRun:
    """A number of operations that follow from a seed. After each, all members have to agree."""

    def __init__(self, drivers, suite, seed):
        self._drivers = drivers
        self._suite = suite
        self._random = random.Random(f"{seed} {suite}")
        self._late = []
        self._targets = [MAX_MEMBERS, MIN_MEMBERS]
        self._target = None
        self._steps_to_target = 0
        self.done = collections.Counter()  # operations, by name
        self.excused = collections.Counter()  # what was not done, by reason
        self.sizes = set()
        self.clients = []
        self.group = RandomGroup(self._new_client(), self._excuse, self._second_opinion)
        for driver in drivers:
            self.group.add(self.group.members[0], self._new_client(driver))

    # ---- choices ----------------------------------------------------------------------------------------------------

    def _one_of(self, things):
        if not things:
            raise Impossible
        return self._random.choice(things)

    def _some_of(self, things, most):
        return self._random.sample(things, min(len(things), self._random.randint(1, most)))

    def _form(self):
        return self._one_of(FORMS)

    def _new_client(self, driver=None):
        driver = driver or self._one_of(self._drivers)
        client = Client(driver, self._suite, self._may_grease(driver) and self._random.random() < 0.5)
        self.clients.append(client)
        for number in range(NUM_PSKS):
            client.ask("psk", self._psk_id(number), as_hex(bytes([number]) * 32))
        return client

    def _may_grease(self, driver):
        """With OpenMLS in the group, libmls must not: the matrix tells."""
        return driver.name != "libmls" or all(other.name != "openmls" for other in self._drivers)

    @staticmethod
    def _psk_id(number):
        return as_hex(f"psk {number}".encode())

    def _room(self):
        return MAX_MEMBERS - len(self.group.members)

    def _excuse(self, refusal):
        """Whether a known fault of the library explains its refusal."""
        fault = fault_behind(refusal.library, None, refusal.text)
        if fault is None:
            return False
        self.excused[f"{fault.library} {fault.reason}"] += 1
        return True

    def _second_opinion(self, refuser):
        """Where one library refuses to join, by a fault of its own, the others must find the same tree good."""
        informers = [member for member in self.group.members if fits(member.library, "libmls")]
        for driver in self._drivers:
            if informers and driver.name != refuser.library:
                judge = Client(driver, self._suite)
                judge.ask("join_external", informers[0].ask_one("group_info", "tree"), "-")
                judge.forget()

    def _may_go(self, removed):
        """With ts-mls in the group, the left half of the tree must not get empty: the matrix tells."""
        if all(driver.name != "ts-mls" for driver in self._drivers):
            return True
        leaves = self.group.members[0].state().leaves
        return has_left_half([leaves[member.name] for member in self.group.members if member not in removed])

    # ---- operations -------------------------------------------------------------------------------------------------

    def _new_members(self):
        if self._room() == 0:
            raise Impossible
        return [self._new_client() for _ in range(self._random.randint(1, min(3, self._room())))]

    def add(self):
        committer = self._one_of(self.group.members)
        self.group.add(committer, *self._new_members(), form=self._form(), tree=self._one_of(list(TREES)))

    def remove(self):
        members = self.group.members
        committer = self._one_of(members)
        most = min(3, len(members) - MIN_MEMBERS)
        if most < 1:
            raise Impossible
        removed = self._some_of(self.group.others(committer), most)
        if not self._may_go(removed):
            raise Impossible
        self.group.remove(committer, *removed, form=self._form())

    def update(self):
        self.group.commit(self._one_of(self.group.members), self._form(), [("path",)])

    def psk(self):
        numbers = self._some_of(range(NUM_PSKS), 2)
        self.group.commit(self._one_of(self.group.members), self._form(),
                          [("psk", self._psk_id(number)) for number in numbers])

    def leave(self):
        if len(self.group.members) <= MIN_MEMBERS:
            raise Impossible
        leaver = self._one_of(self.group.members)
        if not self._may_go([leaver]):
            raise Impossible
        self.group.propose(leaver, self._form(), "remove", self.group.leaf(leaver))
        self.group.commit(self._one_of(self.group.others(leaver)), self._form(), removed=[leaver])

    def proposals(self):
        """Up to five proposals of anybody, and a Commit of somebody who is in none of them."""
        group, leaves = self.group, self.group.members[0].state().leaves
        committer = self._one_of(group.members)
        touched, joiners, removed, psks = {committer}, [], [], list(range(NUM_PSKS))
        for _ in range(self._random.randint(1, 5)):
            kind = self._one_of(("add", "remove", "update", "psk"))
            proposer, somebody = self._one_of(group.members), self._one_of(group.members)
            if kind == "add" and self._room() > len(joiners):
                joiners.append(self._new_client())
                group.propose(proposer, self._form(), "add", joiners[-1].key_package())
            elif kind == "remove" and somebody not in touched and self._may_go([*removed, somebody]) \
                    and len(group.members) - len(removed) > MIN_MEMBERS:
                touched.add(somebody)
                removed.append(somebody)
                group.propose(proposer, self._form(), "remove", leaves[somebody.name])
            elif kind == "update" and somebody not in touched:
                self._propose_update(somebody, touched)
            elif kind == "psk" and psks:
                group.propose(proposer, self._form(), "psk", self._psk_id(psks.pop()))
        group.commit(committer, self._form(), [], joiners, removed, self._one_of(list(TREES)))

    def _propose_update(self, proposer, touched):
        try:
            self.group.propose(proposer, self._form(), "update")
            touched.add(proposer)
        except Unsupported as refusal:
            if not self._excuse(refusal):
                raise

    def replace(self):
        """Remove and Add by value in one Commit."""
        committer = self._one_of(self.group.members)
        removed = self._one_of(self.group.others(committer))
        if not self._may_go([removed]):
            raise Impossible
        joiner = self._new_client()
        proposals = [("remove", self.group.leaf(removed)), ("add", joiner.key_package())]
        self.group.commit(committer, self._form(), proposals, [joiner], [removed], self._one_of(list(TREES)))

    def conflict(self):
        """Two Commits for one epoch; the Delivery Service takes the first."""
        first, second = self._random.sample(self.group.members, 2)
        second.ask("commit", self._form(), "bare", "path")
        self.group.commit(first, self._form(), [("path",)])

    def join_external(self):
        if self._room() == 0:
            raise Impossible
        self._join_external(self._new_client(), self._one_of(self.group.members), False)

    def resync(self):
        joiner = self._one_of(self.group.members)
        self._join_external(joiner, self._one_of(self.group.others(joiner)), True)
        for late in self._late:
            late.recipients.discard(joiner)

    def _join_external(self, joiner, informer, resync):
        if not fits(joiner.library, informer.library):
            raise Impossible
        self.group.join_external(joiner, informer, self._one_of(list(TREES)), resync)

    def talk(self):
        for sender in self._some_of(self.group.members, 4):
            data = self._random.randbytes(self._random.choice((0, 1, 30, 1000)))
            self.group.say(sender, data, self._random.randbytes(self._random.choice((0, 10))))

    def talk_late(self):
        """An application message that arrives when its epoch is over."""
        sender = self._one_of(self.group.members)
        data = self._random.randbytes(20)
        message = sender.ask_one("encrypt", as_hex(data), "-")
        self._late.append(LateMessage(data, message, set(self.group.others(sender))))
        self.update()

    # ---- the run ----------------------------------------------------------------------------------------------------

    def _aim(self):
        """At a full group first, then at the smallest, then at anything: for some operations, or until reached."""
        self._steps_to_target -= 1
        if self._targets and len(self.group.members) == self._targets[0]:
            self._targets.pop(0)
        if self._targets:
            self._target = self._targets[0]
        elif self._steps_to_target <= 0:
            self._target = self._random.randint(MIN_MEMBERS, MAX_MEMBERS)
            self._steps_to_target = STEPS_PER_TARGET

    def _choose(self):
        grow, shrink = (16, 1) if len(self.group.members) < self._target else (1, 16)
        weights = {
            self.add: grow, self.join_external: grow / 4, self.remove: shrink, self.leave: shrink / 4,
            self.update: 4, self.psk: 2, self.proposals: 6, self.replace: 2, self.conflict: 2, self.resync: 2,
            self.talk: 4, self.talk_late: 2,
        }
        (operation,) = self._random.choices(list(weights), list(weights.values()))
        return operation

    def _remove_lost(self):
        """Somebody removes the leaves of those who could not join."""
        lost, self.group.lost = self.group.lost, []
        if lost:
            remover = self._one_of(self.group.members)
            leaves = remover.state().leaves
            self.group.commit(remover, self._form(), [("remove", leaves[client.name]) for client in lost])

    def _deliver_late(self):
        late, self._late = self._late, []
        for message in late:
            for member in self.group.members:
                if member in message.recipients:
                    self.group.hand(member, message.message, "application", as_hex(message.data))

    def step(self):
        """Does one operation that is possible; its name."""
        self._aim()
        while True:
            operation = self._choose()
            try:
                operation()
                break
            except (Impossible, Unsupported) as reason:
                if isinstance(reason, Unsupported) and not self._excuse(reason):
                    raise
        self._remove_lost()
        self.group.check()
        if operation != self.talk_late:
            self._deliver_late()
        self.sizes.add(len(self.group.members))
        self.done[operation.__name__] += 1
        return operation.__name__


def run(drivers, suite, seed, num_operations, report):
    """A run from beginning to end; whether it went well. `report` gets lines of text."""
    random_run, number, name = None, 0, "the beginning"
    try:
        random_run = RandomRun(drivers, suite, seed)
        for number in range(1, num_operations + 1):
            name = random_run.step()
        random_run.group.check_and_talk()
    except (Refused, Disagreement) as failure:
        report(f"in operation {number}, after {name}: {failure}")
        return False
    finally:
        for client in random_run.clients if random_run else []:
            client.forget()
    sizes = random_run.sizes
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(random_run.done.items()))
    report(f"{num_operations} operations, {min(sizes)} to {max(sizes)} members: {kinds}")
    for reason, count in random_run.excused.items():
        report(f"{count} × {reason}")
    return True
