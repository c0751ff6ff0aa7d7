/* SPDX-License-Identifier: MIT */
/* How many pictures there are of what. */
#include "session/few-census.h"

void
few_census_count (FewCensus *census, FewClass *klass, const GPtrArray *further, gboolean test,
                  int by)
{
  g_return_if_fail (census != NULL && FEW_IS_CLASS (klass));
  guint more = (guint) by; /* unsigned numbers wrap */
  gboolean labelled = !few_class_is_none (klass);
  census->tests += test ? more : 0;
  census->class_tests += test && labelled ? more : 0;
  census->labelled += labelled ? more : 0;
  few_class_count_picture (klass, by);
  for (guint i = 0; further && i < further->len; i++)
    few_class_count_picture (further->pdata[i], by);
}
