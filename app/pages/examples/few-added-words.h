/* SPDX-License-Identifier: MIT */
/* What became of files that were imported, in words. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS
typedef struct
{
  guint classes;  /* that pictures came into; 0: into none of them */
  guint pictures; /* that came */
  guint labelled; /* that were there and got labels */
  guint left_out; /* files that are no pictures after all, or the same ones */
} FewAdded;

/* Free with g_free. */
char *few_added_words (const FewAdded *added);
G_END_DECLS
