/* SPDX-License-Identifier: MIT */
/* CLIP's byte pair encoding, from the vocabularies that models come with. */
#include "text/tokenizer-kind.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* More ids than any context holds: the rest of the text is not looked at. */
enum { MAX_VOCABULARY = 1 << 20, MAX_WORD_BYTES = 4096, MAX_IDS = 1024 };

typedef struct
{
  GHashTable *ids;    /* symbol → id + 1 */
  GHashTable *merges; /* pair of ids → rank and result */
  gint32 start, end;
  gint32 byte[256], last_byte[256]; /* a byte inside a word, and the same with </w> */
  gboolean plain;                   /* text is cleaned as Hugging Face does, not as OpenAI */
} ClipTokenizer;

typedef struct
{
  guint64 pair;
  guint32 rank;
  gint32 result;
} Merge;

static void
free_clip (gpointer self)
{
  ClipTokenizer *tokenizer = self;
  g_clear_pointer (&tokenizer->ids, g_hash_table_unref);
  g_clear_pointer (&tokenizer->merges, g_hash_table_unref);
  g_free (tokenizer);
}

/* The visible character that stands for a byte (OpenAI, bytes_to_unicode). */
static gunichar
byte_character (guint byte)
{
  guint hidden = 0;
  for (guint b = 0; b < 256; b++)
    {
      gboolean visible = (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
      if (b == byte)
        return visible ? b : 256 + hidden;
      hidden += !visible;
    }
  g_assert_not_reached ();
}

static gint32
id_of (const ClipTokenizer *tokenizer, const char *symbol)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (tokenizer->ids, symbol)) - 1;
}

static gboolean
read_vocabulary (ClipTokenizer *tokenizer, JsonObject *object, guint vocab_size, const char *name,
                 GError **error)
{
  JsonObjectIter iter;
  const char *symbol;
  JsonNode *node;
  if (json_object_get_size (object) > MAX_VOCABULARY)
    {
      few_fail (error, LIMIT, "%s lists more than a million tokens.", name);
      return FALSE;
    }
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &symbol, &node))
    {
      gint64 id = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64
                      ? json_node_get_int (node)
                      : -1;
      if (id < 0 || id >= vocab_size)
        {
          few_fail (error, FORMAT,
                    "%s: token “%s” has an id that the model (%u tokens) does not know. The "
                    "tokenizer belongs to another model.",
                    name, symbol, vocab_size);
          return FALSE;
        }
      g_hash_table_insert (tokenizer->ids, g_strdup (symbol), GINT_TO_POINTER ((gint32) id + 1));
    }
  tokenizer->start = id_of (tokenizer, "<|startoftext|>");
  tokenizer->end = id_of (tokenizer, "<|endoftext|>");
  gboolean complete = tokenizer->start >= 0 && tokenizer->end >= 0;
  for (guint b = 0; b < 256 && complete; b++)
    {
      char symbol_text[16] = { 0 };
      int length = g_unichar_to_utf8 (byte_character (b), symbol_text);
      tokenizer->byte[b] = id_of (tokenizer, symbol_text);
      memcpy (symbol_text + length, "</w>", 5);
      tokenizer->last_byte[b] = id_of (tokenizer, symbol_text);
      complete = tokenizer->byte[b] >= 0 && tokenizer->last_byte[b] >= 0;
    }
  if (!complete)
    few_fail (
        error, FORMAT,
        "%s is not a CLIP vocabulary: it lacks the start token, the end token or a byte symbol.",
        name);
  return complete;
}

static void
add_merge (ClipTokenizer *tokenizer, const char *left, const char *right)
{
  g_autofree char *both = g_strconcat (left, right, NULL);
  gint32 a = id_of (tokenizer, left);
  gint32 b = id_of (tokenizer, right);
  gint32 result = id_of (tokenizer, both);
  if (a < 0 || b < 0 || result < 0)
    return; /* a merge that can never apply */
  Merge *merge = g_new (Merge, 1);
  merge->pair = (guint64) (guint32) a << 32 | (guint32) b;
  merge->rank = g_hash_table_size (tokenizer->merges);
  merge->result = result;
  if (g_hash_table_contains (tokenizer->merges, &merge->pair))
    g_free (merge);
  else
    g_hash_table_insert (tokenizer->merges, &merge->pair, merge);
}

static void
add_merge_line (ClipTokenizer *tokenizer, const char *line)
{
  g_auto (GStrv) parts = g_strsplit_set (line, " \r", 3);
  if (parts[0] && parts[1] && *parts[0] && *parts[1])
    add_merge (tokenizer, parts[0], parts[1]);
}

