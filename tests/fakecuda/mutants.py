#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Plants one bug at a time in a copy of the GPU backend and expects `fewshot-cli selftest` under
the fake runtime to find it: by a report of the fake, a difference, or a crash. The faultless copy
must pass. Prints TAP.

    mutants.py FEWSHOT_CLI MODEL SOURCES NVCC NVCC_ARCH FAKE_LIBRARY FAKE_FOLDER CFLAGS...

A bug is a text of a source file and what takes its place; a text that is not there (any more) fails
the test."""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from tap import check, finish

cli, model, sources, nvcc, arch, fake_library, fake_folder = sys.argv[1:8]
cflags = sys.argv[8:]
EXACT, REDUCED = "cuda:0:f32", "cuda:0"
HOST_FLAGS = "-fPIC,-fvisibility=hidden,-fno-exceptions,-fno-threadsafe-statics"
NVCC_ARGS = ["-std=c++17", "-O3"]
KERNELS = ["kernels-attention", "kernels-elements", "kernels-layout", "kernels-rows"]
MODULE = ["attention", "device", "epilogues", "memory", "ops", "products", "stream", "twin"]

# name, file, text, its place, device
MUTANTS = [
    # ---- kernels
    (
        "no barrier after a write",
        "kernels-common.cuh",
        "  __syncthreads ();\n  float sum = 0;",
        "  float sum = 0;",
        EXACT,
    ),
    (
        "no barrier before a write",
        "kernels-common.cuh",
        "  __syncthreads (); /* all have read the sum before */\n",
        "",
        EXACT,
    ),
    (
        "a butterfly that is cut short",
        "kernels-common.cuh",
        "for (int offset = 16; offset > 0; offset >>= 1)\n    value +=",
        "for (int offset = 8; offset > 0; offset >>= 1)\n    value +=",
        EXACT,
    ),
    (
        "lanes that leave before a shuffle",
        "kernels-rows.cu",
        "      float largest = -INFINITY;\n      float sum = 0;",
        "      if (lane >= seen)\n        return;\n"
        "      float largest = -INFINITY;\n      float sum = 0;",
        EXACT,
    ),
    (
        "one element too many",
        "kernels-common.cuh",
        "threadIdx.x; i < (n);",
        "threadIdx.x; i <= (n);",
        EXACT,
    ),
    (
        "a wrong index",
        "kernels-layout.cu",
        "(picture * height + y) * width + xx",
        "(picture * height + y) * height + xx",
        EXACT,
    ),
    (
        "no check of the bounds",
        "kernels-layout.cu",
        "&& y < height && xx < width",
        "&& xx < width",
        EXACT,
    ),
    ("blocks that race", "kernels-rows.cu", "loss[row] = logf", "loss[0] += logf", EXACT),
    (
        "a shared place that stays unset",
        "kernels-common.cuh",
        "  if (threadIdx.x % 32 == 0)\n    shared[threadIdx.x / 32] = value;\n  __syncthreads ();\n"
        "  float sum",
        "  if (threadIdx.x % 32 == 0 && threadIdx.x < 224)\n    shared[threadIdx.x / 32] = value;\n"
        "  __syncthreads ();\n  float sum",
        EXACT,
    ),
    (
        "threads that end before a barrier",
        "kernels-rows.cu",
        "      const float *from = x + row * ld_x;\n      float sum = 0;\n      float squares = 0;",
        "      if (threadIdx.x >= w / 2)\n        return;\n      const float *from = x + row * "
        "ld_x;\n      float sum = 0, squares = 0;",
        EXACT,
    ),
    (
        "queries of shared tokens",
        "kernels-layout.cu",
        "sequence, token - h.p, i), value",
        "sequence, token, i), value",
        EXACT,
    ),
    (
        "keys among the values",
        "kernels-layout.cu",
        "else if (i >= w)",
        "else if (i > w)",
        EXACT,
    ),
    (
        "a twin whose rows lie elsewhere",
        "kernels-common.cuh",
        "twin.memory + row * twin.ld + i",
        "twin.memory + row * twin.ld + (i ^ 1)",
        REDUCED,
    ),
    (
        "a twin of what is not activated yet",
        "kernels-elements.cu",
        "put_twin (twin, row, i, result)",
        "put_twin (twin, row, i, value)",
        REDUCED,
    ),
    (
        "a twin that is not kept in its place",
        "twin.c",
        "scratch[FEW_SCRATCH_OPERAND].memory;",
        "scratch[FEW_SCRATCH_PRODUCT].memory;",
        REDUCED,
    ),
    (
        "2,048 threads a block",
        "kernels-common.cuh",
        "kernel<<<(grid), THREADS, 0",
        "kernel<<<(grid), 2048, 0",
        EXACT,
    ),
    # ---- host code
    (
        "a leading dimension that is too small",
        "products.c",
        "p->b, type, (int) p->ldb, p->a, type,\n                           (int) p->lda, &p->beta",
        "p->b, type, (int) p->ldb - 1, p->a, type,\n                           (int) p->lda, "
        "&p->beta",
        EXACT,
    ),
    (
        "a leading dimension that is too large",
        "products.c",
        ".ldb = weight->ld, .c = y",
        ".ldb = weight->ld + 5, .c = y",
        EXACT,
    ),
    (
        "a host pointer for the device",
        "products.c",
        "few_cuda_copy_rows (stream->stream, n, k, whole, k,",
        "few_cuda_copy_rows (stream->stream, n, k, weights_host, k,",
        REDUCED,
    ),
    (
        "a result that is read before it is there",
        "memory.c",
        '\n          || !few_cuda_did (stream, cudaStreamSynchronize (stream->stream), "Waiting '
        'for the GPU"))\n        return FALSE;\n      memcpy',
        ")\n        return FALSE;\n      memcpy",
        EXACT,
    ),
    (
        "a use after free",
        "products.c",
        "  finish_matrix (device, &matrix, error);\n  return matrix;\n}\n\nFewMatrix *\n"
        "few_cuda_conv_new",
        "  finish_matrix (device, &matrix, error);\n  cudaFree (matrix->values);\n  return "
        "matrix;\n}\n\nFewMatrix *\nfew_cuda_conv_new",
        EXACT,
    ),
    (
        "memory that is not cleared",
        "memory.c",
        "    result = cudaMemset (memory, 0, bytes);",
        "    result = cudaSuccess;",
        EXACT,
    ),
    (
        "a pinned source that is used again",
        "memory.c",
        "  current->used += (bytes",
        "  current->used += 0 * (bytes",
        EXACT,
    ),
    (
        "a wrong transpose",
        "products.c",
        "first = p->transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N",
        "first = p->transpose_b ? CUBLAS_OP_N : CUBLAS_OP_T",
        EXACT,
    ),
    (
        "memory that is freed in flight",
        "memory.c",
        '  if (!few_cuda_did (stream, cudaStreamSynchronize (stream->stream), "Waiting for the '
        'GPU"))\n    return NULL;\n  cudaFree (stream->scratch',
        "  cudaFree (stream->scratch",
        REDUCED,
    ),
    (
        "a copy that does not wait for our stream",
        "memory.c",
        "cudaMemcpyAsync (stream->landing, from + at, piece, cudaMemcpyDeviceToHost, "
        "stream->stream)",
        "cudaMemcpy (stream->landing, from + at, piece, cudaMemcpyDeviceToHost)",
        EXACT,
    ),
    (
        "device memory that the host reads",
        "memory.c",
        "  if (n > 0 && !download (stream,",
        "  if (n > 0 && from[0] < 2 && !download (stream,",
        EXACT,
    ),
    (
        "types that do not go together",
        "products.c",
        "p->b, type, (int) p->ldb, p->a, type,\n                           (int) p->lda",
        "p->b, type, (int) p->ldb, p->a, CUDA_R_32F,\n                           (int) p->lda",
        REDUCED,
    ),
    (
        "a sum with what was never written",
        "products.c",
        "p.beta = adds ? 1 : 0",
        "p.beta = 1",
        REDUCED,
    ),
    # ---- attention in one kernel
    (
        "sums that a larger score does not rescale",
        "kernels-attention.cu",
        "out[c][i] *= keep[i / 2];",
        "out[c][i] *= 1;",
        REDUCED,
    ),
    (
        "queries that see one key too many",
        "kernels-attention.cu",
        "column + 8 * j + i < rows.seen[r]",
        "column + 8 * j + i <= rows.seen[r]",
        REDUCED,
    ),
    (
        "a tile that is read before it is there",
        "kernels-attention.cu",
        "load_tile<D> (head, first, keys, values);\n __syncthreads ();",
        "load_tile<D> (head, first, keys, values);",
        REDUCED,
    ),
    (
        "a tile that is written while it is read",
        "kernels-attention.cu",
        "__syncthreads (); /* all have read the tile before */",
        "",
        REDUCED,
    ),
    (
        "a sum of half a row",
        "kernels-attention.cu",
        "sum += __shfl_xor_sync (0xffffffffu, sum, 2);",
        "",
        REDUCED,
    ),
    (
        "values of the key beside",
        "kernels-attention.cu",
        "pair_of (value_at (head, 2, token, i % D), value_at (head, 2, token + 1, i % D))",
        "pair_of (value_at (head, 2, token + 1, i % D), value_at (head, 2, token, i % D))",
        REDUCED,
    ),
    (
        "a half that is twice what it was",
        "kernels-attention.cu",
        "return __half_as_ushort (__float2half_rn (first))",
        "return __half_as_ushort (__float2half_rn (first * 2))",
        REDUCED,
    ),
    (
        "rows of another head",
        "kernels-attention.cu",
        "out[row * ld_out + head.at + column] = value;",
        "out[row * ld_out + column] = value;",
        REDUCED,
    ),
    # ---- cuBLASLt
    (
        "a GELU of another kind",
        "epilogues.c",
        "case FEW_ACTIVATION_TANH_GELU:",
        "case FEW_ACTIVATION_GELU:",
        EXACT,
    ),
    (
        "a residual after the activation that is added before",
        "epilogues.c",
        "return !e->residual || e->inside;",
        "return TRUE;",
        EXACT,
    ),
    (
        "an algorithm of another shape",
        "epilogues.c",
        "memcmp (&plans->plans[i].key, key, sizeof *key)",
        "memcmp (&plans->plans[i].key, key, 8)",
        EXACT,
    ),
    (
        "an alignment that the memory has not",
        "epilogues.c",
        "return (guint32) (bits & -bits);",
        "return bits ? WIDEST : 0;",
        EXACT,
    ),
    (
        "a residual that is not there",
        "epilogues.c",
        "float beta = e->residual ? 1 : 0;",
        "float beta = 1;",
        EXACT,
    ),
    (
        "a bias that nobody names",
        "epilogues.c",
        "&& (!bias || cublasLtMatmulDescSetAttribute",
        "&& (bias || cublasLtMatmulDescSetAttribute",
        EXACT,
    ),
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


def build(folder, name, file, before, after):
    """A module in `folder` whose copy of `file` has the bug, and the PTX beside it; what the bug
    does not touch is taken from the faultless build."""
    copy_sources(folder)
    plant(os.path.join(folder, "backend/cuda", file), name, before, after)
    stem = os.path.splitext(file)[0]
    touched = KERNELS if stem == "kernels-common" else [stem]
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
        build(folder, name, file, before, after)
        environment = dict(
            os.environ,
            LD_LIBRARY_PATH=f"{folder}:{fake_folder}:{os.environ.get('LD_LIBRARY_PATH', '')}",
            FAKECUDA_PTX=folder,
            FEWSHOT_CUDA_MODULE=os.path.join(folder, "libfewshot-cuda.so"),
            XDG_CACHE_HOME=os.path.join(folder, "cache"),
        )
        arguments = ["--device", "cuda:0"] + (["--precision", "f32"] if device == EXACT else [])
        result = run([cli, "selftest", *arguments, model], env=environment)
    kinds = sorted(set(re.findall(r"^fakecuda: ([a-z-]+):", result.stderr, re.M)))
    if kinds:
        return "reported: " + ", ".join(kinds)
    if result.returncode < 0:
        return f"signal {-result.returncode}"
    if "DIFFERS" in result.stdout:
        return "difference"
    return f"error: {result.stderr.strip()}" if result.returncode else ""


def attempt(mutant):
    try:
        return judge(mutant), None
    except Exception as error:  # a bug that cannot be planted is a failure of its own
        return None, str(error)


faultless_folder = tempfile.TemporaryDirectory(prefix="fewshot-mutants-")
copy_sources(faultless_folder.name)
faultless_objects = {
    part: compile_object(faultless_folder.name, part, faultless_folder.name)
    for part in KERNELS + MODULE
}

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
    ]
    for mutant, (found, error) in zip(faultless, pool.map(attempt, faultless)):
        check(f"{mutant[0]}: passes", found == "", error or found)
    for mutant, (found, error) in zip(MUTANTS, pool.map(attempt, MUTANTS)):
        check(f"{mutant[0]}: {found or 'not found'}", bool(found), error)
finish()
