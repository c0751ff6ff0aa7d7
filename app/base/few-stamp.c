/* SPDX-License-Identifier: MIT */
/* Identity and times of files. */
#include "base/few-stamp.h"
#include <sys/stat.h>

FewStamp
few_stamp_of (const char *path)
{
  struct stat info;
  FewStamp stamp = { 0 };
  g_return_val_if_fail (path, stamp);
  if (stat (path, &info) != 0)
    return stamp;
  stamp.exists = TRUE;
  stamp.device = info.st_dev;
  stamp.inode = info.st_ino;
  stamp.size = (guint64) info.st_size;
  stamp.modified = info.st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) + info.st_mtim.tv_nsec;
  stamp.touched = info.st_ctim.tv_sec * G_GINT64_CONSTANT (1000000000) + info.st_ctim.tv_nsec;
  return stamp;
}

static gboolean
is_same_file (const FewStamp *a, const FewStamp *b)
{
  return a->exists && b->exists && a->device == b->device && a->inode == b->inode;
}

/* When it was touched does not count: that moves with a rename or a change of its mode. */
gboolean
few_stamp_is_equal (const FewStamp *a, const FewStamp *b)
{
  if (!a->exists || !b->exists)
    return a->exists == b->exists;
  return is_same_file (a, b) && a->size == b->size && a->modified == b->modified;
}

gboolean
few_stamp_is_one_file (const char *a, const char *b)
{
  if (!a || !b)
    return FALSE;
  FewStamp first = few_stamp_of (a);
  FewStamp second = few_stamp_of (b);
  return g_str_equal (a, b) || is_same_file (&first, &second);
}
