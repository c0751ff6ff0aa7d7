# SPDX-License-Identifier: MIT
"""Projects of a running program, for tests that take the ground from under it."""

import json
import os
import random
import resource
import signal
import struct
import subprocess
import tempfile
import time
import zlib

from program import activate, call, describe, gdbus, window


def wait(condition, seconds=30):
    until = time.time() + seconds
    while time.time() < until:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    return None


def load(path):
    try:
        with open(path, encoding="utf-8") as f:
            return json.load(f)
    except (OSError, ValueError):
        return None


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return None


def write(path, project):
    with open(path, "w", encoding="utf-8") as f:
        json.dump(project, f)
    return path


def project(names=("one", "two"), **more):
    classes = [{"id": i + 1, "name": name} for i, name in enumerate(names)]
    return {"fewshot": 1, "classes": classes, "pictures": [], **more}


def set_alpha(value, window=1):
    gdbus("SetState", "alpha", f"<{float(value)}>", "{}", window=window)


def save_to(path, window=1):
    gdbus("Activate", "save-to", f"[<'{path}'>]", "{}", window=window)


def write_picture(path, level):
    """A plain grey PNG of 32 by 32."""
    rows = b"".join(b"\0" + bytes([level]) * 32 for _ in range(32))

    def chunk(name, data):
        check_sum = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check_sum

    header = struct.pack(">IIBBBBB", 32, 32, 8, 0, 0, 0, 0)
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header))
        f.write(chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def quit_program():
    call("org.gtk.Actions.Activate", "quit", "[]", "{}")


class World:
    """A home of its own with programs that are started and killed in it."""

    def __init__(self, fewshot, pocket):
        self.fewshot = fewshot
        self.folder = tempfile.mkdtemp(prefix="fewshot-documents-")
        self.data = os.path.join(self.folder, "data")
        self.drafts_folder = os.path.join(self.data, "fewshot", "drafts")
        self.environment = dict(os.environ, XDG_DATA_HOME=self.data, FEWSHOT_POCKET=pocket)
        self.process = None
        self.rng = random.Random(7)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def start(self, *arguments, before=()):
        self.process = subprocess.Popen(
            [*before, self.fewshot, *arguments],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            restore_signals=False,  # a file that may not grow fails, and does not kill
        )
        wait(lambda: describe("alpha") and window("Fewshot$"))

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        wait(lambda: not describe("alpha"))  # its name is off the bus

    def seen(self, path):
        """A path as the running program has it: it may have disks of its own."""
        return f"/proc/{self.process.pid}/root{path}"

    def runs(self):
        return self.process.poll() is None

    def drafts(self):
        folder = self.drafts_folder
        names = os.listdir(folder) if os.path.isdir(folder) else []
        return [os.path.join(folder, n) for n in names if n.endswith(".fewshot")]

    def forget_drafts(self):
        for name in os.listdir(self.drafts_folder) if os.path.isdir(self.drafts_folder) else []:
            path = os.path.join(self.drafts_folder, name)
            if os.path.isfile(path):
                os.unlink(path)


class SmallDisk:
    """A disk of the program's own (tmpfs in a user namespace), or, where a container forbids that,
    files that may not grow."""

    SIZE = 4 << 20

    def __init__(self, world, folder):
        self.world, self.folder = world, folder
        self.before = (
            *("unshare", "--user", "--map-root-user", "--mount", "sh", "-c"),
            f'mount -t tmpfs -o size={self.SIZE} tmpfs "{folder}" && exec "$@"',
            "sh",
        )
        probe = subprocess.run([*self.before, "true"], capture_output=True)
        self.real = probe.returncode == 0 and os.getuid() == 0
        if not self.real:
            self.before = ()

    def fill(self):
        if not self.real:
            self.limit(1)
            return
        with open(self.world.seen(os.path.join(self.folder, "filler")), "wb", buffering=0) as f:
            try:
                while f.write(b"x" * 4096):
                    pass
            except OSError:
                pass

    def free(self):
        if self.real:
            os.unlink(self.world.seen(os.path.join(self.folder, "filler")))
        else:
            self.limit(resource.RLIM_INFINITY)

    def limit(self, most):
        hard = resource.prlimit(self.world.process.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(self.world.process.pid, resource.RLIMIT_FSIZE, (most, hard))


def names_of(found):
    return [c["name"] for c in found["classes"]] if found else None


__all__ = [
    "SmallDisk",
    "World",
    "activate",
    "describe",
    "load",
    "names_of",
    "project",
    "quit_program",
    "read",
    "save_to",
    "set_alpha",
    "wait",
    "write",
    "write_picture",
]
