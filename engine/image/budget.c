/* SPDX-License-Identifier: MIT */
/* Counts the bytes that decoders hold, and lets those wait that want more than is left. */
#include "image/budget.h"

struct FewDecodeBudget
{
  GMutex lock;
  GCond changed;
  guint64 bytes, used, peak;
};

FewDecodeBudget *
few_decode_budget_new (guint64 bytes)
{
  FewDecodeBudget *budget = g_new0 (FewDecodeBudget, 1);
  budget->bytes = bytes;
  g_mutex_init (&budget->lock);
  g_cond_init (&budget->changed);
  return budget;
}

void
few_decode_budget_free (FewDecodeBudget *budget)
{
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
