/* SPDX-License-Identifier: MIT */
/* Numbers of training pictures, typed and counted. */
#include "session/few-shots.h"
#include <glib/gi18n.h>

guint
few_shots_parse (const char *text, guint *shots, guint most)
{
  g_return_val_if_fail (text && shots, 0);
  g_auto (GStrv) parts = g_strsplit_set (text, ", ", -1);
  guint n = 0;
  for (char **part = parts; *part; part++)
    {
      guint64 value;
      if (**part == '\0')
        continue;
      if (n == most || !g_ascii_string_to_unsigned (*part, 10, 1, 100000, &value, NULL))
        return 0;
      shots[n++] = (guint) value;
    }
  return n;
}

guint
few_shots_count_most (const FewLabelled *pictures, guint n_classes)
{
  g_return_val_if_fail (pictures, 0);
  g_autofree guint *counts = g_new0 (guint, n_classes + 1);
  guint most = 0;
  gboolean given = FALSE; /* a person has said what to test on: nothing is held out */
  for (guint i = 0; i < pictures->n; i++)
    {
      gboolean pinned = pictures->pinned && pictures->pinned[i];
      given |= pinned;
      counts[pictures->labels[i]] += !pinned;
    }
  for (guint k = 0; k < n_classes; k++)
    most = MAX (most, given ? counts[k] : counts[k] - counts[k] / 2);
  return most;
}

gboolean
few_shots_check (guint least, guint most, GError **error)
{
  if (least > most)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   ngettext ("%u shot is more than the classes have: half of their pictures are "
                             "kept to test on, which leaves %u at most.",
                             "%u shots are more than the classes have: half of their pictures "
                             "are kept to test on, which leaves %u at most.",
                             least),
                   least, most);
      return FALSE;
    }
  return TRUE;
}
