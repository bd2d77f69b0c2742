#!/usr/bin/env python3
"""The checks of the XEP find what is planted for them: test_checks.py structure|schema|dtd FOLDER DTD-FOLDER.

Each planted fault is one change to a copy of the draft. The unchanged copy must pass first; then the check
must fail, and for the reason planted.
"""
import pathlib
import shutil
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

DTD_FAULTS = {
    "element_not_in_dtd": (replaced(XEP, "<section1 ", "<chapter/>\n<section1 "), "chapter"),
    "element_out_of_place": (replaced(XEP, "</abstract>", "</abstract><p>planted</p>"), "header"),
    "attribute_not_in_dtd": (replaced(XEP, "<section1 ", "<section1 colour='red' "), "colour"),
    "undefined_entity": (replaced(XEP, "</abstract>", " &no-such-entity;</abstract>"), "no-such-entity"),
}


def structure_complaints(folder):
    return "\n".join(check_xep.problems(folder))


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
