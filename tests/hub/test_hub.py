#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Fetching models from a hub on loopback: by name, with a token, behind TLS and a proxy, two at
once, from a cache that another program left; catalogues. Prints TAP.

test_hub.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import gzip
import json
import os
import resource
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from loopback import (
    FILES,
    bad,
    big,
    catalogue,
    cli,
    contents,
    faults,
    golden,
    hub,
    nginx,
    one,
    place,
    pull,
    refused,
    root,
    run,
    sha256,
    state_of,
    wait_for_part,
    weights,
    work,
    write,
)
from servers import Faults
from tap import finish, run_tests, test


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
def tokenizers_of_other_kinds():
    """What a SigLIP's repository holds comes with its weights: all that its tokenizer may need."""
    models = place("siglip")
    words = os.path.join(os.path.dirname(golden), "tokenizers")
    large = b'{"model":{"vocab":{' + b'"a":1,' * 800000 + b'"b":2}}}'
    files = {
        "config.json": open(os.path.join(golden, "hf/config.json"), "rb").read(),
        "processor_config.json": b"{}",
        "spiece.model": open(os.path.join(words, "spiece.model"), "rb").read(),
        "tokenizer.json": large,
        "tokenizer_config.json": b'{"tokenizer_class":"SiglipTokenizer"}',
        "model.safetensors": open(os.path.join(golden, "hf/model.safetensors"), "rb").read(),
    }
    faults.listing("x/siglip", [*files, "README.md", "special_tokens_map.json"])
    for name, data in files.items():
        faults.file("x/siglip", name, Faults.send(data))
    done = pull("x/siglip", endpoint=bad)
    assert done.returncode == 0, done.stderr
    got = {n for _, _, names in os.walk(models) for n in names}
    assert got >= set(files), got
    faults.listing("x/cut", list(files))
    for name, data in files.items():
        faults.file("x/cut", name, Faults.send(data[:-2] if name == "tokenizer.json" else data))
    done = pull("x/cut", endpoint=bad)
    assert done.returncode == 1 and "no whole JSON file" in done.stderr, done.stderr


@test
def models_without_texts():
    """DINO's repositories hold no tokenizer: the hub's word for what they are is enough."""
    place("dino")
    folder = os.path.join(os.path.dirname(golden), "families/dinov2")
    files = {n: open(os.path.join(folder, n), "rb").read() for n in os.listdir(folder)}
    for kind, works in (("dinov2", True), ("bert", False)):
        body = {
            "siblings": [{"rfilename": n} for n in files],
            "config": {"model_type": kind},
        }
        data = json.dumps(body).encode()
        faults.script[f"/api/models/x/{kind}/revision/main"] = [
            lambda h, data=data: Faults.status(h, 200, data)
        ]
        for name, content in files.items():
            faults.file(f"x/{kind}", name, Faults.send(content))
        done = pull(f"x/{kind}", endpoint=bad)
        assert (done.returncode == 0) == works, done.stderr
        assert works or "no tokenizer" in done.stderr, done.stderr
    assert "ViT 8/32" in run("info", "x/dinov2").stdout


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


@test
def answers_made_to_exhaust():
    """Listings and files of a hub that means ill: a sentence within ten seconds, in little memory,
    and nothing outside the model's folder."""
    models = place("exhaust")
    listing = "/api/models/x/ill/revision/main"
    packed = gzip.compress(b'{"siblings":[' + b"[" * (300 << 20), 1)
    names = ["open_clip_config.json", "vocab.json", "merges.txt", "open_clip_model.safetensors"]

    def limited():
        if "ASAN_OPTIONS" not in os.environ:  # which itself sets terabytes aside
            resource.setrlimit(resource.RLIMIT_DATA, (600 << 20, 600 << 20))

    def endless(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for i in range(40000):
            handler.wfile.write(b"X-%d: %s\r\n" % (i, b"x" * 1000))

    def unending(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for _ in range(400):
            handler.wfile.write(b"100000\r\n" + b" " * (1 << 20) + b"\r\n")

    def circle(handler):
        Faults.status(handler, 302, Location=listing)

    for what, answer in (
        ("packed", lambda h: Faults.status(h, 200, packed, Content_Encoding="gzip")),
        ("comment", lambda h: Faults.status(h, 200, b'{/*"*/"siblings":' + b"[" * 2000000)),
        ("mixed", lambda h: Faults.status(h, 200, b'{"siblings":' + b'[{"a":' * 300000)),
        ("wide", lambda h: Faults.status(h, 200, '{"siblings":[]}'.encode("utf-16"))),
        ("entries", lambda h: Faults.status(h, 200, b'{"siblings":[1,[],{},{"rfilename":[]}]}')),
        ("odd members", lambda h: Faults.status(h, 200, b'{"siblings":{"rfilename":1}}')),
        ("head", endless),
        ("body", unending),
        ("circle", circle),
        ("file", lambda h: Faults.status(h, 302, Location="file:///etc/passwd")),
        ("nowhere", lambda h: Faults.status(h, 302, Location="http://[")),
        ("length", lambda h: h.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}")),
        ("version", lambda h: h.wfile.write(b"HTTP/9.9 200 OK\r\n\r\n{}")),
    ):  # fmt: skip
        faults.script[listing] = [answer]
        more = ["--attempts", "1", "--stall", "2"]
        done = pull("x/ill", *more, endpoint=bad, timeout=10, preexec_fn=limited)
        assert done.returncode == 1 and len(done.stderr) > 30, (what, done)
        assert "CRITICAL" not in done.stderr and "\x1b" not in done.stderr, (what, done)
        left = [name for _, _, found in os.walk(models) for name in found if name != ".lock"]
        assert not left, (what, left)
    # names that lead out, or twice to one file; a range that nobody asked for
    faults.listing("x/ill", [*names, "../out.json", "/etc/x", "a/../../y", "config.json\0.txt"])
    for name in names:
        faults.file("x/ill", name, Faults.send(contents[name]))
    odd = Faults.status
    faults.file(
        "x/ill",
        names[3],
        lambda h: odd(h, 206, contents[names[3]][9:], Content_Range="bytes 9-99999999/5"),
    )
    done = pull("x/ill", "--attempts", "2", endpoint=bad, timeout=20, preexec_fn=limited)
    assert done.returncode == 1 and "CRITICAL" not in done.stderr, done
    home = os.path.dirname(os.path.dirname(os.path.dirname(models)))
    found = {name for _, _, found in os.walk(home) for name in found}
    assert not {"out.json", "y", "x", "config.json"} & found, found


run_tests()
finish()
