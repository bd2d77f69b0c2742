"""The rows of the matrix. Each operation acts in a world of two libraries: one that acts, and one that follows."""

from drivers import Disagreement, as_hex

FORMS = ("public", "private")
TREES = {"tree": "tree inside", "bare": "tree outside"}
PSK_ID = as_hex(b"a psk")
PSK_SECRET = as_hex(bytes(range(32)))

# Extensions of a GroupContext, each as type, length and data. The first asks all members for basic credentials, which
# they have (RFC 9420, Section 11.1).
REQUIRED_CAPABILITIES = "0003" + "05" + "00" + "00" + "020001"

# Likewise: app_data_dictionary and AppDataUpdate, of draft-ietf-mls-extensions.
REQUIRED_CAPABILITIES_OF_THE_DRAFT = "0003" + "07" + "020006" + "020008" + "00"
COMPONENT = 0x8001  # of private use


def vector(data):
    """A variable-size vector with the bytes (RFC 9420, Section 2.1.2)."""
    length = len(data)
    return (bytes([length]) if length < 0x40 else (0x4000 | length).to_bytes(2, "big")) + data


def external_senders(sender):
    """The extension that has one external sender with a basic credential (RFC 9420, Section 12.1.8.1)."""
    key = bytes.fromhex(sender.ask_one("signature_key"))
    one = vector(key) + b"\0\1" + vector(sender.name.encode())
    return as_hex(b"\0\5" + vector(vector(one)))


class World:
    """Makes clients of the library that acts, and of the other."""

    def __init__(self, suite, make_client):
        self.suite = suite
        self._make_client = make_client  # is_acting, grease -> Client
        self._clients = []

    def _client(self, is_acting, grease=False):
        client = self._make_client(is_acting, grease)
        self._clients.append(client)
        return client

    def actor(self, grease=False):
        return self._client(True, grease)

    def other(self):
        return self._client(False)

    def end(self):
        for client in self._clients:
            client.forget()


def populated_group(world, new_group):
    """Two clients of each library in a group that the acting one made, in the order actor, other, actor, other.
    Half of them have committed, so that there are parent nodes, and leaves that are not merged into them."""
    clients = [world.actor(), world.other(), world.actor(), world.other()]
    group = new_group(clients[0])
    group.add(clients[0], *clients[1:])
    group.commit(clients[3], proposals=[("path",)])
    group.commit(clients[0], proposals=[("path",)])
    return group, clients


# ---- what is proposed -----------------------------------------------------------------------------------------------
#
# Each gives a proposal that `proposer` can make, and whom the Commit will have joined and removed.

def an_add(world, group, proposer):
    joiner = world.other() if proposer is group.members[0] else world.actor()
    return ("add", joiner.key_package()), [joiner], []


def a_remove(_world, group, proposer):
    removed = group.members[-1]
    return ("remove", proposer.state().leaves[removed.name]), [], [removed]


def a_leave(_world, group, proposer):
    return ("remove", group.leaf(proposer)), [], [proposer]


def an_update(_world, _group, _proposer):
    return ("update",), [], []


def group_context_extensions(_world, _group, _proposer):
    return ("extensions", REQUIRED_CAPABILITIES), [], []


def a_self_remove(_world, _group, proposer):
    return ("self_remove",), [], [proposer]


def an_app_data_update(_world, group, _proposer):
    group.commit(group.members[-1], proposals=[("extensions", REQUIRED_CAPABILITIES_OF_THE_DRAFT)])
    return ("app_data", COMPONENT, as_hex(b"data")), [], []


def a_path(_world, _group, _proposer):
    return ("path",), [], []


def a_psk(_world, group, _proposer):
    for member in group.members:
        member.ask("psk", PSK_ID, PSK_SECRET)
    return ("psk", PSK_ID), [], []


# ---- operations -----------------------------------------------------------------------------------------------------

def by_value(make_proposal, form):
    """The acting library commits; both libraries follow."""
    def operation(world, new_group):
        group, (actor, *_) = populated_group(world, new_group)
        proposal, joiners, removed = make_proposal(world, group, actor)
        group.commit(actor, form, [proposal], joiners, removed)
        group.check_and_talk()
        group.commit(group.members[-1], form, [("path",)])
        group.check_and_talk()
    return operation


def by_reference(make_proposal, form):
    """The acting library proposes, the other one commits; both follow."""
    def operation(world, new_group):
        group, (actor, other, *_) = populated_group(world, new_group)
        proposal, joiners, removed = make_proposal(world, group, actor)
        group.propose(actor, form, *proposal)
        group.commit(other, form, [], joiners, removed)
        group.check_and_talk()
        group.commit(group.members[0], form, [("path",)])
        group.check_and_talk()
    return operation


