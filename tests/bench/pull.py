#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Fetching 600 MB from nginx on the same machine: fewshot-cli, which also checks the SHA-256,
beside curl, which only writes. Interleaved.

    tests/bench/pull.py BUILD_FOLDER [--megabytes 600] [--rounds 5]

The limit is curl's own time; memory is the largest resident set of each.
"""

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../hub"))
from record import record  # noqa: E402
from servers import Nginx  # noqa: E402


def timed(command, env=None):
    began = time.perf_counter()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, command
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--megabytes", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    work = tempfile.mkdtemp(prefix="fewshot-bench-pull-")
    os.chmod(work, 0o755)
    folder, size = f"{work}/root/test/model/resolve/main", args.megabytes << 20
    os.makedirs(folder)
    header = json.dumps({"x": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    digest = hashlib.sha256()
    with open(f"{folder}/model.safetensors", "wb") as f:
        for block in [
            len(header).to_bytes(8, "little") + header,
            *[os.urandom(1 << 20)] * args.megabytes,
        ]:
            f.write(block)
            digest.update(block)
    catalogue = f"{work}/catalogue.json"
    with open(catalogue, "w") as f:
        json.dump(
            {
                "models": [
                    {
                        "name": "model",
                        "repository": "test/model",
                        "files": [{"name": "model.safetensors", "sha256": digest.hexdigest()}],
                    }
                ]
            },
            f,
        )
    nginx = Nginx(work, f"{work}/root", {})
    env = {
        **os.environ,
        "LD_LIBRARY_PATH": f"{args.build}/engine",
        "XDG_DATA_HOME": f"{work}/data",
        "FEWSHOT_CATALOGUE": catalogue,
    }
    url = f"http://127.0.0.1:{nginx.hub}"
    commands = {
        "curl": [
            "curl",
            "-s",
            "-o",
            f"{work}/curl.out",
            f"{url}/test/model/resolve/main/model.safetensors",
        ],
        "fewshot": [
            f"{args.build}/app/cli/fewshot-cli",
            "pull",
            "model",
            "--endpoint",
            url,
            "--json",
        ],
        "sha256sum": ["sha256sum", f"{folder}/model.safetensors"],
    }
    seconds, memory = {k: [] for k in commands}, dict.fromkeys(commands, 0)
    for i in range(args.rounds + 1):
        for name, command in commands.items():
            shutil.rmtree(f"{work}/data", ignore_errors=True)
            if os.path.exists(f"{work}/curl.out"):
                os.unlink(f"{work}/curl.out")
            took, peak = timed(command, env)
            memory[name] = max(memory[name], peak)
            if i:  # the first warms up
                seconds[name].append(took)
    nginx.stop()
    shutil.rmtree(work)
    limit = statistics.median(seconds["curl"])
    for name, s in seconds.items():
        m = statistics.median(s)
        print(
            f"{name:10} {m:6.3f} s   {args.megabytes * 1.048576 / m:6.0f} MB/s   curl ÷ it "
            f"{limit / m:.2f}   {memory[name]:4.0f} MB"
        )
    ours, peers = statistics.median(seconds["fewshot"]), {"curl, unchecked": limit}
    record(f"fetching {args.megabytes} MB from this machine", "s", ours, peers, None)


if __name__ == "__main__":
    main()
