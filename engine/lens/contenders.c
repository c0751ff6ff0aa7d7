/* SPDX-License-Identifier: MIT */
/* The upper envelope of the lines from its two ends inwards: where the best of the left end and the
 * best of the right one cross, either nothing is above them, which makes a corner, or what is comes
 * between. A line that reaches no corner lies below the envelope everywhere. */
#include "lens/contenders.h"
#include <float.h>
#include <string.h>

enum { MOST_LINES = 32, MOST_CORNERS = 32 };

/* Largest entry times this: a blend in floats is off by at most 2 · 2⁻²⁴ of it, and two are
 * compared at a corner and two at any α, which makes 8. */
static const float SLACK = 16 * FLT_EPSILON / 2;
/* Blends of larger ones may be no numbers. */
static const float LARGEST = FLT_MAX / 2;

/* a = α, b = 1 − α; `least`: what both lines that meet there reach. */
typedef struct
{
  float a, b;
  double least;
} Corner;

typedef struct
{
  guint n;
  Corner corners[MOST_CORNERS];
} Corners;

static double
blend (const FewContenders *c, const Corner *at, guint line)
{
  return (double) at->a * c->others_at[line] + (double) at->b * c->others_ft[line];
}

static guint
find_best (const FewContenders *c, const Corner *at, guint n)
{
  return c->host.index_of_largest_blend (n, at->a, c->others_at, at->b, c->others_ft);
}

static Corner
cross (const FewContenders *c, guint left, guint right)
{
  double at_0 = (double) c->others_ft[left] - c->others_ft[right];
  double at_1 = (double) c->others_at[left] - c->others_at[right];
  double alpha = at_0 != at_1 ? CLAMP (at_0 / (at_0 - at_1), 0, 1) : .5;
  Corner corner = { (float) alpha, (float) (1 - alpha), 0 };
  corner.least = MIN (blend (c, &corner, left), blend (c, &corner, right));
  return corner;
}

/* Any two neighbours have a line in common that reaches both: what reaches neither is below it in
 * between, wherever rounding put the corners. FALSE: too many. */
static gboolean
find_corners (const FewContenders *c, guint n, double slack, Corners *found)
{
  static const Corner ends[] = { { 0, 1, 0 }, { 1, 0, 0 } };
  guint lines[MOST_LINES]; /* those to the right, the nearest last */
  guint n_lines = 1;
  guint left = find_best (c, &ends[0], n);
  lines[0] = find_best (c, &ends[1], n);
  found->corners[0] = ends[0];
  found->corners[0].least = blend (c, &ends[0], left);
  for (found->n = 1; n_lines > 0;)
    {
      guint right = lines[n_lines - 1];
      Corner corner = cross (c, left, right);
      guint best = left == right ? left : find_best (c, &corner, n);
      if (n_lines == MOST_LINES || found->n == MOST_CORNERS - 1)
        return FALSE;
      if (blend (c, &corner, best)
          > MAX (blend (c, &corner, left), blend (c, &corner, right)) + slack)
        {
          lines[n_lines++] = best;
          continue;
        }
      if (left != right)
        found->corners[found->n++] = corner;
      left = right;
      n_lines--;
    }
  found->corners[found->n] = ends[1];
  found->corners[found->n++].least = blend (c, &ends[1], left);
  return TRUE;
}

/* FALSE where there is no room for it. */
static gboolean
add_entry (FewContenders *c, guint32 class, const float *at, const float *ft)
{
  guint32 n = c->bounds[3];
  if (n == G_N_ELEMENTS (c->classes))
    return FALSE;
  c->classes[n] = class;
  c->at[n] = at[class];
  c->ft[n] = ft[class];
  c->bounds[3]++;
  return TRUE;
}

/* The marked ones of the others from `first` on, whose classes are `step` more than their
 * numbers. */
static gboolean
add_marked (FewContenders *c, guint first, guint end, guint step, const float *at, const float *ft)
{
  for (guint i = first; i < end; i++)
    if (c->marks[i] && !add_entry (c, i + step, at, ft))
      return FALSE;
  return TRUE;
}

/* The others stand side by side for this. */
static void
copy_others (FewContenders *c, const float *at, const float *ft, guint own)
{
  gsize behind = (c->k - own - 1) * sizeof (float);
  memcpy (c->others_at, at, own * sizeof (float));
  memcpy (c->others_at + own, at + own + 1, behind);
  memcpy (c->others_ft, ft, own * sizeof (float));
  memcpy (c->others_ft + own, ft + own + 1, behind);
}

static gboolean
mark_others (FewContenders *c, guint n)
{
  Corners found;
  float at = c->host.largest_magnitude (n, c->others_at);
  float ft = c->host.largest_magnitude (n, c->others_ft);
  double slack = (double) MAX (at, ft) * SLACK + FLT_MIN;
  /* each, as what is no number is none of MAX's */
  if (!(at <= LARGEST && ft <= LARGEST) || !find_corners (c, n, slack, &found))
    return FALSE;
  memset (c->marks, 0, n * sizeof *c->marks);
  for (guint i = 0; i < found.n; i++)
    {
      const Corner *corner = found.corners + i;
      c->host.mark_blends (n, corner->a, c->others_at, corner->b, c->others_ft,
                           (float) (corner->least - slack), c->marks);
    }
  return TRUE;
}

gboolean
few_contenders_find (FewContenders *c, const float *at, const float *ft, guint own)
{
  guint n = c->k - 1;
  memset (c->bounds, 0, sizeof c->bounds);
  copy_others (c, at, ft, own);
  if (n > 0 && !mark_others (c, n))
    return FALSE;
  if (!add_marked (c, 0, own, 0, at, ft))
    return FALSE;
  c->bounds[1] = c->bounds[3];
  if (!add_entry (c, own, at, ft))
    return FALSE;
  c->bounds[2] = c->bounds[3];
  return add_marked (c, own, n, 1, at, ft);
}

FewContenders *
few_contenders_new (guint k)
{
  g_autoptr (FewContenders) c = g_new0 (FewContenders, 1);
  c->host = few_host ();
  c->k = k;
  c->others_at = g_try_new (float, k);
  c->others_ft = g_try_new (float, k);
  c->marks = g_try_new (guint32, k);
  return c->others_at && c->others_ft && c->marks ? g_steal_pointer (&c) : NULL;
}

void
few_contenders_free (FewContenders *contenders)
{
  g_free (contenders->others_at);
  g_free (contenders->others_ft);
  g_free (contenders->marks);
  g_free (contenders);
}
