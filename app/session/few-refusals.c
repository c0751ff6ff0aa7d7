/* SPDX-License-Identifier: MIT */
/* All sentences, and those whose pictures are there. */
#include "session/few-refusals.h"

typedef struct
{
  char *sentence;
  guint first, last; /* pictures that it came with, or the picture that it is of */
  gboolean own;      /* it is of that */
} Refusal;

struct FewRefusals
{
  GArray *all;     /* Refusal */
  GPtrArray *told; /* char *, of all */
  FewPictureIsThere is_there;
  gpointer user;
};

static void
refusal_clear (gpointer data)
{
  g_free (((Refusal *) data)->sentence);
}

FewRefusals *
few_refusals_new (FewPictureIsThere is_there, gpointer user)
{
  g_return_val_if_fail (is_there != NULL, NULL);
  FewRefusals *refusals = g_new (FewRefusals, 1);
  *refusals = (FewRefusals) { g_array_new (FALSE, FALSE, sizeof (Refusal)), g_ptr_array_new (),
                              is_there, user };
  g_array_set_clear_func (refusals->all, refusal_clear);
  return refusals;
}

void
few_refusals_free (FewRefusals *refusals)
{
  g_return_if_fail (refusals != NULL);
  g_ptr_array_unref (refusals->told);
  g_array_unref (refusals->all);
  g_free (refusals);
}

static gboolean
is_told (const FewRefusals *refusals, const Refusal *refusal)
{
  gboolean there = refusal->first == 0;
  for (guint id = refusal->first; !there && id <= refusal->last; id++)
    there = refusals->is_there (id, refusal->own, refusals->user);
  return there;
}

static void
add (FewRefusals *refusals, const Refusal *refusal)
{
  g_array_append_val (refusals->all, *refusal);
  if (is_told (refusals, refusal))
    g_ptr_array_add (refusals->told, refusal->sentence);
}

void
few_refusals_add (FewRefusals *refusals, const char *sentence, guint first, guint last)
{
  g_return_if_fail (refusals != NULL && sentence != NULL);
  add (refusals, &(Refusal) { g_strdup (sentence), first, last, FALSE });
}

void
few_refusals_drop (FewRefusals *refusals, guint id)
{
  g_return_if_fail (refusals != NULL);
  for (guint i = refusals->all->len; i > 0; i--)
    {
      const Refusal *refusal = &g_array_index (refusals->all, Refusal, i - 1);
      if (!refusal->own || refusal->first != id)
        continue;
      g_ptr_array_remove (refusals->told, refusal->sentence);
      g_array_remove_index (refusals->all, i - 1);
    }
}

void
few_refusals_replace (FewRefusals *refusals, const char *sentence, guint id)
{
  g_return_if_fail (refusals != NULL && sentence != NULL);
  few_refusals_drop (refusals, id);
  add (refusals, &(Refusal) { g_strdup (sentence), id, id, TRUE });
}

void
few_refusals_clear (FewRefusals *refusals)
{
  g_return_if_fail (refusals != NULL);
  g_ptr_array_set_size (refusals->told, 0);
  g_array_set_size (refusals->all, 0);
}

void
few_refusals_settle (FewRefusals *refusals)
{
  g_return_if_fail (refusals != NULL);
  g_ptr_array_set_size (refusals->told, 0);
  for (guint i = 0; i < refusals->all->len; i++)
    {
      const Refusal *refusal = &g_array_index (refusals->all, Refusal, i);
      if (is_told (refusals, refusal))
        g_ptr_array_add (refusals->told, refusal->sentence);
    }
}

GPtrArray *
few_refusals_get_told (FewRefusals *refusals)
{
  g_return_val_if_fail (refusals != NULL, NULL);
  return refusals->told;
}
