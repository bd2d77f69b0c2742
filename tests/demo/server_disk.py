"""What the server has on its disk afterwards, and what it must not have."""

from disk_scan import COMMIT, GROUP_INFO, KEY_PACKAGE, PRIVATE_MESSAGE, PUBLIC_MESSAGE, WELCOME, Disk, base64_inside, private_keys


def check(report, server, conversation, key_tool, min_keys=100):
    """Once the server has stopped and all is on the disk. So many private keys, at least, must be known: each of
    three people publishes ten KeyPackages of two keys in each of two cipher suites."""
    report.act("What the server has on its disk")
    disk = Disk(server.data)
    messages = disk.messages()
    report.line("server", f"{len(disk.files)} files, {len(disk.decoded)} pieces of base64, "
                          f"{len(messages)} MLSMessages")
    check_room(report, server)
    check_archive(report, conversation, messages)
    check_plaintext(report, conversation, disk)
    check_names(report, conversation, messages)
    check_keys(report, conversation, disk, key_tool, min_keys)


def check_room(report, server):
    """What the room is, by the server's own word."""
    config = next(server.data.glob("conference*/config/*.dat")).read_text()
    missing = [option for option in ("members_only", "persistent", "hidden", "archiving")
               if f'["{option}"] = true' not in config]
    report.check("the room is members-only, persistent, hidden and archived", not missing, missing)


def check_archive(report, conversation, messages):
    committed = {message.epoch for message in messages if message.content_type == COMMIT}
    begun = set(conversation.epochs())
    missing = {epoch for epoch in begun if epoch > 0 and epoch - 1 not in committed}
    report.check(f"the archive has every Commit, {len(begun - {0})} of them", begun and not missing, missing)
    kinds = {message.wire_format for message in messages}
    report.check("it has PrivateMessages, Welcomes and KeyPackages, and nothing else of MLS",
                 kinds == {PRIVATE_MESSAGE, WELCOME, KEY_PACKAGE} and not kinds & {PUBLIC_MESSAGE, GROUP_INFO}, kinds)


def check_plaintext(report, conversation, disk):
    texts = [*conversation.all_texts(), conversation.title]
    found = [text for text in texts if disk.contains_in_any_form(text.encode())]
    report.check("no word of the conversation, nor the room's title", not found, found)
    report.check("control: it finds the text that clients without MLS are shown",
                 disk.contains_in_any_form(b"encrypted with MLS"))
    report.check("control: it finds the room's name inside of decoded messages",
                 any(conversation.room.encode() in blob for blob in disk.decoded))


def check_names(report, conversation, messages):
    accounts = [person.account.encode() for person in conversation.people]
    handshakes = [message.encoded for message in messages if message.is_handshake]
    named = [account for account in accounts for handshake in handshakes if account in handshake]
    report.check(f"no member's JID in any of {len(handshakes)} decoded handshakes", handshakes and not named, named)
    key_packages = [message.encoded for message in messages if message.wire_format == KEY_PACKAGE]
    report.check("control: it finds each member's JID in decoded KeyPackages",
                 all(any(account in package for package in key_packages) for account in accounts))


def check_keys(report, conversation, disk, key_tool, min_keys):
    keys = private_keys(key_tool, conversation.secrets, disk)
    kinds = [kind for kind, _ in keys]
    report.line("server", f"(the clients' stores held {kinds.count('x25519')} private keys for encryption, "
                          f"{kinds.count('ed25519')} for signatures)")
    leaked = [key.hex() for _, key in keys if disk.contains_in_any_form(key)]
    report.check("none of the private keys that the clients' stores held", len(keys) >= min_keys and not leaked, leaked)
    check_key_controls(report, disk, keys)


def check_key_controls(report, disk, keys):
    """A key is planted where the server keeps things, in each form: the same search must find it."""
    _, key = next(iter(keys))
    for form, planted in (("raw", b"..." + key + b"..."), ("hex", b'id = "' + key.hex().encode() + b'"'),
                          ("base64", b'"' + base64_inside(key) + b'"')):
        copy = disk.with_file(planted)
        report.check(f"control: it finds a private key that was planted {form}", copy.contains_in_any_form(key))
