#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Opening a model: from the start of the program to the first feature of a text, warm, beside the
time that reading the file from the page cache takes; and what stays in memory.

    tests/bench/open.py BUILD_FOLDER [--models ViT-B-32] [--rounds 9] [--work FOLDER]
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

from record import record

HERE = os.path.dirname(os.path.abspath(__file__))


def read_all(path):
    start, buffer = time.perf_counter(), bytearray(4 << 20)
    with open(path, "rb", buffering=0) as f:
        while f.readinto(buffer):
            pass
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--models", default="ViT-B-32")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--work", default="/tmp/fewshot-bench")
    args = parser.parse_args()
    os.environ["LD_LIBRARY_PATH"] = os.path.join(args.build, "engine")
    for name in args.models.split(","):
        folder = f"{args.work}/{name}"
        if not os.path.exists(folder):
            subprocess.check_call(
                [sys.executable, os.path.join(HERE, "../tools/clip_reference.py"), name, folder]
            )
        weights = f"{folder}/open_clip_model.safetensors"
        command = [
            os.path.join(args.build, "app/cli/fewshot-cli"),
            "embed",
            folder,
            "--text",
            "a photo of a cat",
            "-o",
            f"{args.work}/text.safetensors",
        ]
        ours, reading, memory = [], [], 0
        for i in range(args.rounds + 1):
            start = time.perf_counter()
            process = subprocess.Popen(command)
            _, status, usage = os.wait4(process.pid, 0)
            assert status == 0
            if i:  # the first may hash the file
                ours.append(time.perf_counter() - start)
                reading.append(read_all(weights))
                memory = max(memory, usage.ru_maxrss / 1024)
        size = os.path.getsize(weights) / 1e6
        print(
            f"{name}, {size:.0f} MB: first text feature after {statistics.median(ours):.3f} s; "
            f"reading the file alone {statistics.median(reading):.3f} s; "
            f"peak memory {memory:.0f} MB = {memory / (size / 1.048576):.2f} × the file"
        )
        what = f"first text of {name}, {size:.0f} MB"
        record(what, "s", statistics.median(ours), {}, statistics.median(reading))


if __name__ == "__main__":
    main()
