#!/usr/bin/env python3
"""The scan of the server's disk finds what is planted, in each form, and nothing where nothing is."""

import base64
import hashlib
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import server_disk  # noqa: E402
from disk_scan import COMMIT, Disk, MlsMessage, base64_inside, private_keys  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv.pop(1))

# RFC 8032, Section 7.1 (TEST 1)
ED25519_PRIVATE = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
ED25519_PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def disk_with(data):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "file.list").write_bytes(data)
        return Disk(folder)


def new_x25519():
    """A key pair; the keys are the last 32 bytes of their DER encodings (RFC 8410)."""
    private = subprocess.run(["openssl", "genpkey", "-algorithm", "X25519", "-outform", "DER"], capture_output=True,
                             check=True).stdout
    public = subprocess.run(["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"], input=private,
                            capture_output=True, check=True).stdout
    return private[-32:], public[-32:]


def private_message(content_type, epoch=7, authenticated_data=b""):
    group_id = b"\x20" + bytes(32)
    return (b"\0\1\0\2" + group_id + struct.pack(">QB", epoch, content_type) + bytes([len(authenticated_data)])
            + authenticated_data + bytes(40))


class DiskScanTest(unittest.TestCase):
    def test_contains_in_any_form__finds_each_form_at_each_place(self):
        secret = os.urandom(32)
        for before in range(4):
            padding = os.urandom(before)
            planted = (padding + secret, (padding + secret).hex().encode(), base64.b64encode(padding + secret + b"xy"),
                       base64.b64encode(padding + base64.b64encode(secret)))
            for data in planted:
                self.assertTrue(disk_with(b"item({ '" + data + b"' })").contains_in_any_form(secret), data)

    def test_contains_in_any_form__finds_nothing_where_nothing_is(self):
        disk = disk_with(b"..." + base64_inside(os.urandom(32)) + os.urandom(64))
        self.assertFalse(disk.contains_in_any_form(os.urandom(32)))

    def test_with_file__finds_what_was_planted(self):
        secret = os.urandom(32)
        disk = disk_with(b"nothing")
        self.assertFalse(disk.contains_in_any_form(secret))
        self.assertTrue(disk.with_file(base64_inside(secret)).contains_in_any_form(secret))

    def test_messages__are_decoded_and_told_apart(self):
        disk = disk_with(b"text = '" + base64.b64encode(private_message(COMMIT)) + b"'; other = '"
                         + base64.b64encode(hashlib.sha256(b"noise").digest()) + b"'")
        messages = disk.messages()
        self.assertEqual([(message.is_commit, message.is_handshake, message.epoch) for message in messages],
                         [(True, True, 7)])
        self.assertIsNone(MlsMessage.read(private_message(COMMIT)[:20]))


class PrivateKeysTest(unittest.TestCase):
    @staticmethod
    def find(value, public):
        return private_keys(PROGRAMS / "find_private_keys", [value], disk_with(base64.b64encode(public)))

    def test_x25519__found_by_its_public_key(self):
        private, public = new_x25519()
        value = b"\0\0\x20" + private
        self.assertEqual(self.find(value, b"\0\x20" + public), {("x25519", private)})

    def test_ed25519__found_by_its_public_key(self):
        value = b"\1" + b"\x20" + ED25519_PRIVATE + b"\0"
        self.assertEqual(self.find(value, b"\0\0\x20" + ED25519_PUBLIC), {("ed25519", ED25519_PRIVATE)})

    def test_ed25519__found_in_front_of_its_public_key(self):
        value = b"\x40\x40" + ED25519_PRIVATE + ED25519_PUBLIC
        self.assertIn(("ed25519", ED25519_PRIVATE), self.find(value, b"\0\x20" + ED25519_PUBLIC))

    def test_other_bytes__are_no_private_keys(self):
        self.assertEqual(self.find(b"\x20" + os.urandom(32), b"\0\x20" + ED25519_PUBLIC), set())
        self.assertEqual(self.find(b"\x20" + ED25519_PUBLIC, b"\0\x20" + ED25519_PUBLIC), set())


