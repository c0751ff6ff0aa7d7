#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Ways in which a person could lose a project without having done anything wrong, one by one, with
the real program: edits while it loads, saving that fails, other writers, files that are only half
understood, drafts that are damaged. The states and events are those of the table in app/DESIGN.md.
Prints TAP.

    test_document.py FEWSHOT POCKET
"""

import fcntl
import hashlib
import os
import shutil
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from accessible import everything, press, says
from documents import (
    SmallDisk,
    World,
    activate,
    describe,
    load,
    names_of,
    project,
    quit_program,
    read,
    save_to,
    set_alpha,
    wait,
    write,
    write_picture,
)
from program import gdbus, open_files, run, window
from tap import check, finish

w = World(*sys.argv[1:3])
SAVED = 6  # seconds: by itself, on a busy machine


def alpha_is(path, value):
    found = load(path)
    return found is not None and abs(found.get("alpha", -1) - value) < 1e-9


def any_draft(condition):
    return any(condition(path) for path in w.drafts())


def has_second_window():
    return bool(describe("alpha", window=2))


# ---- loading × edit, loading × kill

MANY = 100000
pictures = [{"id": i + 1, "class": i % 2, "path": f"/nowhere/{i}.png"} for i in range(MANY)]
large = write(w.path("large.fewshot"), project(pictures=pictures))
w.start(large)
activate("add-class")  # while it is read
found = wait(lambda: (lambda p: p if p and len(p["classes"]) != 2 else None)(load(large)), 60)
check(
    "an edit while a project loads waits for it",
    found is not None and len(found["classes"]) == 3 and len(found["pictures"]) == MANY,
    f"{found and len(found['classes'])} classes, {found and len(found['pictures'])} pictures",
)
check("what is written is compact", os.path.getsize(large) < 90 * MANY, os.path.getsize(large))
w.kill()
before = read(large)
w.start(large)
w.kill()
check("a kill while it loads changes nothing", read(large) == before)
os.unlink(large)
w.forget_drafts()

# ---- clean: nothing is written before a person has changed something

HASH = "0123456789abcdef" * 4
RUN = {
    "title": "run",
    "classes": ["one", "two"],
    "prompts": ["", ""],
    "roles": "tt",
    "ids": [1, 2],
    "labels": [0, 1],
    "dim": 2,
    "hidden": 1,
    "weights": "AACAPwAAgD8AAIA/AACAP!bad",
    "model_sha256": HASH,
}
odd = project(model="/nowhere/model", model_sha256=HASH, runs=[RUN], settings={"later": {"x": 1}})
path = write(w.path("odd.fewshot"), odd)
before = read(path)
w.start(path)
time.sleep(3)
check("opening alone writes nothing", read(path) == before)
set_alpha(0.25)
check("an edit is written by itself", wait(lambda: alpha_is(path, 0.25), SAVED))
found = load(path)
check("the model that is not here is kept", found.get("model") == "/nowhere/model", found["model"])
check("and its hash", found.get("model_sha256") == HASH, found.get("model_sha256"))
check("weights that cannot be read are kept", found["runs"][0].get("weights") == RUN["weights"])
check("settings of a newer version are kept", found["settings"].get("later") == {"x": 1})
copy = w.path("odd (before repair).fewshot")
check("the file as it was before the repair is kept", read(copy) == before)

# ---- clean × disk change: two writers

theirs = project(("theirs",))
write(path, theirs)
set_alpha(0.5)
check(
    "what another program wrote is not written over; mine is a draft",
    wait(lambda: any_draft(lambda d: alpha_is(d, 0.5)), SAVED)
    and names_of(load(path)) == ["theirs"],
    names_of(load(path)),
)
w.kill()
w.forget_drafts()
linked = w.path("link.fewshot")
write(path, project())
os.symlink(path, linked)
w.start(path)
time.sleep(1)
open_files(linked)
time.sleep(1.5)
check("the same file by another name is the same window", not has_second_window())
w.kill()
w.start(linked)
time.sleep(1)
set_alpha(0.75)
check(
    "a symbolic link is written through",
    wait(lambda: alpha_is(path, 0.75), SAVED) and os.path.islink(linked),
)
w.kill()
locks = os.path.join(w.data, "fewshot", "locks")
lock = os.path.join(locks, hashlib.sha256(os.path.realpath(path).encode()).hexdigest())
before = read(path)
with open(lock, "w") as held:
    fcntl.flock(held, fcntl.LOCK_EX)
    w.start(path)
    time.sleep(1)
    activate("add-class")
    time.sleep(3)
    check("what another process has open is not opened", read(path) == before)
    w.kill()
w.forget_drafts()

# ---- new × save as

w.start()
activate("add-class")
check("a new project is a draft", wait(lambda: any_draft(load), SAVED))
activate("save-to", f"[<'{w.path('missing', 'x.fewshot')}'>]")
time.sleep(2)
w.kill()
check("Save As that fails leaves the draft", any_draft(lambda d: names_of(load(d)) is not None))
w.forget_drafts()
lost = 0
for i in range(5):
    target = w.path(f"as-{i}.fewshot")
    w.start()
    activate("add-class")
    time.sleep(1.85)  # the draft is due after two seconds
    activate("save-to", f"[<'{target}'>]")
    time.sleep(w.rng.uniform(0, 0.4))
    w.kill()
    lost += not (names_of(load(target)) or any_draft(lambda d: names_of(load(d))))
    w.forget_drafts()
check("a kill between Save As and the draft loses nothing", lost == 0, f"{lost} of 5")

# ---- failing × edit, close

home = w.path("home")
os.mkdir(home)
path = write(os.path.join(home, "p.fewshot"), project())
w.start(path)
time.sleep(1)
os.rename(home, home + "-away")
set_alpha(0.125)
check(
    "what cannot be written to its file is in a draft",
    wait(lambda: any_draft(lambda d: alpha_is(d, 0.125)), SAVED),
)
quit_program()
time.sleep(2)
check("quitting then keeps the window", w.runs() and describe("alpha") is not None)
os.rename(home + "-away", home)
check("it is tried again until it is written", wait(lambda: alpha_is(path, 0.125), 15))
check("and the draft goes", wait(lambda: not w.drafts(), 5))
quit_program()
check("then it closes", wait(lambda: not w.runs(), 10))
os.chmod(path, 0o444)
before = read(path)
w.start(path)
time.sleep(1)
set_alpha(0.5)
time.sleep(3)
check("a read-only file is not written over", read(path) == before)
w.kill()
w.forget_drafts()

# ---- files that say too much

path = write(w.path("top.fewshot"), project(("one",)))
classes = {"classes": [{"id": 2147483647, "name": "last"}]}
write(path, {**project(), **classes})
w.start(path)
time.sleep(1)
activate("add-class")
found = wait(lambda: (lambda p: p if p and len(p["classes"]) == 2 else None)(load(path)), SAVED)
ids = [c["id"] for c in found["classes"]] if found else []
check("the greatest id is followed by one that can be read", sorted(ids) == [1, 2147483647], ids)
w.kill()
with open(path, "a", encoding="utf-8") as f:
    f.write("{}")
before = read(path)
w.start(path)
time.sleep(1)
activate("add-class")
time.sleep(3)
check("what goes on behind its end is not opened, nor written over", read(path) == before)
w.kill()
w.forget_drafts()

# ---- drafts

os.makedirs(w.drafts_folder, exist_ok=True)
bad = os.path.join(w.drafts_folder, "bad.fewshot")
good = write(os.path.join(w.drafts_folder, "good.fewshot"), project(("brought", "back")))
for draft in (bad, good):
    with open(draft + ".lock", "w"):
        pass
with open(bad, "w") as f:
    f.write('{"fewshot": 1, "cla')
path = write(w.path("file.fewshot"), project())
w.start(path)
aside = os.path.join(w.drafts_folder, "damaged", "bad.fewshot")
moved = wait(lambda: os.path.exists(aside) and not os.path.exists(bad))
check("a damaged draft is set aside", moved)
again = w.path("again.fewshot")
save = ("save-to", f"[<'{again}'>]")
found = None
for number in (1, 2, 3):
    gdbus("Activate", *save, "{}", window=number)
    found = wait(lambda: load(again), 4)
    if names_of(found) == ["brought", "back"]:
        break
    if found:
        os.unlink(again)
check(
    "drafts come back when the program is started with a file",
    names_of(found) == ["brought", "back"],
    names_of(found),
)
w.kill()
w.forget_drafts()

# ---- two writers: while it loads, onto each other, and the three answers

large = write(w.path("large.fewshot"), project(pictures=pictures))
linked = w.path("large-link.fewshot")
os.symlink(large, linked)
w.start(large)
open_files(linked)
saved = w.path("saved.fewshot")
save_to(saved)
found = wait(lambda: load(saved), 60)
check(
    "Save As while a project loads waits for it",
    found is not None and len(found["pictures"]) == MANY,
)
check("a file that is loading is not opened again by another name", not has_second_window())
w.kill()
before = read(large)
w.start(large)
quit_program()
check(
    "closing while it loads changes nothing",
    wait(lambda: not w.runs(), 10) and read(large) == before,
)
os.unlink(large)
os.unlink(saved)
mine, theirs = w.path("mine.fewshot"), w.path("theirs.fewshot")
write(mine, project(("mine",)))
before = read(write(theirs, project(("theirs",))))
w.start(mine)
open_files(theirs)
wait(has_second_window)
save_to(theirs)
time.sleep(1)
set_alpha(0.25)
check(
    "Save As onto a project that another window has is refused",
    wait(lambda: alpha_is(mine, 0.25), SAVED) and read(theirs) == before,
)
w.kill()


def begin_conflict(alpha):
    """Theirs is in the file, mine in the window and in a draft; the question is asked."""
    path = write(w.path("two.fewshot"), project(("mine",)))
    w.start(path)
    time.sleep(0.5)
    write(path, project(("theirs",)))
    set_alpha(alpha)
    asked = wait(lambda: says("Two Versions of One Project"), SAVED)
    drafted = wait(lambda: any_draft(lambda d: alpha_is(d, alpha)), SAVED)
    check("two versions of one project are a question", asked and drafted)
    return path


path = begin_conflict(0.125)
wait(lambda: press("Keep Mine", -2))
check(
    "Keep Mine writes mine, and the draft goes",
    wait(lambda: alpha_is(path, 0.125) and names_of(load(path)) == ["mine"] and not w.drafts()),
    f"{names_of(load(path))}, {w.drafts()}",
)
w.kill()
path = begin_conflict(0.25)
before = read(path)
wait(lambda: press("Take Theirs", -2))
check(
    "Take Theirs opens theirs in the window that stays, and leaves the file alone",
    wait(lambda: describe("alpha", window=2) and not describe("alpha")) and read(path) == before,
)
set_alpha(0.5, window=2)
check(
    "what is edited then is theirs",
    wait(lambda: alpha_is(path, 0.5) and names_of(load(path)) == ["theirs"], SAVED),
)
check("and no draft stays", not w.drafts(), w.drafts())
w.process.kill()
w.process.wait()
path = begin_conflict(0.375)
before = read(path)
copy = w.path("copy.fewshot")
wait(lambda: press("Save a Copy…", -2))
asked = wait(lambda: window("Save Project"))
run("xdotool", "windowfocus", "--sync", asked or "0")
run("xdotool", "key", "ctrl+a")
run("xdotool", "type", "--delay", "5", copy)
run("xdotool", "key", "Return")
check(
    "Save a Copy keeps mine under another name, and theirs as it is",
    wait(lambda: names_of(load(copy)) == ["mine"] and alpha_is(copy, 0.375))
    and read(path) == before,
)
set_alpha(0.625)
check(
    "what is edited then goes to the copy",
    wait(lambda: alpha_is(copy, 0.625), SAVED) and read(path) == before and not w.drafts(),
)
w.kill()

# ---- pictures that become others of the same name

names = [w.path(f"{i}.png") for i in range(4)]
for i, name in enumerate(names):
    write_picture(name, 60 * i)
few = [{"id": i + 1, "class": i // 2, "path": name} for i, name in enumerate(names)]
path = write(w.path("few.fewshot"), project(pictures=few))
w.start(path)
set_alpha(0.25)


def has_hash_of(index):
    found = load(path)
    return (
        found
        and found["pictures"][index].get("sha256")
        == hashlib.sha256(read(names[index]) or b"").hexdigest()
    )


wait(lambda: has_hash_of(0), SAVED)
activate("new-window")
wait(lambda: window("Untitled"))
run("xdotool", "windowfocus", "--sync", window("Untitled") or "0")
write_picture(names[0], 33)
run("xdotool", "windowfocus", "--sync", window("few") or "0")
check(
    "a picture that was replaced while its project is open is told",
    wait(lambda: says("1 picture was replaced by another of the same name"), 10),
)
check("it is read anew and kept so", wait(lambda: has_hash_of(0), SAVED))


def is_marked(name):
    return any(
        name in (node.get_name() or "") and "Changed on disk" in (node.get_description() or "")
        for node in everything()
    )


check("it is marked where it is seen", wait(lambda: is_marked("0.png"), 10) is True)
write_picture(names[1], 99)
write_picture(names[2], 111)
activate("train")
check(
    "what was replaced is read before anything is learned of it",
    wait(lambda: (load(path) or {}).get("runs") and has_hash_of(1) and has_hash_of(2), 15),
)
check(
    "and told",
    wait(lambda: says("2 pictures were replaced by others of the same names"), 10),
)
w.process.kill()
w.process.wait()
w.forget_drafts()

# ---- a full disk

small = w.path("small")
os.mkdir(small)
disk = SmallDisk(w, small)
print(f"# {'a tmpfs of its own' if disk.real else 'files that may not grow'}", flush=True)
path = os.path.join(small, "p.fewshot")
w.environment["XDG_DATA_HOME"] = os.path.join(small, "data")
w.start(before=disk.before)
activate("add-class")
save_to(path)
check("a project on a small disk", wait(lambda: names_of(load(w.seen(path)))) is not None)
before = read(w.seen(path))
disk.fill()
set_alpha(0.125)
time.sleep(3)
quit_program()
check(
    "when the disk is full neither file nor window goes",
    wait(lambda: says("The Project Is Not Saved"), 10)
    and w.runs()
    and describe("alpha") is not None
    and read(w.seen(path)) == before,
)
check("and it is said that it is nowhere else", says("What was changed is nowhere but in this"))
disk.free()
check("there is room: it is written", wait(lambda: alpha_is(w.seen(path), 0.125), 12))
elsewhere = w.path("elsewhere.fewshot")
disk.fill()
set_alpha(0.25)
time.sleep(2.5)
if not disk.real:
    disk.free()  # it holds for all files
save_to(elsewhere)
check("Save As takes it to another disk", wait(lambda: alpha_is(elsewhere, 0.25), SAVED))
w.kill()
shutil.rmtree(w.folder, ignore_errors=True)
finish()
