#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The units on a real systemd of a user: what a socket starts with the first request, and a folder
that is watched, as they are killed, stopped and told nonsense. Prints TAP.

user-manager.sh UNITS test_user.py FEWSHOT_CLI
"""

import glob
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from tap import check, finish

cli = os.path.abspath(sys.argv[1])
home, config = os.environ["HOME"], os.environ["XDG_CONFIG_HOME"]
drawn, kept = os.path.join(home, "drawn"), os.path.join(home, "my owls.safetensors")
subprocess.run(
    [cli, "demo", "--json", "--pictures", drawn, "--output", kept], check=True, capture_output=True
)
pictures = sorted(glob.glob(drawn + "/*/*.png"))


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def systemctl(*words):
    return subprocess.run(["systemctl", "--user", *words], capture_output=True, text=True)


def property_of(unit, name):
    return systemctl("show", "--value", f"--property={name}", unit).stdout.strip()


def becomes(unit, name, *wanted):
    """Whether it does within a minute."""
    end = time.monotonic() + 60
    while property_of(unit, name) not in wanted:
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def kill(unit):
    systemctl("kill", "--signal=KILL", unit)


# ---- a classifier served

door, server = "fewshot-serve@owls.socket", "fewshot-serve@owls.service"
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
# as `systemctl --user edit` writes it: the port of the unit is forgotten first
write(
    f"{config}/systemd/user/{door}.d/override.conf",
    f"[Socket]\nListenStream=\nListenStream=127.0.0.1:{port}\n",
)
write(f"{config}/fewshot/serve/owls.conf", f"CLASSIFIER={kept}\nOPTIONS=--top 3\n")
systemctl("daemon-reload")


def ask(path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with open(path, "rb") as file:
        connection.request("POST", "/", file.read())
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


said = systemctl("enable", "--now", door)
check("the socket is enabled", said.returncode == 0, said.stderr)
check("it listens", property_of(door, "SubState") == "listening")
check("nothing runs before the first request", property_of(server, "ActiveState") == "inactive")
status, first = ask(pictures[0])
check("the first request is answered", status == 200 and first["class"], str(first))
check("with the options of the file", len(first["top"]) == 3, str(first))
check("by the service", property_of(server, "ActiveState") == "active")
old = property_of(server, "MainPID")
kill(server)
check("after a kill the next request is answered", ask(pictures[0])[1] == first)
check("by another process", property_of(server, "MainPID") not in ("0", old))
systemctl("stop", server)
check("it ends well when it is stopped", property_of(server, "Result") == "success")
check("and comes back with the next request", ask(pictures[0])[1] == first)
systemctl("stop", door, server)
write(f"{config}/fewshot/serve/owls.conf", f"CLASSIFIER={kept}\nOPTIONS=--nonsense\n")
systemctl("start", server)
check("wrong usage is not tried again", becomes(server, "SubState", "failed"))
check("it ended by that", property_of(server, "ExecMainStatus") == "2")
systemctl("stop", door)
systemctl("disable", door)
check("disabled it is none of them", systemctl("is-enabled", door).stdout.strip() == "disabled")

# ---- a folder watched

watch = "fewshot-watch@camera.service"
folder = os.path.join(home, 'a "b" $c')
sorted_into = os.path.join(home, "it's sorted")
answers = os.path.join(home, "answers")
os.mkdir(folder)
os.mkdir(sorted_into)
# as Preferences writes it
write(
    f"{config}/fewshot/watch/camera.conf",
    f'CLASSIFIER="{kept}"\nFOLDER="{home}/a \\"b\\" \\$c"\n'
    f'OPTIONS="--recursive --sort \\"{sorted_into}\\""\n',
)
# there is no journal here
write(
    f"{config}/systemd/user/{watch}.d/override.conf",
    f"[Service]\nStandardOutput=append:{answers}\nStandardError=append:{answers}.err\n",
)
systemctl("daemon-reload")


def put(path, name):
    shutil.copy(path, os.path.join(folder, name + ".part"))
    os.rename(os.path.join(folder, name + ".part"), os.path.join(folder, name))


def lines():
    if not os.path.exists(answers):
        return []
    with open(answers) as file:
        return [json.loads(line) for line in file if line.endswith("\n")]


def answered(count):
    end = time.monotonic() + 60
    while len(lines()) < count and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(0.5)  # for one too many
    return [os.path.basename(line["path"]) for line in lines()]


put(pictures[0], "before.png")
said = systemctl("enable", "--now", watch)
check("the watch is enabled", said.returncode == 0, said.stderr)
check("what was there is answered", answered(1) == ["before.png"], str(lines()))
put(pictures[1], "new one.png")
check("what comes in is answered", answered(2) == ["before.png", "new one.png"], str(lines()))
check(
    "and sorted",
    len(glob.glob(sorted_into + "/*/*.png")) == 2,
    str(glob.glob(sorted_into + "/**", recursive=True)),
)
old = property_of(watch, "MainPID")
check("it stands back", os.getpriority(os.PRIO_PROCESS, int(old)) >= 10)
kill(watch)
put(pictures[2], "meanwhile.png")
names = answered(3)
check(
    "after a kill it goes on, and answers nothing twice",
    sorted(names) == ["before.png", "meanwhile.png", "new one.png"],
    str(names),
)
check("as another process", property_of(watch, "MainPID") not in ("0", old))
systemctl("stop", watch)
check("it ends well when it is stopped", property_of(watch, "Result") == "success")
put(pictures[3], "later.png")
systemctl("start", watch)
check("started again it goes on", answered(4)[3:] == ["later.png"], str(lines()))
write(f"{config}/fewshot/watch/camera.conf", f"CLASSIFIER={kept}\nFOLDER={folder}\nOPTIONS=-x\n")
systemctl("restart", watch)
check("wrong usage is not tried again", becomes(watch, "SubState", "failed"))
check("it ended by that", property_of(watch, "ExecMainStatus") == "2")
finish()
