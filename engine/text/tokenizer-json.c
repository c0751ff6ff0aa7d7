/* SPDX-License-Identifier: MIT */
/* One pass over the file: vocabulary and merges into tables, the rest aside as a smaller file. */
#include "text/tokenizer-json.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json-scan.h"
#include "base/json.h"
#include "base/words.h"
#include <math.h>
#include <nettle/sha2.h>
#include <string.h>

/* Symbols beyond the model's table that are passed over: SigLIP's multilingual vocabulary has a
 * hundred. */
enum { MOST_BEYOND = 256, BYTES_OF_MERGE = 40 /* about, in a file */ };

typedef struct
{
  FewJsonScan scan;
  FewPieces *pieces;
  GArray *scores;      /* double */
  GString *text, *other;
  GString *rest;       /* JSON without vocabulary and merges */
  guint vocab_size, beyond;
  gboolean has_vocabulary, has_merges;
  FewJsonScan merges;  /* where they are, if they come first */
  gboolean merges_wait;
  const char *wrong;   /* a sentence's end: what is no fault of JSON's */
} Reader;

static gboolean
add_symbol (Reader *reader, double id)
{
  if (id < 0 || id != floor (id) || id >= 2 * FEW_MAX_SYMBOLS)
    reader->wrong = N_ ("a symbol's id is no number of one");
  else if (id >= reader->vocab_size)
    reader->beyond++;
  else if (!few_symbols_add (reader->pieces->symbols, reader->text->str, reader->text->len,
                             (gint32) id))
    reader->wrong = N_ ("its vocabulary has more than a million symbols, or one is too long");
  if (reader->beyond > MOST_BEYOND)
    reader->wrong = N_ ("its vocabulary is larger than the model's: it belongs to another model");
  return reader->wrong == NULL;
}

/* { symbol: id } */
static gboolean
read_ids (Reader *reader)
{
  FewJsonScan *scan = &reader->scan;
  double id = -1;
  if (!few_json_scan_enter (scan, '{'))
    return FALSE;
  while (few_json_scan_more (scan))
    if (!few_json_scan_key (scan, reader->text) || !few_json_scan_number (scan, &id)
        || !add_symbol (reader, id))
      return FALSE;
  return !scan->fault;
}

/* [[symbol, score]]: the place is the id. */
static gboolean
read_scores (Reader *reader)
{
  FewJsonScan *scan = &reader->scan;
  double score = 0;
  if (!few_json_scan_enter (scan, '['))
    return FALSE;
  while (few_json_scan_more (scan))
    {
      if (!few_json_scan_enter (scan, '[') || !few_json_scan_more (scan)
          || !few_json_scan_string (scan, reader->text) || !few_json_scan_more (scan)
          || !few_json_scan_number (scan, &score) || few_json_scan_more (scan)
          || !add_symbol (reader, reader->scores->len))
        return FALSE;
      if (!isfinite (score) || fabs (score) > 1e6)
        reader->wrong = N_ ("a symbol's score is no number");
      g_array_append_val (reader->scores, score);
    }
  return !scan->fault && !reader->wrong;
}

/* "a b" or ["a", "b"] */
static gboolean
read_merge (Reader *reader, FewJsonScan *scan)
{
  const char *gap;
  if (few_json_scan_peek (scan) == '[')
    {
      if (!few_json_scan_enter (scan, '[') || !few_json_scan_more (scan)
          || !few_json_scan_string (scan, reader->text) || !few_json_scan_more (scan)
          || !few_json_scan_string (scan, reader->other) || few_json_scan_more (scan))
        return FALSE;
      return few_pieces_add_merge (reader->pieces, reader->text->str, reader->text->len,
                                   reader->other->str, reader->other->len);
    }
  if (!few_json_scan_string (scan, reader->text))
    return FALSE;
  gap = memchr (reader->text->str, ' ', reader->text->len);
  if (!gap)
    return FALSE;
  gsize n = (gsize) (gap - reader->text->str);
  return few_pieces_add_merge (reader->pieces, reader->text->str, n, gap + 1,
                               reader->text->len - n - 1);
}

static gboolean
read_merges (Reader *reader, FewJsonScan *scan)
{
  if (!few_json_scan_enter (scan, '['))
    return FALSE;
  few_pieces_expect_merges (reader->pieces, (gsize) (scan->end - scan->at) / BYTES_OF_MERGE);
  while (few_json_scan_more (scan))
    if (!read_merge (reader, scan))
      {
        reader->wrong = N_ ("a merge is not of two symbols, or there are too many");
        return FALSE;
      }
  return !scan->fault;
}

static void
set_aside (Reader *reader, const char *key)
{
  g_string_append_len (reader->rest, key, reader->scan.at - key);
  g_string_append_c (reader->rest, ',');
}

