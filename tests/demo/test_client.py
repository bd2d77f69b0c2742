#!/usr/bin/env python3
"""mls-chat against servers that lack something, and its options: each failure has a status and a sentence."""

import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "server"))
from chat_client import ChatClient, Event  # noqa: E402
from prosody import Prosody, make_authority  # noqa: E402
from raw_client import RawClient  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv.pop(1))
MLS_CHAT = PROGRAMS / "mls-chat"


class WithServer(unittest.TestCase):
    """A server for each class, and a fresh data folder for each test."""

    lacks = {}
    options = ()

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Prosody(["alice", "bob"], **cls.lacks))

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="mls-test-")))
        self.alice = ChatClient(MLS_CHAT, self.server, "alice", self.folder, self.options)

    def find(self, events, name, **fields):
        found = [event for event in events if event.matches(name, fields)]
        self.assertTrue(found, "\n".join(event.line for event in events))
        return found[0]


class StatusTest(WithServer):
    def test_quit__status_0(self):
        status, events, errors = self.alice.run_once("/quit\n")
        self.assertEqual((status, errors), (0, ""))
        self.find(events, "disconnected", reason="wanted")

    def test_end_of_script__status_0(self):
        self.assertEqual(self.alice.run_once("# a comment\n\n/fingerprint")[0], 0)

    def test_usage__status_2(self):
        for wrong in (["alice"], ["--port", "65536", "a@b"], ["--port", "x", "a@b"], [], ["a@b", "c@d"],
                      ["--nonsense", "a@b"], ["a@b/resource"], ["--password-fd", "3", "--password-file", "f", "a@b"]):
            result = subprocess.run([str(MLS_CHAT), *wrong], capture_output=True, text=True, check=False)
            self.assertEqual((result.returncode, result.stdout), (2, ""), wrong)
            self.assertIn("--help", result.stderr)

    def test_help_and_version__status_0(self):
        for option, text in (("--help", "--ca-file"), ("--version", "mls-chat ")):
            result = subprocess.run([str(MLS_CHAT), option], capture_output=True, text=True, check=True)
            self.assertIn(text, result.stdout)

    def test_wrong_password__status_3(self):
        wrong = self.folder / "wrong"
        wrong.touch(mode=0o600)
        wrong.write_text("not this one\n")
        status, events, _ = self.alice.run_once(password_file=wrong)
        self.assertEqual(status, 3)
        self.assertIn("password", self.find(events, "disconnected", reason="password", retry="0")["text"])

    def test_unreachable__status_4(self):
        status, events, _ = self.alice.run_once(options=["--port", "1"])
        self.assertEqual(status, 4)
        self.find(events, "disconnected", reason="unreachable")

    def test_wrong_authority__status_5(self):
        status, events, _ = self.alice.run_once(ca_file=make_authority(self.folder, "stranger"))
        self.assertEqual(status, 5)
        self.assertIn("not trusted", self.find(events, "disconnected", reason="certificate", retry="0")["text"])

    def test_in_use__status_6(self):
        self.alice.start()
        self.addCleanup(self.alice.stop)
        status, events, errors = self.alice.run_once()
        self.assertEqual(status, 6)
        self.find(events, "failed", command="open", reason="locked")
        self.assertTrue(errors)

    def test_wait_timeout__status_7(self):
        status, events, _ = self.alice.run_once("/wait never 0.2\n/quit\n")
        self.assertEqual(status, 7)
        self.find(events, "failed", command="/wait", reason="timeout")


class PasswordTest(WithServer):
    def run_with(self, *options, **how):
        command = self.alice.command_line()
        at = command.index("--password-file")
        return subprocess.run([*command[:at], *options, *command[at + 2:]], env=self.alice.environment(),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False, **how)

    def test_descriptor(self):
        reading, writing = os.pipe()
        os.write(writing, self.server.password("alice").encode() + b"\nnot the password's\n")
        os.close(writing)
        self.assertEqual(self.run_with("--password-fd", str(reading), pass_fds=[reading]).returncode, 0)
        os.close(reading)

    def test_file_that_others_may_read__refused(self):
        open_file = self.folder / "open"
        open_file.write_text(self.server.password("alice"))
        open_file.chmod(0o644)
        result = self.run_with("--password-file", str(open_file))
        self.assertEqual(result.returncode, 1)
        self.assertIn("chmod 600", result.stderr)

    def test_no_password_and_no_terminal__said(self):
        result = self.run_with(start_new_session=True)
        self.assertEqual(result.returncode, 1)
        self.assertIn("--password-file", result.stderr)


