#!/usr/bin/env python3
"""Check the XEP without its DTD: check_xep.py FOLDER, the folder with xep-mls.xml and examples/.

Prints one line per problem and ends with 1 if there is one. What only the DTD can tell (which element may
stand where) is the business of validate_xep.py.
"""
import base64
import binascii
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from xml.parsers import expat

NAMESPACE = "{urn:xmpp:mls:0}"
PAYLOADS = {"mls", "part", "join", "welcome", "device", "endorsement", "revocation", "index", "key-package"}
XML_WHITE_SPACE = re.compile(r"[ \t\r\n]+")
SECTION = re.compile(r"section[1-5]")
REQUIRED_SECTIONS = "introduction requirements glossary limits security iana registrar structs schema".split()
EXAMPLE_ROW = re.compile(r"^\| (\d\d-\S+) \|[^|]*\| (\w+) \| ([^|]+) \|[^|]*\|$", re.MULTILINE)
OUTCOMES = {
    "in": re.compile(r"pass|consume|replace \S.*|(event|error|unreadable) [a-z-]+"),
    "out": re.compile(r"sent"),
    "inside": re.compile(r"content \S.*"),
}


class Outline:
    """The sections, links and elements of a XEP. expat reads it without looking for the DTD."""

    def __init__(self, text):
        self.anchors = []
        self.links = []
        self.problems = []
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        try:
            parser.Parse(text, True)
        except expat.ExpatError as error:
            self.problems.append(f"xep-mls.xml is not well-formed: {error}")

    def _start(self, name, attributes):
        if SECTION.fullmatch(name):
            if not attributes.get("anchor") or not attributes.get("topic"):
                self.problems.append(f"a {name} without topic or anchor: {attributes}")
            self.anchors.append(attributes.get("anchor"))
        if name == "link" and attributes.get("url", "").startswith("#"):
            self.links.append(attributes["url"][1:])


def check_outline(text):
    outline = Outline(text)
    yield from outline.problems
    if outline.problems:
        return
    for anchor in sorted(set(outline.anchors)):
        if outline.anchors.count(anchor) > 1:
            yield f"anchor '{anchor}' is there {outline.anchors.count(anchor)} times"
    for link in sorted(set(outline.links) - set(outline.anchors)):
        yield f"link to '#{link}', which is no section"
    for section in REQUIRED_SECTIONS:
        if section not in outline.anchors:
            yield f"no section '{section}'"


def payload_problem(element):
    """Why the text of one of our elements is not base64 as the XEP wants it, or None."""
    text = XML_WHITE_SPACE.sub("", element.text or "")
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        return f"not base64: {error}"
    if not data:
        return "empty"
    if base64.b64encode(data).decode() != text:
        return "base64 is not canonical"
    return None


def check_example(path):
    try:
        root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    except ElementTree.ParseError as error:
        yield f"{path.name} is not well-formed: {error}"
        return
    for element in root.iter():
        if not element.tag.startswith(NAMESPACE):
            continue
        name = element.tag[len(NAMESPACE):]
        if name not in PAYLOADS:
            yield f"{path.name}: <{name}/> is no element of the XEP"
            continue
        problem = payload_problem(element)
        if problem:
            yield f"{path.name}: <{name}/>: {problem}"


def check_outcomes(table):
    """Each example has one row, and that one of the outcomes that a test can look for."""
    rows = EXAMPLE_ROW.findall(table)
    files = [file for file, _way, _outcome in rows]
    for file, way, outcome in rows:
        if way not in OUTCOMES or not OUTCOMES[way].fullmatch(outcome.strip()):
            yield f"{file}: no outcome of way '{way}': '{outcome.strip()}'"
        if files.count(file) > 1:
            yield f"{file}: {files.count(file)} rows"


def check_examples_in_text(folder):
    command = [sys.executable, folder / "update-examples", "--check", "--draft", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        yield done.stderr.strip() or "update-examples --check failed"


def problems(folder):
    yield from check_outline((folder / "xep-mls.xml").read_text(encoding="utf-8"))
    for path in sorted((folder / "examples").glob("*.xml")):
        yield from check_example(path)
    yield from check_outcomes((folder / "examples" / "README.md").read_text(encoding="utf-8"))
    yield from check_examples_in_text(folder)


def main():
    folder = pathlib.Path(sys.argv[1])
    found = list(problems(folder))
    for problem in found:
        print(problem)
    print(f"{folder.name}: {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