static gboolean
read_model (Reader *reader)
{
  FewJsonScan *scan = &reader->scan;
  g_string_append (reader->rest, "\"model\":{");
  if (!few_json_scan_enter (scan, '{'))
    return FALSE;
  while (few_json_scan_more (scan))
    {
      few_json_scan_peek (scan);
      const char *key = scan->at;
      if (!few_json_scan_key (scan, reader->text))
        return FALSE;
      gboolean ok = TRUE;
      if (g_str_equal (reader->text->str, "vocab") && !reader->has_vocabulary)
        {
          reader->has_vocabulary = TRUE;
          ok = few_json_scan_peek (scan) == '[' ? read_scores (reader) : read_ids (reader);
        }
      else if (g_str_equal (reader->text->str, "merges") && !reader->has_merges)
        {
          reader->has_merges = TRUE;
          reader->merges = *scan;
          reader->merges_wait = !reader->has_vocabulary;
          ok = reader->merges_wait ? few_json_scan_skip (scan) : read_merges (reader, scan);
        }
      else if (few_json_scan_skip (scan))
        set_aside (reader, key);
      if (!ok || scan->fault)
        return FALSE;
    }
  g_string_append (reader->rest, "\"\":0},");
  return !scan->fault && (!reader->merges_wait || read_merges (reader, &reader->merges));
}

static gboolean
read_top (Reader *reader)
{
  FewJsonScan *scan = &reader->scan;
  gboolean model = FALSE;
  g_string_append_c (reader->rest, '{');
  if (!few_json_scan_enter (scan, '{'))
    return FALSE;
  while (few_json_scan_more (scan))
    {
      few_json_scan_peek (scan);
      const char *key = scan->at;
      if (!few_json_scan_key (scan, reader->text))
        return FALSE;
      if (g_str_equal (reader->text->str, "model") && !model)
        {
          model = TRUE;
          if (!read_model (reader))
            return FALSE;
        }
      else if (few_json_scan_skip (scan))
        set_aside (reader, key);
    }
  g_string_append (reader->rest, "\"\":0}");
  return few_json_scan_finish (scan);
}

/* ---- what the model says beside them */

/* The library's first files do not say which kind they hold. */
static const char *
guess_type (const Reader *reader, JsonObject *model)
{
  if (reader->has_merges)
    return "BPE";
  if (reader->scores->len > 0)
    return "Unigram";
  return json_object_has_member (model, "max_input_chars_per_word") ? "WordPiece" : "unnamed";
}

static const FewPiecesKind *
find_kind (const Reader *reader, JsonObject *model, const char **type)
{
  static const FewPiecesKind *const kinds[] = { &few_bpe_pieces, &few_unigram_pieces,
                                                &few_wordpiece_pieces };
  *type = few_json_string (model, "type", "", NULL);
  if (**type == 0)
    *type = guess_type (reader, model);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (*type, kinds[i]->name))
      return kinds[i];
  return NULL;
}

/* Members that must say nothing. */
static const char *
find_unknown (JsonObject *model)
{
  static const char *const known[] = { "type",
                                       "unk_id",
                                       "unk_token",
                                       "byte_fallback",
                                       "fuse_unk",
                                       "ignore_merges",
                                       "continuing_subword_prefix",
                                       "max_input_chars_per_word",
                                       "" };
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;
  json_object_iter_init (&iter, model);
  while (json_object_iter_next (&iter, &member, &node))
    {
      gboolean empty =
          JSON_NODE_HOLDS_NULL (node)
          || (JSON_NODE_HOLDS_VALUE (node) && g_strcmp0 (json_node_get_string (node), "") == 0);
      gboolean listed = FALSE;
      for (guint i = 0; i < G_N_ELEMENTS (known); i++)
        listed = listed || g_str_equal (member, known[i]);
      if (!listed && !empty)
        return member;
    }
  return NULL;
}

static gboolean
read_model_settings (Reader *reader, JsonObject *model, const char **bad)
{
  FewPieces *pieces = reader->pieces;
  const char *unknown = few_json_string (model, "unk_token", NULL, bad);
  gint64 unknown_id = few_json_int (model, "unk_id", -1, bad);
  const char *prefix = few_json_string (model, "continuing_subword_prefix", NULL, bad);
  gint64 longest = few_json_int (model, "max_input_chars_per_word", 100, bad);
  pieces->bytes_known = few_json_bool (model, "byte_fallback", FALSE, bad);
  pieces->fuse_unknown = few_json_bool (model, "fuse_unk", FALSE, bad);
  pieces->whole_first = few_json_bool (model, "ignore_merges", FALSE, bad);
  pieces->longest_word = (guint) CLAMP (longest, 0, FEW_MAX_SYMBOL_BYTES);
  pieces->continuing = g_strdup (prefix ? prefix : "");
  if (unknown)
    pieces->unknown = few_symbols_find (pieces->symbols, unknown, strlen (unknown));
  if (pieces->kind == &few_unigram_pieces)
    {
      pieces->unknown =
          unknown_id >= 0 && unknown_id < reader->vocab_size ? (gint32) unknown_id : -1;
      pieces->n_scores = reader->scores->len;
      pieces->worst = G_MAXDOUBLE;
      for (guint i = 0; i < reader->scores->len; i++)
        pieces->worst = MIN (pieces->worst, g_array_index (reader->scores, double, i));
      gsize n = reader->scores->len;
      pieces->scores = g_memdup2 (reader->scores->data, n * sizeof (double));
    }
  if (pieces->bytes_known)
    few_pieces_find_bytes (pieces);
  return pieces->kind != &few_bpe_pieces || *pieces->continuing == 0;
}

