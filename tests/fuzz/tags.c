/* SPDX-License-Identifier: MIT */
/* Any bytes as a sidecar, which gets tags, loses them, and then has the keywords that it had; and
 * as a line of a journal. The first byte chooses. */
#include "fuzz.h"
#include "metadata/journal.h"
#include "metadata/sidecar.h"
#include <string.h>

static const FewTagOptions OPTIONS = { "Root/Two", "a model", "2024-01-01T00:00:00Z", FALSE };

static FewKeywords *
merge_and_write (FewXmp *xmp, const FewKeywords *before, guint n_tags)
{
  static const FewTag tag = { "owl|a/b", 0.5 };
  FewTagsOutcome outcome;
  FewKeywords *after = few_keywords_merge (before, &tag, n_tags, &OPTIONS, "", &outcome);
  g_assert_true (!after || few_keywords_write (after, before, xmp, NULL));
  return after;
}

static void
try_sidecar (const char *text, gsize length)
{
  g_autoptr (GHashTable) values = NULL;
  if (!few_sidecar_check (text, length, "fuzz", &values, NULL))
    return;
  g_autoptr (FewXmp) xmp = few_xmp_new (text, length, "fuzz", NULL);
  g_autoptr (FewKeywords) before = xmp ? few_keywords_read (xmp, NULL) : NULL;
  if (!before)
    return;
  g_autoptr (FewKeywords) tagged = merge_and_write (xmp, before, 1);
  g_autofree char *written = few_xmp_to_sidecar (xmp, NULL);
  g_autoptr (GError) error = NULL;
  if (written && !few_sidecar_check (written, strlen (written), "ours", NULL, &error))
    g_printerr ("%s\n", written);
  g_assert_no_error (error);
  g_assert_nonnull (written);
  g_autoptr (FewKeywords) none = merge_and_write (xmp, tagged ? tagged : before, 0);
  for (guint l = 0; l < FEW_KEYWORD_LISTS && before->marks->len == 0; l++)
    g_assert_cmpuint (none->lists[l]->len, ==, before->lists[l]->len);
}

static void
try_line (const char *line, gsize length)
{
  g_free (few_journal_head_parse (line, length, "fuzz", NULL));
  g_auto (FewJournalEntry) entry = { 0 };
  if (!few_journal_entry_parse (line, length, "fuzz", &entry, NULL))
    return;
  g_autofree char *again = few_journal_entry_to_line (&entry);
  g_auto (FewJournalEntry) same = { 0 };
  g_assert_true (few_journal_entry_parse (again, strlen (again), "ours", &same, NULL));
  g_assert_cmpstr (same.file, ==, entry.file);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;
  g_autofree char *text = g_malloc (size);
  memcpy (text, data + 1, size - 1);
  text[size - 1] = '\0';
  if (data[0] == 'j')
    try_line (text, size - 1);
  else
    try_sidecar (text, size - 1);
  return 0;
}
