/* SPDX-License-Identifier: MIT */
/* Tags of one picture: read, merged, written whole. */
#include <fewshot/tags.h>
#include "base/error.h"
#include "base/file.h"
#include "metadata/inside.h"
#include "metadata/journal.h"
#include "metadata/sidecar.h"
#include <fewshot/atomic-file.h>
#include <glib/gstdio.h>
#include <string.h>

struct FewTagEdit
{
  char *file;
  gboolean inside;
  FewTagsOutcome outcome;
  FewXmp *xmp;
  FewKeywords *before, *after; /* after: NULL: nothing is to be written */
  char *text;                  /* a sidecar's, as it was read; NULL: there was none */
  gsize length;
  char *sum; /* SHA-256 of the picture that is written into */
};

gboolean
few_tags_available (GError **error)
{
  return few_xmp_available (error);
}

/* ---- reading */

static gboolean
read_sidecar (FewTagEdit *edit, GError **error)
{
  g_autofree char *shown = g_filename_display_name (edit->file);
  GStatBuf info;
  if (g_lstat (edit->file, &info) == 0)
    {
      edit->text = few_file_read (edit->file, FEW_SIDECAR_MOST, &edit->length, error);
      if (!edit->text)
        return FALSE;
    }
  edit->xmp = few_xmp_new (edit->text, edit->length, shown, error);
  return edit->xmp != NULL;
}

static gboolean
read_picture (FewTagEdit *edit, GError **error)
{
  edit->sum = few_inside_sum (edit->file, error);
  edit->xmp = edit->sum ? few_xmp_open (edit->file, error) : NULL;
  return edit->xmp != NULL;
}

/* Its name where the file may be that of several pictures. */
static char *
owner_in (const char *picture, const char *file)
{
  g_autofree char *own = g_strconcat (picture, ".xmp", NULL);
  if (g_str_equal (own, file) || g_str_equal (picture, file))
    return g_strdup ("");
  g_autofree char *name = g_path_get_basename (picture);
  return g_filename_display_name (name);
}

FewTagEdit *
few_tag_edit_new (const char *picture, const FewTag *tags, guint n_tags,
                  const FewTagOptions *options, GError **error)
{
  g_return_val_if_fail (picture != NULL && options != NULL, NULL);
  if (!few_xmp_available (error))
    return NULL;
  g_autoptr (FewTagEdit) edit = g_new0 (FewTagEdit, 1);
  g_autofree char *path = g_canonicalize_filename (picture, NULL);
  edit->inside = options->inside;
  edit->file = edit->inside ? g_strdup (path) : few_sidecar_find (path);
  if (!(edit->inside ? read_picture (edit, error) : read_sidecar (edit, error)))
    return NULL;
  edit->before = few_keywords_read (edit->xmp, error);
  if (!edit->before)
    return NULL;
  g_autofree char *of = owner_in (path, edit->file);
  edit->after = few_keywords_merge (edit->before, tags, n_tags, options, of, &edit->outcome);
  return g_steal_pointer (&edit);
}

void
few_tag_edit_free (FewTagEdit *edit)
{
  g_clear_pointer (&edit->xmp, few_xmp_free);
  g_clear_pointer (&edit->before, few_keywords_free);
  g_clear_pointer (&edit->after, few_keywords_free);
  g_free (edit->file);
  g_free (edit->text);
  g_free (edit->sum);
  g_free (edit);
}

FewTagsOutcome
few_tag_edit_outcome (const FewTagEdit *edit)
{
  g_return_val_if_fail (edit != NULL, FEW_TAGS_SAME);
  return edit->outcome;
}

const char *
few_tag_edit_file (const FewTagEdit *edit)
{
  g_return_val_if_fail (edit != NULL, NULL);
  return edit->file;
}

/* ---- writing */

static gboolean
fail_changed (const FewTagEdit *edit, GError **error)
{
  g_autofree char *shown = g_filename_display_name (edit->file);
  few_fail (error, INPUT, "%s was changed by another program meanwhile: it is left alone.", shown);
  return FALSE;
}

