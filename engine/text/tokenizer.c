/* SPDX-License-Identifier: MIT */
/* What all tokenizers share: cleaning, the ids around a text, what is cut, which scripts there
 * are. */
#include "text/tokenizer-kind.h"
#include "base/hex.h"
#include <string.h>

/* Fewer words than that of a script are there by accident: CLIP's English vocabulary has dozens of
 * some. */
enum { KNOWN_SCRIPT = 256, N_SCRIPTS = 32 * FEW_SCRIPT_WORDS };

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
  for (guint i = 0; i < n; i++)
    to[i] = g_array_index (ids, gint32, i);
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
  guint *counts = user;
  for (const char *p = text; p < text + n; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char_validated (p, text + n - p);
      if (c >= (gunichar) -2)
        return;
      if (!g_unichar_isalpha (c))
        continue;
      guint script = (guint) g_unichar_get_script (c);
      if (script < N_SCRIPTS)
        counts[script]++;
      return;
    }
}

void
few_tokenizer_scripts (const FewTokenizer *tokenizer, guint32 scripts[FEW_SCRIPT_WORDS])
{
  guint counts[N_SCRIPTS] = { 0 };
  tokenizer->kind->list (tokenizer->self, count_script, counts);
  memset (scripts, 0, FEW_SCRIPT_WORDS * sizeof *scripts);
  for (guint i = 0; i < N_SCRIPTS; i++)
    if (counts[i] >= KNOWN_SCRIPT)
      scripts[i / 32] |= 1u << i % 32;
}
