"""Looks at what lies on the server's disk for what must not be there.

A server sees base64 in XML, so everything that looks like base64 is decoded first, and every search is made in
what is on the disk, and in what was decoded from it. Each search has a control: something of the same kind that
must be found, or the search proves nothing."""

import base64
import pathlib
import re
import sqlite3
import struct
import subprocess

BASE64_RUN = re.compile(rb"[A-Za-z0-9+/]{16,}={0,2}")
PUBLIC_MESSAGE, PRIVATE_MESSAGE, WELCOME, GROUP_INFO, KEY_PACKAGE = 1, 2, 3, 4, 5  # RFC 9420, Section 17.2
PROPOSAL, COMMIT = 2, 3  # RFC 9420, Section 6


def decode_runs(data):
    for run in BASE64_RUN.findall(data):
        if len(run) % 4 == 0:
            try:
                yield base64.b64decode(run, validate=True)
            except ValueError:
                continue


class Disk:
    """All files below a folder, as bytes, and all that was base64 in them."""

    def __init__(self, folder):
        self.files = {path: path.read_bytes() for path in sorted(pathlib.Path(folder).rglob("*")) if path.is_file()}
        self.decoded = [blob for data in self.files.values() for blob in decode_runs(data)]

    def with_file(self, data):
        """The same disk with one more file; for controls."""
        copy = object.__new__(Disk)
        copy.files = {**self.files, "planted": data}
        copy.decoded = [*self.decoded, *decode_runs(data)]
        return copy

    def contains(self, needle):
        return any(needle in data for data in self.files.values()) or any(needle in blob for blob in self.decoded)

    def contains_in_any_form(self, secret):
        """Raw, in hexadecimal, in base64 (at each of the three places that a byte can have in it)."""
        return any(self.contains(form) for form in forms(secret))

    def messages(self):
        return [message for blob in self.decoded if (message := MlsMessage.read(blob)) is not None]


def base64_inside(secret):
    """The secret in the middle of something longer, in base64."""
    return base64.b64encode(b"\x2a" * 7 + secret + b"\x2a" * 9)


def forms(secret):
    yield secret
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    for shift in range(3):
        # The characters at both ends also hold bits of their neighbours.
        yield base64.b64encode(bytes(shift) + secret).rstrip(b"=")[(0, 2, 3)[shift]:-1]


def read_vector(data, offset):
    """`opaque<V>` of RFC 9420, Section 2.1.2: (content, offset behind it)."""
    size = 1 << (data[offset] >> 6)
    length = int.from_bytes(data[offset:offset + size], "big") & ((1 << (8 * size - 2)) - 1)
    begin = offset + size
    if size > 4 or begin + length > len(data):
        raise ValueError("not a vector")
    return data[begin:begin + length], begin + length


class MlsMessage:
    """What everybody can see of an MLSMessage (RFC 9420, Section 6)."""

    def __init__(self, encoded, wire_format):
        self.encoded = encoded
        self.wire_format = wire_format
        self.epoch = None
        self.content_type = None
        if wire_format == PRIVATE_MESSAGE:
            self.group_id, offset = read_vector(encoded, 4)
            self.epoch, self.content_type = struct.unpack_from(">QB", encoded, offset)

    @staticmethod
    def read(blob):
        """None for what is no MLSMessage of version mls10."""
        if len(blob) < 32 or blob[:2] != b"\0\1" or not 1 <= int.from_bytes(blob[2:4], "big") <= 5:
            return None
        try:
            return MlsMessage(blob, int.from_bytes(blob[2:4], "big"))
        except (ValueError, IndexError, struct.error):
            return None

    @property
    def is_handshake(self):
        """What changes the group or lets somebody in."""
        return self.wire_format in (PUBLIC_MESSAGE, WELCOME, GROUP_INFO) or self.content_type in (PROPOSAL, COMMIT)

    @property
    def is_commit(self):
        return self.content_type == COMMIT


def values_of(database):
    """Every value in a client's database that could hold a key. The client may have it open."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
    try:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                yield from (value for value in row if isinstance(value, bytes))
    finally:
        connection.close()


def private_keys(tool, values, disk):
    """The private keys among the values, found by what makes them such: that their public keys are known.

    So it does not matter how a store is laid out. `tool` is the program find_private_keys."""
    lines = [f"secret {value.hex()}" for value in values]
    lines += [f"public {blob.hex()}" for blob in [*values, *disk.decoded]]
    result = subprocess.run([str(tool)], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    return {(kind, bytes.fromhex(key)) for kind, key in (line.split() for line in result.stdout.splitlines())}