/* A new sidecar takes no name that somebody has taken meanwhile. */
static gboolean
put_sidecar (const FewTagEdit *edit, const char *text, GError **error)
{
  g_autoptr (FewAtomicFile) file = edit->text ? few_atomic_file_new (edit->file, error)
                                              : few_atomic_file_new_only (edit->file, error);
  return file && few_atomic_file_write (file, text, strlen (text), error)
         && few_atomic_file_commit (file, error);
}

static gboolean
write_sidecar (const FewTagEdit *edit, FewTagJournal *journal, GError **error)
{
  gsize length;
  g_autofree char *now =
      edit->text ? few_file_read (edit->file, FEW_SIDECAR_MOST, &length, error) : NULL;
  if (edit->text && !now)
    return FALSE;
  if (now && (length != edit->length || memcmp (now, edit->text, length) != 0))
    return fail_changed (edit, error);
  g_autofree char *text = few_xmp_to_sidecar (edit->xmp, error);
  if (!text)
    return FALSE;
  g_autofree char *after = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  g_autofree char *was =
      now ? g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guchar *) now, length) : NULL;
  const FewJournalEntry entry = {
    .file = edit->file, .was = was, .after = after, .text = edit->text, .length = edit->length
  };
  return few_tag_journal_add (journal, &entry, error) && put_sidecar (edit, text, error);
}

static gboolean
write_picture (const FewTagEdit *edit, FewTagJournal *journal, GError **error)
{
  g_autoptr (FewInside) made = few_inside_new (edit->file, edit->xmp, error);
  if (!made)
    return FALSE;
  if (!g_str_equal (few_inside_was (made), edit->sum))
    return fail_changed (edit, error);
  const FewJournalEntry entry = { .file = edit->file,
                                  .inside = TRUE,
                                  .was = edit->sum,
                                  .after = (char *) few_inside_after (made),
                                  .keywords = edit->before };
  return few_tag_journal_add (journal, &entry, error) && few_inside_commit (made, error);
}

gboolean
few_tag_edit_write (FewTagEdit *edit, FewTagJournal *journal, GError **error)
{
  g_return_val_if_fail (edit != NULL && journal != NULL, FALSE);
  if (!edit->after)
    return TRUE;
  if (!few_keywords_write (edit->after, edit->before, edit->xmp, error))
    return FALSE;
  return edit->inside ? write_picture (edit, journal, error) : write_sidecar (edit, journal, error);
}

/* ---- keywords that are there */

static void
add_keyword (GPtrArray *found, GHashTable *seen, const char *value, const char *separators)
{
  const char *last = value;
  for (const char *p = value; *p; p++)
    if (strchr (separators, *p) && p[1])
      last = p + 1;
  g_autofree char *name = g_strstrip (g_strdup (last));
  if (*name && g_hash_table_add (seen, g_strdup (name)))
    g_ptr_array_add (found, g_steal_pointer (&name));
}

static void
add_keywords (GPtrArray *found, GHashTable *seen, FewXmp *xmp)
{
  static const char *const separators[FEW_KEYWORD_LISTS] = { "", "|", "/" };
  g_autoptr (FewKeywords) keywords = few_keywords_read (xmp, NULL);
  for (guint l = 0; keywords && l < FEW_KEYWORD_LISTS; l++)
    for (guint i = 0; i < keywords->lists[l]->len; i++)
      add_keyword (found, seen, keywords->lists[l]->pdata[i], separators[l]);
  g_auto (GStrv) iptc = few_xmp_get_list (xmp, "Iptc.Application2.Keywords");
  for (char **value = iptc; *value; value++)
    add_keyword (found, seen, *value, "");
}

char **
few_tags_read (const char *picture, GError **error)
{
  g_return_val_if_fail (picture != NULL, NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  FewTagEdit beside = { .file = few_sidecar_find (picture) };
  gboolean ok = few_xmp_available (error) && read_sidecar (&beside, error);
  if (ok)
    add_keywords (found, seen, beside.xmp);
  g_clear_pointer (&beside.xmp, few_xmp_free);
  g_free (beside.file);
  g_free (beside.text);
  g_autoptr (FewXmp) inside = ok ? few_xmp_open (picture, error) : NULL;
  if (!inside)
    return NULL;
  add_keywords (found, seen, inside);
  g_ptr_array_add (found, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&found), FALSE);
}