class CommandTest(WithServer):
    def test_script_file__with_waits(self):
        script = self.folder / "script"
        script.write_text("/create nook\n/wait joined 30\nhello, \\ \"nook\"\n/wait delivered 30\n/rooms\n")
        status, events, _ = self.alice.run_once(options=["--script", str(script)])
        self.assertEqual(status, 0)
        self.assertEqual(self.find(events, "message")["text"], "hello, \\ \"nook\"")
        self.assertEqual(self.find(events, "room")["state"], "ready")

    def test_unknown_command_and_missing_argument__failed(self):
        _, events, _ = self.alice.run_once("/nonsense\n/invite\n/members\ntext without a room\n")
        self.find(events, "failed", command="/nonsense", reason="unknown-command")
        self.find(events, "failed", command="/invite", reason="usage")
        self.find(events, "failed", command="/members", reason="no-such-room")
        self.find(events, "failed", command="text", reason="no-such-room")

    def test_data_folder__is_the_users_alone(self):
        self.alice.run_once("/fingerprint\n")
        for path in (self.alice.database.parent, self.alice.database.parent.parent):
            self.assertEqual(path.stat().st_mode & 0o777, 0o700)

    def invite(self, account):
        _, events, _ = self.alice.run_once(f"/create nook-{account}\n/wait joined 30\n/invite {account}\n/wait error 30\n")
        return self.find(events, "error", account=f"{account}@{self.server.domain}")

    def test_unknown_account__said(self):
        error = self.invite("nobody-of-this-name")
        self.assertIn(error["reason"], ("unknown-account", "no-devices"))
        self.assertTrue(error["text"])

    def test_account_without_mls__said(self):
        self.assertIn(self.invite("bob")["reason"], ("no-devices", "unknown-account"))


class StanzaTest(WithServer):
    """What the adapter does with stanzas that another account sends, who may send what it likes."""

    options = ["--verbose"]

    def setUp(self):
        super().setUp()
        self.alice.start()
        self.addCleanup(self.alice.stop)
        self.bob = self.enterContext(RawClient(self.server, "bob"))

    def ask(self, kind, payload, end="</iq>"):
        jid = self.alice.find("connected")[-1]["jid"]
        self.bob.send(f"<iq type='{kind}' id='q1' to='{jid}'>{payload}</iq>")
        return self.bob.read_until(end).decode()

    def test_deeply_nested_stanza__dropped_and_the_client_goes_on(self):
        depth = 100  # what is much deeper Prosody itself does not let through
        self.bob.send(f"<message to='{self.alice.account}' type='chat'><body>deep</body>{'<a>' * depth}"
                      f"{'</a>' * depth}</message>")
        self.bob.send(f"<message to='{self.alice.account}' type='chat'><body>flat</body></message>")
        self.alice.expect("clear-text", text="flat")
        self.assertFalse(self.alice.find("clear-text", text="deep"))
        self.assertEqual(self.alice.errors().count("nested too deeply"), 1)

    def test_clear_text__is_shown_as_unproven_and_escaped(self):
        self.bob.send(f"<message to='{self.alice.account}' type='chat'><body>a\u202eb&#10;done command=</body></message>")
        event = self.alice.expect("clear-text")
        self.assertEqual(event["text"], "a\u202eb\ndone command=")
        self.assertIn(r"a\u{202E}b\ndone", event.line)

    def test_disco__announces_mls(self):
        answer = self.ask("get", "<query xmlns='http://jabber.org/protocol/disco#info'/>")
        self.assertIn("urn:xmpp:mls:0", answer)
        self.assertIn("urn:xmpp:mls:0:devices+notify", answer)

    def test_ping__answered(self):
        self.assertRegex(self.ask("get", "<ping xmlns='urn:xmpp:ping'/>", end="/>"), "type=['\"]result")

    def test_unknown_request__answered_with_an_error(self):
        self.assertIn("service-unavailable", self.ask("set", "<nonsense xmlns='urn:example:nonsense'/>"))


