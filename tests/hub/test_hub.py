#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Fetching models from a hub on loopback: what works, what goes wrong, and that nothing that is not
whole ever looks whole. Prints TAP.

test_hub.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import hashlib
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from servers import Faults, Nginx
from tap import finish, run_tests, test

cli, golden = sys.argv[1:3]
if not (shutil.which("nginx") or os.path.exists("/usr/sbin/nginx")) or not shutil.which("openssl"):
    print("1..0 # SKIP nginx or openssl is not installed; ./test installs both")
    sys.exit(0)
work = tempfile.mkdtemp(prefix="fewshot-hub-")
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
hub, bad = f"http://127.0.0.1:{nginx.hub}", f"http://127.0.0.1:{faults.port}"


def place(name):
    """A home of its own for a test."""
    home = os.path.join(work, "home-" + name)
    os.environ.update(XDG_DATA_HOME=f"{home}/data", XDG_CACHE_HOME=f"{home}/cache")
    nginx.forget()
    faults.seen.clear()
    return f"{home}/data/fewshot/models"


def run(*arguments, **how):
    return subprocess.run([cli, *arguments], capture_output=True, text=True, timeout=120, **how)


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


@test
def whole():
    """By repository: listed, fetched over a redirect, checked, recorded, opened by its name."""
    models = place("whole")
    done = pull("test/vit", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["folder"] == f"{models}/test--vit" and answer["transferred"] == sum(
        map(len, contents.values())
    ), answer
    for name in FILES:
        assert open(f"{answer['folder']}/{name}", "rb").read() == contents[name]
    assert sorted(os.listdir(answer["folder"])) == sorted([".lock", "fewshot-model.ini", *FILES])
    assert state_of("test--vit") == "here" and "ViT 8/32" in run("info", "test/vit").stdout
    nginx.forget()
    assert (
        json.loads(pull("test/vit", "--json").stdout)["transferred"] == 0 and not nginx.requests()
    )
    assert (
        run("remove", "test/vit").returncode == 0
        and not os.path.exists(answer["folder"])
        and state_of("test--vit") is None
    )
    assert run("remove", "test/vit").returncode == 1


@test
def resumes_after_kill():
    models = place("kill")
    process = subprocess.Popen(
        [cli, "pull", "slow/big", "--endpoint", hub],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    part = f"{models}/slow--big/{FILES[3]}.part"
    wait_for_part(part, 400000)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = os.path.getsize(part)
    assert 0 < kept < len(big) and state_of("slow--big") is None and not os.path.exists(part[:-5])
    shutil.copytree(f"{root}/slow", f"{root}/fast", dirs_exist_ok=True)
    nginx.forget()
    os.rename(
        f"{models}/slow--big", f"{models}/test--big"
    )  # the same bytes from a server that is not slow
    done = pull("test/big", "--json")
    assert done.returncode == 0, done.stderr
    weights_requests = [r for r in nginx.requests() if r[0] == nginx.cdn]
    assert [(r[1], r[2], r[3]) for r in weights_requests] == [
        (206, len(big) - kept, f"bytes={kept}-")
    ], (kept, weights_requests)
    assert open(f"{models}/test--big/{FILES[3]}", "rb").read() == big


@test
def damaged_part_is_noticed():
    models = place("damaged-part")
    process = subprocess.Popen(
        [cli, "pull", "slow/big", "--endpoint", hub],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    part = f"{models}/slow--big/{FILES[3]}.part"
    wait_for_part(part, 200000)
    process.terminate()
    process.wait()
    with open(part, "r+b") as f:
        f.seek(1000)
        f.write(b"rubbish")
    os.rename(f"{models}/slow--big", f"{models}/test--big")
    done = pull("test/big")
    assert done.returncode == 0 and "arrived damaged" in done.stderr, done.stderr
    assert open(f"{models}/test--big/{FILES[3]}", "rb").read() == big and os.path.exists(
        f"{models}/test--big/{FILES[3]}.damaged"
    )


@test
def breaks_and_goes_on():
    """Twice cut off: only what is missing is asked for again."""
    models = place("breaks")
    one(
        "broken",
        Faults.send(weights, until=5000),
        Faults.send(weights, until=9000),
        Faults.send(weights),
        size=len(weights),
        digest=sha256(weights),
    )
    done = pull("broken", "--json", endpoint=bad)
    assert done.returncode == 0 and done.stderr.count("Trying again") == 2, done.stderr
    asked = [h.get("Range") for h in faults.times(f"/x/broken/resolve/main/{FILES[3]}")]
    assert (
        asked == [None, "bytes=5000-", "bytes=9000-"]
        and faults.times(f"/x/broken/resolve/main/{FILES[3]}")[1]["If-Range"] == '"one"'
    ), asked
    assert json.loads(done.stdout)["transferred"] == sum(map(len, contents.values()))
    assert open(f"{models}/broken/{FILES[3]}", "rb").read() == weights


@test
def file_changes_between():
    models, newer = place("changes"), weights[:-1] + b"!"
    one("changing", Faults.send(weights, until=5000), Faults.send(newer, etag='"two"'))
    done = pull("changing", endpoint=bad)
    assert done.returncode == 0, done.stderr
    assert open(f"{models}/changing/{FILES[3]}", "rb").read() == newer


@test
def server_without_ranges_or_tags():
    models = place("plain")
    one(
        "plain",
        Faults.send(weights, etag=None, until=5000),
        Faults.send(weights, etag=None, ranges=False),
    )
    assert pull("plain", endpoint=bad).returncode == 0
    assert (
        faults.times(f"/x/plain/resolve/main/{FILES[3]}")[1].get("Range") is None
    )  # nothing would tell a changed file
    one("stubborn", Faults.send(weights, until=5000), Faults.send(weights, ranges=False))
    assert (
        pull("stubborn", endpoint=bad).returncode == 0
        and open(f"{models}/stubborn/{FILES[3]}", "rb").read() == weights
    )


@test
def stalls():
    models = place("stalls")
    one("stalled", Faults.send(weights, until=5000, pause=20), Faults.send(weights))
    began = time.time()
    done = pull("stalled", "--stall", "1", endpoint=bad)
    assert done.returncode == 0 and "stopped sending" in done.stderr and time.time() - began < 12, (
        done.stderr,
        time.time() - began,
    )
    one("dead", Faults.send(weights, until=5000, pause=20))
    refused(
        pull("dead", "--stall", "1", "--attempts", "2", endpoint=bad),
        models,
        "dead",
        "stopped sending",
    )
    assert os.path.getsize(f"{models}/dead/{FILES[3]}.part") == 5000  # what came stays


@test
def not_the_file():
    """A page, an archive, too much, another length: each a sentence, none a model."""
    page = b"<html>Please sign in to the network</html>" * 20
    for name, words, answer, size in (
        ("page", ["web page"], Faults.send(page, content_type="text/html; charset=utf-8"), None),
        ("hidden-page", ["web page"], Faults.send(page), None),
        ("zip", ["zip archive"], Faults.send(b"PK\3\4" + bytes(500)), None),
        ("longer", ["bytes on the server"], Faults.send(weights + b"more"), len(weights)),
        (
            "chunks",
            ["more of", "announced"],
            Faults.send(weights + bytes(9000), chunked=True),
            len(weights),
        ),
        ("empty", ["is empty"], Faults.send(b""), None),
    ):
        models = place(name)
        one(name, answer, size=size)
        refused(pull(name, "--attempts", "1", endpoint=bad), models, name, *words)


@test
def cut_off_without_a_sum():
    """Nobody told how long or which: three bytes, half a file, a fragment of JSON are no model."""
    for name, data in (
        ("three", b"abc"),
        ("header", weights[:8]),
        ("nine", weights[:9]),
        ("half", weights[: len(weights) // 2]),
        ("most", weights[:-1]),
        ("null", bytes(8) + b"{}"),
        ("longer-still", weights + b"x"),
    ):
        models = place(name)
        one(name, Faults.send(data, etag=None, chunked=True))
        refused(pull(name, "--attempts", "2", endpoint=bad), models, name, "safetensors")
        assert len(faults.times(f"/x/{name}/resolve/main/{FILES[3]}")) == 2 or len(data) < 10, name
    models = place("json")
    one("json", Faults.send(weights))
    faults.file("x/json", FILES[0], Faults.send(contents[FILES[0]][:100], etag=None, chunked=True))
    done = pull("json", endpoint=bad)
    assert (
        done.returncode == 1
        and "no whole JSON" in done.stderr
        and not os.path.exists(f"{models}/json/{FILES[0]}")
    ), done.stderr
    # what an earlier version kept as a model is fetched again
    folder = f"{models}/old"
    write(f"{folder}/{FILES[3]}", b"abc")
    write(
        f"{folder}/fewshot-model.ini",
        f"[model]\nrepository=x/old\nrevision=main\n[file {FILES[3]}]\nbytes=3\nsha256=\n".encode(),
    )
    catalogue(("old", "x/old", {FILES[3]: (0, None)}))
    assert state_of("old") != "here"


@test
def trickle():
    """Two bytes a second, of the file, of the listing or of the head, hold nothing for ever."""

    def drip(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(weights)))
        handler.end_headers()
        for i in range(60):
            handler.wfile.write(weights[2 * i : 2 * i + 2])
            handler.wfile.flush()
            time.sleep(0.5)

    def drip_head(handler):
        for letter in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100:
            handler.wfile.write(bytes([letter]))
            handler.wfile.flush()
            time.sleep(0.5)

    models = place("trickle")
    one("drip", drip)
    began = time.time()
    refused(
        pull("drip", "--stall", "1", "--attempts", "3", endpoint=bad),
        models,
        "drip",
        "stopped sending",
    )
    assert time.time() - began < 15, time.time() - began
    one("head", drip_head)
    began = time.time()
    refused(
        pull("head", "--stall", "1", "--attempts", "2", endpoint=bad),
        models,
        "head",
        "stopped sending",
    )
    assert time.time() - began < 12
    faults.script["/api/models/x/list/revision/main"] = [drip]
    began = time.time()
    done = pull("x/list", "--stall", "1", "--attempts", "2", endpoint=bad)
    assert done.returncode == 1 and "stopped sending" in done.stderr and time.time() - began < 12, (
        done.stderr
    )


@test
def no_web_server():
    """What answers and is none: said so, and not called insecure."""
    listener = socket.create_server(("127.0.0.1", 0))

    def greet():
        while True:
            try:
                other, _ = listener.accept()
            except OSError:
                return
            other.sendall(b"220 mail.example ESMTP\r\n")
            other.close()

    threading.Thread(target=greet, daemon=True).start()
    models = place("mail")
    one("mail", Faults.send(weights))
    done = pull("mail", "--attempts", "2", endpoint=f"http://127.0.0.1:{listener.getsockname()[1]}")
    refused(done, models, "mail", "web server")
    assert "secure" not in done.stderr, done.stderr
    listener.close()
    done = pull("mail", endpoint="ftp://127.0.0.1")
    assert done.returncode == 1 and "https://" in done.stderr and "not secure" not in done.stderr, (
        done.stderr
    )


@test
def strangers_files_stay():
    """A file that is not ours is not replaced by a fetched one."""
    models = place("strangers")
    one("mine", Faults.send(weights, etag=None), size=len(weights), digest=sha256(weights))
    write(f"{models}/mine/{FILES[3]}", b"my own weights")
    done = pull("mine", endpoint=bad)
    assert done.returncode == 1 and "not fetched by this program" in done.stderr, done.stderr
    assert open(f"{models}/mine/{FILES[3]}", "rb").read() == b"my own weights"
    os.unlink(f"{models}/mine/{FILES[3]}")
    assert pull("mine", endpoint=bad).returncode == 0


@test
def damaged_on_the_way():
    rotten = weights[:-3] + b"rot"
    models = place("rotten")
    one("rotten", Faults.send(rotten), Faults.send(weights), digest=sha256(weights))
    done = pull("rotten", endpoint=bad)
    assert done.returncode == 0 and "damaged" in done.stderr, done.stderr
    assert open(f"{models}/rotten/{FILES[3]}", "rb").read() == weights
    one("spoilt", Faults.send(rotten), digest=sha256(weights))
    refused(
        pull("spoilt", endpoint=bad), models, "spoilt", "damaged", sha256(rotten)[:12], "put aside"
    )
    assert len(faults.times(f"/x/spoilt/resolve/main/{FILES[3]}")) == 2  # once more, not for ever
    one(
        "linked", Faults.send(rotten, etag=f'"{sha256(weights)}"')
    )  # no sum in the catalogue: the hub's own
    refused(pull("linked", endpoint=bad), models, "linked", "damaged")


@test
def answers():
    for code, words, count in (
        (401, ["HF_TOKEN"], 1),
        (403, ["terms"], 1),
        (404, ["404"], 1),
        (410, ["404"], 1),
        (400, ["refused (400)"], 1),
        (503, ["problem (503)"], 3),
    ):
        name = f"code{code}"
        models = place(name)
        one(name, lambda h, code=code: Faults.status(h, code, b"sorry"))
        refused(pull(name, "--attempts", "3", endpoint=bad), models, name, *words)
        assert len(faults.times(f"/x/{name}/resolve/main/{FILES[3]}")) == count
    models = place("busy")
    one(
        "busy",
        lambda h: Faults.status(h, 429, Retry_After="1"),
        lambda h: Faults.status(h, 500),
        Faults.send(weights),
    )
    began = time.time()
    done = pull("busy", endpoint=bad)
    assert done.returncode == 0 and "asks to wait" in done.stderr and time.time() - began > 0.9, (
        done.stderr
    )


@test
def nobody_there():
    models = place("nobody")
    one("gone", Faults.send(weights))
    refused(
        pull("gone", "--attempts", "2", endpoint="http://no-such-host.invalid"),
        models,
        "gone",
        "no-such-host.invalid was not found",
        "online",
    )
    refused(
        pull("gone", "--attempts", "2", endpoint="http://127.0.0.1:1"),
        models,
        "gone",
        "does not answer",
    )


@test
def certificates():
    models = place("tls")
    tls = f"https://localhost:{nginx.tls}"
    done = pull("test/vit", endpoint=tls)
    refused(done, models, "test--vit", "certificate")
    assert "Trying again" not in done.stderr  # it will not pass by itself
    assert pull("test/vit", "--ca-file", nginx.ca, endpoint=tls).returncode == 0
    models = place("downgrade")
    catalogue(("vit", "test/vit", dict.fromkeys(FILES, (0, None))))
    refused(
        pull("vit", "--ca-file", nginx.ca, endpoint=f"https://localhost:{nginx.downgrade}"),
        models,
        "vit",
        "not secure",
    )
    assert not [r for r in nginx.requests() if r[0] == nginx.cdn]


@test
def token_stays_home():
    place("token")
    done = pull("test/vit", env={**os.environ, "HF_TOKEN": "hf_secret"})
    assert done.returncode == 0 and "hf_secret" not in done.stdout + done.stderr
    requests = nginx.requests()
    assert all(r[4] == "Bearer hf_secret" for r in requests if r[0] == nginx.hub) and [
        r for r in requests if r[0] == nginx.hub
    ]
    assert [r[4] for r in requests if r[0] == nginx.cdn] == ["-"], requests
    for folder, _, files in os.walk(os.environ["XDG_DATA_HOME"]):
        for file in files:
            assert b"hf_secret" not in open(os.path.join(folder, file), "rb").read()


@test
def endpoint_and_proxy_of_the_environment():
    place("environment")
    done = run("pull", "test/vit", env={**os.environ, "HF_ENDPOINT": hub + "/"})
    assert done.returncode == 0, done.stderr
    place("proxy")
    faults.script["http://hub.example/api/models/a/b/revision/main"] = [
        lambda h: Faults.status(h, 404)
    ]
    done = run(
        "pull", "a/b", "--endpoint", "http://hub.example", env={**os.environ, "http_proxy": bad}
    )
    assert (
        done.returncode == 1
        and faults.seen[0][0] == "http://hub.example/api/models/a/b/revision/main"
    ), faults.seen


@test
def other_repositories():
    place("others")
    faults.listing("x/pickled", ["config.json", "vocab.json", "merges.txt", "pytorch_model.bin"])
    done = pull("x/pickled", endpoint=bad)
    assert (
        done.returncode == 1
        and "pickle" in done.stderr
        and "timm/vit_base_patch32_clip_224.openai" in done.stderr
    ), done.stderr
    faults.listing("x/llm", ["README.md", "config.json"])
    assert "no CLIP model" in pull("x/llm", endpoint=bad).stderr
    faults.script["/api/models/x/odd/revision/main"] = [lambda h: Faults.status(h, 200, b"<html>")]
    assert pull("x/odd", endpoint=bad).returncode == 1
    assert "404" in pull("x/missing", endpoint=bad).stderr
    for name in ("../x", "a/../b", "a/b/c", "no-such-name", "a/.b", "a b/c"):
        assert "no model" in pull(name).stderr, name
    hf = {
        n: open(os.path.join(golden, "hf", n), "rb").read()
        for n in os.listdir(os.path.join(golden, "hf"))
    }
    faults.listing("x/hf", [*hf, "pytorch_model.bin"])
    for name, data in hf.items():
        faults.file("x/hf", name, Faults.send(data))
    done = pull("x/hf", endpoint=bad)
    assert done.returncode == 0 and "ViT" in run("info", "x/hf").stdout, done.stderr


@test
def no_room():
    models = place("room")
    one("huge", Faults.send(weights), size=10**15)
    refused(pull("huge", endpoint=bad), models, "huge", "not enough room")
    one("full", Faults.send(big), size=len(big))

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20))

    done = pull("full", endpoint=bad, preexec_fn=limit)
    refused(done, models, "full", "could not be written")
    assert (
        os.path.getsize(f"{models}/full/{FILES[3]}.part") == 2 << 20
    )  # and goes on from there once there is room
    assert (
        pull("full", endpoint=bad).returncode == 0
        and open(f"{models}/full/{FILES[3]}", "rb").read() == big
    )


@test
def two_at_once():
    """The same model by two programs: fetched once, both have it."""
    models = place("two")
    first = subprocess.Popen(
        [cli, "pull", "slow/big", "--endpoint", hub],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    part = f"{models}/slow--big/{FILES[3]}.part"
    wait_for_part(part)
    assert run("remove", "slow/big").returncode == 1  # not while it is fetched
    shutil.copy(f"{root}/test/big/resolve/main/{FILES[3]}", f"{root}/other")
    second = subprocess.Popen(
        [cli, "pull", "slow/big", "--endpoint", hub, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    out, error = second.communicate(timeout=120)
    first.communicate(timeout=120)
    assert first.returncode == 0 and second.returncode == 0 and "waiting" in error, error
    assert json.loads(out)["transferred"] == 0
    assert sum(r[2] for r in nginx.requests() if r[0] == nginx.cdn) == len(big)


@test
def hugging_face_cache_is_used():
    models = place("cache")
    snapshot = f"{work}/hf/hub/models--test--vit/snapshots/abc123"
    for name in FILES:
        write(f"{snapshot}/{name}", contents[name])
    write(f"{work}/hf/hub/models--test--vit/refs/main", b"abc123\n")
    catalogue(("vit", "test/vit", {f: (len(contents[f]), None) for f in FILES}))
    with_home = {**os.environ, "HF_HOME": f"{work}/hf"}
    entry = next(
        m
        for m in json.loads(run("models", "--json", env=with_home).stdout)["models"]
        if m["name"] == "vit"
    )
    assert entry["state"] == "found" and entry["folder"] == snapshot, entry
    assert "ViT 8/32" in run("info", "vit", env=with_home).stdout and state_of("vit") == "absent"
    write(f"{work}/hf/hub/models--test--vit/refs/main", b"../../elsewhere\n")
    assert (
        next(
            m
            for m in json.loads(run("models", "--json", env=with_home).stdout)["models"]
            if m["name"] == "vit"
        )["state"]
        == "absent"
    )
    assert not os.path.exists(models)


@test
def interrupted():
    models = place("interrupted")
    process = subprocess.Popen(
        [cli, "pull", "slow/big", "--endpoint", hub],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for_part(f"{models}/slow--big/{FILES[3]}.part", 100000)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=10)
    assert process.returncode == 1 and "stopped" in error, error
    assert os.path.exists(f"{models}/slow--big/{FILES[3]}.part")


@test
def bad_catalogues():
    place("catalogues")
    for text in (
        "{",
        "[]",
        '{"models": 1}',
        '{"models": [1]}',
        '{"models": [{"name": "../x", "repository": "a/b", "files": [{"name": "f"}]}]}',
        '{"models": [{"name": "x", "repository": "a", "files": [{"name": "f"}]}]}',
        '{"models": [{"name": "x", "repository": "a/b", "files": [{"name": "../f"}]}]}',
        '{"models": [{"name": "x", "repository": "a/b", "files": []}]}',
        '{"models": [{"name": "x", "repository": "a/b", "files": [{"name": "f", "sha256": '
        '"zz"}]}]}',
        '{"models": [{"name": "x", "repository": "a/b", "files": [{"name": "f", "bytes": -1}]}]}',
    ):
        path = os.path.join(work, "bad.json")
        open(path, "w").write(text)
        done = run("models", env={**os.environ, "FEWSHOT_CATALOGUE": path})
        assert done.returncode == 1 and "bad.json" in done.stderr, (text, done.stderr)
    own = run(
        "models", "--json", env={k: v for k, v in os.environ.items() if k != "FEWSHOT_CATALOGUE"}
    )
    assert len(json.loads(own.stdout)["models"]) >= 6


run_tests()
nginx.stop()
faults.stop()
shutil.rmtree(work, ignore_errors=True)
finish()
