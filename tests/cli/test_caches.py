#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Feature caches of several tasks: many writers of one, one each and merged, damaged rows left out,
folders that cannot be written to, and file systems without locks. Prints TAP.

test_caches.py FEWSHOT_CLI GOLDEN_FOLDER NOLOCKS_LIBRARY
"""

import glob
import os
import sqlite3
import subprocess
import sys
import time

from program import cli, dataset, json_of, model, run, tensors, work
from tap import check, finish

shim = os.path.abspath(sys.argv[3])
data = dataset("pictures", classes=3, pictures=20)
out = os.path.join(work, "features.safetensors")


def folder(name):
    return os.path.join(work, name)


def embed(cache, env=None):
    """(pictures from the cache, features) of all."""
    if os.path.exists(out):
        os.unlink(out)
    command = ("embed", model, "--image-dir", data, "--output", out, "--json")
    done = run(*command, *cache, env=env)
    return json_of(done)["from_cache"], tensors(out)


def rows(name):
    (path,) = glob.glob(folder(name) + "/*.sqlite")
    with sqlite3.connect(path) as db:
        return dict(db.execute("SELECT hash, feature FROM features"))


taken, plain = embed(["--no-cache"])
n = 60

# ---- many writers of one

tasks = [
    subprocess.Popen(
        [cli, "embed", model, "--image-dir", data, "--shard", f"{i}/4", "--cache", folder("one")]
        + ["--output", folder(f"one.{i}")],
        stderr=subprocess.DEVNULL,
    )
    for i in range(1, 5)
]
check("four tasks write into one cache", all(task.wait() == 0 for task in tasks))
taken, again = embed(["--cache", folder("one")])
check(f"it has all of them ({taken} of {n})", taken == n and again[0] == plain[0])

# ---- one each, merged

for i in (1, 2, 3):
    part = ("--shard", f"{i}/3", "--cache", folder(f"own{i}"), "--output", folder(f"own.{i}"))
    run("embed", model, "--image-dir", data, *part)
owns = [folder(f"own{i}") for i in (1, 2, 3)]
said = json_of(run("cache", "merge", *owns, "--output", folder("all"), "--json"))
check("three caches become one", said == {"added": n, "known": 0, "damaged": 0}, str(said))
check("with the rows of each", rows("all") == rows("one"))
taken, again = embed(["--cache", folder("all")])
check(f"which has all of them ({taken})", taken == n and again[0] == plain[0])
said = json_of(run("cache", "merge", *owns, "--output", folder("all"), "--json"))
check("again nothing is added", said == {"added": 0, "known": n, "damaged": 0}, str(said))

# ---- what is wrong

(path,) = glob.glob(folder("own1") + "/*.sqlite")
first = len(rows("own1"))
with sqlite3.connect(path) as db:
    db.execute("UPDATE features SET crc = crc + 1 WHERE id = (SELECT min(id) FROM features)")
db.close()
said = json_of(run("cache", "merge", folder("own1"), "--output", folder("less"), "--json"))
check("a row that is not what its sum says is left out",
      said == {"added": first - 1, "known": 0, "damaged": 1}, str(said))  # fmt: skip
os.mkdir(folder("bad"))
for content in (b"", b"nonsense" * 100):
    with open(folder("bad/x.sqlite"), "wb") as file:
        file.write(content)
    done = run("cache", "merge", folder("bad"), "--output", folder("none"))
    check(f"{len(content)} bytes of something else are refused",
          done.returncode == 1 and "no feature cache of this version" in done.stderr)  # fmt: skip
os.mkdir(folder("wider"))
(name,) = [os.path.basename(path) for path in glob.glob(folder("own1") + "/*.sqlite")]
with sqlite3.connect(os.path.join(folder("wider"), name)) as db:
    (version,) = sqlite3.connect(path).execute("PRAGMA user_version").fetchone()
    db.executescript(
        f"PRAGMA application_id = {0x46657731}; PRAGMA user_version = {version + 1};"
        "CREATE TABLE features (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE,"
        " feature BLOB NOT NULL, crc INTEGER NOT NULL)"
    )
db.close()
done = run("cache", "merge", folder("wider"), "--output", folder("all"))
check(
    "one of another width under the same name is refused, and what is there stays",
    done.returncode == 1 and "another model" in done.stderr and rows("all") == rows("one"),
    done.stderr,
)
done = run("cache", "merge", folder("absent"), "--output", folder("none"))
check("a folder that is not there is told", done.returncode == 1 and "listed" in done.stderr)
for words in (["merge", folder("own1")], ["mix", folder("own1"), "--output", folder("none")]):
    check(f"cache {words[0]} is wrong usage", run("cache", *words).returncode == 2)

# ---- a file system without locks

without = {**os.environ, "LD_PRELOAD": shim}
began = time.monotonic()
taken, again = embed(["--cache", folder("locked")], env=without)
took = time.monotonic() - began
check("without locks all is encoded, and nothing fails", taken == 0 and again[0] == plain[0])
check(f"and nothing waits for them ({took:.1f} s)", took < 8)
into = ("--output", folder("local"))
done = run("cache", "merge", folder("own2"), *into, env=without)
check(
    "a cache cannot be filled there, which it says",
    done.returncode == 1 and "without locks" in done.stderr,
    done.stderr,
)
finish()
