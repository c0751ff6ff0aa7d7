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

/* What is to be written for one picture. */
typedef struct
{
  char *file;
  gboolean inside;
  FewTagsOutcome outcome;
  FewXmp *xmp;
  FewKeywords *before, *after; /* after: NULL: nothing is to be written */
  char *text;                  /* a sidecar's, as it was read; NULL: there was none */
  gsize length;
  char *sum; /* SHA-256 of the picture that is written into */
} Edit;

static void
clear_edit (Edit *edit)
{
  g_clear_pointer (&edit->xmp, few_xmp_free);
  g_clear_pointer (&edit->before, few_keywords_free);
  g_clear_pointer (&edit->after, few_keywords_free);
  g_free (edit->file);
  g_free (edit->text);
  g_free (edit->sum);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Edit, clear_edit)

gboolean
few_tags_available (GError **error)
{
  return few_xmp_available (error);
}

/* ---- reading */

static gboolean
read_sidecar (Edit *edit, GError **error)
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
read_picture (Edit *edit, GError **error)
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

static gboolean
begin_edit (Edit *edit, const char *picture, const FewTag *tags, guint n_tags,
            const FewTagOptions *options, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (picture, NULL);
  edit->inside = options->inside;
  edit->file = edit->inside ? g_strdup (path) : few_sidecar_find (path);
  if (!(edit->inside ? read_picture (edit, error) : read_sidecar (edit, error)))
    return FALSE;
  edit->before = few_keywords_read (edit->xmp, error);
  if (!edit->before)
    return FALSE;
  g_autofree char *of = owner_in (path, edit->file);
  edit->after = few_keywords_merge (edit->before, tags, n_tags, options, of, &edit->outcome);
  return TRUE;
}

/* ---- writing */

static gboolean
fail_changed (const Edit *edit, GError **error)
{
  g_autofree char *shown = g_filename_display_name (edit->file);
  few_fail (error, INPUT, "%s was changed by another program meanwhile: it is left alone.", shown);
  return FALSE;
}

/* A new sidecar takes no name that somebody has taken meanwhile. */
static gboolean
put_sidecar (const Edit *edit, const char *text, GError **error)
{
  g_autoptr (FewAtomicFile) file = edit->text ? few_atomic_file_new (edit->file, error)
                                              : few_atomic_file_new_only (edit->file, error);
  return file && few_atomic_file_write (file, text, strlen (text), error)
         && few_atomic_file_commit (file, error);
}

static gboolean
write_sidecar (const Edit *edit, FewTagJournal *journal, GError **error)
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
write_picture (const Edit *edit, FewTagJournal *journal, GError **error)
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

static gboolean
write_edit (Edit *edit, FewTagJournal *journal, GError **error)
{
  if (!edit->after)
    return TRUE;
  if (!few_keywords_write (edit->after, edit->before, edit->xmp, error))
    return FALSE;
  return edit->inside ? write_picture (edit, journal, error) : write_sidecar (edit, journal, error);
}

gboolean
few_tags_put (const char *picture, const FewTag *tags, guint n_tags, const FewTagOptions *options,
              FewTagJournal *journal, FewTagsOutcome *outcome, char **file, GError **error)
{
  g_return_val_if_fail (picture != NULL && options != NULL && outcome != NULL, FALSE);
  g_autoptr (GMutexLocker) turn G_GNUC_UNUSED = g_mutex_locker_new (few_xmp_turn ());
  g_auto (Edit) edit = { NULL };
  if (!few_xmp_available (error))
    return FALSE;
  if (journal)
    few_tag_journal_sweep (journal, picture);
  if (!begin_edit (&edit, picture, tags, n_tags, options, error)
      || (journal && !write_edit (&edit, journal, error)))
    return FALSE;
  *outcome = edit.outcome;
  if (file)
    *file = g_steal_pointer (&edit.file);
  return TRUE;
}
