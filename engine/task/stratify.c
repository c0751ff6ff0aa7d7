/* SPDX-License-Identifier: MIT */
/* Iterative stratification (Sechidis, Tsoumakas and Vlahavas, ECML 2011): of the label that the
 * fewest pictures are left of, each goes to the part that wants most of it. What stays together is
 * dealt out as one. */
#include "task/stratify.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/words.h"
#include "task/keyed.h"

static const char WHAT[] = N_ ("a split of the pictures");

typedef struct
{
  const FewLabelSets *sets;
  guint n_labels, parts, n_units;
  guint64 *members;      /* [n] keyed by group */
  guint32 *first;        /* [n_units + 1] of each unit among the members */
  guint32 *order;        /* [n_units] in which they are dealt out, drawn */
  guint32 *of_label;     /* [n_labels + 1] where a label's units begin among `holders` */
  guint32 *holders;      /* units by label, in the drawn order */
  guint32 *left;         /* [n_labels] units that are not dealt out */
  double *wants;         /* [n_labels + 1, parts] pictures that each part wants; last: of all */
  guint32 *part;         /* [n_units]; parts: not dealt out yet */
  FewRoom room;
} Deal;

static void
find_units (Deal *deal, const guint32 *groups, const guint8 *wanted)
{
  guint n = 0;
  for (guint i = 0; i < deal->sets->n; i++)
    if (!wanted || wanted[i])
      deal->members[n++] = few_keyed (groups ? groups[i] : i, i);
  few_keyed_sort (deal->members, n);
  for (guint i = 0; i < n; i++)
    if (i == 0 || !few_keyed_is_same (deal->members[i], deal->members[i - 1]))
      deal->first[deal->n_units++] = i;
  deal->first[deal->n_units] = n;
}

typedef void (*LabelFunc) (Deal *deal, guint unit, guint32 label);

/* Once for each of a unit's pictures and labels. */
static void
for_labels (Deal *deal, guint unit, LabelFunc func)
{
  for (guint m = deal->first[unit]; m < deal->first[unit + 1]; m++)
    {
      guint n;
      const guint32 *labels =
          few_label_sets_get (deal->sets, few_keyed_picture (deal->members[m]), &n);
      for (guint l = 0; l < n; l++)
        if (labels[l] < deal->n_labels)
          func (deal, unit, labels[l]);
    }
}

static void
count_holder (Deal *deal, guint unit G_GNUC_UNUSED, guint32 label)
{
  deal->of_label[label + 1]++;
}

/* A unit stands once for each of its pictures: what is dealt out is passed over. */
static void
add_holder (Deal *deal, guint unit, guint32 label)
{
  deal->holders[deal->of_label[label] + deal->left[label]++] = unit;
}

static void
take_from_left (Deal *deal, guint unit, guint32 label)
{
  deal->left[label]--;
  deal->wants[(gsize) label * deal->parts + deal->part[unit]]--;
}

static void
give (Deal *deal, guint unit, guint part)
{
  guint size = deal->first[unit + 1] - deal->first[unit];
  deal->part[unit] = part;
  for_labels (deal, unit, take_from_left);
  deal->wants[(gsize) deal->n_labels * deal->parts + part] -= size;
}

/* The part that wants most of a label, of equal ones what wants most of all, then the first. */
static guint
find_part (const Deal *deal, guint label)
{
  const double *of_label = deal->wants + (gsize) label * deal->parts;
  const double *of_all = deal->wants + (gsize) deal->n_labels * deal->parts;
  guint best = 0;
  for (guint p = 1; p < deal->parts; p++)
    {
      double more = of_label[p] - of_label[best];
      if (more > 1e-9 || (more > -1e-9 && of_all[p] > of_all[best] + 1e-9))
        best = p;
    }
  return best;
}

/* The label that the fewest pictures are left of; n_labels: none has any. */
static guint
find_rarest (const Deal *deal)
{
  guint rarest = deal->n_labels;
  for (guint l = 0; l < deal->n_labels; l++)
    if (deal->left[l] > 0 && (rarest == deal->n_labels || deal->left[l] < deal->left[rarest]))
      rarest = l;
  return rarest;
}

static void
deal_out (Deal *deal)
{
  for (guint label; (label = find_rarest (deal)) < deal->n_labels;)
    for (guint h = deal->of_label[label]; h < deal->of_label[label + 1]; h++)
      if (deal->part[deal->holders[h]] == deal->parts)
        give (deal, deal->holders[h], find_part (deal, label));
  for (guint u = 0; u < deal->n_units; u++)
    if (deal->part[deal->order[u]] == deal->parts)
      give (deal, deal->order[u], find_part (deal, deal->n_labels));
}

/* Units in a drawn order, labels to their units, and what each part wants. */
static void
prepare (Deal *deal, const double *shares, guint64 seed)
{
  for (guint u = 0; u < deal->n_units; u++)
    {
      deal->order[u] = u;
      deal->part[u] = deal->parts;
    }
  few_splitmix_shuffle (&seed, deal->order, deal->n_units);
  for (guint u = 0; u < deal->n_units; u++)
    for_labels (deal, u, count_holder);
  for (guint l = 0; l < deal->n_labels; l++)
    deal->of_label[l + 1] += deal->of_label[l];
  for (guint u = 0; u < deal->n_units; u++)
    for_labels (deal, deal->order[u], add_holder);
  for (guint p = 0; p < deal->parts; p++)
    {
      for (guint l = 0; l < deal->n_labels; l++)
        deal->wants[(gsize) l * deal->parts + p] = shares[p] * deal->left[l];
      deal->wants[(gsize) deal->n_labels * deal->parts + p] =
          shares[p] * deal->first[deal->n_units];
    }
}

gboolean
few_stratify (const FewLabelSets *sets, guint n_labels, const guint32 *groups, const guint8 *wanted,
              const double *shares, guint parts, guint64 seed, guint32 *part, GError **error)
{
  guint n = sets->n;
  Deal deal = { .sets = sets, .n_labels = n_labels, .parts = parts };
  deal.members = few_room_new (&deal.room, guint64, n, 1);
  deal.first = few_room_new (&deal.room, guint32, (gsize) n + 1, 1);
  deal.order = few_room_new (&deal.room, guint32, n, 1);
  deal.part = few_room_new (&deal.room, guint32, n, 1);
  deal.of_label = few_room_new (&deal.room, guint32, (gsize) n_labels + 1, 1);
  deal.left = few_room_new (&deal.room, guint32, n_labels, 1);
  deal.holders = few_room_new (&deal.room, guint32, sets->first[n], 1);
  deal.wants = few_room_new (&deal.room, double, (gsize) n_labels + 1, parts);
  gboolean ok = !few_room_is_short (&deal.room, WHAT, error);
  if (ok)
    {
      find_units (&deal, groups, wanted);
      prepare (&deal, shares, seed);
      deal_out (&deal);
    }
  for (guint u = 0; ok && u < deal.n_units; u++)
    for (guint m = deal.first[u]; m < deal.first[u + 1]; m++)
      part[few_keyed_picture (deal.members[m])] = deal.part[u];
  few_room_clear (&deal.room);
  return ok;
}
