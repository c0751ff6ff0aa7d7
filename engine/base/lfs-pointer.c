/* SPDX-License-Identifier: MIT */
/* Pointers of Git LFS: "version https://git-lfs.github.com/spec/v1", "oid sha256:…", "size N". */
#include "base/lfs-pointer.h"
#include "base/error.h"
#include <string.h>

/* " (605 MB)", or nothing for less than one. Free with g_free. */
static char *
stated_size (const char *data, gsize size)
{
  g_autofree char *text = g_strndup (data, size);
  const char *line = strstr (text, "\nsize ");
  guint64 bytes = line ? g_ascii_strtoull (line + strlen ("\nsize "), NULL, 10) : 0;
  return bytes >= 1000000 ? g_strdup_printf (" (%" G_GUINT64_FORMAT " MB)", bytes / 1000000)
                          : g_strdup ("");
}

gboolean
few_lfs_check (const char *data, gsize size, const char *shown, GError **error)
{
  /* the two names that the specification has had */
  static const char *const starts[] = { "version https://git-lfs.github.com/spec/",
                                        "version https://hawser.github.com/spec/" };
  for (guint i = 0; i < G_N_ELEMENTS (starts) && size <= FEW_LFS_POINTER_MOST; i++)
    if (size >= strlen (starts[i]) && memcmp (data, starts[i], strlen (starts[i])) == 0)
      {
        g_autofree char *stated = stated_size (data, size);
        few_fail (error, INPUT,
                  "%s is a Git LFS pointer, a note in the place of the file itself%s, which was "
                  "not fetched. Run “git lfs pull” in its folder, or fetch the file from where it "
                  "was published.",
                  shown, stated);
        return FALSE;
      }
  return TRUE;
}
