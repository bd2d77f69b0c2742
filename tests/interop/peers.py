"""The peers: how their drivers are built, and what is known to be wrong with them."""

import dataclasses
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
INSTALL = "`scripts/setup interop` installs what Debian has of it"


class Missing(Exception):
    """A peer's driver cannot be built here: a tool is missing or too old, or there is no network."""


class NotBuilt(Exception):
    """A peer's driver does not compile."""


@dataclasses.dataclass(frozen=True)
class Fault:
    """Something that a peer does wrong, or cannot do. A cell that shows it is n/a, and says so."""

    library: str
    symptom: str  # a regular expression that finds it in the text of a refusal
    reason: str
    row: str = ""  # the rows of the matrix that show it begin so
    is_random: bool = False  # random operations may meet it, and are made to get along with it


FAULTS = (
    Fault("openmls", "A key package extension is not supported in the leaf|Extensions are not acceptable",
          "refuses extensions with GREASE types although the capabilities list them, against RFC 9420, Sections 10"
          " and 13.5",
          "GREASE"),
    Fault("openmls", "no group can be branched|The PSK could not be found in the store", "has no branches", "branch"),
    Fault("openmls", "no group can be reinitialised|The PSK could not be found in the store",
          "has no reinitialisation", "reinitialisation"),
    Fault("ts-mls", "no call makes the LeafNode of an Update",
          "cannot send Update proposals: no call makes their LeafNode, or keeps its private key",
          "update by reference", is_random=True),
    Fault("ts-mls", "^malformed message|rule E7|CryptoError: DeserializeError: Invalid (public key|length of the key)",
          "writes and reads the key in external_pub without its length, against RFC 9420, Section 12.4.3.2",
          "external Commit, told by the other"),
    Fault("ts-mls", "No overlap between provided private keys and update path",
          "does not see that it is removed when a new member gets its leaf in the same Commit",
          "Remove and Add of the same leaf", is_random=True),
    Fault("ts-mls", "the path is there where the proposals need it",
          "gives a Commit of GroupContextExtensions no path, against RFC 9420, Section 12.4",
          "GroupContextExtensions"),
    Fault("ts-mls", "nothing of draft-ietf-mls-extensions|all members support",
          "has nothing of draft-ietf-mls-extensions", "draft"),
    Fault("ts-mls", "Could not decode external_senders",
          "reads external_senders as one sender, not as any number of them, against RFC 9420, Section 12.1.8.1",
          "external sender"),
    Fault("ts-mls", "confirmation tag",
          "derives the commit_secret one step too far when the root is not in the filtered direct path, against"
          " RFC 9420, Section 12.4.1",
          "Commit in a tree with an empty half"),
    Fault("ts-mls", "non-blank intermediate node must list leaf node in its unmerged_leaves",
          "wants all parents of a leaf to have the same unmerged_leaves, not only those below the one that lists the"
          " leaf, against RFC 9420, Section 12.4.3.1", is_random=True),
    Fault("ts-mls", "no Commit with proposals can be made to have a path",
          "gives no Commit a path that does not need one", is_random=True),
)


def fault_behind(library, row, text):
    """The known fault of a library that explains a refusal in a row of the matrix (None: a random operation)."""
    for fault in FAULTS:
        is_place = fault.is_random if row is None else fault.row and row.startswith(fault.row)
        if fault.library == library and is_place and re.search(fault.symptom, text):
            return fault
    return None


# ---- building -------------------------------------------------------------------------------------------------------

