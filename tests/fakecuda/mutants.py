#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Plants one bug at a time in a copy of the GPU backend and expects `fewshot-cli selftest` under
the fake runtime to find it: by a report of the fake, a difference, or a crash. The faultless copy
must pass. Prints TAP.

    mutants.py FEWSHOT_CLI MODEL SOURCES KERNELS NVCC NVCC_ARCH FAKE_LIBRARY FAKE_FOLDER CFLAGS...

KERNELS is the folder of the faultless kernels' objects.

A bug (planted.py, planted_graphs.py) whose text is not there (any more) fails the test."""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import planted_graphs
from planted import BRAIN, EXACT, MUTANTS, REDUCED
from tap import check, finish

cli, model, sources, kernel_objects, nvcc, arch, fake_library, fake_folder = sys.argv[1:9]
cflags = sys.argv[9:]
HOST_FLAGS = "-fPIC,-fvisibility=hidden,-fno-exceptions,-fno-threadsafe-statics"
NVCC_ARGS = ["-std=c++17", "-O3"]
KERNELS = [
    "kernels-attention",
    "kernels-elements",
    "kernels-layout",
    "kernels-rows",
]
SLOWEST = "kernels-attention"  # to compile: longer than all others together
MODULE = [
    "attention",
    "blas",
    "blas-types",
    "device",
    "epilogues",
    "memory",
    "ops",
    "pinned",
    "products",
    "repeat",
    "staging",
    "stream",
    "twin",
]


def run(arguments, **how):
    return subprocess.run(arguments, capture_output=True, text=True, errors="replace", **how)


def compile_ptx(folder, kernels, into):
    """What the fake interprets."""
    subprocess.run(
        [nvcc, *NVCC_ARGS, f"-arch=compute_{arch}", "-ptx", "-o", f"{into}/{kernels}.ptx"]
        + [f"{folder}/backend/cuda/{kernels}.cu"],
        check=True,
        capture_output=True,
    )


def compile_object(folder, part, into):
    """Of one source, C or CUDA; its path."""
    path = f"{into}/{part}.o"
    if part in KERNELS:
        start = [nvcc, *NVCC_ARGS, f"-gencode=arch=compute_{arch},code=compute_{arch}"]
        command = [*start, "-Xcompiler", HOST_FLAGS, "-c", f"{folder}/backend/cuda/{part}.cu"]
    else:
        start = ["cc", "-fPIC", "-O1", "-fvisibility=hidden", f"-I{folder}", *cflags]
        command = [*start, "-c", f"{folder}/backend/cuda/{part}.c"]
    built = run([*command, "-o", path])
    if built.returncode:
        raise RuntimeError(built.stderr)
    return path


def copy_sources(folder):
    shutil.copytree(sources, os.path.join(folder, "backend/cuda"))
    shutil.copy(os.path.join(sources, "../backend.h"), os.path.join(folder, "backend"))


def plant(path, name, before, after):
    text = open(path, encoding="utf-8").read()
    # Wherever the formatter broke the lines.
    places = list(re.finditer(r"\s+".join(re.escape(word) for word in before.split()), text))
    if len(places) != 1:
        raise LookupError(f"{path} holds the text of “{name}” {len(places)} times, not once")
    start, end = places[0].span()
    open(path, "w", encoding="utf-8").write(text[:start] + after.strip() + text[end:])


def uses(source, header):
    """Whether it includes that, or what it includes does."""
    with open(f"{sources}/{source}", encoding="utf-8") as file:
        included = re.findall(r'^#include "(kernels-.*\.cuh)"', file.read(), re.MULTILINE)
    return header in included or any(uses(other, header) for other in included)


def rounds(file):
    """What is compiled anew of the sources that a bug in `file` touches, in lists: when the first
    tell of it, the slowest is not compiled."""
    if not file.endswith(".cuh"):
        return [[os.path.splitext(file)[0]]]
    touched = [kernels for kernels in KERNELS if uses(f"{kernels}.cu", file)]
    quick = [kernels for kernels in touched if kernels != SLOWEST]
    return [quick, touched] if quick and quick != touched else [touched]


def build(folder, file, before, touched):
    """A module in `folder` of the sources there, and the PTX beside it, with what is touched
    compiled anew; the rest is taken from the faultless build."""
    for kernels in KERNELS:
        if kernels in touched:
            compile_ptx(folder, kernels, folder)
        else:
            shutil.copy(f"{fake_folder}/{kernels}.ptx", folder)
    # What a kernel does is in the PTX; what launches it is in the object.
    rebuilt = touched if touched[0] in MODULE or "<<<" in before else []
    objects = {**faultless_objects, **{p: compile_object(folder, p, folder) for p in rebuilt}}
    module = os.path.join(folder, "libfewshot-cuda.so")
    start = ["cc", "-shared", "-o", module, *objects.values(), "-Wl,--whole-archive", fake_library]
    built = run([*start, "-Wl,--no-whole-archive", "-lglib-2.0", "-lm"])
    if built.returncode:
        raise RuntimeError(built.stderr)


def judge(mutant):
    """What found the bug, or "" when nothing did."""
    name, file, before, after, device = mutant
    with tempfile.TemporaryDirectory(prefix="fewshot-mutant-") as folder:
        copy_sources(folder)
        plant(os.path.join(folder, "backend/cuda", file), name, before, after)
        environment = dict(
            os.environ,
            LD_LIBRARY_PATH=f"{folder}:{fake_folder}:{os.environ.get('LD_LIBRARY_PATH', '')}",
            FAKECUDA_PTX=folder,
            FEWSHOT_CUDA_MODULE=os.path.join(folder, "libfewshot-cuda.so"),
            XDG_CACHE_HOME=os.path.join(folder, "cache"),
        )
        found = ""
        for touched in rounds(file):
            build(folder, file, before, touched)
            found = first_finding(
                ["stdbuf", "-oL", cli, "selftest", "--device", device, model], environment
            )
            if found:
                break
        return found


def first_finding(command, environment):
    """What a selftest says of the bug first; the rest of it is not waited for."""
    words = []
    with subprocess.Popen(
        command,
        env=environment,
        text=True,
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        for line in process.stdout:
            words.append(line.strip())
            report = re.match("fakecuda: ([a-z-]+):", line)
            if report or "DIFFERS" in line:
                process.kill()
                return f"reported: {report[1]}" if report else "difference"
    if "cannot be loaded" in " ".join(words):  # that would find every bug
        raise RuntimeError(words[-1])
    if process.returncode < 0:
        return f"signal {-process.returncode}"
    return f"error: {words[-1]}" if process.returncode else ""


def attempt(mutant):
    try:
        return judge(mutant), None
    except Exception as error:  # a bug that cannot be planted is a failure of its own
        return None, str(error)


faultless_folder = tempfile.TemporaryDirectory(prefix="fewshot-mutants-")
copy_sources(faultless_folder.name)
faultless_objects = {
    part: compile_object(faultless_folder.name, part, faultless_folder.name) for part in MODULE
}
faultless_objects |= {part: f"{kernel_objects}/{part}.o" for part in KERNELS}

every = [*MUTANTS, *planted_graphs.MUTANTS]
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    faultless = [
        (
            "none, f32",
            "ops.c",
            "static double\npower (double",
            "static double\npower (double",
            EXACT,
        ),
        (
            "none, f16",
            "ops.c",
            "static double\npower (double",
            "static double\npower (double",
            REDUCED,
        ),
        (
            "none, bf16",
            "ops.c",
            "static double\npower (double",
            "static double\npower (double",
            BRAIN,
        ),
    ]
    for mutant, (found, error) in zip(faultless, pool.map(attempt, faultless)):
        check(f"{mutant[0]}: passes", found == "", error or found)
    for mutant, (found, error) in zip(every, pool.map(attempt, every)):
        check(f"{mutant[0]}: {found or 'not found'}", bool(found), error)
finish()