/* NULL when it is no string. */
static const char *
get_text (JsonNode *node)
{
  gboolean is_text =
      JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
  return is_text ? json_node_get_string (node) : NULL;
}

static gboolean
read_merges_file (ClipTokenizer *tokenizer, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize length;
  text = few_file_read (path, FEW_SMALL_FILE, &length, error);
  if (!text)
    return FALSE;
  if (!g_utf8_validate (text, (gssize) length, NULL))
    {
      few_fail (error, FORMAT, "%s is not UTF-8 text.", path);
      return FALSE;
    }
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line; line++)
    if (!g_str_has_prefix (*line, "#version"))
      add_merge_line (tokenizer, *line);
  return TRUE;
}

static gboolean
read_tokenizer_json (ClipTokenizer *tokenizer, const char *path, guint vocab_size, GError **error)
{
  g_autoptr (JsonNode) root = few_json_load (path, error);
  if (!root)
    return FALSE;
  JsonObject *model = few_json_object (json_node_get_object (root), "model", NULL);
  JsonObject *vocabulary = model ? few_json_object (model, "vocab", NULL) : NULL;
  JsonArray *merges = model ? few_json_array (model, "merges", NULL) : NULL;
  if (!vocabulary || !merges)
    {
      few_fail (error, FORMAT,
                "%s does not hold a byte-pair vocabulary (model.vocab and model.merges).", path);
      return FALSE;
    }
  if (!read_vocabulary (tokenizer, vocabulary, vocab_size, path, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (merges); i++)
    {
      JsonNode *node = json_array_get_element (merges, i);
      if (get_text (node))
        add_merge_line (tokenizer, get_text (node));
      else if (JSON_NODE_HOLDS_ARRAY (node)
               && json_array_get_length (json_node_get_array (node)) == 2)
        {
          JsonArray *pair = json_node_get_array (node);
          const char *left = get_text (json_array_get_element (pair, 0));
          const char *right = get_text (json_array_get_element (pair, 1));
          if (left && right)
            add_merge (tokenizer, left, right);
        }
    }
  return TRUE;
}

static gzFile
open_packed (const char *path, GError **error)
{
  g_autoptr (FewFile) file = few_file_open (path, FEW_SMALL_FILE, error);
  int fd = file ? dup (few_file_descriptor (file)) : -1;
  gzFile packed = fd >= 0 ? gzdopen (fd, "rb") : NULL;
  if (file && !packed)
    few_fail (error, INPUT, "%s cannot be opened.", path);
  if (fd >= 0 && !packed)
    close (fd);
  return packed;
}

/* OpenAI's own list, bpe_simple_vocab_16e6.txt.gz: a title, then merges, of which the first
 * vocab_size − 514 count. The vocabulary follows from them: the bytes, the bytes at a word's
 * end, what the merges make, the two marks (openai/CLIP simple_tokenizer.py). */
static gboolean
read_openai_merges (ClipTokenizer *tokenizer, const char *path, guint vocab_size, GError **error)
{
  gzFile file = open_packed (path, error);
  if (!file)
    return FALSE;
  g_autoptr (JsonObject) vocabulary = json_object_new ();
  g_autoptr (GPtrArray) merges = g_ptr_array_new_with_free_func (g_free);
  guint wanted = vocab_size > 514 ? vocab_size - 514 : 0;
  gint64 id = 0;
  for (guint end = 0; end < 2; end++)
    /* the visible bytes first, then the others, as byte_character orders them */
    for (guint pass = 0; pass < 2; pass++)
      for (guint b = 0; b < 256; b++)
        if ((byte_character (b) == b) == (pass == 0))
          {
            char symbol[16] = { 0 };
            int length = g_unichar_to_utf8 (byte_character (b), symbol);
            if (end)
              memcpy (symbol + length, "</w>", 5);
            json_object_set_int_member (vocabulary, symbol, id++);
          }
  char line[512]; /* the longest merge has 20 symbols */
  gboolean title = TRUE;
  while (merges->len < wanted && gzgets (file, line, sizeof line))
    {
      g_auto (GStrv) parts = g_strsplit (g_strchomp (line), " ", 3);
      if (!title && g_strv_length (parts) == 2 && g_utf8_validate (line, -1, NULL))
        {
          g_autofree char *both = g_strconcat (parts[0], parts[1], NULL);
          json_object_set_int_member (vocabulary, both, id++);
          g_ptr_array_add (merges, g_strdup (line));
        }
      else if (!title)
        break;
      title = FALSE;
    }
  gzclose (file);
  if (merges->len < wanted)
    {
      few_fail (error, FORMAT,
                "%s holds %u merges; the model (%u tokens) needs %u. Download it again.", path,
                merges->len, vocab_size, wanted);
      return FALSE;
    }
  json_object_set_int_member (vocabulary, "<|startoftext|>", id++);
  json_object_set_int_member (vocabulary, "<|endoftext|>", id++);
  if (!read_vocabulary (tokenizer, vocabulary, vocab_size, path, error))
    return FALSE;
  for (guint i = 0; i < merges->len; i++)
    add_merge_line (tokenizer, merges->pdata[i]);
  return TRUE;
}

static gboolean
read_files (ClipTokenizer *tokenizer, const char *folder, guint vocab_size, GError **error)
{
  g_autofree char *vocab = g_build_filename (folder, "vocab.json", NULL);
  g_autofree char *merges = g_build_filename (folder, "merges.txt", NULL);
  g_autofree char *single = g_build_filename (folder, "tokenizer.json", NULL);
  g_autofree char *openai = g_build_filename (folder, "bpe_simple_vocab_16e6.txt.gz", NULL);
  if (g_file_test (vocab, G_FILE_TEST_EXISTS) && g_file_test (merges, G_FILE_TEST_EXISTS))
    {
      g_autoptr (JsonNode) root = few_json_load (vocab, error);
      return root
             && read_vocabulary (tokenizer, json_node_get_object (root), vocab_size, vocab, error)
             && read_merges_file (tokenizer, merges, error);
    }
  if (g_file_test (single, G_FILE_TEST_EXISTS))
    return read_tokenizer_json (tokenizer, single, vocab_size, error);
  if (g_file_test (openai, G_FILE_TEST_EXISTS))
    return read_openai_merges (tokenizer, openai, vocab_size, error);
  few_fail (error, INPUT,
            "%s holds no tokenizer: put vocab.json and merges.txt, or tokenizer.json, or "
            "OpenAI's bpe_simple_vocab_16e6.txt.gz beside the weights.",
            folder);
  return FALSE;
}

FewTokenizer *
few_clip_tokenizer_open (const char *folder, guint vocab_size, gboolean plain, GError **error)
{
  ClipTokenizer *clip = g_new0 (ClipTokenizer, 1);
  g_autoptr (FewTokenizer) tokenizer = few_tokenizer_new (&few_clip_tokenizer, clip);
  clip->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  clip->merges = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  clip->plain = plain;
  if (!read_files (clip, folder, vocab_size, error))
    return NULL;
  tokenizer->cleaning = plain ? FEW_CLEAN_PLAIN : FEW_CLEAN_LOWER;
  g_array_append_val (tokenizer->before, clip->start);
  g_array_append_val (tokenizer->after, clip->end);
  tokenizer->padding = plain ? clip->end : 0;
  return g_steal_pointer (&tokenizer);
}

/* Byte-pair merging of one word, in place; returns the number of ids. */
static guint
merge_word (const ClipTokenizer *tokenizer, gint32 *ids, guint n)
{
  while (n > 1)
    {
      const Merge *best = NULL;
      for (guint i = 0; i + 1 < n; i++)
        {
          guint64 pair = (guint64) (guint32) ids[i] << 32 | (guint32) ids[i + 1];
          const Merge *merge = g_hash_table_lookup (tokenizer->merges, &pair);
          if (merge && (!best || merge->rank < best->rank))
            best = merge;
        }
      if (!best)
        break;
      guint kept = 0;
      for (guint i = 0; i < n; kept++)
        {
          gboolean here =
              i + 1 < n && ((guint64) (guint32) ids[i] << 32 | (guint32) ids[i + 1]) == best->pair;
          ids[kept] = here ? best->result : ids[i];
          i += here ? 2 : 1;
        }
      n = kept;
    }
  return n;
}

static gboolean
is_letter (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);
  return type == G_UNICODE_LOWERCASE_LETTER || type == G_UNICODE_UPPERCASE_LETTER
         || type == G_UNICODE_TITLECASE_LETTER || type == G_UNICODE_MODIFIER_LETTER
         || type == G_UNICODE_OTHER_LETTER;
}

