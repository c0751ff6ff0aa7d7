/* SPDX-License-Identifier: MIT */
/* Numbers of training pictures, typed and counted. */
#include "session/few-shots.h"
#include <glib/gi18n.h>

/* At its place among those that there are. */
static void
insert (guint *shots, guint *n, guint value)
{
  guint at = 0;
  while (at < *n && shots[at] < value)
    at++;
  if (at < *n && shots[at] == value)
    return;
  for (guint i = (*n)++; i > at; i--)
    shots[i] = shots[i - 1];
  shots[at] = value;
}

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
      insert (shots, &n, (guint) value);
    }
  return n;
}

/* Of any number of labels, or of its one class. */
static void
count_picture (const FewLabelled *pictures, guint i, guint *counts)
{
  guint n = 1;
  const guint32 *labels =
      pictures->sets ? few_label_sets_get (pictures->sets, i, &n) : pictures->labels + i;
  for (guint l = 0; l < n; l++)
    counts[labels[l]]++;
}

char *
few_shots_write (const guint *shots, guint n)
{
  g_return_val_if_fail (n == 0 || shots != NULL, NULL);
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%u", i ? ", " : "", shots[i]);
  return g_string_free (text, FALSE);
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
      if (!pinned)
        count_picture (pictures, i, counts);
    }
  for (guint k = 0; k < n_classes; k++)
    most = MAX (most, given ? counts[k] : counts[k] - counts[k] / 2);
  return most;
}

guint
few_shots_spare (const guint *shots, guint n, guint most, guint *spared)
{
  g_return_val_if_fail (shots && spared, 0);
  guint left = 0;
  for (guint i = 0; i < n; i++)
    if (shots[i] <= most)
      spared[left++] = shots[i];
  return left;
}

gboolean
few_shots_check (const guint *shots, guint n, guint most, GError **error)
{
  guint least = G_MAXUINT;
  for (guint i = 0; i < n; i++)
    least = MIN (least, shots[i]);
  if (least > most)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   ngettext ("%u shot is more than the classes have: what is tested on is kept "
                             "aside, which leaves %u at most.",
                             "%u shots are more than the classes have: what is tested on is kept "
                             "aside, which leaves %u at most.",
                             least),
                   least, most);
      return FALSE;
    }
  return TRUE;
}
