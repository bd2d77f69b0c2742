"""An XMPP client that says exactly what it is told: for stanzas that no honest client would send."""

import base64
import socket
import ssl
from xml.sax.saxutils import quoteattr

OPENING = ("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to={} version='1.0'>")


class RawClient:
    """A stream of one account: STARTTLS, SASL PLAIN and a resource; from then on, bytes."""

    def __init__(self, server, user, resource="raw"):
        self._opening = OPENING.format(quoteattr(server.domain)).encode()
        self._received = b""
        self._socket = socket.create_connection((server.host, server.port), timeout=30)
        try:
            self._start_tls(server)
            self._authenticate(user, server.password(user))
            self._bind(resource)
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, xml):
        self._socket.sendall(xml if isinstance(xml, bytes) else xml.encode())

    def read_until(self, mark):
        """What came up to and with `mark`; what came after it is kept."""
        mark = mark.encode() if isinstance(mark, str) else mark
        while mark not in self._received:
            part = self._socket.recv(65536)
            if not part:
                raise ConnectionError(self._received[-500:].decode(errors="replace"))
            self._received += part
        end = self._received.index(mark) + len(mark)
        got, self._received = self._received[:end], self._received[end:]
        return got

    def _start_tls(self, server):
        self.send(self._opening)
        self.read_until("</stream:features>")
        self.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        self.read_until("<proceed")
        context = ssl.create_default_context(cafile=str(server.ca_file))
        self._received = b""
        self._socket = context.wrap_socket(self._socket, server_hostname=server.domain)

    def _authenticate(self, user, password):
        secret = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        self._open()
        self.send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>")
        self.read_until("<success")
        self.read_until(">")

    def _bind(self, resource):
        self._open()
        self.send("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                  f"<resource>{resource}</resource></bind></iq>")
        self.read_until("</iq>")

    def _open(self):
        self.send(self._opening)
        self.read_until("</stream:features>")