class FakeReport:
    """Remembers which checks failed."""

    def __init__(self):
        self.failed = []

    def act(self, _title):
        pass

    def line(self, *_):
        pass

    def check(self, name, condition, _detail=""):
        if not condition:
            self.failed.append(name)


class FakeConversation:
    """Alice said one thing in a room, in epoch 1, and her store holds one private key."""

    class Person:
        account = "alice@chat.test"

    people = [Person]
    room = "garden@conference.chat.test"
    title = "a secret garden"
    secrets = {b"\x20" + ED25519_PRIVATE}

    @staticmethod
    def all_texts():
        return ["nobody else may read this"]

    @staticmethod
    def epochs():
        return {0: {}, 1: {}}


class FakeServer:
    """A disk as it has to be; tests add what must not be there, or take away what must."""

    def __init__(self, folder):
        self.data = pathlib.Path(folder)
        self.write("conference/config/garden.dat", b'["members_only"] = true; ["persistent"] = true;'
                                                   b' ["hidden"] = true; ["archiving"] = true;')
        self.write("conference/muc_log/garden.list", b"This message is encrypted with MLS "
                   + self.item(private_message(COMMIT, 0, FakeConversation.room.encode())))
        self.write("archive/alice.list", self.item(b"\0\1\0\3" + bytes(60)))
        self.write("pep/alice.list", self.item(b"\0\1\0\5\x20" + ED25519_PUBLIC + b"alice@chat.test" + bytes(20)))

    @staticmethod
    def item(message):
        return b"item({ '" + base64.b64encode(message) + b"' })"

    def write(self, name, data):
        path = self.data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


class ServerDiskTest(unittest.TestCase):
    """Each check of the demo fails when what it looks for is there."""

    def failed(self, name=None, data=b""):
        with tempfile.TemporaryDirectory() as folder:
            server, report = FakeServer(folder), FakeReport()
            if name:
                server.write(name, data)
            server_disk.check(report, server, FakeConversation, PROGRAMS / "find_private_keys", min_keys=1)
            return report.failed

    def test_as_it_has_to_be__nothing_fails(self):
        self.assertEqual(self.failed(), [])

    def test_plaintext__found(self):
        for planted in (b"nobody else may read this", base64.b64encode(b".nobody else may read this."),
                        "a secret garden".encode().hex().encode()):
            self.assertEqual(self.failed("planted", planted), ["no word of the conversation, nor the room's title"])

    def test_jid_in_a_handshake__found(self):
        message = private_message(COMMIT, 0, b"alice@chat.test")
        self.assertEqual(self.failed("planted", FakeServer.item(message)),
                         ["no member's JID in any of 3 decoded handshakes"])

    def test_private_key__found(self):
        for planted in (ED25519_PRIVATE, ED25519_PRIVATE.hex().encode(), base64_inside(ED25519_PRIVATE)):
            self.assertEqual(self.failed("planted", b"-" + planted + b"-"),
                             ["none of the private keys that the clients' stores held"])

    def test_missing_commit__found(self):
        message = private_message(COMMIT, 5, FakeConversation.room.encode())
        self.assertEqual(self.failed("conference/muc_log/garden.list", b"encrypted with MLS" + FakeServer.item(message)),
                         ["the archive has every Commit, 1 of them"])

    def test_group_info_on_the_server__found(self):
        self.assertEqual(self.failed("planted", FakeServer.item(b"\0\1\0\4" + bytes(60))),
                         ["it has PrivateMessages, Welcomes and KeyPackages, and nothing else of MLS"])

    def test_open_room__found(self):
        self.assertEqual(self.failed("conference/config/garden.dat", b'["persistent"] = true; ["hidden"] = true;'
                                                                     b' ["archiving"] = true;'),
                         ["the room is members-only, persistent, hidden and archived"])


if __name__ == "__main__":
    unittest.main()
