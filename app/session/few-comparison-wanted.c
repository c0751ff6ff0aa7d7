/* SPDX-License-Identifier: MIT */
/* Which methods are wanted, with how many pictures, by what measure. */
#include "session/few-comparison-private.h"

guint
few_comparison_get_n_methods (FewComparison *self)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), 0);
  return few_entrants_count (self->methods);
}

static FewEntrant *
method_at (FewComparison *self, guint i)
{
  return few_entrants_get (self->methods, i);
}

const char *
few_comparison_get_title (FewComparison *self, guint i)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), NULL);
  return method_at (self, i)->title;
}

const char *
few_comparison_get_specification (FewComparison *self, guint i)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), NULL);
  return method_at (self, i)->specification;
}

gboolean
few_comparison_offers (FewComparison *self, guint i)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), FALSE);
  return few_entrant_suits (method_at (self, i), few_desk_get_model (self->desk),
                            few_examples_is_several (self->examples));
}

gboolean
few_comparison_get_enabled (FewComparison *self, guint i)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), FALSE);
  return method_at (self, i)->enabled && few_comparison_offers (self, i);
}

void
few_comparison_set_enabled (FewComparison *self, guint i, gboolean enabled)
{
  g_return_if_fail (FEW_IS_COMPARISON (self));
  method_at (self, i)->enabled = enabled;
  g_signal_emit_by_name (self, "changed");
}

gboolean
few_comparison_add_method (FewComparison *self, const char *specification, GError **error)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), FALSE);
  guint before = few_entrants_count (self->methods);
  if (!few_entrants_add (self->methods, specification, few_examples_is_several (self->examples),
                         error))
    return FALSE;
  if (few_entrants_count (self->methods) > before)
    g_signal_emit_by_name (self, "methods");
  else
    g_signal_emit_by_name (self, "changed");
  return TRUE;
}

const char *
few_comparison_get_shots_text (FewComparison *self)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), NULL);
  return self->shots_text;
}

guint
few_comparison_get_seeds (FewComparison *self)
{
  g_return_val_if_fail (FEW_IS_COMPARISON (self), 0);
  return self->seeds;
}

void
few_comparison_set_measure (FewComparison *self, FewMeasure measure)
{
  g_return_if_fail (FEW_IS_COMPARISON (self));
  g_return_if_fail (measure != FEW_MEASURE_ACCURACY);
  if (self->measure == measure)
    return;
  self->measure = measure;
  g_signal_emit_by_name (self, "changed");
}
