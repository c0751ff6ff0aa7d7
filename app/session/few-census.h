/* SPDX-License-Identifier: MIT */
/* How many pictures there are of what, kept up to date by each that changes: nobody walks through
 * all of them to know. Files that could not be read are no pictures. */
#pragma once
#include "session/few-class.h"

G_BEGIN_DECLS
typedef struct
{
  guint tests;       /* always tested on, whether of a class or of none */
  guint class_tests; /* so, and of a class */
  guint labelled;    /* of any class */
} FewCensus;

/* One more (1), or one less (−1), that is of this class and of further ones (FewClass; NULL: none);
 * the classes count it, too. */
void few_census_count (FewCensus *census, FewClass *klass, const GPtrArray *further, gboolean test,
                       int by);
G_END_DECLS
