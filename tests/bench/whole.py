#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A classifier taken away with a model of real size (random weights): the whole model as ONNX in
f32 and f16, the folder, and `verify`: seconds, sizes and peak memory, as a table in Markdown.

    tests/bench/whole.py BUILD_FOLDER [--model ViT-B-32] [--pictures 200] [--work FOLDER]

Wants torch and safetensors, and onnxruntime with pillow for `verify`."""

import argparse
import glob
import json
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Program:
    def __init__(self, build):
        self.cli = os.path.join(build, "app/cli/fewshot-cli")

    def run(self, *arguments):
        """Seconds, peak memory of it and of what it started in MB, standard output."""
        start = time.perf_counter()
        process = subprocess.Popen([self.cli, *arguments], stdout=subprocess.PIPE, text=True)
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0, (arguments, out)
        return time.perf_counter() - start, usage.ru_maxrss * 1024 / 1e6, out


def weigh(path):
    inside = glob.glob(path + "/*") if os.path.isdir(path) else [path]
    return sum(os.path.getsize(file) for file in inside) / 1e6


def prepare(program, args):
    model, kept = f"{args.work}/{args.model}", f"{args.work}/whole.safetensors"
    if not os.path.exists(model):
        subprocess.check_call(
            [sys.executable, os.path.join(HERE, "../tools/clip_reference.py"), args.model, model]
        )
    pictures = f"{args.work}/whole-pictures"
    if not os.path.exists(pictures):
        program.run("demo", "--json", "--pictures", pictures, "--output", kept)
    paths = sorted(glob.glob(pictures + "/*/*"))[: args.pictures]
    few = f"{args.work}/whole-few"  # which a large tower sees in a minute, too
    for folder in glob.glob(pictures + "/*"):
        os.makedirs(f"{few}/{os.path.basename(folder)}", exist_ok=True)
        for path in sorted(glob.glob(folder + "/*"))[:4]:
            shutil.copy(path, f"{few}/{os.path.basename(folder)}")
    program.run("train", model, few, "--method", "gda:a=1", "--no-test", "--output", kept)
    return model, kept, paths


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--model", default="ViT-B-32")
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--work", default="/tmp/fewshot-bench")
    args = parser.parse_args()
    os.environ["LD_LIBRARY_PATH"] = os.path.join(args.build, "engine")
    os.environ.setdefault("FEWSHOT_PYTHON", sys.executable)
    program = Program(args.build)
    model, kept, paths = prepare(program, args)
    source = weigh(model + "/open_clip_model.safetensors")
    print(f"{args.model}, {source:.0f} MB with its text tower; verified on {len(paths)} pictures\n")
    print("| | seconds | MB on disk | peak memory, MB | |\n|---|---|---|---|---|")
    for name, flags in (("f32", []), ("f16", ["--f16"])):
        onnx, folder = f"{args.work}/whole.onnx", f"{args.work}/whole-folder"
        shutil.rmtree(folder, ignore_errors=True)
        given = [kept, "--model", model]
        seconds, memory, _ = program.run("onnx", *given, "--whole", *flags, "--output", onnx)
        print(f"| onnx --whole, {name} | {seconds:.1f} | {weigh(onnx):.0f} | {memory:.0f} | |")
        seconds, memory, _ = program.run("export", *given, *flags, "--output", folder)
        print(f"| export, {name} | {seconds:.1f} | {weigh(folder):.0f} | {memory:.0f} | |")
        seconds, memory, out = program.run("verify", folder, *paths, "--model", model, "--json")
        said = json.loads(out)
        print(
            f"| verify, {name} | {seconds:.1f} | | {memory:.0f} | {said['alike']} of "
            f"{said['pictures']} classes alike, probabilities within {said['worst']:.1e} |"
        )


if __name__ == "__main__":
    main()