class ReconnectTest(WithServer):
    def test_server_restart__client_comes_back_and_goes_on(self):
        self.alice.start()
        self.addCleanup(self.alice.stop)
        self.alice.command("/create nook")
        self.alice.expect("joined")
        self.server.stop()
        self.alice.expect("disconnected", reason="lost", retry="1")
        self.alice.command("written while the server was away")
        before = len(self.alice.events)
        self.server.start()
        self.alice.expect("connected", since=before)
        self.alice.expect("delivered", since=before)
        self.assertEqual(self.alice.texts(), ["written while the server was away"])

    def test_killed_client__goes_on(self):
        self.alice.start()
        self.addCleanup(self.alice.stop)
        self.alice.command("/create den")
        self.alice.expect("joined")
        self.alice.command("before")
        self.alice.kill()
        self.alice.start()
        self.alice.command("after")
        origin = self.alice.expect("message", text="after")["origin-id"]
        self.alice.expect("delivered", origin_id=origin)
        self.assertEqual(self.alice.texts().count("before"), 1)


class AccountTest(WithServer):
    def test_server_has_all_that_is_needed__no_warning(self):
        _, events, _ = self.alice.run_once("/wait ready 30\n/quit\n")
        self.find(events, "ready")
        self.assertFalse([event for event in events if event.name in ("warning", "error")])


class NoPepTest(WithServer):
    lacks = {"pep": False}

    def test_no_pep__said(self):
        _, events, _ = self.alice.run_once("/quit\n")
        self.assertTrue(self.find(events, "error", reason="no-pep")["text"])


class NoArchiveTest(WithServer):
    lacks = {"archive": False}

    def test_no_archive__said_and_nothing_is_encrypted_for_nobody(self):
        _, events, _ = self.alice.run_once("/create nook\n/wait error 30\nhello\n")
        self.assertTrue(self.find(events, "error", reason="room-no-archive")["text"])
        self.find(events, "failed", command="text")
        self.assertFalse([event for event in events if event.name in ("joined", "message")])


class NoTlsTest(unittest.TestCase):
    """A server, or somebody between us and it, that offers no TLS."""

    FEATURES = (b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' id='1' from='chat.test'"
                b" xmlns:stream='http://etherx.jabber.org/streams'><stream:features><mechanisms"
                b" xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>"
                b"</stream:features>")

    def test_no_tls__no_password_is_sent(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="mls-test-"))
        listener = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        received = []
        thread = threading.Thread(target=self.serve, args=(listener, received), daemon=True)
        thread.start()
        reading, writing = os.pipe()
        os.write(writing, b"secret\n")
        os.close(writing)
        result = subprocess.run(
            [str(MLS_CHAT), "--server", "127.0.0.1", "--port", str(listener.getsockname()[1]), "--password-fd",
             str(reading), "alice@chat.test"],
            env={"HOME": folder}, pass_fds=[reading], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, check=False)
        os.close(reading)
        thread.join(10)
        self.assertEqual(result.returncode, 5)
        self.assertIn('disconnected reason="no-tls" retry="0"', result.stdout)
        self.assertIn(b"<stream:stream", received[0])
        self.assertNotIn(b"<auth", received[0])

    def serve(self, listener, received):
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(10)
            data = connection.recv(4096)
            connection.sendall(self.FEATURES)
            while part := connection.recv(4096):
                data += part
            received.append(data)


class EventTest(unittest.TestCase):
    def test_line__is_read_back_exactly(self):
        event = Event(r'message room="r" text="a \"b\" \\ \n \u{202E} \x9F ä"')
        self.assertEqual(event.name, "message")
        self.assertEqual(event["text"], "a \"b\" \\ \n \u202e \x9f ä")


if __name__ == "__main__":
    unittest.main()
