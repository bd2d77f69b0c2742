#!/usr/bin/env python3
"""Validate the XEP against the DTD of the XSF: validate_xep.py XEP-FILE DTD-FOLDER.

The folder holds the XSF's xep.dtd and xep.ent; they are not part of this repository. MLS_XEP_DTD_DIR in the
environment names another folder. Where they are missing the exit status is 77, for "skipped". Nothing is
fetched from the network.
"""
import os
import pathlib
import shutil
import subprocess
import sys

SKIPPED = 77


def dtd_folder(default):
    folder = pathlib.Path(os.environ.get("MLS_XEP_DTD_DIR") or default)
    return folder if all((folder / name).is_file() for name in ("xep.dtd", "xep.ent")) else None


def validate(xep, folder):
    """What xmllint says against the file; empty if it is valid.

    xmllint's own exit status is not enough: a DTD or an entity that it cannot load is a warning to it."""
    command = ["xmllint", "--nonet", "--noout", "--valid", "--path", folder, xep]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 and not done.stderr.strip():
        return f"xmllint ended with {done.returncode}"
    return done.stderr.strip()


def skip_reason(default):
    if shutil.which("xmllint") is None:
        return "xmllint (package libxml2-utils) is not installed"
    if dtd_folder(default) is None:
        return "the XSF's xep.dtd and xep.ent are not here; MLS_XEP_DTD_DIR can name their folder"
    return None


def main():
    xep, default = pathlib.Path(sys.argv[1]), sys.argv[2]
    reason = skip_reason(default)
    if reason:
        print(f"skipped: {reason}")
        return SKIPPED
    complaints = validate(xep, dtd_folder(default))
    if complaints:
        print(complaints)
        return 1
    print(f"{xep.name}: valid")
    return 0


if __name__ == "__main__":
    sys.exit(main())
