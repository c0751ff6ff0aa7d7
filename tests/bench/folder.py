#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A folder of 12-megapixel JPEGs from disk to features: fewshot-cli, PyTorch with Pillow, and the
sum of the parts.

    tests/bench/folder.py BUILD_FOLDER [--pictures 200] [--model ViT-B-32] [--rounds 3] [--work
    FOLDER]

The peer decodes and resizes with Pillow in as many worker processes as there are processors (a
DataLoader) and encodes with PyTorch; model loading is left out on its side and the start of the
program on ours is counted. Pictures come out of the page cache in both."""

import argparse
import glob
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../tools"))


def make_pictures(folder, n):
    """Photograph-like: smooth fields, edges, fine noise; about 4 MB each."""
    import numpy as np
    from PIL import Image

    os.makedirs(folder, exist_ok=True)
    for i in range(n):
        path = f"{folder}/{i:04}.jpg"
        if os.path.exists(path):
            continue
        rng = np.random.RandomState(i)
        layers = [
            np.asarray(
                Image.fromarray(rng.randint(0, 256, (h, w, 3)).astype(np.uint8)).resize(
                    (4000, 3000), Image.BICUBIC
                )
            ).astype(np.float32)
            for h, w in ((75, 100), (750, 1000))
        ]
        picture = (
            0.7 * layers[0]
            + 0.3 * layers[1]
            + rng.standard_normal((3000, 4000, 1)).astype(np.float32) * 4
        )
        Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(path, quality=90)


def serve(work, name, folder, threads):
    """The peer: answers each line with the seconds that the folder took."""
    import forward
    import numpy as np
    import torch
    from PIL import Image

    tower, size = forward.load_tower(work, name)
    torch.set_num_threads(int(threads))
    paths = sorted(glob.glob(f"{folder}/*.jpg"))
    import clip_reference as clip

    mean, std = torch.tensor(clip.MEAN).view(3, 1, 1), torch.tensor(clip.STD).view(3, 1, 1)

    class Pictures(torch.utils.data.Dataset):
        def __len__(self):
            return len(paths)

        def __getitem__(self, i):
            image = Image.open(paths[i]).convert("RGB")
            w, h = image.size
            image = image.resize(
                (size, int(size * h / w)) if w <= h else (int(size * w / h), size), Image.BICUBIC
            )
            w, h = image.size
            left, top = round((w - size) / 2), round((h - size) / 2)
            pixels = torch.from_numpy(
                np.asarray(image.crop((left, top, left + size, top + size))).copy()
            )
            return (pixels.permute(2, 0, 1).float() / 255 - mean) / std

    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        with torch.inference_mode():
            for batch in torch.utils.data.DataLoader(
                Pictures(), batch_size=16, num_workers=os.cpu_count()
            ):
                tower(batch)
        print(time.perf_counter() - start, forward.peak_memory(), flush=True)


def main():
    if sys.argv[1] == "--serve":
        return serve(*sys.argv[2:6])
    import forward
    from record import record

    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--model", default="ViT-B-32")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", default="/tmp/fewshot-bench")
    args = parser.parse_args()
    environment = {**forward.environment(), "LD_LIBRARY_PATH": os.path.join(args.build, "engine")}
    folder, model = f"{args.work}/pictures-{args.pictures}", f"{args.work}/{args.model}"
    make_pictures(folder, args.pictures)
    if not os.path.exists(model):
        subprocess.check_call(
            [sys.executable, os.path.join(HERE, "../tools/clip_reference.py"), args.model, model]
        )
    peers = {
        n: subprocess.Popen(
            [
                sys.executable,
                os.path.abspath(__file__),
                "--serve",
                args.work,
                args.model,
                folder,
                str(n),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for n in {1, os.cpu_count()}
    }
    for peer in peers.values():
        peer.stdout.readline()
    theirs = {n: [] for n in peers}
    ours, exact, limits, parts, memory = [], [], [], [], [0, 0]
    command = [
        os.path.join(args.build, "app/cli/fewshot-cli"),
        "embed",
        model,
        "--image-dir",
        folder,
        "--no-cache",
        "-o",
        f"{args.work}/features.safetensors",
    ]

    def timed(extra):
        start = time.perf_counter()
        process = subprocess.Popen([*command, *extra], env=environment, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0
        memory[0] = max(memory[0], usage.ru_maxrss // 1024)
        return time.perf_counter() - start

    timed([])
    for _ in range(args.rounds):
        out = subprocess.check_output(
            [
                os.path.join(args.build, "tests/bench/bench-folder"),
                model,
                *sorted(glob.glob(f"{folder}/*.jpg"))[:40],
            ],
            env=environment,
            text=True,
        )
        parts.append([float(x) for x in out.split()])
        limits.append(sum(parts[-1]) / 1e3 * args.pictures / os.cpu_count())
        ours.append(timed([]))
        exact.append(timed(["--exact"]))
        for n, peer in peers.items():
            peer.stdin.write("\n")
            peer.stdin.flush()
            seconds, megabytes = peer.stdout.readline().split()
            theirs[n].append(float(seconds))
            memory[1] = max(memory[1], int(megabytes))
        time.sleep(forward.SETTLE)
    for peer in peers.values():
        peer.stdin.close()
        peer.wait()
    m = statistics.median
    threads, theirs = min(
        theirs.items(), key=lambda item: m(item[1])
    )  # PyTorch at its best setting
    print(f"{args.model}, {args.pictures} JPEGs of 12 megapixels, {os.cpu_count()} processors")
    print(
        "parts, ms a picture and processor:",
        ", ".join(
            f"{what} {m(p[i] for p in parts):.1f}"
            for i, what in enumerate(("read and hash", "decode", "resize", "forward"))
        ),
    )
    print(f"sum of the parts     {m(limits):7.2f} s")
    print(
        f"fewshot              {m(ours):7.2f} s   {m(limits) / m(ours):.0%} of the limit, "
        f"{memory[0]} MB, start and model included"
    )
    print(f"fewshot --exact      {m(exact):7.2f} s")
    print(
        f"PyTorch and Pillow   {m(theirs):7.2f} s at {threads} threads; fewshot is "
        f"{m(theirs) / m(ours):.2f} times as fast; --exact {m(theirs) / m(exact):.2f}; {memory[1]} "
        "MB without its workers"
    )
    peer = {"PyTorch and Pillow": m(theirs)}
    what = f"{args.pictures} JPEGs of 12 megapixels to {args.model} features"
    record(what, "s", m(ours), peer, m(limits))
    record(f"{what}, --exact", "s", m(exact), peer, None)


if __name__ == "__main__":
    main()
