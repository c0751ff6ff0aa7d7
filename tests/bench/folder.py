#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A folder of 12-megapixel JPEGs from disk to features: fewshot-cli, peers, and the sum of the
parts.

    tests/bench/folder.py BUILD_FOLDER [--pictures 200] [--model ViT-B-32] [--rounds 3] [--work
    FOLDER] [--peers torch,opencv,vips,opencv:int8]

PyTorch's side decodes and resizes with Pillow in as many worker processes as there are processors
(a DataLoader). The fastest that one can install are OpenCV or libvips, which decode at a fraction
of the size by the same rule as ours, in as many threads, while ONNX Runtime encodes what they
have; in f32, or with weights and activations in 8 bits beside our int8. Model loading is left out
on their side and the start of the program on ours is counted. Pictures come out of the page cache
in all. A peer that this Python cannot import is left out by name."""

import argparse
import contextlib
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


def torch_runner(work, name, paths, threads):
    """PyTorch and Pillow"""
    import clip_reference as clip
    import forward
    import numpy as np
    import torch
    from PIL import Image

    tower, size = forward.load_tower(work, name)
    torch.set_num_threads(threads)
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

    def run():
        with torch.inference_mode():
            for batch in torch.utils.data.DataLoader(
                Pictures(), batch_size=16, num_workers=os.cpu_count()
            ):
                tower(batch)

    return run


def opencv_decoder(size):
    import cv2

    cv2.setNumThreads(1)
    fractions = ((8, cv2.IMREAD_REDUCED_COLOR_8), (4, cv2.IMREAD_REDUCED_COLOR_4))
    fractions += ((2, cv2.IMREAD_REDUCED_COLOR_2),)

    def decode(path):
        # all pictures here are of 3000 rows
        flag = next((f for d, f in fractions if 3000 // d >= 2 * size), cv2.IMREAD_COLOR)
        image = cv2.imread(path, flag)
        h, w = image.shape[:2]
        to = (size, int(size * h / w)) if w <= h else (int(size * w / h), size)
        image = cv2.resize(image, to, interpolation=cv2.INTER_AREA)
        left, top = (to[0] - size) // 2, (to[1] - size) // 2
        return image[top : top + size, left : left + size, ::-1]

    return decode


def vips_decoder(size):
    import pyvips

    pyvips.cache_set_max(0)
    pyvips.voperation.cache_set_max(0)

    def decode(path):
        image = pyvips.Image.thumbnail(path, size, height=size, crop="centre", no_rotate=True)
        return image.numpy()[:, :, :3]

    return decode


def onnx_runner(work, name, paths, threads, decoder, precision):
    """Decoding in threads beside ONNX Runtime, eight pictures ahead of it."""
    import concurrent.futures

    import clip_reference as clip
    import forward
    import numpy as np
    import onnxruntime

    size = forward.image_size(work, name)
    decode = decoder(size)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        forward.onnx_path(work, name, precision), options, providers=["CPUExecutionProvider"]
    )
    mean, std = (np.array(x, np.float32).reshape(3, 1, 1) for x in (clip.MEAN, clip.STD))

    def prepare(path):
        return (decode(path).transpose(2, 0, 1).astype(np.float32) / 255 - mean) / std

    def run():
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            coming = [pool.submit(prepare, path) for path in paths]
            for at in range(0, len(coming), 8):
                batch = np.stack([future.result() for future in coming[at : at + 8]])
                session.run(None, {"pixels": batch})

    return run


def serve(work, name, folder, kind, threads):
    """A peer: answers each line with the seconds that the folder took, and MB."""
    import forward

    paths, threads = sorted(glob.glob(f"{folder}/*.jpg")), int(threads)
    engine, _, precision = kind.partition(":")
    if engine == "torch":
        run = torch_runner(work, name, paths, threads)
    else:
        decoder = opencv_decoder if engine == "opencv" else vips_decoder
        run = onnx_runner(work, name, paths, threads, decoder, precision)
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        run()
        print(time.perf_counter() - start, forward.peak_memory(), flush=True)


TITLES = {
    "torch": "PyTorch and Pillow",
    "opencv": "OpenCV and ONNX Runtime",
    "vips": "libvips and ONNX Runtime",
    "opencv:int8": "OpenCV and ONNX Runtime int8",
}


def peak_megabytes(pid):
    """What the kernel says when it ends counts this Python, too, from which it was forked."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    return 0


