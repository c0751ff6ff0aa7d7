#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A day of a watched folder: pictures come a thousand at a time into `predict --watch`, whose
memory and descriptors are printed as it goes on; with --kill it is killed half way and started
again.

soak.py BUILD [PICTURES [--kill] [OPTION…]]     200,000 of 32 × 32, no two alike: 2.3 a second for
                                              a day; OPTIONs are predict's, as --no-cache

What grows is known: SQLite's pages of the feature cache, up to 8 MB (none with --no-cache), and 8
to 21 bytes a picture of what is remembered.

The folder is emptied as it is answered, as somebody would who takes pictures out of it. Fails when
an answer is missing or comes twice, and when the last tenth of the day holds 10 % and 4 MB more
memory, or more descriptors, than the second tenth. Ctrl+C ends the day early and judges what there
was of it.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter

cli = os.path.abspath(os.path.join(sys.argv[1], "app/cli/fewshot-cli"))
n = int(sys.argv[2]) if len(sys.argv) > 2 else 200000
kill = "--kill" in sys.argv
options = [word for word in sys.argv[3:] if word != "--kill"]
AT_ONCE = 1000
work = tempfile.mkdtemp(prefix="fewshot-soak-")
for name in ("STATE", "CACHE"):
    os.environ[f"XDG_{name}_HOME"] = os.path.join(work, name.lower())
kept, folder = os.path.join(work, "kept.safetensors"), os.path.join(work, "in")
os.mkdir(folder)
subprocess.run([cli, "demo", "--json", "--output", kept], check=True, capture_output=True)


def chunk(name, data):
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")


def write_picture(path, number):
    """Plain, of the number's own colour; in place at once."""
    colour = (number % (1 << 24)).to_bytes(3, "big")
    head = (32).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    rows = (b"\0" + colour * 32) * 32
    with open(path + ".part", "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head))
        file.write(chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))
    os.rename(path + ".part", path)


def start():
    return subprocess.Popen(
        [cli, "predict", kept, "--watch", folder, "--json-lines", "--threads", "1", *options],
        stdout=open(os.path.join(work, "answers"), "ab"),
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl+C is for this script
    )


def answered():
    with open(os.path.join(work, "answers"), "rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))


def look(process):
    with open(f"/proc/{process.pid}/status") as file:
        memory = next(int(line.split()[1]) / 1000 for line in file if line.startswith("VmRSS"))
    return memory, len(os.listdir(f"/proc/{process.pid}/fd"))


def end_early(number, frame):
    global over
    over = True


over = False
signal.signal(signal.SIGINT, end_early)
process, seen, began = start(), [], time.monotonic()
print("| pictures | memory, MB | descriptors |\n|---:|---:|---:|")
for first in range(0, n, AT_ONCE):
    paths = [os.path.join(folder, f"{i:07}.png") for i in range(first, min(first + AT_ONCE, n))]
    for i, path in enumerate(paths, first):
        write_picture(path, i)
    if kill and first <= n // 2 < first + AT_ONCE:
        time.sleep(1.2)  # in the midst of them
        process.send_signal(signal.SIGKILL)
        process.wait()
        process = start()
    until = time.monotonic() + 120
    while answered() < first + len(paths) and time.monotonic() < until:
        time.sleep(0.05)
    seen.append(look(process))
    if first % max(n // 10 // AT_ONCE * AT_ONCE, AT_ONCE) == 0:
        print(f"| {first + len(paths)} | {seen[-1][0]:.1f} | {seen[-1][1]} |", flush=True)
    for path in paths:
        os.unlink(path)
    if over:
        n = first + len(paths)
        break
print(f"| {n} | {seen[-1][0]:.1f} | {seen[-1][1]} |")
process.send_signal(signal.SIGTERM)
process.wait(timeout=60)
with open(os.path.join(work, "answers")) as file:
    times = Counter(line.split('"', 4)[3] for line in file)
twice = sum(count > 1 for count in times.values())
print(f"\n{len(times)} of {n} answered, {twice} twice, in {time.monotonic() - began:.0f} s")
tenth = max(len(seen) // 10, 1)
early, late = seen[tenth : 2 * tenth] or seen, seen[-tenth:]
memory = [max(one[0] for one in part) for part in (early, late)]
files = [max(one[1] for one in part) for part in (early, late)]
print(f"memory {memory[0]:.1f} → {memory[1]:.1f} MB, descriptors {files[0]} → {files[1]}")
subprocess.run(["rm", "-rf", work], check=True)
# a picture whose answer was just being written when it was killed comes again
sys.exit(not (len(times) == n and twice <= kill and files[1] <= files[0]
              and memory[1] <= 1.1 * memory[0] + 4))  # fmt: skip
