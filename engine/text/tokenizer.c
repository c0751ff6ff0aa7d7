/* SPDX-License-Identifier: MIT */
/* What all tokenizers share: cleaning, the ids around a text, what is cut, which scripts there
 * are. */
#include "text/tokenizer-kind.h"
#include "base/hex.h"
#include <string.h>

/* Fewer words than that of a script are there by accident: CLIP's English vocabulary has dozens of
 * some. */
enum { KNOWN_SCRIPT = 256 };

FewTokenizer *
few_tokenizer_new (const FewTokenizerKind *kind, gpointer self)
{
  FewTokenizer *tokenizer = g_new0 (FewTokenizer, 1);
  tokenizer->kind = kind;
  tokenizer->self = self;
  tokenizer->before = g_array_new (FALSE, FALSE, sizeof (gint32));
  tokenizer->after = g_array_new (FALSE, FALSE, sizeof (gint32));
  tokenizer->dropped = -1;
  return tokenizer;
}

static void
append_ids (GString *text, const char *name, const FewIds *ids)
{
  g_string_append_printf (text, "%s=", name);
  for (guint i = 0; i < ids->len; i++)
    g_string_append_printf (text, "%d,", g_array_index (ids, gint32, i));
}

void
few_tokenizer_finish (FewTokenizer *tokenizer)
{
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, "cleaning=%d padding=%d dropped=%d ", tokenizer->cleaning,
                          tokenizer->padding, tokenizer->dropped);
  append_ids (text, "before", tokenizer->before);
  append_ids (text, "after", tokenizer->after);
  tokenizer->settings = g_string_free (text, FALSE);
}

void
few_tokenizer_free (FewTokenizer *tokenizer)
{
  tokenizer->kind->free (tokenizer->self);
  g_array_unref (tokenizer->before);
  g_array_unref (tokenizer->after);
  g_free (tokenizer->settings);
  g_free (tokenizer->scripts);
  g_free (tokenizer);
}

char *
few_tokenizer_sha256 (const FewTokenizer *tokenizer)
{
  struct sha256_ctx sum;
  guint8 digest[SHA256_DIGEST_SIZE];
  char *hex = g_malloc (2 * sizeof digest + 1);
  sha256_init (&sum);
  if (tokenizer->settings)
    sha256_update (&sum, strlen (tokenizer->settings), (const guint8 *) tokenizer->settings);
  tokenizer->kind->describe (tokenizer->self, &sum);
  sha256_digest (&sum, sizeof digest, digest);
  few_hex (digest, sizeof digest, hex);
  return hex;
}

static guint
copy_ids (gint32 *to, const FewIds *ids, guint n)
{
  memcpy (to, ids->data, n * sizeof (gint32));
  return n;
}

guint
few_tokenizer_encode (const FewTokenizer *tokenizer, const char *text, guint context, gint32 *ids,
                      gboolean *cut)
{
  g_autofree char *clean = few_text_clean_as (tokenizer->cleaning, text);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (gint32));
  tokenizer->kind->encode (tokenizer->self, clean, found);
  guint closing = MIN (tokenizer->after->len, context);
  guint opening = MIN (tokenizer->before->len, context - closing);
  guint room = context - closing - opening;
  guint n = copy_ids (ids, tokenizer->before, opening);
  n += copy_ids (ids + n, found, MIN (found->len, room));
  n += copy_ids (ids + n, tokenizer->after, closing);
  for (guint i = 0; i < n && tokenizer->dropped >= 0; i++)
    if (ids[i] == tokenizer->dropped)
      ids[i] = 0;
  if (cut)
    *cut = found->len > room;
  return n;
}

gint32
few_tokenizer_padding (const FewTokenizer *tokenizer)
{
  return tokenizer->padding;
}

gint32
few_tokenizer_end (const FewTokenizer *tokenizer)
{
  guint n = tokenizer->after->len;
  return n > 0 ? g_array_index (tokenizer->after, gint32, n - 1) : -1;
}

/* ---- scripts */

static void
count_script (const char *text, gsize n, gpointer user)
{
  guint16 *counts = user;
  for (const char *p = text; p < text + n; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char_validated (p, text + n - p);
      if (c >= (gunichar) -2)
        return;
      if (!g_unichar_isalpha (c))
        continue;
      GUnicodeScript script = g_unichar_get_script (c);
      if (script >= 0 && (guint) script < FEW_SCRIPTS && counts[script] < KNOWN_SCRIPT)
        counts[script]++;
      return;
    }
}

static const guint16 *
scripts_of (const FewTokenizer *tokenizer)
{
  FewTokenizer *own = (FewTokenizer *) tokenizer;
  if (g_once_init_enter (&own->scripts))
    {
      guint16 *counts = g_new0 (guint16, FEW_SCRIPTS);
      tokenizer->kind->list (tokenizer->self, count_script, counts);
      g_once_init_leave (&own->scripts, counts);
    }
  return tokenizer->scripts;
}

gboolean
few_tokenizer_reads (const FewTokenizer *tokenizer, const char *text, GUnicodeScript *script)
{
  const guint16 *counts = scripts_of (tokenizer);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  for (const char *p = valid; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      GUnicodeScript one = g_unichar_get_script (c);
      gboolean counted = g_unichar_isalpha (c) && one > G_UNICODE_SCRIPT_INHERITED
                         && (guint) one < FEW_SCRIPTS && one != G_UNICODE_SCRIPT_UNKNOWN;
      if (!counted || counts[one] >= KNOWN_SCRIPT)
        continue;
      if (script)
        *script = one;
      return FALSE;
    }
  return TRUE;
}
