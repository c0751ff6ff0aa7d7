#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The units for a user's systemd as systemd-analyze reads them, and predict --serve on a socket
that is handed over, by systemd-socket-activate and by hand. Prints TAP.

test_systemd.py FEWSHOT_CLI UNITS
"""

import glob
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from tap import check, finish

cli, units = (os.path.abspath(path) for path in sys.argv[1:3])
work = tempfile.mkdtemp(prefix="fewshot-systemd-")
drawn, kept = os.path.join(work, "drawn"), os.path.join(work, "kept.safetensors")
subprocess.run(
    [cli, "demo", "--json", "--pictures", drawn, "--output", kept], check=True, capture_output=True
)
picture = sorted(glob.glob(drawn + "/*/*.png"))[0]
command = [cli, "predict", kept, "--serve", "systemd"]

# ---- units

if shutil.which("systemd-analyze"):
    # the program where this build has it
    for path in glob.glob(units + "/fewshot-*"):
        with open(path) as file:
            text = file.read()
        name = os.path.basename(path).replace("@", "@test")
        with open(os.path.join(work, name), "w") as file:
            for line in text.splitlines():
                words = line.split()
                if line.startswith("ExecStart="):
                    line = " ".join(["ExecStart=" + cli, *words[1:]])
                file.write(line + "\n")
    for name in ("fewshot-watch@test.service", "fewshot-serve@test.socket"):
        said = subprocess.run(
            ["systemd-analyze", "verify", "--user", "--man=no", os.path.join(work, name)],
            capture_output=True,
            text=True,
            env={**os.environ, "XDG_RUNTIME_DIR": work},
        )
        complaints = [line for line in said.stderr.splitlines() if "fewshot" in line]
        check(f"{name} is understood", not complaints, str(complaints))
else:
    print("ok - # SKIP there is no systemd-analyze")


# ---- a socket handed over


def ask(port, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST" if body else "GET", "/", body)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


with open(picture, "rb") as file:
    content = file.read()


def listen(address="127.0.0.1", kind=socket.SOCK_STREAM):
    one = socket.socket(type=kind)
    one.bind((address, 0))
    if kind == socket.SOCK_STREAM:
        one.listen(100)
    return one


def start(sockets, pid=None, arguments=()):
    """As systemd starts it: from descriptor 3 on, and told so."""
    inherited = [one.fileno() for one in sockets]
    script = "import os, sys\n"
    for i, number in enumerate(inherited):
        script += f"os.dup2({number}, {100 + i}); "
    for i in range(len(inherited)):
        script += f"os.dup2({100 + i}, {3 + i}); "
    script += f"os.environ['LISTEN_FDS'] = '{len(inherited)}'\n"
    script += f"os.environ['LISTEN_PID'] = {pid or 'str(os.getpid())'}\n"
    script += "os.execv(sys.argv[1], sys.argv[1:])"
    return subprocess.Popen(
        [sys.executable, "-c", script, *command, *arguments],
        pass_fds=inherited,
        stderr=subprocess.PIPE,
        text=True,
    )


door = listen()
port = door.getsockname()[1]
early = socket.create_connection(("127.0.0.1", port))  # before anybody is there to answer
early.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
server = start([door])
early.settimeout(60)
check("who asked before it was there is answered", early.recv(100).startswith(b"HTTP/1.1 200"))
status, said = ask(port, content)
check("a picture is answered", status == 200 and said["class"], str(said))
server.send_signal(signal.SIGKILL)
server.wait()
server = start([door])
check("after a kill the next one answers at the same door", ask(port, content)[1] == said)
server.send_signal(signal.SIGTERM)
check("it ends when it is asked to", server.wait(timeout=60) == 0)
door.close()


def refused(name, words, sockets, **how):
    late = start(sockets, **how)
    text = late.communicate(timeout=60)[1]
    check(name, late.returncode == 1 and words in text, text)
    for one in sockets:
        one.close()


refused("none is refused", "socket unit", [])
refused("one for somebody else is refused", "socket unit", [listen()], pid="'1'")
refused("two are refused", "more were", [listen(), listen()])
refused("one of datagrams is refused", "listen for TCP", [listen(kind=socket.SOCK_DGRAM)])
refused("an address that others reach is refused", "--expose", [listen("0.0.0.0")])

activate = shutil.which("systemd-socket-activate")
if activate:
    with listen() as free:
        port = free.getsockname()[1]
    starter = subprocess.Popen(
        [activate, f"--listen=127.0.0.1:{port}", *command], stderr=subprocess.DEVNULL
    )
    for _ in range(100):
        try:
            status, said = ask(port, content)
            break
        except ConnectionRefusedError:
            time.sleep(0.1)
    check("systemd-socket-activate starts it with the first request", status == 200)
    starter.send_signal(signal.SIGTERM)
    check("and it ends", starter.wait(timeout=60) == 0)
else:
    print("ok - # SKIP there is no systemd-socket-activate")
shutil.rmtree(work)
finish()