def join_by_welcome(tree):
    """The acting library makes the group and the Welcomes: for one, then for two of them."""
    def operation(world, new_group):
        actor = world.actor()
        group = new_group(actor)
        group.add(actor, world.other(), tree=tree)
        group.check_and_talk()
        group.add(actor, world.other(), world.actor(), tree=tree)
        group.check_and_talk()
        group.commit(group.members[1], proposals=[("path",)])
        group.add(actor, world.other(), tree=tree)
        group.check_and_talk()
    return operation


def join_by_welcome_with_psk(world, new_group):
    """A Commit that adds and brings in an external PSK: the Welcome asks for it, too."""
    group, (actor, *_) = populated_group(world, new_group)
    joiner = world.other()
    joiner.ask("psk", PSK_ID, PSK_SECRET)
    psk, _, _ = a_psk(world, group, actor)
    group.commit(actor, proposals=[("add", joiner.key_package()), psk], joiners=[joiner])
    group.check_and_talk()


def join_by_external_commit(tree, told_by_the_other):
    """The acting library joins, told of the group by one or the other library."""
    def operation(world, new_group):
        group, (actor, other, *_) = populated_group(world, new_group)
        group.join_external(world.actor(), other if told_by_the_other else actor, tree)
        group.check_and_talk()
        group.commit(other, proposals=[("path",)])
        group.check_and_talk()
    return operation


def resync_by_external_commit(world, new_group):
    """A member of the acting library replaces its leaf."""
    group, (actor, other, actor_too, _) = populated_group(world, new_group)
    group.join_external(actor, actor_too, resync=True)
    group.check_and_talk()
    group.commit(other, proposals=[("path",)])
    group.check_and_talk()


def many_proposals(world, new_group):
    """An Add by reference and a Remove by value in one Commit of the acting library."""
    group, (actor, other, actor_too, other_too) = populated_group(world, new_group)
    group.remove(actor, actor_too)  # leaves a place for the new member, to the left of who is removed now
    joiner = world.other()
    group.propose(other, "private", "add", joiner.key_package())
    group.commit(actor, "private", [("remove", group.leaf(other_too))], [joiner], [other_too])
    group.check_and_talk()


def replacement(world, new_group):
    """In one Commit of the acting library a new member gets the leaf of one of the other library."""
    group, (actor, *_, removed) = populated_group(world, new_group)
    joiner = world.other()
    proposals = [("remove", group.leaf(removed)), ("add", joiner.key_package())]
    group.commit(actor, "private", proposals, [joiner], [removed])
    group.check_and_talk()


def half_a_tree(world, new_group):
    """The acting library removes everybody in the left half of the tree, itself being in the right one. Then the root
    is not in the filtered direct path of anybody (RFC 9420, Section 4.1.2)."""
    group, clients = populated_group(world, new_group)
    actor, other = world.actor(), world.other()
    group.add(clients[0], actor, other)
    group.remove(actor, *clients)
    group.check_and_talk()
    group.commit(other, proposals=[("path",)])
    group.check_and_talk()


def new_member_proposes_itself(world, new_group):
    """Somebody of the acting library asks to be added, the other one commits it."""
    group, (_, other, *_) = populated_group(world, new_group)
    joiner = world.actor()
    joiner.key_package()
    group.propose_from_outside(joiner, "ask_to_join", other)
    group.commit(other, joiners=[joiner])
    group.check_and_talk()


def external_sender_proposes(world, new_group):
    """Somebody of the acting library who is no member proposes an Add and a Remove; the other one commits them."""
    group, (_, other, actor_too, _) = populated_group(world, new_group)
    sender, joiner = world.actor(), world.actor()
    group.commit(other, proposals=[("extensions", external_senders(sender))])
    group.propose_from_outside(sender, "propose_external", other, "remove", group.leaf(actor_too))
    group.propose_from_outside(sender, "propose_external", other, "add", joiner.key_package())
    group.commit(other, joiners=[joiner], removed=[actor_too])
    group.check_and_talk()


def branch(world, new_group):
    """The acting library makes a group of a part of the members (RFC 9420, Section 11.3)."""
    group, clients = populated_group(world, new_group)
    group.follow(clients[0], "branch", clients[:3], as_hex(b"a branch"))
    group.check_and_talk()
    group.commit(clients[1], proposals=[("path",)])
    group.check_and_talk()


