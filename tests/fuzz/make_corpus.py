#!/usr/bin/env python3
"""Writes the seed corpus of the fuzz targets of libmls: make_corpus.py [FOLDER]

One well-formed object of each kind, with keys and signatures of the right length that mean nothing: the
decoders check shape only. The structs are those of RFC 9420, field by field, in its order."""

import base64
import pathlib
import struct
import sys

KEY, HASH, SIGNATURE = bytes(range(32)), bytes([0xAA]) * 32, bytes([0x55]) * 64
ADD, UPDATE, REMOVE, PSK, REINIT, EXTERNAL_INIT, GROUP_CONTEXT_EXTENSIONS = range(1, 8)
APPLICATION, PROPOSAL, COMMIT = range(1, 4)
PUBLIC_MESSAGE, PRIVATE_MESSAGE, WELCOME, GROUP_INFO, KEY_PACKAGE = range(1, 6)

# alice@a.example, with her key, and the CA that has certified her; made once by OpenSSL.
ALICE_KEY = bytes.fromhex("e5cda1802f75229c523c56531cea41e0cfb8c20eb766a0f6ebe14b796512647d")
ALICE = base64.b64decode(
    "MIIBdjCCASigAwIBAgIBAjAFBgMrZXAwDTELMAkGA1UEAwwCY2EwIBcNMjYxMTIzMjAxOTU3WhgPMjEyNjEwMzAyMDE5NTdaMBAx"
    "DjAMBgNVBAMMBWFsaWNlMCowBQYDK2VwAyEA5c2hgC91IpxSPFZTHOpB4M+4wg63ZqD26+FLeWUSZH2jgacwgaQwDAYDVR0TAQH/"
    "BAIwADAOBgNVHQ8BAf8EBAMCB4AwRAYDVR0RBD0wO4EPYWxpY2VAYS5leGFtcGxlgglhLmV4YW1wbGWgHQYIKwYBBQUHCAWgEQwP"
    "YWxpY2VAYS5leGFtcGxlMB0GA1UdDgQWBBQMafXXvoqZGxFzQm+Cmujl602XqjAfBgNVHSMEGDAWgBT6aVh9S+XtrqrXq8sXWEGi"
    "8vPebzAFBgMrZXADQQDu0kXUAG94ErSkMqFBz9/KkfWFCW3NBNlVw5TGsnY2RpgXwMeT0tkdhKZ+6HQ9C9xmuSj2Sz1puqSe9EUZ"
    "kx4C")
CA = base64.b64decode(
    "MIIBLTCB4KADAgECAgEBMAUGAytlcDANMQswCQYDVQQDDAJjYTAgFw0yNjExMjMyMDE5NTdaGA8yMTI2MTAzMDIwMTk1N1owDTEL"
    "MAkGA1UEAwwCY2EwKjAFBgMrZXADIQBgYGmgh6fH7vY5t/eu4vB0kBXi0da7ToOW15u5ZljHUKNjMGEwHQYDVR0OBBYEFPppWH1L"
    "5e2uqteryxdYQaLy895vMB8GA1UdIwQYMBaAFPppWH1L5e2uqteryxdYQaLy895vMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/"
    "BAQDAgIEMAUGAytlcANBAL10RYbrL4tO+aSmUHCGj/2f6qSnNOnwOoyfZoFwRBmp/fA5f2QT9ploaczJRHFYmCO5qqFUiwgEi210"
    "2zYApAQ=")


def u8(*values):
    return bytes(values)


def u16(*values):
    return b"".join(struct.pack(">H", value) for value in values)


def u32(*values):
    return b"".join(struct.pack(">I", value) for value in values)


def u64(*values):
    return b"".join(struct.pack(">Q", value) for value in values)


def vector(*parts):
    """opaque<V> and T<V>: Section 2.1.2."""
    content = b"".join(parts)
    if len(content) < 1 << 6:
        return u8(len(content)) + content
    if len(content) < 1 << 14:
        return u16(0x4000 | len(content)) + content
    return u32(0x80000000 | len(content)) + content


def extension(kind, data):
    return u16(kind) + vector(data)


def capabilities():  # Section 7.2
    return b"".join(vector(u16(*values)) for values in ((1,), (1, 3), (0xF001,), (0xF002,), (1, 2)))


def leaf_node(source):  # Section 7.2
    ends = {1: u64(1_700_000_000, 1_800_000_000), 2: b"", 3: vector(HASH)}
    return (vector(KEY) + vector(KEY[::-1]) + u16(1) + vector(b"alice@a.example") + capabilities() + u8(source)
            + ends[source] + vector(extension(0xF001, b"device")) + vector(SIGNATURE))


def key_package():  # Section 10
    return u16(1, 1) + vector(KEY) + leaf_node(1) + vector(extension(0xF003, b"")) + vector(SIGNATURE)


def pre_shared_key_id(kind):  # Section 8.4
    body = {1: vector(b"psk"), 2: u8(1) + vector(b"group") + u64(7)}
    return u8(kind) + body[kind] + vector(HASH)


