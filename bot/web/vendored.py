"""Styles and scripts made by others: what is here, whether it is as it was, and fetching it again.

`python -m bot.web.vendored FOLDER …` (that is, `make assets`) takes each package that FOLDER's
VENDORED.toml names from npm, at the version it names, and writes the checksums back. Nothing at
run or test time needs npm or the network.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

LIST = "VENDORED.toml"


def checksums(folder: Path) -> dict[str, str]:
    """What `folder`'s list says of each file: its name there, and its SHA-256."""
    packages = tomllib.loads((folder / LIST).read_text())["package"]
    return {name: file["sha256"] for package in packages for name, file in package["files"].items()}


def checksum(path: Path) -> str:
    """A file's SHA-256, as sha256sum prints it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def without_outside(name: str, content: bytes) -> bytes:
    """A file from npm as we serve it, so that a page fetches nothing from anyone else.

    nhsuk-frontend's stylesheet asks assets.nhs.uk for Frutiger, which only the NHS may use, and
    looks for pictures at the top of the site; both kinds of file name a source map we do not ship.
    """
    if not name.startswith("nhsuk-frontend"):
        return content
    text = content.decode()
    text = re.sub(r"@font-face\{[^}]*\}", "", text)
    text = text.replace("Frutiger W01,arial,sans-serif", "arial,sans-serif")
    text = text.replace("url(/assets/images/", "url(images/")
    text = re.sub(r"\n?(//# sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)", "", text)
    return text.encode()


def fetch(folder: Path) -> None:
    """Take every listed package from npm again and write its files and checksums into `folder`."""
    listed = (folder / LIST).read_text()
    for package in tomllib.loads(listed)["package"]:
        with tempfile.TemporaryDirectory() as scratch:
            wanted = f"{package['name']}@{package['version']}"
            subprocess.run(
                ["npm", "pack", "--silent", wanted], cwd=scratch, check=True, stdout=subprocess.DEVNULL
            )
            with tarfile.open(next(Path(scratch).glob("*.tgz"))) as packed:
                for name, file in package["files"].items():
                    member = packed.extractfile(f"package/{file['from']}")
                    assert member is not None
                    target = folder / name
                    target.parent.mkdir(exist_ok=True)
                    target.write_bytes(without_outside(name, member.read()))
                    line = rf'^("{re.escape(name)}" = .*sha256 = )"[0-9a-f]*"'
                    listed = re.sub(line, rf'\1"{checksum(target)}"', listed, flags=re.MULTILINE)
        print(f"{wanted}: {len(package['files'])} files")
    (folder / LIST).write_text(listed)


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        fetch(Path(argument))
