/* SPDX-License-Identifier: MIT */
/* The kernel table of an architecture that this machine is not: compiled with a cross compiler,
 * run under qemu-user, compared with sums in double precision. Needs no library for that
 * architecture but the C library: the kernels use GLib's types only. Prints TAP. */
#include "backend/cpu/kernel-table.h"
#include "../engine/activated.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int count, failures;
static guint32 state = 12345;

static void
check (int ok, const char *what, double worst)
{
  count++;
  failures += !ok;
  printf ("%s %d - %s (%.1e)\n", ok ? "ok" : "not ok", count, what, worst);
}

static float *
fill (size_t n)
{
  float *memory = malloc (n * sizeof (float) + 256);
  for (size_t i = 0; i < n; i++)
    {
      state = state * 1664525u + 1013904223u;
      memory[i] = (float) (state >> 8) / (1 << 23) - 1;
    }
  return memory;
}

static void
test_tile (const FewKernels *k)
{
  guint columns = k->tile_columns;
  guint depth = 67;
  double worst = 0;
  for (guint m = 1; m <= k->tile.rows; m++)
    for (guint width = 1; width <= columns; width += 3)
      for (int activation = FEW_ACTIVATION_NONE; activation <= FEW_ACTIVATION_LAST; activation++)
        {
          float *a = fill (m * depth);
          float *panel = fill (depth * columns);
          float *bias = fill (columns);
          float *c = fill (m * columns);
          float *before = malloc (m * columns * sizeof (float));
          memcpy (before, c, m * columns * sizeof (float));
          FewEpilogue e = {
            bias, c, columns, activation, 0.5f, 2, activation == FEW_ACTIVATION_RELU
          };
          k->tile.run (m, depth, a, depth, panel, panel, 0, &e, c, columns, width);
          for (guint i = 0; i < m; i++)
            for (guint j = 0; j < columns; j++)
              {
                double sum = 0;
                double old = before[i * columns + j];
                for (guint l = 0; l < depth; l++)
                  sum += (double) a[i * depth + l] * panel[l * columns + j];
                sum = sum * 0.5 + bias[j];
                double expected = e.residual_first ? activated (sum + 2 * old, activation)
                                                   : activated (sum, activation) + 2 * old;
                worst = fmax (worst, fabs (c[i * columns + j] - (j < width ? expected : old)));
              }
          free (a);
          free (panel);
          free (bias);
          free (c);
          free (before);
        }
  check (worst < 1e-5, "tile: every height, width and activation", worst);
}

static void
test_rows (const FewKernels *k)
{
  enum { W = 85 };
  float *x = fill (W);
  float *gamma = fill (W);
  float *beta = fill (W);
  float y[W], p[W + 3];
  double mean = 0;
  double variance = 0;
  double worst = 0;
  double total = 0;
  double largest = -1;
  for (int i = 0; i < W; i++)
    mean += x[i] / (double) W;
  for (int i = 0; i < W; i++)
    variance += (x[i] - mean) * (x[i] - mean) / W;
  k->layer_norm (W, x, gamma, beta, 1e-5f, y);
  for (int i = 0; i < W; i++)
    worst =
        fmax (worst, fabs (y[i] - ((x[i] - mean) / sqrt (variance + 1e-5) * gamma[i] + beta[i])));
  check (worst < 1e-5, "layer_norm", worst);
  worst = 0;
  for (int i = 0; i < W; i++)
    {
      p[i] = 30 * x[i];
      largest = fmax (largest, p[i]);
    }
  for (int i = 0; i < W; i++)
    total += exp (30.0f * x[i] - largest);
  k->softmax (W, W + 3, p);
  for (int i = 0; i < W; i++)
    worst = fmax (worst, fabs (p[i] - exp (30.0f * x[i] - largest) / total));
  worst = fmax (worst, fabs (p[W]) + fabs (p[W + 2]));
  check (worst < 1e-6, "softmax", worst);
  double dot = 0;
  for (int i = 0; i < W; i++)
    dot += (double) x[i] * gamma[i];
  check (fabs (k->dot (W, x, gamma) - dot) < 1e-5, "dot", fabs (k->dot (W, x, gamma) - dot));
  float inverse, blended[W];
  double norm = 0;
  k->blend_normalise (W, 0.3f, x, gamma, blended, &inverse);
  for (int i = 0; i < W; i++)
    norm += pow (0.3 * x[i] + 0.7 * gamma[i], 2);
  worst = fabs (inverse * sqrt (norm) - 1);
  for (int i = 0; i < W; i++)
    worst = fmax (worst, fabs (blended[i] - (0.3 * x[i] + 0.7 * gamma[i]) / sqrt (norm)));
  check (worst < 1e-5, "blend_normalise", worst);
  free (x);
  free (gamma);
  free (beta);
}

