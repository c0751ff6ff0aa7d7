/* SPDX-License-Identifier: MIT */
/* What a file was when it was last read or written: how a change by somebody else is seen, and two
 * names of one file. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS
typedef struct
{
  gboolean exists;
  guint64 device, inode, size;
  gint64 modified; /* ns */
  gint64 touched;  /* ns: also a new mode, name or owner */
} FewStamp;

/* Through symbolic links. */
FewStamp few_stamp_of (const char *path);
/* Of two paths, either of which may be NULL. */
gboolean few_stamp_is_one_file (const char *a, const char *b);
/* The same file with the same content, as far as one sees from outside. */
gboolean few_stamp_is_equal (const FewStamp *a, const FewStamp *b);
G_END_DECLS
