#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whole models as ONNX: the picture's bytes, decoded by Pillow, through onnxruntime, beside the
program's own answers: every kind of classifier, every family of towers, f32 and f16, weights inside
and outside, refusals, pictures of any size. Prints TAP.

    test_whole.py FEWSHOT_CLI GOLDEN
"""

import functools
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
import venv_path  # noqa: E402, F401

try:
    import family_data
    import numpy as np
    import onnxruntime
    from PIL import Image, ImageOps
    from safetensors import safe_open
    from safetensors.numpy import load_file, save_file
except ImportError as error:
    print(f"1..0 # SKIP {error}: ./test installs python3-pil and onnxruntime")
    sys.exit(0)

from tap import check, finish  # noqa: E402

cli, golden = sys.argv[1:3]
work = tempfile.mkdtemp(prefix="fewshot-whole-")
pictures = os.path.join(work, "pictures")
SIZES = [(1, 1), (1, 50), (50, 1), (63, 64), (65, 200), (640, 427), (2017, 1500), (1000, 64)]


def at(name):
    return os.path.join(work, name)


def run(*arguments, status=0):
    result = subprocess.run([cli, *arguments], capture_output=True, text=True)
    assert result.returncode == status, (arguments, result.stderr)
    return result.stdout + result.stderr


def draw_sizes():
    random = np.random.default_rng(1)
    os.mkdir(at("sizes"))
    for w, h in SIZES:
        small = random.integers(0, 256, (h // 8 + 1, w // 8 + 1, 3), dtype=np.uint8)
        Image.fromarray(small).resize((w, h), Image.BICUBIC).save(at(f"sizes/{w}x{h}.png"))
    return sorted(glob.glob(at("sizes/*.png")))


def write_jpegs(sources):
    """The same as JPEG of every kind: sampled by half or not, progressive, grey, turned by Exif."""
    os.mkdir(at("jpegs"))
    for index, source in enumerate(sources):
        picture = Image.open(source).convert("L" if index % 7 == 3 else "RGB")
        exif = Image.Exif()
        exif[0x0112] = 1 + index % 8
        how = {"quality": 60 + index % 40, "subsampling": index % 3, "progressive": index % 2}
        picture.save(at(f"jpegs/{index:03}.jpg"), exif=exif, **how)
    return sorted(glob.glob(at("jpegs/*.jpg")))


def answer(classifier, paths, *flags):
    return json.loads(run("predict", *flags, classifier, *paths, "--json"))["predictions"]


@functools.lru_cache(maxsize=500)
def decode(path):
    return np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))


def judge(onnx, said, paths):
    """(alike, of probabilities the largest difference, the same of similarities in shares of the
    largest of any picture; a picture that is far from every class has none that could be the
    measure): onnxruntime on pixels of Pillow's beside what `predict` said."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # others would spin
    session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    alike, worst, far, largest = 0, 0.0, 0.0, 0.0
    for path, ours in zip(paths, said):
        index, probability, shares, near = session.run(None, {"picture": decode(path)})
        alike += int(index) == (-1 if ours.get("refused") else ours["index"])
        alike -= abs(probability - shares[ours["index"]]) > 1e-6
        worst = max(worst, float(np.abs(shares - ours["probabilities"]).max()))
        far = max(far, float(np.abs(near - ours["cosines"]).max()))
        largest = max(largest, float(np.abs(ours["cosines"]).max()))
    return alike, worst, far / largest


def compare(onnx, classifier, paths, *flags):
    return judge(onnx, answer(classifier, paths, *flags), paths)


def unround(source, target):
    """Weights that 16 bits do not hold, of those that were kept in so many."""
    random, tensors = np.random.default_rng(0), load_file(source)
    with safe_open(source, "np") as file:
        told = file.metadata()
    for key, value in tensors.items():
        if value.dtype.kind == "f" and value.ndim > 1:
            off = 1 + random.uniform(-5e-4, 5e-4, value.shape)
            tensors[key] = np.ascontiguousarray((value * off).astype(np.float32))
    if os.path.lexists(target):
        os.unlink(target)
    save_file(tensors, target, metadata=told)


def write_single(folder):
    """The pocket model with weights of 32 bits: its own have 16."""
    pocket, name = os.path.join(ROOT, "data/pocket"), "open_clip_model.safetensors"
    os.mkdir(folder)
    for file in ("open_clip_config.json", "merges.txt", "vocab.json"):
        shutil.copy(os.path.join(pocket, file), folder)
    unround(os.path.join(pocket, name), os.path.join(folder, name))


