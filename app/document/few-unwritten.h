/* SPDX-License-Identifier: MIT */
/* What was changed and is not on disk yet, and since when: in the file that it belongs to, and in
 * the draft beside it while that file cannot be written. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS
typedef struct
{
  gboolean dirty; /* changed since the file was written */
  gboolean newer; /* changed since the file or the draft was written */
  gboolean dirty_before, newer_before; /* the same as the saving under way began */
  gint64 since; /* µs, of the first change that nothing on disk has */
} FewUnwritten;

/* TRUE when everything was on disk, in the file or in the draft, until now. */
gboolean few_unwritten_note (FewUnwritten *unwritten);
void few_unwritten_begin (FewUnwritten *unwritten);
/* The saving ended well; home: where it belongs, not in a draft beside it. */
void few_unwritten_succeed (FewUnwritten *unwritten, gboolean home);
void few_unwritten_fail (FewUnwritten *unwritten);
void few_unwritten_forget (FewUnwritten *unwritten);
/* ms that are left of `delay` from the first change that is not on disk, not from the last, nor
 * from the end of a slow saving: a hand that never rests loses no more than one that does. */
guint few_unwritten_get_delay (const FewUnwritten *unwritten, guint delay);
G_END_DECLS
