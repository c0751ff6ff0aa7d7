#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""predict that goes on: --serve under many posts and bad ones, --watch under kills. Prints TAP.

test_serving.py FEWSHOT_CLI     TEST_KILLS=50 in the environment: so many kills, 4 without
"""

import glob
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from tap import check, finish

cli = sys.argv[1]
work = tempfile.mkdtemp(prefix="fewshot-serving-")
os.environ["XDG_STATE_HOME"] = os.path.join(work, "state")
pictures, kept = os.path.join(work, "pictures"), os.path.join(work, "kept.safetensors")
subprocess.run(
    [cli, "demo", "--json", "--pictures", pictures, "--output", kept],
    check=True,
    capture_output=True,
)
paths = sorted(glob.glob(pictures + "/*/*.png"))
said = subprocess.run(
    [cli, "predict", kept, *paths, "--reject", "0.05", "--json"],
    check=True,
    capture_output=True,
    text=True,
)
ours = json.loads(said.stdout)["predictions"]

# ---- the server

server = subprocess.Popen(
    [cli, "predict", kept, "--serve", "127.0.0.1:0", "--reject", "0.05"],
    stderr=subprocess.PIPE,
    text=True,
)
address = server.stderr.readline().split("//")[1].rstrip("/\n")
port = int(address.split(":")[1])
began = time.monotonic()
ended = {}


def connect(sent):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(sent)
    return connection


def wait_for_end(name, late):
    late.settimeout(100)
    try:
        ended[name] = (late.recv(100), time.monotonic() - began)
    except ConnectionError:
        ended[name] = (b"", time.monotonic() - began)


half = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n12"
slow = [connect(half) for _ in range(30)]
late = [
    threading.Thread(target=wait_for_end, args=one)
    for one in (
        *((f"half a request ({i})", slow[i]) for i in range(30)),
        ("half a head", connect(half[:40])),
        ("no request", connect(b"")),
    )
]
for thread in late:
    thread.start()


def ask(method, body=None, path="/", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read() or "null")


status, about = ask("GET")
classes = sorted(os.listdir(pictures))
check("GET says what it is", status == 200 and about["classes"] == classes)

answers, together = [None] * 200, threading.Barrier(200)


def post(index):
    with open(paths[index], "rb") as file:
        body = file.read()
    together.wait()
    answers[index] = ask("POST", body)


threads = [threading.Thread(target=post, args=(index,)) for index in range(200)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
alike = sum(
    status == 200
    and said["class"] == mine["class"]
    and said["refused"] == mine["refused"]
    and abs(said["probability"] - max(mine["probabilities"])) < 1e-5
    for (status, said), mine in zip(answers, ours)
)
check(f"{alike} of 200 parallel posts are answered as predict does", alike == 200)

with open(paths[0], "rb") as file:
    picture = file.read()
status, said = ask("POST", picture[: len(picture) // 2])
check("half a picture is a sentence", status == 415 and said["error"])
check("so is what is none", ask("POST", b"no picture")[0] == 415)
check("and nothing at all", ask("POST", b"")[0] == 400)
check("another path, another method", ask("GET", path="/etc")[0] == 404 and ask("PUT")[0] == 405)
status, said = ask("POST", picture, Origin="http://example.org")
check("a web page may not ask", status == 403 and "class" not in said)

large = socket.create_connection(("127.0.0.1", port))
large.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n")
large.settimeout(30)
check("what says that it is too large is refused", b" 413 " in large.recv(100))
large.close()
endless = socket.create_connection(("127.0.0.1", port))
endless.settimeout(60)
endless.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
piece, sent = b"100000\r\n" + bytes(1 << 20) + b"\r\n", 0
try:
    while sent < 300:
        endless.sendall(piece)
        sent += 1
except OSError:
    pass
check(f"what does not say so is cut off ({sent} MiB)", sent < 300)
head = b"POST / HTTP/1.1\r\nHost: x\r\n"
for garbage in (
    b"\0\1\2\r\n\r\n",
    b"POST\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"A" * 100000,
    head + b"Content-Length: -1\r\n\r\n",
    head + b"Content-Length: 1\r\nContent-Length: 99\r\n\r\n0",
    head + b"Content-Length: 99999999999999999999999\r\n\r\n0",
    head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    head + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    head + b"X: \xff\0\r\n: \r\n\r\n",
):
    with connect(garbage) as odd:
        odd.shutdown(socket.SHUT_WR)
        odd.settimeout(60)
        try:
            while odd.recv(1000):
                pass
        except ConnectionError:
            pass
check("and goes on after garbage", ask("POST", picture)[1]["class"] == ours[0]["class"])
for thread in late:
    thread.join()
check(f"{len(ended)} half requests are not waited for",
      len(ended) == 32 and all(b"200" not in gone and s < 40 for gone, s in ended.values()),
      str(ended))  # fmt: skip
server.send_signal(signal.SIGTERM)
check("it ends when it is asked to", server.wait(timeout=60) == 0)


def serve(level, **variables):
    """What a server says that is asked once, with its errors in a file."""
    with open(work + "/log", "w") as log:
        info = os.fstat(log.fileno())
        stream = f"{info.st_dev}:{info.st_ino}"
        loud = subprocess.Popen(
            [cli, "predict", kept, "--serve", f"127.0.0.1:{port}", "--log", level],
            stderr=log,
            env={**os.environ, **{name: value or stream for name, value in variables.items()}},
        )
        until = time.monotonic() + 60
        while loud.poll() is None and time.monotonic() < until:
            try:
                ask("GET")
                break
            except ConnectionError:
                time.sleep(0.05)
        loud.terminate()
        loud.wait(timeout=60)
    with open(work + "/log") as log:
        return log.read().splitlines()


listening = f"listening on http://127.0.0.1:{port}/"
check("its log at the level of errors is empty", serve("error") == [])
check("of info it has the address", serve("info") == [listening])
check("of debug each request", serve("debug")[:2] == [listening, "GET 200"])
check("the journal is told the levels",
      serve("debug", JOURNAL_STREAM="")[:2] == ["<6>" + listening, "<7>GET 200"])  # fmt: skip
check("another stream is not", serve("info", JOURNAL_STREAM="1:1") == [listening])
done = subprocess.run([cli, "info", "pocket", "--log", "loud"], capture_output=True, text=True)
check("an unknown level is refused", done.returncode == 2 and "“loud”" in done.stderr)
for bad in ("0.0.0.0:0", "[::]:0", "nonsense"):
    done = subprocess.run([cli, "predict", kept, "--serve", bad], capture_output=True, text=True)
    check(f"--serve {bad} is refused", done.returncode == 1 and "--" in done.stderr)

# ---- the watch

folder = os.path.join(work, "in")
os.makedirs(folder + "/deep")
kills = int(os.environ.get("TEST_KILLS", "4"))
random.seed(kills)


def watch(output):
    with open(work + "/complaints", "a") as complaints:
        return subprocess.Popen(
            [cli, "predict", kept, "--watch", folder, "--recursive", "--json-lines"],
            stdout=output,
            stderr=complaints,
        )


def answered():
    with open(work + "/answers") as file:
        whole = [json.loads(line) for line in file]
    return [os.path.basename(one["path"]) for one in whole]


def wait_for_kill(process, output, turn):
    """At any moment, or, every other time, as soon as something was answered; False: the process
    had ended by itself."""
    until = time.monotonic() + random.uniform(0, 2.5)
    size = os.fstat(output.fileno()).st_size
    while process.poll() is None and time.monotonic() < until + 3 * (turn % 2):
        if turn % 2 and os.fstat(output.fileno()).st_size > size:
            break
        time.sleep(0.0005)
    return process.poll() is None


each = min(15, 200 // kills)
chosen, ended = paths[: each * kills], []
with open(work + "/answers", "a") as output:
    process = watch(output)
    for index, path in enumerate(chosen):
        shutil.copy(path, folder + ("/deep" if index % 2 else ""))
        if index % each == each - 1:
            if not wait_for_kill(process, output, index // each):
                ended.append(process.returncode)
            process.kill()
            process.wait()
            process = watch(output)
    until = time.monotonic() + 90
    while len(set(answered())) < len(chosen) and time.monotonic() < until:
        time.sleep(0.1)
    other = subprocess.run(
        [cli, "predict", kept, "--watch", folder], capture_output=True, text=True, timeout=60
    )
    check(
        "one folder, one watch", other.returncode == 1 and "is watched by another" in other.stderr
    )
    process.terminate()
    check("a watch ends when it is asked to", process.wait(timeout=60) == 0)
    names = answered()
    with open(work + "/complaints") as file:
        said = file.read()
    check("none ended by itself, or said anything", not ended and not said, f"{ended} {said}")
    again = len(names) - len(set(names))  # that one whose line the kill kept from being written
    check(f"after {kills} kills each of {len(chosen)} pictures is answered, {again} twice",
          set(names) == {os.path.basename(path) for path in chosen} and again <= kills)  # fmt: skip
    process = watch(output)
    time.sleep(2)
    shutil.copy(paths[100], folder + "/" + os.path.basename(chosen[0]))  # another content
    until = time.monotonic() + 60
    while len(answered()) == len(names) and time.monotonic() < until:
        time.sleep(0.1)
    process.terminate()
    process.wait()
    more = answered()[len(names) :]
    check("nothing again but what has changed", more == [os.path.basename(chosen[0])], str(more))
finish()
