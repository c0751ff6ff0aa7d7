/* SPDX-License-Identifier: MIT */
/* Read, compared and kept beside the new one. */
#include "common/labelled-card.h"
#include <fewshot.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

#define CARD "README.md"

/* NULL: there is none, or it cannot be read. */
static GBytes *
read_card (const char *path)
{
  enum { MOST = 1 << 20 };
  gsize length;
  char *text = few_file_read (path, MOST, &length, NULL);
  return text ? g_bytes_new_take (text, length) : NULL;
}

static gboolean
write_card (const char *path, GBytes *card, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (card, &length);
  return few_file_write (path, text, length, error);
}

/* Ours says so; what cannot be read is not ours. */
gboolean
few_labelled_card_check (const char *folder, GError **error)
{
  g_return_val_if_fail (folder, FALSE);
  g_autofree char *path = g_build_filename (folder, CARD, NULL);
  g_autoptr (GBytes) card = read_card (path);
  gboolean ours = card && strstr (g_bytes_get_data (card, NULL), "written by Fewshot");
  if (ours || !g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  g_autofree char *shown = g_filename_display_name (path);
  g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
               /* Translators: a file */
               _ ("%s is there already and not from Fewshot: choose another folder, for the data "
                  "set’s card would take its place."),
               shown);
  return FALSE;
}

/* Beside those that were kept before, "README.md~", "README.md~2" …, unless it is one of them. */
static gboolean
keep_card (const char *folder, GBytes *card, char *kept, gsize size, GError **error)
{
  struct stat info;
  g_strlcpy (kept, CARD "~", size);
  for (guint number = 2;; number++)
    {
      g_autofree char *path = g_build_filename (folder, kept, NULL);
      g_autoptr (GBytes) there = read_card (path);
      if (there && g_bytes_equal (there, card))
        return TRUE;
      if (g_lstat (path, &info) != 0)
        return write_card (path, card, error);
      g_snprintf (kept, size, CARD "~%u", number);
    }
}

/* One that was there may have been completed by its owner, whom it asks to: it is kept beside. */
gboolean
few_labelled_card_write (const char *folder, const char *text, char *kept, gsize size,
                         GError **error)
{
  g_return_val_if_fail (folder && text && kept && size >= sizeof CARD "~4294967295", FALSE);
  g_autofree char *path = g_build_filename (folder, CARD, NULL);
  g_autoptr (GBytes) card = g_bytes_new (text, strlen (text));
  g_autoptr (GBytes) before = read_card (path);
  *kept = 0;
  if (before && !g_bytes_equal (before, card) && !keep_card (folder, before, kept, size, error))
    return FALSE;
  return write_card (path, card, error);
}
