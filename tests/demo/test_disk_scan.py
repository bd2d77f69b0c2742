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


def private_message(content_type, epoch=7):
    group_id = b"\x20" + bytes(32)
    return b"\0\1\0\2" + group_id + struct.pack(">QB", epoch, content_type) + b"\0" * 40


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


if __name__ == "__main__":
    unittest.main()