def run(command, folder, environment=None):
    """Runs a command, with some variables more in its environment; whether it succeeded, and the last line that it
    wrote."""
    done = subprocess.run(command, cwd=folder, env={**os.environ, **(environment or {})}, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    return done.returncode == 0, lines[-1] if lines else "no output"


def version_of(tool):
    """What `tool --version` tells, as numbers; None if there is no such tool."""
    path = shutil.which(tool)
    found = path and re.search(r"\d+(\.\d+)+", run([path, "--version"], None)[1])
    return tuple(int(number) for number in found[0].split(".")) if found else None


def need(tool, at_least, hint):
    version = version_of(tool)
    wanted = tuple(int(number) for number in at_least.split("."))
    if version is None or version < wanted:
        found = "there is none" if version is None else "here is " + ".".join(map(str, version))
        raise Missing(f"needs {tool} {at_least} or later, {found}; {hint}")


class Peer:
    """A library with a driver in a folder of its name. Built in a copy of it, once for each state of the sources.

    `other_driver` is a folder with another driver for the same library: what lies there takes the place of what has
    the same name in the first folder, all else is shared.
    """

    def __init__(self, name, other_driver=None):
        self.name = name
        self._shared = HERE / f"{name}-driver"
        self._folders = [self._shared] + ([other_driver] if other_driver else [])

    def version(self):
        raise NotImplementedError

    def command(self, folder):
        raise NotImplementedError

    def build(self, folder):
        raise NotImplementedError

    def settings(self):
        """What the build depends on besides the sources."""
        return ""

    def _source_files(self):
        """The driver's files, by their places in the copy."""
        left_out = {"node_modules", "target", "Cargo.lock", "package-lock.json"}
        files = {}
        for folder in self._folders:
            for path in folder.rglob("*"):
                place = path.relative_to(folder)
                if path.is_file() and not left_out.intersection(place.parts):
                    files[place] = path
        return dict(sorted(files.items()))

    def _state(self):
        digest = hashlib.sha256(self.settings().encode() + b"\0")
        for place, path in self._source_files().items():
            digest.update(str(place).encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()

    def prepare(self, builds):
        """Builds the driver below the folder `builds`, if it is not there yet; the command that runs it. Missing,
        NotBuilt."""
        folder = builds / self._folders[-1].name
        stamp = folder / "built"
        state = self._state()
        if not stamp.exists() or stamp.read_text() != state:
            stamp.unlink(missing_ok=True)
            for place, path in self._source_files().items():
                copy = folder / place
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
            self.build(folder)
            stamp.write_text(state)
        return self.command(folder)


class OpenMls(Peer):
    options = ["--features", "draft"]
    environment = {}  # what cargo finds besides its own

    def __init__(self, other_driver=None):
        super().__init__("openmls", other_driver)
        self._manifest = (self._shared / "Cargo.toml").read_text()

    def version(self):
        return re.search(r'^openmls = "=([^"]+)"', self._manifest, re.MULTILINE)[1]

    def command(self, folder):
        return [folder / "target" / "release" / "openmls-driver"]

    def settings(self):
        return json.dumps([self.options, self.environment])

    def build(self, folder):
        rust = re.search(r'^rust-version = "([^"]+)"', self._manifest, re.MULTILINE)[1]
        hint = f"{INSTALL} (cargo-web, of Debian 12's security updates)"
        need("cargo", rust, hint)
        need("rustc", rust, hint)
        fetched, line = run(["cargo", "fetch"], folder)
        if not fetched:
            raise Missing(f"its crates cannot be fetched, for want of a network? {line}")
        built, line = run(["cargo", "build", "--release", "--offline", *self.options], folder, self.environment)
        if not built:
            raise NotBuilt(f"{self.name}: {line}")


class TsMls(Peer):
    def __init__(self, other_driver=None):
        super().__init__("ts-mls", other_driver)
        self._manifest = json.loads((self._shared / "package.json").read_text())

    def version(self):
        return self._manifest["dependencies"]["ts-mls"]

    def command(self, folder):
        # Before version 20, Node.js has behind a switch what ts-mls takes for granted.
        switches = ["--experimental-global-webcrypto", "--no-warnings"] if version_of("node") < (20,) else []
        return ["node", *switches, folder / "main.js"]

    def prepare(self, builds):
        need("node", self._manifest["engines"]["node"].removeprefix(">="), f"{INSTALL} (nodejs)")
        return super().prepare(builds)

    def build(self, folder):
        need("npm", "9.0", f"{INSTALL} (npm)")
        fetched, line = run(["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"],
                            folder)
        if not fetched:
            raise Missing(f"its packages cannot be fetched, for want of a network? {line}")


class LibMls(Peer):
    """libmls as its own peer: needs nothing, and tests the runner."""

    def __init__(self, driver):
        self.name = "libmls"
        self._driver = driver

    def version(self):
        return "itself"

    def prepare(self, _builds):
        return [self._driver]


def known_peers(libmls_driver):
    return {peer.name: peer for peer in (OpenMls(), TsMls(), LibMls(libmls_driver))}