run("demo", "--json", "--pictures", pictures, "--output", at("demo.safetensors"))
paths = sorted(glob.glob(os.path.join(pictures, "*", "*.png")))
sizes = draw_sizes()
check("there are 200 pictures", len(paths) >= 200)

KINDS = ["clip-adapter:epochs=20", "automatic", "linear-probe:c=1", "tip-adapter:tau=2,sharpness=3"]
KINDS += ["clip-adapter-both:epochs=20,alpha=0.6,beta=0.3", "proker"]
for method in KINDS:
    kept = at(method.partition(":")[0] + ".safetensors")
    onnx = kept.replace("safetensors", "onnx")
    run("train", "pocket", pictures, "--method", method, "--shots", "8", "--output", kept)
    run("onnx", kept, "--whole", "--output", onnx)
    alike, worst, _ = compare(onnx, kept, paths)
    check(f"{method}: {alike} of {len(paths)} alike, within {worst:.1e}",
          alike == len(paths) and worst < 1e-4)  # fmt: skip

kept, onnx = at("clip-adapter.safetensors"), at("clip-adapter.onnx")
alike, worst, _ = compare(onnx, kept, sizes, "--exact")
check(f"pictures of any size: {alike} of {len(sizes)}, within {worst:.1e}",
      alike == len(sizes) and worst < 1e-4)  # fmt: skip
jpegs = write_jpegs(paths)
alike, worst, _ = compare(onnx, kept, jpegs)
check(f"the same bytes as JPEG, decoded by Pillow: {alike} of {len(jpegs)}, within {worst:.1e}",
      alike == len(jpegs) >= 200 and worst < 1e-3)  # fmt: skip
large = []
for index, path in enumerate(paths[::20]):
    large.append(at(f"jpegs/large-{index}.jpg"))
    Image.open(path).convert("RGB").resize((1600, 1200), Image.BICUBIC).save(large[-1])
_, worst, _ = compare(onnx, kept, large)
check(f"large ones, which the program decodes at a fraction, within {worst:.1e}", worst < 2e-2)
meta = onnxruntime.InferenceSession(onnx).get_modelmeta().custom_metadata_map
names = json.loads(run("predict", kept, paths[0], "--json"))["classes"]
check("labels and where it comes from are metadata",
      json.loads(meta["classes"]) == names and meta["backbone"] == "pocket"
      and len(meta["backbone_sha256"]) == 64 and meta["precision"] == "f32")  # fmt: skip

run("onnx", kept, "--whole", "--alpha", "0.25", "--output", at("quarter.onnx"))
alike, worst, _ = compare(at("quarter.onnx"), kept, paths[::4], "--alpha", "0.25")
check("another α is built in", alike == len(paths[::4]) and worst < 1e-4)

run("onnx", kept, "--whole", "--f16", "--output", at("half.onnx"))
alike, worst, _ = compare(at("half.onnx"), kept, paths)
share = os.path.getsize(at("half.onnx")) / os.path.getsize(onnx)
check(f"f16 of weights that are f16: {alike} of {len(paths)}, within {worst:.1e}, {share:.2f} of "
      "the size", alike == len(paths) and worst < 1e-4 and share < 0.52)  # fmt: skip

# classifiers that amplify what f16 rounds: 2e-2 holds for them, too
single = at("single")
write_single(single)
for method in ("gda:a=1", "tip-adapter:tau=20,sharpness=50", "linear-probe:c=100000"):
    steep, made = at("steep.safetensors"), at("steep.onnx")
    run("train", single, pictures, "--method", method, "--shots", "8", "--output", steep)
    run("onnx", steep, "--model", single, "--whole", "--f16", "--output", made)
    alike, worst, _ = compare(made, steep, paths, "--model", single)
    check(f"f16, {method}: {alike} of {len(paths)}, within {worst:.1e}",
          alike >= len(paths) - 1 and worst < 2e-2)  # fmt: skip

run("onnx", kept, "--whole", "--outside", "--reject", "0.03", "--output", at("out.onnx"))
alike, worst, _ = compare(at("out.onnx"), kept, paths, "--reject", "0.03")
data = glob.glob(at("pocket-*-f32.data"))
check(f"weights beside the model, and refusals: {alike} of {len(paths)}",
      alike == len(paths) and worst < 1e-4 and len(data) == 1
      and os.path.getsize(at("out.onnx")) < 200_000)  # fmt: skip
