"""What several tests need and costs seconds, made once a run of the tests, whatever process asks first: only to be read."""

from __future__ import annotations

import functools
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock

from tests import real
from tests.judge import office
from tests.plans import run_folder


def converted(path: Path, to: str, *, recalc: int, timeout: float = 180) -> Path:
    """A file as LibreOffice converts it. Asked again for the same content and the same work, it is not done twice."""
    done = f"{hashlib.blake2b(path.read_bytes(), digest_size=12).hexdigest()}-{recalc}.{to}"
    kept = run_folder() / "converted" / done
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    with FileLock(kept.with_suffix(".lock")):
        if not kept.exists():
            with tempfile.TemporaryDirectory() as folder:
                (made,) = office.convert([path], to, Path(folder), recalc=recalc, timeout=timeout)
                shutil.move(made, kept)
    return kept


def install(*command: str | Path, cwd: Path) -> None:
    """A command that asks the package index; without one it skips, unless real things are required."""
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=900)
    if done.returncode and re.search(
        r"No matching distribution|Connection|Temporary failure|timed out|Could not fetch", done.stdout + done.stderr
    ):
        real.missing("a package index that has the dependencies")
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


@functools.cache
def distributions() -> tuple[Path, Path]:
    """(sdist, wheel); the wheel is built from the sdist, in a copy, so that nothing stray in the working tree is in it."""
    out = run_folder() / "dist"
    with FileLock(run_folder() / "dist.lock"):
        if not out.exists():
            with tempfile.TemporaryDirectory() as folder:
                _copy(_tracked(), source := Path(folder, "source"))
                install(sys.executable, "-m", "build", "--outdir", Path(folder, "dist"), source, cwd=Path(folder))
                shutil.move(Path(folder, "dist"), out)
    return next(out.glob("*.tar.gz")), next(out.glob("*.whl"))


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=real.REPOSITORY, capture_output=True, check=True).stdout
    return [name for name in listed.decode("utf-8").split("\0") if name and (real.REPOSITORY / name).is_file()]


def _copy(names: Sequence[str], to: Path) -> None:
    for name in names:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(real.REPOSITORY / name, to / name)