def reinitialisation(world, new_group):
    """The acting library commits the ReInit and makes the new group (RFC 9420, Section 11.2)."""
    group, clients = populated_group(world, new_group)
    group.commit(clients[0], proposals=[("reinit", as_hex(b"a new group"), world.suite)])
    group.check()
    group.follow(clients[0], "reinitialize", clients)
    group.check_and_talk()
    group.commit(clients[1], proposals=[("path",)])
    group.check_and_talk()


def safe_exporter(world, new_group):
    """All members derive the same for each component, and something else in the next epoch."""
    group, (actor, *_) = populated_group(world, new_group)
    secrets = []
    for _ in range(2):
        for component in (COMPONENT, COMPONENT + 1):
            exported = {member.ask_one("safe_export", component) for member in group.members}
            if len(exported) != 1:
                raise Disagreement("the members' safe exporters differ")
            secrets.append(exported.pop())
        group.commit(actor, proposals=[("path",)])
    if len(set(secrets)) != len(secrets):
        raise Disagreement("the safe exporter gives the same twice")


def grease_everywhere(world, new_group):
    """What the acting library makes has GREASE in it (RFC 9420, Section 13.5); the other one does not mind."""
    creator, other = world.actor(grease=True), world.other()
    group = new_group(creator)
    group.add(creator, other)
    joiner = world.actor(grease=True)
    group.add(other, joiner)
    group.join_external(world.actor(grease=True), creator)
    group.commit(joiner, proposals=[("path",)])
    group.add(joiner, world.other())
    group.check_and_talk()


def messages(world, new_group):
    """The acting library sends; of no length, of a long one, with authenticated data."""
    group, (actor, *_) = populated_group(world, new_group)
    for data in (b"hello", b"", bytes(20000)):
        group.say(actor, data)
        group.say(actor, data, b"authenticated")
    group.check_and_talk()


def messages_out_of_order(world, new_group):
    group, (actor, other, *_) = populated_group(world, new_group)
    sent = [(text, actor.ask_one("encrypt", as_hex(text), "-")) for text in (b"one", b"two", b"three", b"four")]
    for number in (3, 0, 2, 1):
        text, message = sent[number]
        group.hand(other, message, "application", as_hex(text))


def messages_of_the_epoch_before(world, new_group):
    group, (actor, other, *_) = populated_group(world, new_group)
    message = actor.ask_one("encrypt", as_hex(b"late"), "-")
    group.commit(actor, proposals=[("path",)])
    group.hand(other, message, "application", as_hex(b"late"))
    group.check_and_talk()


def rows():
    """Name and operation, in the order of the matrix."""
    for tree, text in TREES.items():
        yield f"join by Welcome, {text}", join_by_welcome(tree)
    changes = (("add", an_add), ("update", an_update), ("remove", a_remove), ("external PSK", a_psk))
    for name, make_proposal in changes:
        for form in FORMS:
            own = a_path if make_proposal is an_update else make_proposal
            yield f"{name} by value, {form.title()}Message", by_value(own, form)
        for form in FORMS:
            yield f"{name} by reference, {form.title()}Message", by_reference(make_proposal, form)
    yield "GroupContextExtensions by value", by_value(group_context_extensions, "private")
    yield "GroupContextExtensions by reference", by_reference(group_context_extensions, "private")
    for form in FORMS:
        yield f"leave by reference, {form.title()}Message", by_reference(a_leave, form)
    yield "several proposals in one Commit", many_proposals
    yield "Remove and Add of the same leaf in one Commit", replacement
    yield "Commit in a tree with an empty half", half_a_tree
    yield "join by Welcome with an external PSK", join_by_welcome_with_psk
    for tree, text in TREES.items():
        yield f"external Commit, told by the other, {text}", join_by_external_commit(tree, True)
        yield f"external Commit, told by its own, {text}", join_by_external_commit(tree, False)
    yield "external Commit, resync", resync_by_external_commit
    yield "new member's proposal to be added", new_member_proposes_itself
    yield "external sender's proposals", external_sender_proposes
    yield "branch", branch
    yield "reinitialisation", reinitialisation
    yield "draft: SelfRemove", by_reference(a_self_remove, "public")
    yield "draft: AppDataUpdate by value", by_value(an_app_data_update, "private")
    yield "draft: AppDataUpdate by reference", by_reference(an_app_data_update, "private")
    yield "draft: safe exporter", safe_exporter
    yield "GREASE", grease_everywhere
    yield "application messages", messages
    yield "application messages out of order", messages_out_of_order
    yield "application messages of the epoch before", messages_of_the_epoch_before