static gboolean
is_number (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);
  return type == G_UNICODE_DECIMAL_NUMBER || type == G_UNICODE_LETTER_NUMBER
         || type == G_UNICODE_OTHER_NUMBER;
}

static gboolean
is_other (gunichar c)
{
  return !g_unichar_isspace (c) && !is_letter (c) && !is_number (c);
}

/* The end of the token that the pattern
 * <|startoftext|>|<|endoftext|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
 * matches at p. */
static const char *
token_end (const char *p)
{
  static const char *const whole[] = {
    "<|startoftext|>", "<|endoftext|>", "'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'ſ"
  }; /* the long s, whose capital is S, too */
  for (guint i = 0; i < G_N_ELEMENTS (whole); i++)
    if (g_str_has_prefix (p, whole[i]))
      return p + strlen (whole[i]);
  gunichar c = g_utf8_get_char (p);
  const char *q = g_utf8_next_char (p);
  if (is_number (c))
    return q;
  gboolean (*same) (gunichar) = is_letter (c) ? is_letter : is_other;
  while (*q && same (g_utf8_get_char (q)))
    q = g_utf8_next_char (q);
  return q;
}

/* The ids of what lies between two ends of tokens. */
static guint
encode_token (const ClipTokenizer *tokenizer, const char *p, const char *end, gint32 *word)
{
  if (g_str_has_prefix (p, "<|startoftext|>") || g_str_has_prefix (p, "<|endoftext|>"))
    {
      word[0] = p[2] == 's' ? tokenizer->start : tokenizer->end;
      return 1;
    }
  guint bytes = (guint) MIN (end - p, MAX_WORD_BYTES);
  for (guint i = 0; i < bytes; i++)
    word[i] = i + 1 < bytes ? tokenizer->byte[(guint8) p[i]] : tokenizer->last_byte[(guint8) p[i]];
  return merge_word (tokenizer, word, bytes);
}

