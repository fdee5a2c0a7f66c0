"""The licences of everything that is vendored into the page, in one file beside it."""

import json
import zipfile
from pathlib import Path

LICENCE_NAMES = ("license", "licence", "copying", "notice")


def of_npm(modules: Path) -> list[tuple[str, str]]:
    """Title and text for each npm package that may be part of the page (all that npm installed but the bundler)."""
    found = []
    for manifest in sorted([*modules.glob("*/package.json"), *modules.glob("@*/*/package.json")]):
        about = json.loads(manifest.read_text())
        if "esbuild" in about["name"]:
            continue
        texts = [file.read_text() for file in sorted(manifest.parent.iterdir()) if file.name.lower().startswith(LICENCE_NAMES)]
        third = sorted((manifest.parent / "src" / "3rd-party-licenses").glob("*")) if about["name"] == "@pyscript/core" else []
        texts += [file.read_text() for file in third if file.is_file()]
        found.append((f"{about['name']} {about['version']} ({about.get('license', 'see the package')})", "\n\n".join(texts)))
    return found


def of_wheels(wheels: list[Path]) -> list[tuple[str, str]]:
    """Title and text for each wheel."""
    found = []
    for wheel in sorted(wheels):
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if ".dist-info/" in name and Path(name).name.lower().startswith(LICENCE_NAMES)]
            found.append((" ".join(wheel.name.split("-")[:2]), "\n\n".join(archive.read(name).decode() for name in names)))
    return found


def text(modules: Path, wheels: list[Path]) -> str:
    """The content of LICENSES.txt."""
    parts = [
        "What is in this folder was made by others. Python itself is under the PSF licence, Pyodide under the Mozilla Public License 2.0.\n"
    ]
    for title, body in of_npm(modules) + of_wheels(wheels):
        parts.append(f"{'=' * 100}\n{title}\n\n{body.strip() or 'The package names its licence and ships no text.'}\n")
    return "\n".join(parts)
