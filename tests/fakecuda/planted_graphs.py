# SPDX-License-Identifier: MIT
"""More bugs as planted.py has them: of rotary positions, of layers in one kernel, of graphs."""

from planted import EXACT, REDUCED

# name, file, text, its place, device
MUTANTS = [
    # ---- rotary positions
    (
        "positions of another token",
        "kernels-attention.cu",
        "h.rotation + (size_t) token * h.head_width + i));",
        "h.rotation + (size_t) (token + 1) % h.s * h.head_width + i));",
        REDUCED,
    ),
    (
        "values that are turned, too",
        "kernels-layout.cu",
        "h.rotation && i < 2 * w ?",
        "h.rotation ?",
        EXACT,
    ),
    (
        "pairs that are turned the other way",
        "kernels-layout.cu",
        "? from[i] * turn[0] + from[i - 1] * turn[1]",
        "? from[i] * turn[0] - from[i - 1] * turn[1]",
        EXACT,
    ),
    # ---- what is passed on alone
    (
        "floats that nobody reads and somebody does",
        "stream.c",
        "stream->passes_on = FALSE;",
        "",
        REDUCED,
    ),
    (
        "an input that is written over while it is read",
        "products.c",
        "return x == stream->scratch[FEW_SCRATCH_NEXT].memory ? FEW_SCRATCH_OPERAND : "
        "FEW_SCRATCH_NEXT;",
        "return FEW_SCRATCH_OPERAND;",
        REDUCED,
    ),
    (
        "a layer that is not activated",
        "kernels-elements.cu",
        "pair_of<T> (activated (first, activation), activated (second, activation))",
        "pair_of<T> (activated (first, activation), second)",
        REDUCED,
    ),
    (
        "a layer with its neighbour's bias",
        "kernels-elements.cu",
        "bias[8 * i + 2 * k + 1]",
        "bias[8 * i + 2 * k]",
        REDUCED,
    ),
    (
        "halves of a word that change places",
        "kernels-common.cuh",
        "return bits_of (T (), first) | bits_of (T (), second) << 16;",
        "return bits_of (T (), second) | bits_of (T (), first) << 16;",
        REDUCED,
    ),
    (
        "a norm's variance with what is behind the row",
        "kernels-rows.cu",
        "if (4 * (lane + k * 32) < w)",
        "",
        EXACT,
    ),
    (
        "a twin of the next columns",
        "kernels-common.cuh",
        "(row * twin.ld + i));",
        "(row * twin.ld + i + 4));",
        REDUCED,
    ),
    # ---- graphs
    (
        "rows of the first time",
        "memory.c",
        "  if (argument)\n    return argument;\n",
        "",
        EXACT,
    ),
    (
        "a rate that is baked in",
        "ops.c",
        "few_cuda_adam (stream->stream, n, &update, now,",
        "few_cuda_adam (stream->stream, n, &update, NULL,",
        EXACT,
    ),
    (
        "the first step's momentum",
        "ops.c",
        "few_cuda_sgd (stream->stream, n, &update, now,",
        "few_cuda_sgd (stream->stream, n, &update, NULL,",
        EXACT,
    ),
    (
        "an α that is baked in",
        "ops.c",
        "few_cuda_blend_normalise (stream->stream, m, d, alpha, now,",
        "few_cuda_blend_normalise (stream->stream, m, d, alpha, NULL,",
        EXACT,
    ),
    (
        "an α that is baked in on the way back",
        "ops.c",
        "few_cuda_blend_normalise_backward (stream->stream, m, d, alpha, now,",
        "few_cuda_blend_normalise_backward (stream->stream, m, d, alpha, NULL,",
        EXACT,
    ),
    (
        "losses that go where the first ones went",
        "ops.c",
        "labels, logits, &to, now)",
        "labels, logits, &to, NULL)",
        EXACT,
    ),
    (
        "values of the host that nobody copies",
        "repeat.c",
        "if (r->bytes > 0)\n    few_cuda_stage",
        "if (r->bytes > 1 << 30)\n    few_cuda_stage",
        EXACT,
    ),
    (
        "memory that has moved since",
        "repeat.c",
        "if (r->graph && r->moves != stream->moves)",
        "if (r->graph && r->moves > stream->moves)",
        REDUCED,
    ),
    (
        "a trace that is not compared",
        "repeat.c",
        "return !r->differs && !r->refused && r->at == r->n_words && r->argument_at == r->bytes;",
        "return !r->refused;",
        EXACT,
    ),
    (
        "a graph that is destroyed before it has run",
        "repeat.c",
        "cudaStreamSynchronize (stream->stream); /* it may be on its way */",
        "",
        EXACT,
    ),
    (
        "a graph that is launched on no stream of ours",
        "repeat.c",
        "cudaGraphLaunch (r->graph, stream->stream)",
        "cudaGraphLaunch (r->graph, cudaStreamLegacy)",
        EXACT,
    ),
    (
        "captures that others' memory ends",
        "repeat.c",
        "cudaStreamCaptureModeThreadLocal",
        "cudaStreamCaptureModeGlobal",
        EXACT,
    ),
    (
        "graphs that are never freed",
        "repeat.c",
        "if (graph)\n    cudaGraphDestroy (graph);",
        "",
        EXACT,
    ),
]