static void
encode_clip (gconstpointer self, const char *text, FewIds *ids)
{
  gint32 word[MAX_WORD_BYTES];
  for (const char *p = text; *p && ids->len < MAX_IDS;)
    {
      gboolean space = g_unichar_isspace (g_utf8_get_char (p));
      const char *end = space ? g_utf8_next_char (p) : token_end (p);
      guint n = space ? 0 : encode_token (self, p, end, word);
      g_array_append_vals (ids, word, n);
      p = end;
    }
}

/* ---- which tokenizer it is */

static int
by_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static int
by_rank (gconstpointer a, gconstpointer b)
{
  const Merge *x = *(Merge *const *) a;
  const Merge *y = *(Merge *const *) b;
  return (x->rank > y->rank) - (x->rank < y->rank);
}

static GPtrArray *
sorted (GHashTable *table, gboolean keys, GCompareFunc order)
{
  GPtrArray *items = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_ptr_array_add (items, keys ? key : value);
  g_ptr_array_sort (items, order);
  return items;
}

static void
describe_clip (gconstpointer self, struct sha256_ctx *sum)
{
  const ClipTokenizer *tokenizer = self;
  const char *way = tokenizer->plain ? "plain" : "ftfy";
  g_autoptr (GPtrArray) symbols = sorted (tokenizer->ids, TRUE, by_text);
  g_autoptr (GPtrArray) merges = sorted (tokenizer->merges, FALSE, by_rank);
  sha256_update (sum, strlen (way), (const guint8 *) way);
  for (guint i = 0; i < symbols->len; i++)
    {
      const char *symbol = symbols->pdata[i];
      gint32 id = GINT32_TO_LE (id_of (tokenizer, symbol));
      sha256_update (sum, strlen (symbol) + 1, (const guint8 *) symbol);
      sha256_update (sum, sizeof id, (const guint8 *) &id);
    }
  for (guint i = 0; i < merges->len; i++)
    {
      const Merge *merge = merges->pdata[i];
      guint64 pair = GUINT64_TO_LE (merge->pair);
      sha256_update (sum, sizeof pair, (const guint8 *) &pair);
    }
}

/* ---- its symbols as text */

static void
list_clip (gconstpointer self, void (*func) (const char *text, gsize n, gpointer user),
           gpointer user)
{
  const ClipTokenizer *tokenizer = self;
  GHashTableIter iter;
  gpointer key;
  guint8 byte_of[512] = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint b = 0; b < 256; b++)
    byte_of[byte_character (b)] = (guint8) b;
  g_hash_table_iter_init (&iter, tokenizer->ids);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      g_string_truncate (text, 0);
      for (const char *p = key; *p && !g_str_equal (p, "</w>"); p = g_utf8_next_char (p))
        g_string_append_c (text, (char) byte_of[g_utf8_get_char (p) & 511]);
      func (text->str, text->len, user);
    }
}

const FewTokenizerKind few_clip_tokenizer = { "CLIP", free_clip, encode_clip, describe_clip,
                                              list_clip };
