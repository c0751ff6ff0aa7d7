#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A classifier taken away: the folder that `export` writes, its own predict.py run by Python, and
`verify`, which has to find what is not the same. Prints TAP.

    test_portable.py FEWSHOT_CLI GOLDEN
"""

import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
import venv_path  # noqa: E402, F401

try:
    import onnxruntime  # noqa: F401
    from PIL import Image, ImageOps
    from safetensors import safe_open
except ImportError as error:
    print(f"1..0 # SKIP {error}: ./test installs python3-pil, safetensors and onnxruntime")
    sys.exit(0)

from tap import check, finish  # noqa: E402

FAR = 20  # negatives: unlike all that was learned from, and yet told apart with confidence

cli, golden = sys.argv[1:3]
work = tempfile.mkdtemp(prefix="fewshot-portable-")
python = os.path.join(ROOT, "build-test/venv/bin/python")
os.environ["FEWSHOT_PYTHON"] = python


def at(name):
    return os.path.join(work, name)


def run(*arguments, status=0, **more):
    done = subprocess.run([cli, *arguments], capture_output=True, text=True, **more)
    assert done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


pictures = at("pictures")
run("demo", "--json", "--pictures", pictures, "--output", at("demo.safetensors"))
paths = sorted(glob.glob(os.path.join(pictures, "*", "*.png")))
os.mkdir(at("far"))
for i, path in enumerate(paths[:: len(paths) // FAR][:FAR]):
    ImageOps.invert(Image.open(path).convert("RGB")).save(at(f"far/{i}.png"))
far = sorted(glob.glob(at("far/*.png")))
began = int(time.time())
METHODS = ["automatic", "clip-adapter:epochs=20", "tip-adapter:tau=2,sharpness=3"]
METHODS += ["clip-adapter-both:epochs=20,alpha=0.6,beta=0.3"]
for method in METHODS:
    name = method.partition(":")[0]
    kept, folder = at(name + ".safetensors"), at(name)
    run("train", "pocket", pictures, "--method", method, "--output", kept)
    run("export", kept, "--output", folder, "--reject", "0.03", "--sample", paths[0])
    said = json.loads(run("verify", folder, pictures, "--json"))
    check(f"{name}: {said['alike']} of {said['pictures']} alike, within {said['worst']:.1e}",
          said["alike"] == said["pictures"] == len(paths) and said["worst"] < 1e-4)  # fmt: skip

    told = json.loads(run("predict", kept, *paths, *far, "--reject", "0.03", "--json"))
    ours = told["predictions"]
    script = os.path.join(folder, "predict.py")
    lines = subprocess.run(
        [python, script, *paths, *far], capture_output=True, text=True, check=True
    )
    theirs = [line.split("\t") for line in lines.stdout.splitlines()]
    same = sum(
        there[1] == (here["class"] or "none of these")
        and abs(float(there[2].rstrip("%")) / 100 - max(here["probabilities"])) < 1e-3
        for there, here in zip(theirs, ours)
    )
    check(f"{name}: predict.py prints the program's answers, in 20 lines",
          same == len(theirs) == len(paths) + FAR
          and open(script).read().count("\n") <= 20)  # fmt: skip

# what README.md of the folder asks for, and nothing else
bare = os.path.join(ROOT, "build-test/bare/bin/python")
alone = (
    os.path.exists(bare) and not subprocess.run([bare, "-c", "import onnxruntime, PIL"]).returncode
)
if alone:
    lists = subprocess.run(
        [bare, "-m", "pip", "list", "--format=json"], capture_output=True, text=True, check=True
    )
    names = {one["name"].lower() for one in json.loads(lists.stdout)}
    script = at("automatic") + "/predict.py"
    said = [
        subprocess.run([one, "-E", script, *paths], capture_output=True, text=True).stdout
        for one in (bare, python)
    ]
    check("predict.py says the same where onnxruntime and pillow alone are installed",
          said[0] == said[1] and said[0].count("\n") == len(paths)
          and not names & {"torch", "safetensors", "open-clip-torch"})  # fmt: skip
else:
    check("predict.py where onnxruntime and pillow alone are installed # SKIP no build-test/bare: "
          "./test makes it where there is a package index", True)  # fmt: skip

folder = at("automatic")
there = {"README.md", "classifier.safetensors", "labels.txt", "model-card.md", "model.onnx",
         "predict.py", "sample.png"}  # fmt: skip
check("the folder holds what it should, and nothing else", set(os.listdir(folder)) == there)
lone = subprocess.run([python, folder + "/predict.py"], capture_output=True, text=True)
check("predict.py has its sample", lone.returncode == 0 and "sample.png\t" in lone.stdout)
with safe_open(folder + "/classifier.safetensors", "np") as file:
    meta = file.metadata()
report = json.loads(run("eval", at("automatic.safetensors"), pictures, "--json"))
trained = time.strptime(meta["trained"], "%Y-%m-%dT%H:%M:%SZ")
check("the file says when, with what and of how many pictures",
      meta["fewshot_version"] == run("--version").split()[1]
      and 0 <= time.mktime(trained) - time.timezone - began < 600
      and int(meta["pictures_train"]) + int(meta["pictures_test"]) == len(paths)
      and meta["accuracy_of"] == "test" and report)  # fmt: skip
readme = open(folder + "/README.md").read()
share = f"{100 * float(meta['accuracy']):.1f} %"
check("README.md tells accuracy, pictures, limits and licence",
      f"Right answers: {share}" in readme and f"Measured on {meta['accuracy_pictures']}" in readme
      and "## Limits" in readme and "licensed by its publisher as: MIT" in readme)  # fmt: skip
labels = open(folder + "/labels.txt").read().split()
check("labels.txt", labels == sorted(os.listdir(pictures)))

before = os.path.getmtime(folder + "/README.md")
said = run("export", at("automatic.safetensors"), "--output", folder, status=1)
same = os.path.getmtime(folder + "/README.md") == before
check("a folder that is there is left alone", "nothing is overwritten" in said and same)

# what verify has to see
other = at("clip-adapter.safetensors")
run("export", at("automatic.safetensors"), "--output", at("plain"))
said = run("verify", at("plain"), pictures, "--classifier", other, status=1)
check("another classifier is not the same", "it is not the same" in said)
for number, change in (("fewer", os.listdir(pictures)[:2]), ("more", os.listdir(pictures))):
    some = at(number)
    for label in change:
        shutil.copytree(os.path.join(pictures, label), os.path.join(some, label))
    if number == "more":
        shutil.copytree(os.path.join(some, label), os.path.join(some, "another"))
    run("train", "pocket", some, "--method", "gda", "--output", some + ".safetensors")
    run("onnx", some + ".safetensors", "--output", some + ".onnx")
    said = run("verify", some + ".onnx", pictures, "--classifier", other, status=1, timeout=60)
    check(f"a model of {number} classes is told",
          "another classifier" in said and some + ".onnx" in said)  # fmt: skip
with open(folder + "/model.onnx", "r+b") as file:
    file.truncate(1000)
said = run("verify", folder, paths[0], status=1)
check("a broken model is told", "onnxruntime cannot open" in said)
run("train", golden + "/vit", pictures, "--shots", "4", "--output", at("vit.safetensors"))
said = run("verify", at("tip-adapter"), paths[0], "--classifier", at("vit.safetensors"),
           "--model", golden + "/vit", status=1)  # fmt: skip
check("a model of other weights is told", "another model" in said)
for name, words in (("/nonexistent/python", "there is no Python"), ("/usr/bin/python3", "")):
    bare = dict(os.environ, FEWSHOT_PYTHON=name, PYTHONPATH="", PYTHONNOUSERSITE="1")
    if name == "/usr/bin/python3":
        probe = subprocess.run([name, "-c", "import onnxruntime"], env=bare, capture_output=True)
        if probe.returncode == 0:
            continue
        words = "No module named 'onnxruntime'"
    said = run("verify", at("tip-adapter"), paths[0], status=1, env=bare)
    check(f"without a runtime it is said: {words}",
          words in said and "could not be run on this computer" in said)  # fmt: skip
run("onnx", other, "--output", at("head.onnx"))
said = json.loads(run("verify", at("head.onnx"), pictures, "--classifier", other, "--json"))
check("the head alone is verified, too", said["alike"] == len(paths) and said["worst"] < 1e-4)
Image.new("RGBA", (300, 200), (200, 10, 10, 90)).save(at("glass.png"))
said = json.loads(run("verify", at("tip-adapter"), at("glass.png"), "--json"))
check("so is a picture with transparency", said["alike"] == 1)
finish()
