#!/usr/bin/env python3
"""The checks of the XEP find what is planted for them: test_checks.py structure|dtd FOLDER DTD-FOLDER.

Each planted fault is one change to a copy of the draft. The unchanged copy must pass first; then the check
must fail, and for the reason planted.
"""
import pathlib
import shutil
import sys
import tempfile

import check_xep
import validate_xep

XEP = "xep-mls.xml"


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


# name of the fault: (how it is planted, a part of what the check must say)
STRUCTURE_FAULTS = {
    "unclosed_element": (replaced(XEP, "</abstract>", ""), "not well-formed"),
    "anchor_twice": (replaced(XEP, "anchor='glossary'", "anchor='introduction'"), "anchor 'introduction' is there 2"),
    "section_without_anchor": (replaced(XEP, " anchor='glossary'", ""), "without topic or anchor"),
    "dangling_link": (replaced(XEP, "<link url='#", "<link url='#no-"), "which is no section"),
    "example_edited_in_text": (replaced(XEP, "history maxstanzas='0'", "history maxstanzas='1'"), "examples differ"),
    "caption_edited_in_text": (replaced(XEP, "<example caption='", "<example caption='Not "), "examples differ"),
    "example_edited_in_file": (replaced("examples/26-welcome.xml", "chat", "normal"), "examples differ"),
    "example_without_file": (removed("examples/26-welcome.xml"), "26-welcome.xml: no such file"),
    "example_without_marker": (added("examples/99-new.xml", "<message/>\n"), "99-new.xml: 0 markers"),
    "example_without_row": (replaced("examples/README.md", "| 26-welcome.xml |", "| 26 |"), "26-welcome.xml: no row"),
    "unmarked_example": (replaced(XEP, "<!-- examples/26-welcome.xml -->", ""), "without a marker"),
    "example_not_well_formed": (replaced("examples/26-welcome.xml", "</welcome>", ""), "26-welcome.xml is not well"),
    "element_not_ours": (added("examples/99-new.xml", "<commit xmlns='urn:xmpp:mls:0'>AAAA</commit>"), "no element of"),
    "empty_payload": (added("examples/99-new.xml", "<mls xmlns='urn:xmpp:mls:0'/>"), "empty"),
    "no_padding": (added("examples/99-new.xml", "<mls xmlns='urn:xmpp:mls:0'>AAA</mls>"), "not base64"),
    "loose_bits": (added("examples/99-new.xml", "<mls xmlns='urn:xmpp:mls:0'>AB==</mls>"), "not canonical"),
    "not_the_alphabet": (added("examples/99-new.xml", "<mls xmlns='urn:xmpp:mls:0'>AA-_</mls>"), "not base64"),
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


def main():
    kind, draft, default_dtd = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    if kind == "structure":
        faults, complaints_of = STRUCTURE_FAULTS, structure_complaints
    else:
        reason = validate_xep.skip_reason(default_dtd)
        if reason:
            print(f"skipped: {reason}")
            return validate_xep.SKIPPED
        dtd = validate_xep.dtd_folder(default_dtd)
        faults, complaints_of = DTD_FAULTS, lambda folder: validate_xep.validate(folder / XEP, dtd)
    found = list(missed(faults, draft, complaints_of))
    for problem in found:
        print(problem)
    print(f"{len(faults)} faults planted, {len(found)} not found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
