/* SPDX-License-Identifier: MIT */
/* What the epochs of a run came to, summed on the device and read when asked for. */
#include "adapt/epochs.h"
#include <fewshot/snapshot.h>
#include <math.h>

enum { SUMS = 3, PIECE = 64 };

double
few_device_sum (const FewBackendOps *ops, FewStream *stream, const float *device, guint m)
{
  float host[4 * PIECE];
  double sum = 0;
  for (guint first = 0; first < m; first += G_N_ELEMENTS (host))
    {
      guint n = MIN (G_N_ELEMENTS (host), m - first);
      ops->download (stream, host, device + first, n);
      for (guint i = 0; i < n; i++)
        sum += host[i];
    }
  return sum;
}

gsize
few_epochs_floats (guint room, guint n_validation, guint epochs)
{
  return 2 * (gsize) room + n_validation + MAX (room, n_validation) + SUMS * (gsize) epochs;
}

void
few_epochs_init (FewEpochs *e, const FewBackend *backend, float *memory, guint room, guint n,
                 guint n_validation, guint n_epochs)
{
  guint n_ones = MAX (room, n_validation);
  *e = (FewEpochs) { .ops = backend->ops,
                     .stream = backend->stream,
                     .n = n,
                     .n_validation = n_validation,
                     .epochs = n_epochs };
  e->loss = memory;
  e->correct = e->loss + room;
  e->right = e->correct + room;
  e->ones = e->right + n_validation;
  e->sums = e->ones + n_ones;
  e->history = g_array_new (FALSE, FALSE, sizeof (FewEpoch));
  float ones[PIECE];
  for (guint i = 0; i < PIECE; i++)
    ones[i] = 1;
  for (guint first = 0; first < n_ones; first += PIECE)
    e->ops->upload (e->stream, e->ones + first, ones, MIN (PIECE, n_ones - first));
}

void
few_epochs_clear (FewEpochs *e)
{
  g_clear_pointer (&e->history, g_array_unref);
}

void
few_epochs_close (FewEpochs *e)
{
  g_return_if_fail (e->closed < e->epochs);
  float *sums = e->sums + SUMS * (gsize) e->closed++;
  e->ops->row_dots (e->stream, 1, e->n, e->loss, e->ones, sums);
  e->ops->row_dots (e->stream, 1, e->n, e->correct, e->ones, sums + 1);
  if (e->n_validation > 0)
    e->ops->row_dots (e->stream, 1, e->n_validation, e->right, e->ones, sums + 2);
}

const FewEpoch *
few_epochs_read (FewEpochs *e, guint *n)
{
  while (e->history->len < e->closed)
    {
      float sums[SUMS * PIECE];
      guint known = e->history->len;
      gsize new = SUMS *(gsize) MIN (PIECE, e->closed - known);
      e->ops->download (e->stream, sums, e->sums + SUMS * (gsize) known, new);
      for (const float *s = sums; s < sums + new; s += SUMS)
        {
          FewEpoch epoch = { s[0] / (float) e->n, s[1] / (float) e->n,
                             e->n_validation ? s[2] / (float) e->n_validation : NAN };
          g_array_append_val (e->history, epoch);
        }
    }
  *n = e->closed;
  return (const FewEpoch *) (void *) e->history->data;
}
