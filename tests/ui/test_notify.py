#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Long work that ends in a window without the focus is announced to the desktop, here a
notification server of the test's own; short work is not, nor is work in the window that has it.
Prints TAP.

    test_notify.py FEWSHOT DRAGSOURCE
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from program import activate, describe, run, window
from tap import check, finish

try:
    from gi.repository import Gio, GLib
except ImportError as error:
    print(f"1..0 # SKIP {error}: ./test installs python3-gi")
    sys.exit(0)
fewshot, dragsource = sys.argv[1:3]
work = tempfile.mkdtemp(prefix="fewshot-notify-")
INTERFACE = """<node><interface name="org.freedesktop.Notifications">
<method name="Notify">
  <arg type="s" direction="in"/>
  <arg type="u" direction="in"/>
  <arg type="s" direction="in"/>
  <arg type="s" direction="in"/>
  <arg type="s" direction="in"/>
  <arg type="as" direction="in"/>
  <arg type="a{sv}" direction="in"/>
  <arg type="i" direction="in"/>
  <arg type="u" direction="out"/>
</method>
<method name="CloseNotification">
  <arg type="u" direction="in"/>
</method>
<method name="GetCapabilities">
  <arg type="as" direction="out"/>
</method>
<method name="GetServerInformation">
  <arg type="s" direction="out"/>
  <arg type="s" direction="out"/>
  <arg type="s" direction="out"/>
  <arg type="s" direction="out"/>
</method>
</interface></node>"""
told = []


def called(connection, sender, path, interface, method, parameters, invocation):
    if method == "Notify":
        told.append(parameters.unpack()[3:5])
        invocation.return_value(GLib.Variant("(u)", (len(told),)))
    elif method == "GetCapabilities":
        invocation.return_value(GLib.Variant("(as)", (["body"],)))
    elif method == "GetServerInformation":
        invocation.return_value(GLib.Variant("(ssss)", ("test", "fewshot", "1", "1.2")))
    else:
        invocation.return_value(None)


def acquired(connection, name):
    connection.register_object(
        "/org/freedesktop/Notifications",
        Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0],
        called,
        None,
        None,
    )


def wait(condition, seconds=40):
    until = time.time() + seconds
    while time.time() < until:
        if condition():
            return True
        time.sleep(0.1)
    return False


def enabled(action):
    found = describe(action)
    return found is not None and found[0]


def train(seconds):
    """A run paused, so that no computer comes to its end, and stopped after that long."""
    activate("train")
    begun = wait(lambda: enabled("stop"))
    activate("pause")
    time.sleep(seconds)
    running = enabled("stop")
    activate("stop")
    ended = running and wait(lambda: enabled("train"))
    if not ended:
        print(f"# begun: {begun}, running: {running}, ended: {ended}, app: {app.poll()}")
    return ended


def focus_elsewhere():
    """The other program's window has the focus, and keeps it."""
    there = window("dragsource")
    run("xdotool", "windowfocus", "--sync", there)
    time.sleep(0.5)
    focused = run("xdotool", "getwindowfocus").stdout.strip()
    if focused != there:
        print(f"# window {focused} has the focus, not {there}")


Gio.bus_own_name(
    Gio.BusType.SESSION,
    "org.freedesktop.Notifications",
    Gio.BusNameOwnerFlags.NONE,
    acquired,
    None,
    None,
)
threading.Thread(target=GLib.MainLoop().run, daemon=True).start()
environment = {
    **os.environ,
    "XDG_DATA_HOME": f"{work}/data",
    "XDG_CACHE_HOME": f"{work}/cache",
    "XDG_CONFIG_HOME": f"{work}/config",
}
app = subprocess.Popen([fewshot], env=environment, stderr=subprocess.DEVNULL)
other = None
try:
    project = f"{work}/Parts.fewshot"
    wait(lambda: describe("samples"))
    activate("samples")
    wait(lambda: enabled("train"))
    time.sleep(2)
    activate("save-to", f"[<'{project}'>]")
    wait(lambda: window("Parts"))  # saved, and nothing is left to be recovered
    app.terminate()
    app.wait()
    with open(project, encoding="utf-8") as f:
        data = json.load(f)
    del data["settings"]["method"]  # the visual adapter, live
    data["settings"]["epochs"] = 100000
    data["settings"].update(steps=0, folds=False)
    with open(project, "w", encoding="utf-8") as f:
        json.dump(data, f)
    app = subprocess.Popen([fewshot, project], env=environment, stderr=subprocess.DEVNULL)
    wait(lambda: window("Parts"))
    wait(lambda: enabled("train"))
    time.sleep(2)
    told.clear()  # a slow computer reads and trains the samples for long
    check(
        "work in the window that has the focus is not announced", train(6) and not told, str(told)
    )
    other = subprocess.Popen([dragsource, work], stderr=subprocess.DEVNULL)
    wait(lambda: window("dragsource"))
    focus_elsewhere()
    check("short work is not", train(1) and not told, str(told))
    focus_elsewhere()
    check(
        "long work elsewhere is, with the project's name",
        train(6) and wait(lambda: told == [("Training has ended", "Parts")], 30),
        str(told),
    )
finally:
    for process in filter(None, (app, other)):
        process.terminate()
        process.wait()
    shutil.rmtree(work, ignore_errors=True)
finish()
