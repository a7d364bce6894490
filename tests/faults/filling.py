"""The disk fills up at a chosen point: a folder or file made, a write, its way to the disk, its name. It stays full until the end."""

import errno
import os
from contextlib import contextmanager
from pathlib import Path


class Filling:
    """Counts the points that are passed below a folder; from the chosen one on, there is no room."""

    def __init__(self, folder, at):
        self.folder = str(folder)
        self.at = at
        self.passed = 0
        self.where = ""

    def point(self, what, path):
        if not str(path).startswith(self.folder):
            return
        self.passed += 1
        if self.passed >= self.at:
            self.where = self.where or f"{what} {Path(path).name}"
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    def write(self, handle, content, write):
        """What still fits is written: half of it."""
        try:
            self.point("write", os.readlink(f"/proc/self/fd/{handle}"))
        except OSError:
            write(content[: len(content) // 2])
            raise
        return write(content)


@contextmanager
def full_at(folder, at):
    """Nothing below the folder can be written from the `at`-th point on; `where` is empty if it never came so far."""
    filling = Filling(folder, at)
    real = {(owner, name): getattr(owner, name) for owner, names in
            ((os, ("open", "fdopen", "fsync", "write", "link", "mkdir")), (Path, ("rename",))) for name in names}  # fmt: skip

    def named(name, function):
        def wrapped(path, *arguments, **options):
            filling.point(name, path)
            return function(path, *arguments, **options)

        return wrapped

    def opened(path, flags, *arguments, **options):
        if flags & os.O_CREAT:
            filling.point("open", path)
        return real[os, "open"](path, flags, *arguments, **options)

    def fdopen(handle, *arguments, **options):
        file = real[os, "fdopen"](handle, *arguments, **options)
        if file.writable():
            write = file.write
            file.write = lambda content: filling.write(handle, content, write)
        return file

    def fsync(handle):
        filling.point("fsync", os.readlink(f"/proc/self/fd/{handle}"))
        real[os, "fsync"](handle)

    def write(handle, content):
        return filling.write(handle, content, lambda part: real[os, "write"](handle, part))

    os.open, os.fdopen, os.fsync, os.write = opened, fdopen, fsync, write
    os.link, os.mkdir = named("link", os.link), named("mkdir", os.mkdir)
    Path.rename = named("rename", Path.rename)
    try:
        yield filling
    finally:
        for (owner, name), function in real.items():
            setattr(owner, name, function)