def required_capabilities():  # Section 11.1
    return vector(u16(0xF001)) + vector(u16(0xF002)) + vector(u16(1))


def extensions():
    return vector(extension(3, required_capabilities()), extension(0xF004, bytes(70)))


def proposals():  # Section 12.1
    return {
        "add": u16(ADD) + key_package(),
        "update": u16(UPDATE) + leaf_node(2),
        "remove": u16(REMOVE) + u32(5),
        "psk-external": u16(PSK) + pre_shared_key_id(1),
        "psk-resumption": u16(PSK) + pre_shared_key_id(2),
        "reinit": u16(REINIT) + vector(b"next") + u16(1, 3) + extensions(),
        "external-init": u16(EXTERNAL_INIT) + vector(KEY),
        "group-context-extensions": u16(GROUP_CONTEXT_EXTENSIONS) + extensions(),
        # of draft-ietf-mls-extensions, and of a type that only the host knows
        "app-data-update": u16(8, 0x8001) + u8(1) + vector(b"tea"),
        "app-data-removal": u16(8, 0x8001) + u8(2),
        "app-ephemeral": u16(9, 0x8001) + vector(b"now"),
        "self-remove": u16(10),
        "custom": u16(0xF001) + vector(b"body"),
    }


def app_data():
    dictionary = vector(u16(0x8001) + vector(b"tea"), u16(0x8002) + vector())
    return {
        "two": u16(0x8001) + extension(0xF001, b"other") + extension(6, dictionary),
        "new-component": u16(0x8003) + extension(6, dictionary),
        "none": u16(1) + extension(0xF001, b"other"),
    }


def external_senders():  # Section 12.1.8.1
    sender = vector(KEY) + u16(1) + vector(b"warden")
    return {"one": vector(sender), "two": vector(sender, vector(KEY[::-1]) + u16(0xF001) + vector(b"other"))}


def update_path():  # Section 7.6
    node = vector(KEY) + vector((vector(KEY) + vector(bytes(48))) * 2)
    return leaf_node(3) + vector(node, vector(KEY) + vector())


def commits():  # Section 12.4
    by_value = b"".join(u8(1) + proposal for proposal in proposals().values())
    return {
        "with-path": vector(by_value, u8(2) + vector(HASH)) + u8(1) + update_path(),
        "without-path": vector(u8(1) + proposals()["add"]) + u8(0),
    }


def group_context():  # Section 8.1
    return u16(1, 1) + vector(b"group") + u64(9) + vector(HASH) + vector(HASH) + extensions()


def group_info():  # Section 12.4.3
    return group_context() + vector(extension(2, ratchet_tree())) + vector(HASH) + u32(0) + vector(SIGNATURE)


def parent_node():  # Section 7.1
    return vector(KEY) + vector(HASH) + vector(u32(1, 2))


def ratchet_tree():  # Section 12.4.3.3: leaf 0, its parent, leaf 1, a blank root, leaf 2
    leaf, parent = u8(1, 1) + leaf_node(1), u8(1, 2) + vector(KEY) + vector(HASH) + vector(u32(1))
    return vector(leaf, parent, leaf, u8(0), leaf)


def framed_content(content_type, body):  # Section 6
    return vector(b"group") + u64(9) + u8(1) + u32(2) + vector(b"aad") + u8(content_type) + body


def authenticated_contents():
    return {
        "application": u16(PRIVATE_MESSAGE) + framed_content(APPLICATION, vector(b"hello")) + vector(SIGNATURE),
        "proposal": u16(PUBLIC_MESSAGE) + framed_content(PROPOSAL, proposals()["remove"]) + vector(SIGNATURE),
        "commit": (u16(PUBLIC_MESSAGE) + framed_content(COMMIT, commits()["with-path"]) + vector(SIGNATURE)
                   + vector(HASH)),
    }


def group_secrets():  # Section 12.4.3.1
    psks = vector(pre_shared_key_id(1), pre_shared_key_id(2))
    return {
        "with-path": vector(HASH) + u8(1) + vector(HASH) + psks,
        "without-path": vector(HASH) + u8(0) + vector(),
    }


def welcome():  # Section 12.4.3.1
    secrets = vector(HASH) + vector(KEY) + vector(bytes(60))
    return u16(1) + vector(secrets, secrets) + vector(bytes(100))


def messages():  # Section 6
    commit = framed_content(COMMIT, commits()["without-path"]) + vector(SIGNATURE) + vector(HASH) + vector(HASH)
    private = vector(b"group") + u64(9) + u8(APPLICATION) + vector(b"aad") + vector(bytes(28)) + vector(bytes(80))
    return {
        "public-commit": u16(1, PUBLIC_MESSAGE) + commit,
        "private": u16(1, PRIVATE_MESSAGE) + private,
        "welcome": u16(1, WELCOME) + welcome(),
        "group-info": u16(1, GROUP_INFO) + group_info(),
        "key-package": u16(1, KEY_PACKAGE) + key_package(),
    }


