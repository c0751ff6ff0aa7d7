/* SPDX-License-Identifier: MIT */
/* Training pictures a class: the numbers that a person types, and the most that there are. */
#pragma once
#include <fewshot.h>

G_BEGIN_DECLS
/* "1, 4 2" into shots [most], from few to many, each once; returns how many there are, 0 when the
 * text is no such list. */
guint few_shots_parse (const char *text, guint *shots, guint most);
/* The other way: "1, 4"; free with g_free. */
char *few_shots_write (const guint *shots, guint n);
/* Of the largest class, or label, once half of it is held out. */
guint few_shots_count_most (const FewLabelled *pictures, guint n_classes);
/* FALSE with a sentence when even the least shots are more than `most`. */
gboolean few_shots_check (const guint *shots, guint n, guint most, GError **error);
/* Those [n] that are no more than `most`, into spared [n]; returns how many they are. */
guint few_shots_spare (const guint *shots, guint n, guint most, guint *spared);
G_END_DECLS
