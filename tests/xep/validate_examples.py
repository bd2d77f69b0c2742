#!/usr/bin/env python3
"""Validate the examples' elements against the XML Schema in the XEP: validate_examples.py FOLDER.

The schema covers the XEP's own namespace, so each element of it is validated by itself, as a document. The
exit status is 77, for "skipped", where xmllint is missing.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from xml.parsers import expat

NAMESPACE = "urn:xmpp:mls:0"
SKIPPED = 77


def schema_of(xep):
    """The text of the <code/> in the section with the anchor 'schema'. expat does not look for the DTD."""
    pieces = []
    inside = {"section": False, "code": False}

    def start(name, attributes):
        if name == "section1":
            inside["section"] = attributes.get("anchor") == "schema"
        inside["code"] = inside["section"] and name == "code"

    def end(name):
        if name == "code":
            inside["code"] = False

    def text(data):
        if inside["code"]:
            pieces.append(data)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.Parse(xep, True)
    return "".join(pieces).strip()


def own_elements(path):
    """The elements of the XEP's namespace in an example, each as a document with all that is in it."""
    waiting = [ElementTree.fromstring(path.read_text(encoding="utf-8"))]
    while waiting:
        element = waiting.pop()
        if element.tag.startswith("{" + NAMESPACE + "}"):
            element.tail = None
            yield ElementTree.tostring(element, encoding="unicode")
        else:
            waiting.extend(element)


def complaints(folder):
    """What xmllint says against the schema or the examples; empty if all is well."""
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(temporary)
        (work / "schema.xsd").write_text(schema_of((folder / "xep-mls.xml").read_text(encoding="utf-8")))
        documents = []
        for example in sorted((folder / "examples").glob("*.xml")):
            for number, document in enumerate(own_elements(example)):
                documents.append(work / f"{example.stem}.{number}.xml")
                documents[-1].write_text(document, encoding="utf-8")
        if not documents:
            return "no example has an element of the XEP"
        command = ["xmllint", "--nonet", "--noout", "--schema", work / "schema.xsd", *documents]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else done.stderr.strip()


def skip_reason():
    return None if shutil.which("xmllint") else "xmllint (package libxml2-utils) is not installed"


def main():
    if skip_reason():
        print(f"skipped: {skip_reason()}")
        return SKIPPED
    found = complaints(pathlib.Path(sys.argv[1]))
    print(found or "all elements of the examples are valid")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
