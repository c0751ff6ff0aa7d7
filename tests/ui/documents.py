# SPDX-License-Identifier: MIT
"""Projects of a running program, for tests that take the ground from under it."""

import json
import os
import random
import signal
import subprocess
import tempfile
import time

from program import BUS, activate, describe, gdbus, run


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


def set_alpha(value):
    gdbus("SetState", "alpha", f"<{float(value)}>", "{}")


def open_as_the_desktop_does(path):
    application = ("-o", "/io/github/fewshot/Fewshot", "-m", "org.freedesktop.Application.Open")
    run("gdbus", "call", "--session", "-d", BUS, *application, f"['file://{path}']", "{}")


def quit_program():
    action = ("-o", "/io/github/fewshot/Fewshot", "-m", "org.gtk.Actions.Activate")
    run("gdbus", "call", "--session", "-d", BUS, *action, "quit", "[]", "{}")


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

    def start(self, *arguments):
        self.process = subprocess.Popen(
            [self.fewshot, *arguments],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait(lambda: describe("alpha"))

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        wait(lambda: not describe("alpha"))  # its name is off the bus

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


def names_of(found):
    return [c["name"] for c in found["classes"]] if found else None


__all__ = [
    "World",
    "activate",
    "describe",
    "load",
    "names_of",
    "open_as_the_desktop_does",
    "project",
    "quit_program",
    "read",
    "set_alpha",
    "wait",
    "write",
]