said = run("onnx", kept, "--whole", "--reject", "0.9", "--output", at("none.onnx"), status=1)
check("a share that the file does not tell is refused",
      "does not say" in said and not os.path.exists(at("none.onnx")))  # fmt: skip

dumps, every = os.path.join(ROOT, "tests/data/families"), sizes + paths
for family in family_data.names(dumps) + ["resnet", "vit"]:
    folder, kept, onnx = at(family), at(family + ".safetensors"), at(family + ".onnx")
    whole = family in ("resnet", "vit")  # of 32 bits
    if whole:
        shutil.copytree(os.path.join(golden, family), folder)
    else:
        family_data.assemble(dumps, family, folder)
    method = "clip-adapter:epochs=2" if whole else "linear-probe:c=1"
    run("train", folder, pictures, "--method", method, "--shots", "4", "--output", kept)
    said = answer(kept, every, "--model", folder, "--exact")
    for flag, bound in (("", 2e-5), ("--f16", 2e-2)):
        some = every if whole or not flag else every[:40]
        run("onnx", kept, "--model", folder, "--whole", *filter(None, [flag]), "--output", onnx)
        alike, worst, far = judge(onnx, said, some)
        check(f"{family} {flag or 'f32'}: {alike} of {len(some)}, within {max(worst, far):.1e}",
              alike == len(some) and max(worst, far) < bound)  # fmt: skip
    if whole:
        continue

    # f16 has something to round now; towers of random weights tell pictures apart so little that
    # some are ties
    for weights in glob.glob(folder + "/*.safetensors"):
        unround(weights, weights)
    run("train", folder, pictures, "--method", "gda:a=1", "--shots", "8", "--output", kept)
    run("onnx", kept, "--model", folder, "--whole", "--f16", "--output", onnx)
    alike, worst, _ = compare(onnx, kept, paths, "--model", folder)
    check(f"{family} f16, rounded: {alike} of {len(paths)}, within {worst:.1e}",
          alike >= 0.95 * len(paths) and 0 < worst < 2e-2)  # fmt: skip

folder, kept, onnx = os.path.join(golden, "vit"), at("tower.safetensors"), at("tower.onnx")
method = "clip-adapter:after=1,epochs=5,alpha=0.5"
run("train", folder, pictures, "--method", method, "--shots", "8", "--output", kept)
for flags in ([], ["--alpha", "0.3"], ["--f16"]):
    run("onnx", kept, "--model", folder, "--whole", *flags, "--output", onnx)
    half = flags == ["--f16"]
    alike, worst, _ = compare(onnx, kept, paths, "--model", folder, *([] if half else flags))
    least, bound = (0.99 * len(paths), 2e-2) if half else (len(paths), 1e-4)
    check(f"in the tower, {' '.join(flags) or 'f32'}: {alike} of {len(paths)}, within {worst:.1e}",
          alike >= least and worst < bound)  # fmt: skip

for mode in ("squash", "longest", "shortest"):  # as configs ask for; bilinear, and a fill
    folder, kept = at(mode), at(mode + ".safetensors")
    shutil.copytree(os.path.join(golden, "vit"), folder)
    with open(folder + "/open_clip_config.json") as file:
        config = json.load(file)
    config["preprocess_cfg"] |= {"resize_mode": mode, "interpolation": "bilinear", "fill_color": 99}
    with open(folder + "/open_clip_config.json", "w") as file:
        json.dump(config, file)
    run("train", folder, pictures, "--method", "clip-adapter:epochs=2", "--output", kept)
    run("onnx", kept, "--model", folder, "--whole", "--output", at(mode + ".onnx"))
    _, _, far = compare(at(mode + ".onnx"), kept, sizes, "--model", folder, "--exact")
    check(f"resized with {mode}: similarities within {far:.1e}", far < 1e-4)

command = [cli, "onnx", at("demo.safetensors"), "--whole", "-o", at("killed.onnx")]
began = time.monotonic()
subprocess.run(command, check=True)
seconds, there = time.monotonic() - began, 0
for share in (0.2, 0.5, 0.7, 0.8, 0.9, 0.95):
    os.unlink(at("killed.onnx")) if os.path.exists(at("killed.onnx")) else None
    process = subprocess.Popen(command)
    time.sleep(share * seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    if os.path.exists(at("killed.onnx")):
        there += 1
        compare(at("killed.onnx"), at("demo.safetensors"), paths[:1])
check(f"six kills leave no half file ({there} were done)", there < 6)
finish()
