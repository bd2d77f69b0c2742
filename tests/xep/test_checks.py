#!/usr/bin/env python3
"""The checks of the XEP find what is planted for them.

    test_checks.py structure|schema|dtd FOLDER DTD-FOLDER
    test_checks.py examples FOLDER DTD-FOLDER TEST_EXAMPLES     the program test_examples

Each planted fault is one change to a copy of the draft. The unchanged copy must pass first; then the check
must fail, and for the reason planted.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import check_xep
import validate_examples
import validate_xep

XEP = "xep-mls.xml"
WELCOME = "examples/26-welcome.xml"


def replaced(file, old, new):
    """A fault: the first `old` in the file becomes `new`."""

    def plant(folder):
        path = folder / file
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise AssertionError(f"nothing to plant the fault in: {file} has no {old!r}")
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return plant


def removed(file):
    return lambda folder: (folder / file).unlink()


def added(file, text):
    return lambda folder: (folder / file).write_text(text, encoding="utf-8")


def new_example(document):
    return added("examples/99-new.xml", document)


# name of the fault: (how it is planted, a part of what the check must say)
STRUCTURE_FAULTS = {
    "unclosed_element": (replaced(XEP, "</abstract>", ""), "not well-formed"),
    "anchor_twice": (
        replaced(XEP, "anchor='glossary'", "anchor='introduction'"),
        "anchor 'introduction' is there 2",
    ),
    "section_without_anchor": (replaced(XEP, " anchor='glossary'", ""), "without topic or anchor"),
    "dangling_link": (replaced(XEP, "<link url='#", "<link url='#no-"), "which is no section"),
    "example_edited_in_text": (replaced(XEP, "maxstanzas='0'/>\n", "maxstanzas='1'/>\n"), "examples differ"),
    "caption_edited_in_text": (replaced(XEP, "<example caption='", "<example caption='X"), "examples differ"),
    "example_edited_in_file": (replaced(WELCOME, "chat", "normal"), "examples differ"),
    "example_without_file": (removed(WELCOME), "26-welcome.xml: no such file"),
    "example_without_marker": (new_example("<message/>\n"), "99-new.xml: 0 markers"),
    "example_without_row": (
        replaced("examples/README.md", "| 26-welcome.xml |", "| 26 |"),
        "26-welcome.xml: no row",
    ),
    "outcome_unknown": (replaced("examples/README.md", "| event ", "| surprise "), "no outcome of way 'in'"),
    "unmarked_example": (replaced(XEP, "<!-- examples/26-welcome.xml -->", ""), "without a marker"),
    "example_not_well_formed": (replaced(WELCOME, "</welcome>", ""), "26-welcome.xml is not well-formed"),
    "element_not_ours": (new_example("<commit xmlns='urn:xmpp:mls:0'>AAAA</commit>"), "no element of"),
    "empty_payload": (new_example("<mls xmlns='urn:xmpp:mls:0'/>"), "empty"),
    "no_padding": (new_example("<mls xmlns='urn:xmpp:mls:0'>AAA</mls>"), "not base64"),
    "loose_bits": (new_example("<mls xmlns='urn:xmpp:mls:0'>AB==</mls>"), "not canonical"),
    "not_the_alphabet": (new_example("<mls xmlns='urn:xmpp:mls:0'>AA-_</mls>"), "not base64"),
}


def new_part(attributes):
    return new_example(f"<part xmlns='urn:xmpp:mls:0' {attributes}>AAAA</part>")


HASH = "0e" * 32
SCHEMA_FAULTS = {
    "schema_broken": (
        replaced(XEP, "<xs:element name='mls' type='object'/>", "<xs:element name='mls' type='nothing'/>"),
        "does not resolve",
    ),
    "attribute_missing": (new_part(f"id='{HASH}' n='1'"), "attribute 'of' is required"),
    "attribute_unknown": (new_part(f"id='{HASH}' n='1' of='2' a='2'"), "attribute 'a' is not allowed"),
    "number_out_of_range": (new_part(f"id='{HASH}' n='1' of='65'"), "attribute 'of'"),
    "hash_in_capitals": (new_part(f"id='{HASH.upper()}' n='1' of='2'"), "attribute 'id'"),
    "child_element": (new_example("<mls xmlns='urn:xmpp:mls:0'>AAAA<key/></mls>"), "not allowed"),
    "element_unknown": (new_example("<commit xmlns='urn:xmpp:mls:0'>AAAA</commit>"), "commit"),
    "empty_payload": (new_example("<mls xmlns='urn:xmpp:mls:0'/>"), "minimum length"),
}

def in_example(file, pattern, new):
    """A fault: in the text of one example in the XEP, the first match of the pattern becomes `new`."""

    def plant(folder):
        path = folder / XEP
        before, marker, after = path.read_text(encoding="utf-8").partition(f"<!-- examples/{file} -->")
        example, end, rest = after.partition("</example>")
        changed, count = re.subn(pattern, new, example, count=1)
        if count != 1:
            raise AssertionError(f"nothing to plant the fault in: {file} has no {pattern!r}")
        path.write_text(before + marker + changed + end + rest, encoding="utf-8")

    return plant


def other_character(match):
    return "A" if match[0] != "A" else "B"


def last_bytes(element):
    """A character near the end of the payload, where the signature or the ciphertext is."""
    return r"[0-9A-Za-z+/](?=[0-9A-Za-z+/]{8}=*\s*</" + element + ">)"


MLS_MESSAGE = "AAEA(Ag|Aw|BQ)"  # its beginning: mls10, and private message, Welcome or KeyPackage
PUBLIC_MESSAGE = "AAEAAQ"

EXAMPLE_FAULTS = {
    "received_payload": (
        in_example("31-message-received.xml", last_bytes("mls"), other_character),
        "31-message-received.xml: expected",
    ),
    "received_welcome": (
        in_example("26-welcome.xml", MLS_MESSAGE, PUBLIC_MESSAGE),
        "26-welcome.xml: expected",
    ),
    "received_attribute": (
        in_example("26-welcome.xml", "room='team@", "room='trap@"),
        "26-welcome.xml: expected",
    ),
    "received_element": (
        in_example("13-room-disco.xml", "muc_membersonly", "muc_open"),
        "13-room-disco.xml: expected",
    ),
    "received_stanza_id": (
        in_example("47-not-allowed.xml", r" *<stanza-id [^>]*>\n", ""),
        "47-not-allowed.xml: expected",
    ),
    "sent_payload": (
        in_example("06-key-package-publish.xml", MLS_MESSAGE, PUBLIC_MESSAGE),
        "06-key-package-publish.xml: the conversation gives",
    ),
    "sent_element": (
        in_example("30-message.xml", r" *<store [^>]*>\n", ""),
        "30-message.xml: the conversation gives",
    ),
    "sent_value": (
        in_example("12-room-form-submit.xml", "<value>1<", "<value>0<"),
        "12-room-form-submit.xml: the conversation gives",
    ),
    "sent_signature": (
        in_example("38-revocation-publish.xml", last_bytes("revocation"), other_character),
        "38-revocation-publish.xml: a signature does not verify",
    ),
    "sent_index": (
        in_example("07-index-publish.xml", last_bytes("index"), other_character),
        "07-index-publish.xml: a signature does not verify",
    ),
    "inside_text": (in_example("29-envelope.xml", ">Hello<", ">Goodbye<"), "29-envelope.xml: expected"),
    "not_xml": (in_example("52-plain-chat.xml", "</body>", ""), "52-plain-chat.xml: expected"),
    "outcome": (
        replaced("examples/README.md", "| pass | A Message", "| consume | A Message"),
        "52-plain-chat.xml: expected",
    ),
    "row_left_out": (
        replaced("examples/README.md", "| 32-", "| 99-"),
        "99-message-again.xml: not in the XEP",
    ),
}

DTD_FAULTS = {
    "element_not_in_dtd": (replaced(XEP, "<section1 ", "<chapter/>\n<section1 "), "chapter"),
    "element_out_of_place": (replaced(XEP, "</abstract>", "</abstract><p>planted</p>"), "header"),
    "attribute_not_in_dtd": (replaced(XEP, "<section1 ", "<section1 colour='red' "), "colour"),
    "undefined_entity": (replaced(XEP, "</abstract>", " &no-such-entity;</abstract>"), "no-such-entity"),
}


def structure_complaints(folder):
    return "\n".join(check_xep.problems(folder))


def example_complaints(program):
    def complaints(folder):
        done = subprocess.run([program, folder], capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else done.stdout + done.stderr

    return complaints


def missed(faults, draft, complaints_of):
    """The faults of which the check says nothing, or not what it should say."""
    with tempfile.TemporaryDirectory() as parent:
        copy = pathlib.Path(parent) / "draft"
        shutil.copytree(draft, copy)
        complaints = complaints_of(copy)
        if complaints:
            yield f"the unchanged copy fails: {complaints}"
    for name, (plant, expected) in faults.items():
        with tempfile.TemporaryDirectory() as parent:
            copy = pathlib.Path(parent) / "draft"
            shutil.copytree(draft, copy)
            plant(copy)
            complaints = complaints_of(copy)
            if expected not in complaints:
                yield f"{name}: expected '{expected}', got '{complaints}'"


def check_of(kind, default_dtd):
    """The faults of a kind, the check that has to find them, and why it cannot run here, or None."""
    if kind == "structure":
        return STRUCTURE_FAULTS, structure_complaints, None
    if kind == "examples":
        return EXAMPLE_FAULTS, example_complaints(sys.argv[4]), None
    if kind == "schema":
        return SCHEMA_FAULTS, validate_examples.complaints, validate_examples.skip_reason()
    dtd, reason = validate_xep.dtd_folder(default_dtd), validate_xep.skip_reason(default_dtd)
    return DTD_FAULTS, lambda folder: validate_xep.validate(folder / XEP, dtd), reason


def main():
    kind, draft, default_dtd = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    faults, complaints_of, reason = check_of(kind, default_dtd)
    if reason:
        print(f"skipped: {reason}")
        return validate_xep.SKIPPED
    found = list(missed(faults, draft, complaints_of))
    for problem in found:
        print(problem)
    print(f"{len(faults)} faults planted, {len(found)} not found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
