#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The Models window in the real program, read and pressed through AT-SPI, against a hub on
loopback: progress, pause, going on, a failure with Retry, opening. Prints TAP.

    test_models.py FEWSHOT GOLDEN_FOLDER SHOTS_FOLDER
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

for folder in ("../hub", "../tools"):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), folder))
from accessible import press, says, texts, wait  # noqa: E402
from program import activate, run, window  # noqa: E402
from servers import Nginx  # noqa: E402
from tap import check, finish  # noqa: E402

fewshot, golden, shots = sys.argv[1:4]
if not shutil.which("nginx") and not os.path.exists("/usr/sbin/nginx"):
    print("1..0 # SKIP nginx is not installed; ./test installs it")
    sys.exit(0)
work = tempfile.mkdtemp(prefix="fewshot-models-")
os.chmod(work, 0o755)
FILES = ["open_clip_config.json", "vocab.json", "merges.txt", "open_clip_model.safetensors"]


def main():
    root, home = f"{work}/root", f"{work}/home"
    size = 12 << 20
    header = json.dumps({"x": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    big = len(header).to_bytes(8, "little") + header + b"fewshot!" * (size // 8)
    for repository, names in (("slow/big", FILES), ("slow/other", FILES), ("test/late", FILES[:3])):
        os.makedirs(f"{root}/{repository}/resolve/main")
        for name in names:
            data = big if name == FILES[3] else open(os.path.join(golden, "vit", name), "rb").read()
            open(f"{root}/{repository}/resolve/main/{name}", "wb").write(data)
    catalogue = f"{work}/catalogue.json"

    def entry(name, title, repository, weights):
        return {
            "name": name,
            "title": title,
            "use": "first",
            "repository": repository,
            "licence": "MIT",
            "publisher": "Tests",
            "memory": 10**9,
            "gflop": 9,
            "files": [*({"name": n} for n in FILES[:3]), {"name": FILES[3], **weights}],
        }

    json.dump(
        {
            "models": [
                entry(
                    "slow",
                    "Slow Model",
                    "slow/big",
                    {"bytes": len(big), "sha256": hashlib.sha256(big).hexdigest()},
                ),
                entry("late", "Late Model", "test/late", {}),
                entry("other", "Other Model", "slow/other", {}),
            ]
        },
        open(catalogue, "w"),
    )
    nginx = Nginx(work, root, {}, slow="600k")
    # the slow part of the tree is on the second port
    app = subprocess.Popen(
        [fewshot],
        env={
            **os.environ,
            "HF_ENDPOINT": f"http://127.0.0.1:{nginx.cdn}",
            "FEWSHOT_CATALOGUE": catalogue,
            "XDG_DATA_HOME": f"{home}/data",
            "XDG_CACHE_HOME": f"{home}/cache",
            "no_proxy": "127.0.0.1",
        },
    )
    try:
        check("the window opens", wait("window", lambda: window("Fewshot$")))
        time.sleep(1)
        activate("models")
        check(
            "the list has what each model is good for, its size and licence",
            wait("list", lambda: says("Slow Model") and says("MIT") and says("good first choice")),
        )
        part = f"{home}/data/fewshot/models/slow/{FILES[3]}.part"
        activate("pull-model", "[<'slow'>]")
        activate("pull-model", "[<'other'>]")
        check(
            "progress has bytes, rate and time left",
            wait("progress", lambda: says("a second") and says("left") and says("of 12.")),
        )
        check(
            "two models are fetched at once",
            wait("two", lambda: sum("a second" in t for t in texts()) == 2),
        )
        run("import", "-window", "root", os.path.join(shots, "models.png"))
        check("the button pauses", press("Pause", -2) and wait("paused", lambda: says("Paused:")))
        kept = os.path.getsize(part)
        time.sleep(1)
        check(
            "nothing comes while it is paused",
            os.path.getsize(part) == kept and 0 < kept < len(big),
            kept,
        )
        check(
            "and goes on from there",
            press("Continue")
            and wait("ready", lambda: sum("On this computer" in t for t in texts()) == 2, 60),
        )
        check("the file is whole", open(part[:-5], "rb").read() == big)
        sent = [
            r[2]
            for r in nginx.requests()
            if r[5].startswith("/slow/big") and r[5].endswith("safetensors")
        ]
        check(
            "no byte came twice", len(big) <= sum(sent) < len(big) + (1 << 20), sent
        )  # what was on its way when it was paused is lost
        activate("pull-model", "[<'late'>]")
        check("a failure is a sentence", wait("failure", lambda: says("404")))
        run("import", "-window", "root", os.path.join(shots, "models-failed.png"))
        with open(f"{root}/test/late/resolve/main/{FILES[3]}", "wb") as f:
            f.write(open(os.path.join(golden, "vit", FILES[3]), "rb").read())
        check(
            "with Retry, which works once the cause is gone",
            press("Retry")
            and wait("retried", lambda: sum("On this computer" in t for t in texts()) == 3),
        )
        activate("use-model", "[<'late'>]")
        check(
            "the model opens and its window closes",
            wait("opened", lambda: says("late") and not says("Slow Model")),
        )
        activate("remove-model", "[<'slow'>]")
        check("removing asks first", wait("question", lambda: says("Remove Slow Model?")))
        check(
            "and removes",
            press("Remove", -2)
            and wait("removed", lambda: not os.path.exists(f"{home}/data/fewshot/models/slow")),
        )
        check("the program still runs", app.poll() is None)
    finally:
        app.terminate()
        app.wait()
        nginx.stop()
        shutil.rmtree(work, ignore_errors=True)
    finish()


main()