def private_contents():  # Section 6.3.1; the first byte of the input is the content type
    auth = vector(SIGNATURE)
    return {
        "application": u8(APPLICATION) + vector(b"hello") + auth + bytes(16),
        "proposal": u8(PROPOSAL) + proposals()["remove"] + auth,
        "commit": u8(COMMIT) + commits()["with-path"] + auth + vector(HASH),
    }


def evidence():
    """As evidence.h has it: of a member, of who joins by a Commit, of an external sender, of who asks to be added."""
    def framed(sender, content_type, body):
        return vector(b"group") + u64(9) + sender + vector(b"aad") + u8(content_type) + body

    def whole(wire_format, content, signer):
        return b"MLSE" + u16(1, wire_format) + content + vector(SIGNATURE) + signer

    member = group_context() + leaf_node(3)
    return {
        "application": whole(PRIVATE_MESSAGE, framed(u8(1) + u32(2), APPLICATION, vector(b"hello")), member),
        "commit": whole(PUBLIC_MESSAGE, framed(u8(1) + u32(2), COMMIT, commits()["with-path"]), member),
        "external-commit": whole(PUBLIC_MESSAGE, framed(u8(4), COMMIT, commits()["with-path"]), group_context()),
        "external-sender": whole(PUBLIC_MESSAGE, framed(u8(2) + u32(0), PROPOSAL, proposals()["remove"]),
                                 vector(KEY)),
        "new-member": whole(PUBLIC_MESSAGE, framed(u8(3), PROPOSAL, proposals()["add"]), b""),
    }


def saved_groups():
    """The entries of a stored group, as group_rows.h has them; the first two bytes of the input are their kind and
    the version of the store."""
    used_generations = vector(HASH) + u32(4, 5)
    key = vector(KEY)
    skipped = u32(3) + bytes(32) + bytes(12)
    group = (vector(b"group") + u16(1) + u64(9) + u32(4) + u8(0) + vector(u64(7, 8))
             + vector(u64(8) + vector(HASH)))
    epoch = vector(group_context()) + vector(HASH) * 10 + u32(2) + key + u8(1) + u32(4) + key + u32(0, 1) + u32(4)
    exporter_node = u8(2) + u16(3) + vector(HASH)
    proposal = vector(authenticated_contents()["proposal"]) + key
    commit = (vector(messages()["private"]) + vector(authenticated_contents()["commit"]) + key + vector(HASH)
              + vector())
    return {
        "group-1": b"a\1" + u16(1) + group + vector(used_generations),
        "group": b"a\3" + u16(3) + group + vector(u64(9) + used_generations),
        "epoch-2": b"e\2" + epoch,
        "epoch": b"e\3" + epoch + u8(2) + vector(b"origin") + u64(3) + vector(HASH) + vector(proposals()["reinit"])
                 + vector(exporter_node),
        "lists-2": b"l\2" + vector(proposal) + vector(commit),
        "lists": b"l\3" + vector(proposal + key) + vector(commit + key),
        "past": b"p\3" + u64(1_700_000_000) + u8(1) + u32(4, 3, 3, 3) + vector(u16(1) + u32(3))
                + vector(u32(4) + u8(1) + vector(leaf_node(1)) + vector(HASH)),
        "ratchets": b"r\3" + (vector(HASH) + u32(5) + vector(skipped, skipped)) * 2,
    }


def changes():
    """Inputs of fuzz_change() in own_key_package.h: raw bytes, bits changed, bytes left out, nothing changed."""
    return {
        "raw": u8(0) + u16(1, KEY_PACKAGE) + key_package(),
        "flip": u8(1) + u16(40) + u8(1, 0, 0, 0x80),
        "flip-end": u8(1) + u16(300) + bytes([0xFF]) * 8,
        "leave-out": u8(2) + u16(20, 3),
        "good": u8(3),
    }


def main(folder):
    corpus = {
        "app_data": app_data(),
        "authenticated_content": authenticated_contents(),
        "commit": commits(),
        "evidence": evidence(),
        "external_senders": external_senders(),
        "extensions": {"list": extensions()},
        "group_context": {"context": group_context()},
        "group_info": {"with-tree": group_info()},
        "group_secrets": group_secrets(),
        "key_package": {"basic": key_package()},
        "leaf_node": {"key-package": leaf_node(1), "update": leaf_node(2), "commit": leaf_node(3)},
        "message": messages(),
        "parent_node": {"unmerged": parent_node()},
        "private_content": private_contents(),
        "proposal": proposals(),
        "ratchet_tree": {"three-leaves": ratchet_tree()},
        "read_key_package": changes(),
        "saved_group": saved_groups(),
        "saved_key_package": changes(),
        "x509": {"chain": ALICE_KEY + vector(ALICE) + vector(CA), "alone": ALICE_KEY + vector(ALICE),
                 "other-key": KEY + vector(ALICE)},
    }
    for target, seeds in corpus.items():
        for name, seed in seeds.items():
            path = folder / f"fuzz_{target}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(seed)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "corpus"))
