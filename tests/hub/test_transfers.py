#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What goes wrong while a model is fetched, and that nothing that is not whole ever looks whole.
Prints TAP.

test_transfers.py FEWSHOT_CLI GOLDEN_FOLDER
"""

import json
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from loopback import (
    FILES,
    bad,
    big,
    catalogue,
    cli,
    contents,
    faults,
    hub,
    nginx,
    one,
    place,
    pull,
    refused,
    root,
    sha256,
    state_of,
    wait_for_part,
    weights,
    write,
)
from servers import Faults
from tap import finish, run_tests, test


def stop_at(models, least, how):
    """A pull of slow/big that is stopped when it has `least` bytes; the part, what was said."""
    process = subprocess.Popen(
        [cli, "pull", "slow/big", "--endpoint", hub],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    part = f"{models}/slow--big/{FILES[3]}.part"
    wait_for_part(part, least)
    process.send_signal(how)
    _, said = process.communicate(timeout=10)
    assert process.returncode == (-how if how == signal.SIGKILL else 1), (process.returncode, said)
    return part, said


@test
def resumes_after_kill():
    models = place("kill")
    part, _ = stop_at(models, 400000, signal.SIGKILL)
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
    part, _ = stop_at(models, 200000, signal.SIGTERM)
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
def large_header():
    """Read in place: a tree of it would take ten times the room."""
    models, count = place("header"), 400000
    entry = '"t%d":{"dtype":"U8","shape":[1],"data_offsets":[%d,%d]}'
    header = "{" + ",".join(entry % (i, i, i + 1) for i in range(count)) + "}"
    whole = struct.pack("<Q", len(header)) + header.encode() + bytes(count)
    one("header", Faults.send(whole), size=len(whole), digest=sha256(whole))

    def limit():
        if "ASAN_OPTIONS" not in os.environ:  # which takes more by itself
            resource.setrlimit(resource.RLIMIT_DATA, (250 << 20, 250 << 20))

    done = pull("header", endpoint=bad, preexec_fn=limit)
    assert done.returncode == 0, (done.returncode, done.stderr)
    assert os.path.getsize(f"{models}/header/{FILES[3]}") == len(whole)
    for change in (b":[0,1.5]", b':[0,""]', b":[0,-1]", b":[0,1,2]", b":[0]", b":{}"):
        text = b'{"__metadata__":{"a":"b"},"a":{"dtype":"U8","data_offsets"%s}}' % change
        one("header", Faults.send(struct.pack("<Q", len(text)) + text + b"x"))
        models = place("header" + str(len(text)) + str(change[1]))
        refused(pull("header", endpoint=bad), models, "header", "no whole safetensors")


@test
def interrupted():
    models = place("interrupted")
    part, said = stop_at(models, 100000, signal.SIGINT)
    assert "stopped" in said, said
    assert os.path.exists(part)


@test
def interrupted_before():
    """While it reads what an earlier run left, which takes half a minute here."""
    models = place("interrupted-before")
    part = f"{models}/slow--big/{FILES[3]}.part"
    write(part, b"")
    os.truncate(part, 10 << 30)  # of zeroes
    process = subprocess.Popen(
        [cli, "pull", "slow/big", "--endpoint", hub], stderr=subprocess.PIPE, text=True
    )
    opened = f"/proc/{process.pid}/fd"
    deadline = time.time() + 10
    while not any(os.path.realpath(f"{opened}/{fd}") == part for fd in os.listdir(opened)):
        assert time.time() < deadline, "the part is not read"
        time.sleep(0.01)
    began = time.time()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1 and "stopped" in said, (process.returncode, said)
    assert time.time() - began < 2 and os.path.getsize(part) == 10 << 30, time.time() - began


run_tests()
finish()
