# SPDX-License-Identifier: MIT
"""What tests of fetching share: `TEST.py FEWSHOT_CLI GOLDEN_FOLDER`, a good hub and one that plays
a script, both on loopback, and a folder to work in; all go at the end."""

import atexit
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from servers import Faults, Nginx

cli, golden = sys.argv[1:3]
if not (shutil.which("nginx") or os.path.exists("/usr/sbin/nginx")) or not shutil.which("openssl"):
    print("1..0 # SKIP nginx or openssl is not installed; ./test installs both")
    sys.exit(0)
work = tempfile.mkdtemp(prefix="fewshot-hub-")
atexit.register(shutil.rmtree, work, ignore_errors=True)
os.chmod(work, 0o755)
FILES = ["open_clip_config.json", "vocab.json", "merges.txt", "open_clip_model.safetensors"]
contents = {name: open(os.path.join(golden, "vit", name), "rb").read() for name in FILES}
weights = contents[FILES[3]]
for name in (
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "HF_ENDPOINT",
    "HF_TOKEN",
    "HF_HOME",
):
    os.environ.pop(name, None)


def wait_for_part(path, least=1):
    deadline = time.time() + 30
    while not os.path.exists(path) or os.path.getsize(path) < least:
        assert time.time() < deadline, "no " + path
        time.sleep(0.01)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


# ---- a large model that is none: 12 MB behind a header that says so
def large(megabytes, seed):
    header = b'{"x":{"dtype":"U8","shape":[%d],"data_offsets":[0,%d]}}' % (
        megabytes << 20,
        megabytes << 20,
    )
    block = bytes((i * 7 + seed) % 251 for i in range(1 << 20))
    return len(header).to_bytes(8, "little") + header + block * megabytes


big = large(12, 1)
root = os.path.join(work, "root")
for repository, data in (("test/vit", weights), ("test/big", big), ("slow/big", big)):
    for name in FILES[:3]:
        write(f"{root}/{repository}/resolve/main/{name}", contents[name])
    write(f"{root}/{repository}/resolve/main/{FILES[3]}", data)
    write(
        f"{root}/api/models/{repository}/revision/main",
        json.dumps(
            {
                "siblings": [
                    {"rfilename": n} for n in [*FILES, "README.md", "../../evil.safetensors"]
                ]
            }
        ).encode(),
    )
nginx = Nginx(
    work,
    root,
    {
        f"{repository}/resolve/main/{FILES[3]}": sha256(data)
        for repository, data in (("test/vit", weights), ("test/big", big), ("slow/big", big))
    },
)
faults = Faults()
atexit.register(nginx.stop)
atexit.register(faults.stop)
hub, bad = f"http://127.0.0.1:{nginx.hub}", f"http://127.0.0.1:{faults.port}"


def place(name):
    """A home of its own for a test."""
    home = os.path.join(work, "home-" + name)
    os.environ.update(XDG_DATA_HOME=f"{home}/data", XDG_CACHE_HOME=f"{home}/cache")
    nginx.forget()
    faults.seen.clear()
    return f"{home}/data/fewshot/models"


def run(*arguments, **how):
    how = {"timeout": 120, **how}
    return subprocess.run([cli, *arguments], capture_output=True, text=True, **how)


def pull(name, *arguments, endpoint=hub, **how):
    return run("pull", name, "--endpoint", endpoint, "--back-off", ".05", *arguments, **how)


def state_of(name):
    models = json.loads(run("models", "--json").stdout)["models"]
    return next((m["state"] for m in models if m["name"] == name), None)


def catalogue(*models):
    """models: (name, repository, {file: (bytes, sha256)})"""
    path = os.path.join(work, "catalogue.json")
    entries = [
        {
            "name": n,
            "title": n,
            "repository": r,
            "files": [
                {"name": f, **({"bytes": b} if b else {}), **({"sha256": s} if s else {})}
                for f, (b, s) in files.items()
            ],
        }
        for n, r, files in models
    ]
    json.dump({"version": 1, "models": entries}, open(path, "w"))
    os.environ["FEWSHOT_CATALOGUE"] = path


def one(name, *answers, size=None, digest=None):
    """A catalogue whose one model has one file of weights, served by a script."""
    catalogue(
        (
            name,
            "x/" + name,
            {
                FILES[0]: (0, None),
                FILES[1]: (0, None),
                FILES[2]: (0, None),
                FILES[3]: (size, digest),
            },
        )
    )
    for file in FILES[:3]:
        faults.file("x/" + name, file, Faults.send(contents[file], etag=None))
    faults.file("x/" + name, FILES[3], *answers)


def refused(done, models, name, *words):
    assert done.returncode == 1, (done.stdout, done.stderr)
    for word in words:
        assert word in done.stderr, (word, done.stderr)
    assert not os.path.exists(f"{models}/{name}/{FILES[3]}") and state_of(name) in (
        "partial",
        "absent",
        None,
    ), state_of(name)
