#!/usr/bin/env python3
"""The harness itself: the server is verified by its CA only, is not root, and leaves nothing behind."""

import os
import pathlib
import socket
import ssl
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from prosody import Prosody, make_authority  # noqa: E402

STREAM = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='{}' version='1.0'>"


def start_tls(server, ca_file):
    """STARTTLS (RFC 6120, Section 5): returns the features that the server offers after it."""
    with socket.create_connection((server.host, server.port), timeout=10) as plain:
        opening = STREAM.format(server.domain).encode()
        plain.sendall(opening)
        read_until(plain, b"</stream:features>")
        plain.sendall(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        read_until(plain, b"<proceed")
        context = ssl.create_default_context(cafile=str(ca_file))
        with context.wrap_socket(plain, server_hostname=server.domain) as secured:
            secured.sendall(opening)
            return read_until(secured, b"</stream:features>")


def read_until(connection, mark):
    received = b""
    while mark not in received:
        part = connection.recv(4096)
        if not part:
            raise ConnectionError(received.decode(errors="replace"))
        received += part
    return received


class ProsodyTest(unittest.TestCase):
    def test_tls__verified_by_own_ca_only(self):
        with Prosody(["alice"]) as server:
            self.assertIn(b"SCRAM-SHA-1", start_tls(server, server.ca_file))
            stranger = make_authority(server.folder, "stranger")
            with self.assertRaises(ssl.SSLCertVerificationError):
                start_tls(server, stranger)

    def test_process__is_not_root(self):
        with Prosody() as server:
            self.assertNotEqual(os.stat(f"/proc/{server.process.pid}").st_uid, 0)

    def test_restart__keeps_port_and_accounts(self):
        with Prosody(["alice"]) as server:
            port = server.port
            server.stop()
            server.start()
            self.assertEqual(server.port, port)
            self.assertTrue(list(server.data.rglob("accounts/alice.dat")))

    def test_close__leaves_nothing(self):
        with Prosody(["alice"]) as server:
            folder, port, pid = server.folder, server.port, server.process.pid
        self.assertFalse(folder.exists())
        self.assertFalse(pathlib.Path(f"/proc/{pid}").exists())
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection((server.host, port), timeout=1)


if __name__ == "__main__":
    unittest.main()
