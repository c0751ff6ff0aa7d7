# SPDX-License-Identifier: MIT
"""The program's windows as a screen reader has them (AT-SPI)."""

import sys
import time

try:
    import gi

    gi.require_version("Atspi", "2.0")
    from gi.repository import Atspi
except (ImportError, ValueError) as error:
    print(f"1..0 # SKIP {error}: ./test installs python3-gi and gir1.2-atspi-2.0")
    sys.exit(0)


def walk(node, depth=0):
    yield node
    for i in range(node.get_child_count() if depth < 40 else 0):
        child = node.get_child_at_index(i)
        if child:
            yield from walk(child, depth + 1)


def everything():
    desktop = Atspi.get_desktop(0)
    for i in range(desktop.get_child_count()):
        application = desktop.get_child_at_index(i)
        if application and "fewshot" in (application.get_name() or "").lower():
            yield from walk(application)


def words_of(node):
    """A label's words are its name or its text, depending on the version of GTK."""
    name = node.get_name()
    if not name and node.get_role() == Atspi.Role.LABEL and node.get_text_iface():
        name = Atspi.Text.get_text(node, 0, -1)
    return name or ""


def texts():
    try:
        return [words for words in map(words_of, everything()) if words]
    except gi.repository.GLib.Error:  # the tree changed on the way
        return []


def wait(what, test, seconds=30):
    end = time.time() + seconds
    while time.time() < end:
        if test():
            return True
        time.sleep(0.15)
    print(f"# waited in vain for {what}: {[t for t in texts() if len(t) > 3][:60]}", flush=True)
    return False


def says(words):
    return any(words in text for text in texts())


def named(name, role=None):
    """What has these words in its name."""
    try:
        return [
            node
            for node in everything()
            if name in (node.get_name() or "") and (role is None or node.get_role() == role)
        ]
    except gi.repository.GLib.Error:
        return []


def press(name, which=-1):
    """The last button of that name: the newest window comes last. A dialog of libadwaita 1.2 has
    its buttons twice, in a row and, hidden, in a column; newer ones once."""
    found = [
        node
        for node in everything()
        if node.get_role() == Atspi.Role.PUSH_BUTTON
        and (node.get_name() == name or node.get_name().endswith(" " + name))
    ]
    return bool(found) and Atspi.Action.do_action(found[max(which, -len(found))], 0)


def center(node):
    """Of a widget, in the window, which lies at 0, 0."""
    box = node.get_component_iface().get_extents(Atspi.CoordType.WINDOW)
    return box.x + box.width // 2, box.y + box.height // 2


def row_of(name):
    """The class's row in the list at the side, not its name elsewhere."""
    found = [center(node) for node in named(name, Atspi.Role.LIST_ITEM) if node.get_name() == name]
    return min(found, default=(0, 0))
