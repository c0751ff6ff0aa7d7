/* SPDX-License-Identifier: MIT */
/* Contests from the envelope are held for many pictures at once, those from the tables one by one,
 * for not all are asked about. */
#include "lens/contest.h"

void
few_contests_move (FewContests *contests, double alpha)
{
  FewSnapshot *s = (FewSnapshot *) contests->snapshot; /* GLib reads no constant */
  contests->envelope = alpha >= 0 && alpha <= 1 ? g_atomic_pointer_get (&s->envelope) : NULL;
  contests->a = (float) alpha;
  contests->b = (float) (1 - alpha);
  contests->first = contests->n = 0;
}

void
few_contests_begin (FewContests *contests, const FewSnapshot *s, double alpha)
{
  contests->snapshot = s;
  contests->host = few_host ();
  few_contests_move (contests, alpha);
}

static const guint32 *
get_bounds (const FewContests *contests, guint i)
{
  return contests->envelope->bounds + 3 * (gsize) i;
}

static gboolean
is_in_envelope (const FewContests *contests, guint i)
{
  return contests->envelope && get_bounds (contests, i)[1] < get_bounds (contests, i)[2];
}

static FewContest
hold_in_tables (const FewContests *contests, guint i)
{
  const FewSnapshot *s = contests->snapshot;
  const FewHost *host = &contests->host;
  guint k = s->info.n_classes;
  guint own = s->info.labels[i];
  guint rest = k - own - 1;
  const float *at = s->at + (gsize) i * k;
  const float *ft = s->ft + (gsize) i * k;
  float a = contests->a;
  float b = contests->b;
  return (FewContest) { host->largest_blend (own, a, at, b, ft),
                        host->largest_blend (1, a, at + own, b, ft + own),
                        host->largest_blend (rest, a, at + own + 1, b, ft + own + 1) };
}

FewContest
few_contests_get (FewContests *contests, guint i)
{
  const FewEnvelope *envelope = contests->envelope;
  G_STATIC_ASSERT (sizeof *contests->held == 3 * sizeof (float));
  if (!is_in_envelope (contests, i))
    return hold_in_tables (contests, i);
  if (i - contests->first >= contests->n)
    {
      contests->first = i;
      contests->n = MIN (FEW_CONTESTS, contests->snapshot->info.n - i);
      contests->host.largest_blends (3 * contests->n, get_bounds (contests, i), contests->a,
                                     envelope->at, contests->b, envelope->ft,
                                     &contests->held->before);
    }
  return contests->held[i - contests->first];
}

FewContest
few_contests_among (const FewContests *contests, const FewContenders *contenders)
{
  FewContest contest;
  contests->host.largest_blends (3, contenders->bounds, contests->a, contenders->at, contests->b,
                                 contenders->ft, &contest.before);
  return contest;
}

gboolean
few_contest_is_won (const FewContest *c)
{
  return c->own > c->before && c->own >= c->behind;
}

guint
few_contests_winner (const FewContests *contests, guint i, const FewContest *contest)
{
  const FewSnapshot *s = contests->snapshot;
  const FewEnvelope *e = contests->envelope;
  gsize first = (gsize) i * s->info.n_classes;
  if (few_contest_is_won (contest))
    return s->info.labels[i];
  if (!is_in_envelope (contests, i))
    return contests->host.index_of_largest_blend (s->info.n_classes, contests->a, s->at + first,
                                                  contests->b, s->ft + first);
  guint32 begin = get_bounds (contests, i)[0];
  guint32 end = get_bounds (contests, i)[3];
  return e->classes[begin
                    + contests->host.index_of_largest_blend (
                        end - begin, contests->a, e->at + begin, contests->b, e->ft + begin)];
}
