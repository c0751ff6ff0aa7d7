/* SPDX-License-Identifier: MIT */
/* What an op gives to the product behind it alone. */
#include "backend/cpu/passed.h"
#include "backend/cpu/matmul.h"
#include <string.h>

void
few_cpu_pass_on (FewStream *stream, const FewMatrix *reader)
{
  stream->reader = reader;
}

static gboolean
is_form_of_pieces (FewForm form, guint k, guint piece)
{
  if (form == FEW_FORM_FLOATS)
    return FALSE;
  return piece == k || (form == FEW_FORM_PAIRS && piece % 2 == 0);
}

FewPassed *
few_passed_begin (FewStream *stream, guint m, guint k, const float *y, guint piece)
{
  const FewMatrix *reader = g_steal_pointer (&stream->reader);
  if (!reader || reader->k != k || !is_form_of_pieces (reader->form, k, piece))
    return NULL;
  stream->passing = !stream->passing;
  FewPassed *passed = &stream->passed[stream->passing];
  gsize ld = few_row_stride (few_form_units (reader->form, k));
  gsize ranges = reader->form == FEW_FORM_QUADS ? 2 * (gsize) m : 0;
  float *rows = few_scratch_get (stream, &passed->memory, m * ld + ranges);
  if (!rows)
    return NULL;
  passed->of = y;
  passed->form = reader->form;
  passed->k = k;
  passed->ld = ld;
  passed->steps = ranges > 0 ? rows + m * ld : NULL;
  passed->lows = ranges > 0 ? passed->steps + m : NULL;
  return passed;
}

/* The zeros that follow the last pair. */
static void
close_row (FewPassed *passed, float *row)
{
  guint filled = (passed->k + 1) / 2;
  memset (row + filled, 0, (few_form_units (passed->form, passed->k) - filled) * sizeof (float));
}

void
few_passed_put (const FewStream *stream, FewPassed *passed, guint row, guint column, guint width,
                const float *x)
{
  float *to = passed->memory.memory + row * passed->ld;
  if (passed->form == FEW_FORM_QUADS) /* a whole row */
    {
      stream->quads->convert (width, x, to, passed->steps + row, passed->lows + row);
      return;
    }
  stream->kernels->to_pairs (width, x, to + column / 2);
  if (column + width == passed->k)
    close_row (passed, to);
}

FewPassed *
few_passed_take (FewStream *stream, const float *x, guint k, FewForm form)
{
  FewPassed *passed = &stream->passed[stream->passing];
  if (!passed->of || passed->of != x || passed->k != k || passed->form != form)
    return NULL;
  passed->of = NULL;
  return passed;
}
