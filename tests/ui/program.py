# SPDX-License-Identifier: MIT
"""The running program as D-Bus and the X server see it."""

import re
import subprocess
import time

BUS, OBJECT = "io.github.fewshot.Fewshot", "/io/github/fewshot/Fewshot"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def wait(condition, seconds=40):
    """Whether it came true in time."""
    until = time.time() + seconds
    while time.time() < until:
        if condition():
            return True
        time.sleep(0.1)
    return False


def call(method, *arguments, path=OBJECT):
    """A method of the application, or of what it has at that path."""
    return run(
        "gdbus", "call", "--session", "-d", BUS, "-o", path, "-m", method, *arguments
    )  # fmt: skip


def open_files(*paths):
    """What a file manager's Open With does."""
    uris = ", ".join(f"'file://{path}'" for path in paths)
    return call("org.freedesktop.Application.Open", f"[{uris}]", "{}")


def gdbus(method, *arguments, window=1):
    """Of a window's actions."""
    return call("org.gtk.Actions." + method, *arguments, path=f"{OBJECT}/window/{window}").stdout


def activate(action, parameter="[]"):
    gdbus("Activate", action, parameter, "{}")


def describe(action, window=1):
    """(enabled, state) of an action, or None."""
    text = gdbus("Describe", action, window=window)
    found = re.match(r"\(\((true|false),", text)
    state = re.search(r"\[<([0-9.e-]+)>\]", text)
    return (found.group(1) == "true", float(state.group(1)) if state else None) if found else None


def enabled(action):
    found = describe(action)
    return found is not None and found[0]


def window(name):
    found = run("xdotool", "search", "--onlyvisible", "--name", name).stdout.split()
    return found[-1] if found else None


def move(x, y):
    """The mouse."""
    run("xdotool", "mousemove", str(x), str(y))


def drag(start, end):
    move(*start)
    time.sleep(0.2)
    run("xdotool", "mousedown", "1")
    time.sleep(0.1)
    for i in range(1, 13):
        move(*(a + (b - a) * i // 12 for a, b in zip(start, end)))
        time.sleep(0.03)
    time.sleep(0.3)
    run("xdotool", "mouseup", "1")


def geometry_of(handle):
    """X, Y, WIDTH and HEIGHT of a window."""
    text = run("xdotool", "getwindowgeometry", "--shell", handle).stdout
    g = {k: int(v) for k, v in (line.split("=") for line in text.splitlines() if "=" in line)}
    return g["X"], g["Y"], g["WIDTH"], g["HEIGHT"]


def middle_of(handle):
    x, y, width, height = geometry_of(handle)
    return x + width // 2, y + height // 2