/* One by one or in vectors, a blend is the same to the bit. */
static void
test_blends (const FewKernels *k)
{
  enum { W = 85 };
  float *x = fill (W);
  float *y = fill (W);
  int same = 1;
  for (guint n = 0; n <= W; n++)
    {
      guint32 bounds[] = { 0, n / 3, n };
      guint32 marks[W] = { 0 };
      float one[2];
      float largest = k->largest_blend (n, .3f, x, .7f, y);
      k->largest_blends (2, bounds, .3f, x, .7f, y, one);
      k->mark_blends (n, .3f, x, .7f, y, largest, marks);
      same &= largest == (one[0] > one[1] ? one[0] : one[1]);
      same &= n == 0 || marks[k->index_of_largest_blend (n, .3f, x, .7f, y)] == G_MAXUINT32;
      for (guint i = 0; i < n; i++)
        same &= (marks[i] != 0) == (k->largest_blend (1, .3f, x + i, .7f, y + i) >= largest);
    }
  x[W - 1] = -3;
  same &= k->largest_magnitude (W, x) == 3;
  check (same, "blends", 0);
  free (x);
  free (y);
}

static void
test_winograd (const FewKernels *k)
{
  /* One channel group of 16, one output channel: the transforms around an elementwise product
   * are the convolution. */
  enum { C = 16 };
  static const double G[6][3] = { { 0.25, 0, 0 },
                                  { -1.0 / 6, -1.0 / 6, -1.0 / 6 },
                                  { -1.0 / 6, 1.0 / 6, -1.0 / 6 },
                                  { 1.0 / 24, 1.0 / 12, 1.0 / 6 },
                                  { 1.0 / 24, -1.0 / 12, 1.0 / 6 },
                                  { 0, 0, 1 } };
  float *tile = fill (36 * C);
  float *filter = fill (9);
  float bias[C] = { 0 };
  float points[36 * C], y[16 * C];
  const float *pixels[36];
  for (int i = 0; i < 36; i++)
    pixels[i] = tile + i * C;
  k->winograd_input (C, pixels, points, C);
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++)
      {
        double u = 0;
        for (int a = 0; a < 3; a++)
          for (int b = 0; b < 3; b++)
            u += G[i][a] * G[j][b] * filter[3 * a + b];
        for (int c = 0; c < C; c++)
          points[(6 * i + j) * C + c] *= (float) u;
      }
  k->winograd_output (C, points, C, bias, FEW_ACTIVATION_NONE, 4, 4, y, 4 * C, C);
  double worst = 0;
  for (int row = 0; row < 4; row++)
    for (int column = 0; column < 4; column++)
      for (int c = 0; c < C; c++)
        {
          double sum = 0;
          for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++)
              sum += (double) tile[((row + a) * 6 + column + b) * C + c] * filter[3 * a + b];
          worst = fmax (worst, fabs (y[(row * 4 + column) * C + c] - sum));
        }
  check (worst < 2e-5, "winograd: transforms make a 3 × 3 convolution", worst);
  free (tile);
  free (filter);
}

static void
test_training (const FewKernels *k)
{
  enum { N = 37, K = 9 };
  float *logits = fill (K);
  float loss, correct, before[K];
  double total = 0;
  double worst = 0;
  memcpy (before, logits, sizeof before);
  for (int i = 0; i < K; i++)
    total += exp (before[i]);
  k->cross_entropy (K, 4, 0.5f, logits, &loss, &correct);
  worst = fabs (loss - (log (total) - before[4]));
  for (int i = 0; i < K; i++)
    worst = fmax (worst, fabs (logits[i] - 0.5 * (exp (before[i]) / total - (i == 4))));
  check (worst < 1e-5, "cross_entropy", worst);
  float *gradient = fill (N);
  float *weights = fill (N);
  float m[N] = { 0 };
  float v[N] = { 0 };
  float old[N];
  memcpy (old, weights, sizeof old);
  FewUpdate update = { .rate = 0.01f,
                       .beta1 = 0.9f,
                       .beta2 = 0.999f,
                       .epsilon = 1e-8f,
                       .weight_decay = 0.1f,
                       .decoupled = TRUE,
                       .step = 1 };
  k->adam (N, &update, gradient, m, v, weights);
  worst = 0;
  for (int i = 0; i < N; i++) /* the first step moves by the rate, against the gradient's sign */
    worst = fmax (worst,
                  fabs (weights[i] - (old[i] * (1 - 0.001) - 0.01 * (gradient[i] > 0 ? 1 : -1))));
  check (worst < 1e-4, "adam", worst);
  free (logits);
  free (gradient);
  free (weights);
}

int
main (void)
{
  test_tile (&few_kernels_base);
  test_rows (&few_kernels_base);
  test_blends (&few_kernels_base);
  test_winograd (&few_kernels_base);
  test_training (&few_kernels_base);
  printf ("1..%d\n", count);
  return failures > 0;
}
