/* SPDX-License-Identifier: MIT */
/* In which row of a snapshot a picture is, by its number. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS
typedef struct FewRows FewRows;

FewRows *few_rows_new (void);
void few_rows_free (FewRows *rows);
/* Of these n pictures, each once; copied. Quick where the numbers grow, as those of a project do of
 * which nothing was put between others. */
void few_rows_number (FewRows *rows, const guint32 *ids, guint n);
/* −1: in none. */
int few_rows_find (const FewRows *rows, guint32 id);
G_END_DECLS