static gboolean
check_model (Reader *reader, JsonObject *model, const char *name, GError **error)
{
  const char *type;
  const char *bad = NULL;
  const char *unknown = find_unknown (model);
  reader->pieces->kind = find_kind (reader, model, &type);
  if (!reader->pieces->kind)
    {
      few_fail (error, UNSUPPORTED,
                "%s holds a tokenizer of the kind “%s”; Fewshot has Unigram, BPE and WordPiece.",
                name, type);
      return FALSE;
    }
  if (!unknown && !read_model_settings (reader, model, &bad))
    unknown = "continuing_subword_prefix";
  if (!unknown && bad)
    unknown = bad;
  if (unknown)
    few_fail (error, UNSUPPORTED, "%s asks for “%s”, which Fewshot does not have.", name, unknown);
  return !unknown;
}

static gboolean
read_rest (Reader *reader, FewPipeline *pipeline, JsonObject *top, const char *name, GError **error)
{
  const char *bad = NULL;
  JsonObject *model = few_json_object (top, "model", &bad);
  JsonObject *steps = few_json_object (top, "normalizer", &bad);
  JsonObject *splits = few_json_object (top, "pre_tokenizer", &bad);
  JsonObject *around = few_json_object (top, "post_processor", &bad);
  JsonArray *added = few_json_array (top, "added_tokens", &bad);
  if (bad || !model || !reader->has_vocabulary)
    {
      few_fail (error, FORMAT, "%s lacks “%s”, or it has a value of the wrong kind.", name,
                bad ? bad : "model.vocab");
      return FALSE;
    }
  return check_model (reader, model, name, error)
         && few_tokenizer_json_read_steps (pipeline, steps, name, error)
         && few_tokenizer_json_read_splits (pipeline, splits, name, error)
         && few_tokenizer_json_read_added (pipeline, added, reader->vocab_size, name, error)
         && few_tokenizer_json_read_around (pipeline, around, name, error);
}

static void
fail_at (const Reader *reader, const char *name, GError **error)
{
  const char *fault = reader->scan.fault ? reader->scan.fault : reader->merges.fault;
  if (reader->wrong)
    fault = reader->wrong;
  few_fail (error, FORMAT, "%s cannot be used: %s.", name,
            _ (fault ? fault : N_ ("it is no tokenizer")));
}

static void
set_digest (FewPipeline *pipeline, const char *data, gsize length)
{
  struct sha256_ctx sum;
  sha256_init (&sum);
  sha256_update (&sum, length, (const guint8 *) data);
  sha256_digest (&sum, sizeof pipeline->digest, pipeline->digest);
}

FewPipeline *
few_tokenizer_json_read (const char *path, guint vocab_size, JsonNode **rest, GError **error)
{
  gsize length;
  g_autofree char *data = few_file_read (path, FEW_JSON_MOST, &length, error);
  g_autofree char *name = g_filename_display_name (path);
  if (!data)
    return NULL;
  g_autoptr (FewPipeline) pipeline = few_pipeline_new ();
  g_autoptr (GArray) scores = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) other = g_string_new (NULL);
  g_autoptr (GString) smaller = g_string_new (NULL);
  pipeline->pieces = few_pieces_new (NULL);
  Reader reader = { .pieces = pipeline->pieces,
                    .scores = scores,
                    .text = text,
                    .other = other,
                    .rest = smaller,
                    .vocab_size = vocab_size };
  few_json_scan_init (&reader.scan, data, length);
  if (!read_top (&reader))
    {
      fail_at (&reader, name, error);
      return NULL;
    }
  g_autoptr (JsonNode) root = few_json_parse (smaller->str, smaller->len, name, error);
  if (!root || !read_rest (&reader, pipeline, json_node_get_object (root), name, error))
    return NULL;
  set_digest (pipeline, data, length);
  few_pipeline_finish (pipeline);
  *rest = g_steal_pointer (&root);
  return g_steal_pointer (&pipeline);
}
