"""Three people chat: what they do, and what must come of it."""

import itertools
import time

import refusals
from chat_client import PATIENCE_SECONDS, Unexpected
from disk_scan import values_of

ROOM = "garden"
TITLE = "Midsummer planting plans"


class Conversation:
    """The people, the room, and everything that was said, in the order it was."""

    def __init__(self, server, report, alice, bob, carol):
        self.server = server
        self.report = report
        self.alice, self.bob, self.carol = alice, bob, carol
        self.people = (alice, bob, carol)
        self.room = server.room(ROOM)
        self.title = TITLE
        self.before_carol = []
        self.since_carol = []
        self.after_carol = []
        self.secrets = set()  # values of the clients' stores, seen at any time

    def all_texts(self):
        return [*self.before_carol, *self.since_carol, *self.after_carol]

    def say(self, speaker, text, *listeners, into):
        """Somebody writes; everybody who should reads it. The event that the room's archive has it."""
        into.append(text)
        speaker.command(text)
        delivered = speaker.expect("delivered", origin_id=speaker.expect("message", text=text)["origin-id"])
        for listener in listeners:
            listener.expect("message", text=text, **{"from": speaker.account})
        return delivered

    def remember_stores(self):
        """Keys are deleted as soon as they were used, so the stores are looked at again and again."""
        for person in self.people:
            if person.database.exists():
                self.secrets.update(values_of(person.database))

    @staticmethod
    def epoch_now(person):
        return person.command(f"/epoch {ROOM}", "epoch-now")[0]

    def epoch(self, person):
        return int(self.epoch_now(person)["epoch"])

    def wait_for_epoch(self, epoch, *people):
        """All of them have come to this epoch."""
        for person in people:
            seen = len(person.events)
            while self.epoch(person) < epoch:
                seen = person.position(person.expect("epoch", since=seen)) + 1

    # ---- the acts, in order ----

    def run(self):
        acts = (self.carol_comes_by, self.alice_makes_a_room, self.bob_is_invited, self.two_talk,
                self.carol_is_invited_while_offline, self.two_talk_on, self.carol_comes_online, self.three_talk,
                self.bob_restarts, self.carol_is_removed, self.two_talk_without_carol, self.something_goes_wrong,
                self.bob_leaves, self.everybody_goes_home)
        for act in acts:
            act()
            self.remember_stores()

    def carol_comes_by(self):
        self.report.act("Carol publishes her keys once and goes offline")
        self.carol.start()
        self.report.check("carol publishes her device and KeyPackages, and goes", self.carol.quit() == 0)

    def alice_makes_a_room(self):
        self.report.act("Alice makes a room")
        self.alice.start()
        self.bob.start()
        self.alice.command(f"/create {ROOM} {TITLE}")
        self.alice.expect("joined", room=self.room)
        verified = self.alice.find("room-verified", room=self.room)
        self.report.check("the room is created, configured and verified", len(verified) > 0)

    def bob_is_invited(self):
        self.report.act("Alice invites Bob")
        self.alice.command("/invite bob")
        invitation = self.bob.expect("invitation", room=self.room)
        self.report.check("bob sees who invites him, and to what",
                          (invitation["inviter"], invitation["name"]) == (self.alice.account, TITLE), invitation.line)
        self.report.check("bob is in no room before he accepts", not self.bob.find("joined"))
        self.bob.command("/accept")
        self.bob.expect("joined", room=self.room)
        self.report.check("bob joins after accepting, and has the same epoch authenticator as alice",
                          self.agree(self.alice, self.bob))

    def two_talk(self):
        self.report.act("Alice and Bob talk; Carol is not there")
        self.say(self.alice, "Bob, did the tomato seeds from Lisbon arrive?", self.bob, into=self.before_carol)
        self.say(self.bob, "They did: forty-one packets, all dry.", self.alice, into=self.before_carol)
        self.say(self.alice, "Then let us ask Carol. Grüße — \"the quoted\" <&> 🌻", self.bob, into=self.before_carol)

    def carol_is_invited_while_offline(self):
        self.report.act("Alice invites Carol, who is offline")
        self.alice.command("/invite carol")
        self.alice.expect("member-added", account=self.carol.account)
        self.bob.expect("member-added", account=self.carol.account)
        member = next(member for member in self.alice.command("/members", "member")
                      if member["account"] == self.carol.account)
        self.report.check("carol is added while she is offline, and shown as not there yet",
                          self.carol.process is None and member["joined"] == "0", member.line)

    def two_talk_on(self):
        self.report.act("They talk on")
        self.say(self.alice, "Carol will read this when she wakes up.", self.bob, into=self.since_carol)
        self.say(self.bob, "The north bed is hers, if she wants it.", self.alice, into=self.since_carol)

    def carol_comes_online(self):
        self.report.act("Carol comes online")
        self.carol.start()
        self.carol.expect("invitation", room=self.room, inviter=self.alice.account)
        self.carol.command("/accept")
        self.carol.expect("joined", room=self.room)
        for text in self.since_carol:
            self.carol.expect("message", text=text)
        self.report.check("carol reads what was said since her invitation, in its order",
                          self.carol.texts() == self.since_carol, self.carol.texts())
        self.report.check("carol reads nothing that was said before",
                          not set(self.carol.texts()) & set(self.before_carol))

    def three_talk(self):
        self.report.act("Three talk")
        self.say(self.carol, "Good morning! I take the north bed.", self.alice, self.bob, into=self.since_carol)
        self.say(self.bob, "It has slugs, though.", self.alice, self.carol, into=self.since_carol)
        self.report.check("all three have the same epoch authenticator", self.agree(*self.people))

    def bob_restarts(self):
        self.report.act("Bob's machine restarts; the others go on")
        self.report.check("bob's client ends in order", self.bob.quit() == 0)
        self.say(self.alice, "Bob is away: quick, a surprise for him!", self.carol, into=self.since_carol)
        epoch = self.epoch(self.carol)
        self.carol.command("/update")
        self.wait_for_epoch(epoch + 1, self.alice, self.carol)
        self.say(self.carol, "A slug trap made of beer. I renewed my keys, too.", self.alice, into=self.since_carol)
        self.bob.start()
        for text in self.since_carol[-2:]:
            self.bob.expect("message", text=text)
        self.say(self.bob, "Back again. I have read it all, so much for the surprise.", self.alice, self.carol,
                 into=self.since_carol)
        self.report.check("bob, restarted, has read what he missed and goes on", self.agree(*self.people))

    def carol_is_removed(self):
        self.report.act("Alice removes Carol, whom the server lets stay in the room")
        self.alice.command("/remove carol")
        self.alice.expect("member-removed", account=self.carol.account)
        self.bob.expect("member-removed", account=self.carol.account)
        removed = self.carol.expect("removed", room=self.room)
        self.report.check("carol is told who removed her", removed.get("by") == self.alice.account, removed.line)
        self.report.check("the two who stay agree on new keys", self.agree(self.alice, self.bob))
        self.report.check("carol's client sends nothing any more", self.is_refused(self.carol, "Am I still here?"))

    def two_talk_without_carol(self):
        self.report.act("Alice and Bob talk without Carol")
        self.say(self.alice, "She will not read that her cake is raspberry.", self.bob, into=self.after_carol)
        sent = self.say(self.bob, "Nor that it has seven layers.", self.alice, into=self.after_carol)
        got = self.carol.expect("unreadable", stanza_id=sent["stanza-id"])
        self.report.check("carol is sent the ciphertext, and cannot read it", got["reason"] == "not-member", got.line)
        self.report.check("carol has read none of it", not set(self.carol.texts()) & set(self.after_carol))

    def something_goes_wrong(self):
        refusals.check_while_running(self.report, self.alice)

    def bob_leaves(self):
        self.report.act("Bob leaves the room")
        self.bob.command("/leave")
        self.bob.expect("left", room=self.room)
        self.alice.expect("member-left", account=self.bob.account)
        members = [member["account"] for member in self.alice.command("/members", "member")]
        self.report.check("bob has left, and alice is the only member", members == [self.alice.account], members)
        self.report.check("bob's client sends nothing any more", self.is_refused(self.bob, "One more thing..."))

    def everybody_goes_home(self):
        self.report.act("What everybody has read")
        for person, expected in ((self.alice, self.all_texts()), (self.bob, self.all_texts()),
                                 (self.carol, self.since_carol)):
            self.report.check(f"{person.user} was shown each text exactly once, and in order",
                              person.texts() == expected, person.texts())
        self.check_epochs()
        for person in self.people:
            self.report.check(f"{person.user}'s data folder is {person.user}'s alone", self.is_private(person))
        self.report.check("all clients end in order", [person.quit() for person in self.people] == [0, 0, 0])
        self.report.check("no client had anything to complain about", not any(p.errors() for p in self.people),
                          "\n".join(person.errors() for person in self.people))

    # ---- what is checked more than once ----

    def agree(self, *people):
        """Whether all of them are in the same epoch with the same authenticator, or come to be: new joiners renew
        their keys when they like."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            now = [self.epoch_now(person) for person in people]
            if len({event["epoch"] for event in now}) == 1:
                return len({event["authenticator"] for event in now}) == 1
            time.sleep(0.2)
        return False

    @staticmethod
    def is_refused(person, text):
        try:
            person.command(text)
        except Unexpected:
            return True
        return False

    @staticmethod
    def is_private(person):
        return person.database.parent.stat().st_mode & 0o077 == 0

    def epochs(self):
        """epoch -> {person: what it was told of that epoch}."""
        table = {}
        for person in self.people:
            for event in itertools.chain(person.find("epoch"), person.find("joined")):
                table.setdefault(int(event["epoch"]), {})[person.user] = event
        return table

    def check_epochs(self):
        """Every epoch of more than one device was told to more than one person, with one authenticator."""
        table = self.epochs()
        doubtful = [epoch for epoch, told in table.items()
                    if len({event["authenticator"] for event in told.values()}) != 1
                    or (len(told) < 2 and any(int(event["devices"]) > 1 for event in told.values()))]
        self.report.check(f"the epoch authenticators were equal after each of {max(table)} Commits",
                          not doubtful and set(table) == set(range(max(table) + 1)), doubtful or sorted(table))
