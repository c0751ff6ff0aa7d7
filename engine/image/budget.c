/* SPDX-License-Identifier: MIT */
/* Counts the bytes that decoders hold, and lets those wait that want more than is left. */
#include "image/budget.h"

struct FewDecodeBudget
{
  gatomicrefcount refs;
  GMutex lock;
  GCond changed;
  guint64 bytes, used, peak;
};

FewDecodeBudget *
few_decode_budget_new (guint64 bytes)
{
  FewDecodeBudget *budget = g_new0 (FewDecodeBudget, 1);
  g_atomic_ref_count_init (&budget->refs);
  budget->bytes = bytes;
  g_mutex_init (&budget->lock);
  g_cond_init (&budget->changed);
  return budget;
}

FewDecodeBudget *
few_decode_budget_ref (FewDecodeBudget *budget)
{
  g_return_val_if_fail (budget != NULL, NULL);
  g_atomic_ref_count_inc (&budget->refs);
  return budget;
}

void
few_decode_budget_unref (FewDecodeBudget *budget)
{
  g_return_if_fail (budget != NULL);
  if (!g_atomic_ref_count_dec (&budget->refs))
    return;
  g_mutex_clear (&budget->lock);
  g_cond_clear (&budget->changed);
  g_free (budget);
}

void
few_decode_budget_take (FewDecodeBudget *budget, guint64 bytes)
{
  g_mutex_lock (&budget->lock);
  while (budget->used > 0 && budget->used + bytes > budget->bytes)
    g_cond_wait (&budget->changed, &budget->lock);
  budget->used += bytes;
  budget->peak = MAX (budget->peak, budget->used);
  g_mutex_unlock (&budget->lock);
}

void
few_decode_budget_give (FewDecodeBudget *budget, guint64 bytes)
{
  g_mutex_lock (&budget->lock);
  budget->used -= bytes;
  g_cond_broadcast (&budget->changed);
  g_mutex_unlock (&budget->lock);
}

guint64
few_decode_budget_peak (FewDecodeBudget *budget)
{
  g_mutex_lock (&budget->lock);
  guint64 peak = budget->peak;
  g_mutex_unlock (&budget->lock);
  return peak;
}