def start_peers(args, folder):
    """Each at one thread and at all, as decoding takes its share of the processors, too; those
    that can be started, by kind and threads."""
    import forward

    forward.export(args.work, args.model)
    peers = {}
    for kind in filter(None, args.peers.split(",")):
        if kind.endswith(":int8"):
            forward.quantise(args.work, args.model)
        for threads in sorted({1, os.cpu_count()}):
            command = [sys.executable, os.path.abspath(__file__), "--serve", args.work, args.model]
            peer = subprocess.Popen(
                [*command, folder, kind, str(threads)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=forward.environment(),
            )
            if peer.stdout.readline().strip() == "ready":
                peers[kind, threads] = peer
            else:
                print(f"# {TITLES[kind]} is left out: this Python cannot start it", flush=True)
    return peers


def report(args, ours, limits, parts, theirs, memory):
    """ours: seconds by what is asked of the program; theirs: by kind and threads."""
    from record import record

    m = statistics.median
    print(f"{args.model}, {args.pictures} JPEGs of 12 megapixels, {os.cpu_count()} processors")
    names = ("read and hash", "decode", "resize", "forward")
    sums = ", ".join(f"{what} {m(p[i] for p in parts):.1f}" for i, what in enumerate(names))
    print("parts, ms a picture and processor:", sums)
    print(f"sum of the parts              {m(limits):7.2f} s")
    print(f"decoding alone                {m(p[1] for p in parts) * args.scale:7.2f} s")
    print(f"entropy decoding, nearly      {m(p[4] for p in parts) * args.scale:7.2f} s")
    best = {}  # each peer at its best setting
    for (kind, threads), seconds in theirs.items():
        if kind not in best or m(seconds) < best[kind][0]:
            best[kind] = (m(seconds), threads)
    for what, seconds in ours.items():
        print(f"fewshot {what:21} {m(seconds):7.2f} s   {memory['fewshot']} MB, start included")
    for kind, (seconds, threads) in best.items():
        ratios = ", ".join(f"{what or 'f32'} {seconds / m(s):.2f}" for what, s in ours.items())
        print(
            f"{TITLES[kind]:29} {seconds:7.2f} s at {threads} threads, {memory[kind]} MB without "
            f"workers; fewshot is as fast times: {ratios}"
        )
    for what, seconds in ours.items():
        same = {
            TITLES[kind]: seconds
            for kind, (seconds, _) in best.items()
            if kind.endswith(":int8") == ("int8" in what)
        }
        title = f"{args.pictures} JPEGs of 12 megapixels to {args.model} features {what}".strip()
        record(title, "s", m(seconds), same, None if what else m(limits))


def main():
    if sys.argv[1] == "--serve":
        return serve(*sys.argv[2:7])
    import forward

    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--model", default="ViT-B-32")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", default="/tmp/fewshot-bench")
    parser.add_argument("--peers", default="torch,opencv,vips,opencv:int8")
    args = parser.parse_args()
    args.scale = args.pictures / os.cpu_count() / 1e3
    environment = {**forward.environment(), "LD_LIBRARY_PATH": os.path.join(args.build, "engine")}
    folder, model = f"{args.work}/pictures-{args.pictures}", f"{args.work}/{args.model}"
    make_pictures(folder, args.pictures)
    if not os.path.exists(model):
        forward.make_model(args.work, args.model)
    peers = start_peers(args, folder)
    theirs, limits, parts = {key: [] for key in peers}, [], []
    ours = {what: [] for what in ("", "--exact", "--precision bf16", "--precision int8")}
    memory = {"fewshot": 0, **{kind: 0 for kind, _ in peers}}
    command = [os.path.join(args.build, "app/cli/fewshot-cli"), "embed", model, "--image-dir"]
    command += [folder, "--no-cache", "-o", f"{args.work}/features.safetensors"]

    def timed(extra):
        start = time.perf_counter()
        process = subprocess.Popen([*command, *extra], env=environment, stderr=subprocess.DEVNULL)
        while process.poll() is None:
            memory["fewshot"] = max(memory["fewshot"], peak_megabytes(process.pid))
            time.sleep(0.02)
        seconds = time.perf_counter() - start
        assert process.returncode == 0
        return seconds

    timed([])
    measured = sorted(glob.glob(f"{folder}/*.jpg"))[:40]
    bench = os.path.join(args.build, "tests/bench/bench-folder")
    for _ in range(args.rounds):
        out = subprocess.check_output([bench, model, *measured], env=environment, text=True)
        parts.append([float(x) for x in out.split()])
        limits.append(sum(parts[-1][:4]) * args.scale)
        for what, seconds in ours.items():
            seconds.append(timed(what.split()))
        for key, peer in peers.items():
            time.sleep(forward.SETTLE)
            peer.stdin.write("\n")
            peer.stdin.flush()
            seconds, megabytes = peer.stdout.readline().split()
            theirs[key].append(float(seconds))
            memory[key[0]] = max(memory[key[0]], int(megabytes))
        time.sleep(forward.SETTLE)
    for peer in peers.values():
        peer.stdin.close()
        peer.wait()
    report(args, ours, limits, parts, theirs, memory)


if __name__ == "__main__":
    main()
