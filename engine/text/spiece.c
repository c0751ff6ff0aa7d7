/* SPDX-License-Identifier: MIT */
/* The message, field by field: what is not needed is passed over, what is not possible refused. */
#include "text/spiece.h"
#include "base/error.h"
#include "base/file.h"
#include <math.h>
#include <nettle/sha2.h>
#include <string.h>

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };
/* kinds of symbols */
enum { NORMAL = 1, UNKNOWN = 2, CONTROL = 3, USER_DEFINED = 4, UNUSED = 5, BYTE = 6 };
enum { UNIGRAM = 1, MOST_BEYOND = 256, MOST_CONTROL = 64 };

typedef struct
{
  const guint8 *at, *end;
} Message;

typedef struct
{
  guint number, wire;
  guint64 value;  /* VARINT, FIXED32, FIXED64 */
  Message inside; /* BYTES */
} Field;

static gboolean
read_varint (Message *message, guint64 *value)
{
  *value = 0;
  for (guint shift = 0; shift < 64 && message->at < message->end; shift += 7)
    {
      guint8 byte = *message->at++;
      *value |= (guint64) (byte & 0x7f) << shift;
      if (!(byte & 0x80))
        return TRUE;
    }
  return FALSE;
}

static gboolean
read_fixed (Message *message, guint n, guint64 *value)
{
  *value = 0;
  if ((gsize) (message->end - message->at) < n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    *value |= (guint64) *message->at++ << 8 * i;
  return TRUE;
}

/* The next field; FALSE at the end, and where the message is none: then message->at is NULL. */
static gboolean
read_field (Message *message, Field *field)
{
  guint64 tag = 0;
  guint64 n = 0;
  gboolean ok = TRUE;
  *field = (Field) { 0 };
  if (!message->at || message->at == message->end)
    return FALSE;
  ok = read_varint (message, &tag) && tag >> 3 > 0 && tag >> 3 < 1u << 29;
  field->number = (guint) (tag >> 3);
  field->wire = (guint) (tag & 7);
  if (ok && field->wire == VARINT)
    ok = read_varint (message, &field->value);
  else if (ok && field->wire == BYTES)
    {
      ok = read_varint (message, &n) && n <= (guint64) (message->end - message->at);
      field->inside = (Message) { message->at, message->at + (ok ? n : 0) };
      message->at += ok ? n : 0;
    }
  else
    ok = ok && (field->wire == FIXED32 || field->wire == FIXED64)
         && read_fixed (message, field->wire == FIXED32 ? 4 : 8, &field->value);
  if (!ok)
    message->at = NULL;
  return ok;
}

/* ---- what the file says */

typedef struct
{
  Message text;
  float score;
  guint64 kind;
} Symbol;

typedef struct
{
  GArray *symbols; /* Symbol */
  Message charsmap;
  guint64 model, prefix, squeeze, escape, suffix;
} Model;

static gboolean
read_symbol (Message message, Model *model)
{
  Field field;
  Symbol symbol = { .kind = NORMAL };
  while (read_field (&message, &field))
    if (field.number == 1 && field.wire == BYTES)
      symbol.text = field.inside;
    else if (field.number == 2 && field.wire == FIXED32)
      {
        guint32 bits = (guint32) field.value;
        memcpy (&symbol.score, &bits, sizeof bits);
      }
    else if (field.number == 3 && field.wire == VARINT)
      symbol.kind = field.value;
  gsize n = (gsize) (symbol.text.end - symbol.text.at);
  g_array_append_val (model->symbols, symbol);
  return message.at != NULL && isfinite (symbol.score) && n > 0 && n <= FEW_MAX_SYMBOL_BYTES
         && model->symbols->len <= FEW_MAX_SYMBOLS
         && g_utf8_validate_len ((const char *) symbol.text.at, n, NULL);
}

static gboolean
read_trainer (Message message, Model *model)
{
  Field field;
  while (read_field (&message, &field))
    if (field.number == 3 && field.wire == VARINT)
      model->model = field.value;
    else if (field.number == 24 && field.wire == VARINT)
      model->suffix = field.value;
  return message.at != NULL;
}

static gboolean
read_normalizer (Message message, Model *model)
{
  Field field;
  while (read_field (&message, &field))
    if (field.number == 2 && field.wire == BYTES)
      model->charsmap = field.inside;
    else if (field.number == 3 && field.wire == VARINT)
      model->prefix = field.value;
    else if (field.number == 4 && field.wire == VARINT)
      model->squeeze = field.value;
    else if (field.number == 5 && field.wire == VARINT)
      model->escape = field.value;
  return message.at != NULL;
}

static gboolean
read_model (Message message, Model *model)
{
  Field field;
  gboolean ok = TRUE;
  while (ok && read_field (&message, &field))
    if (field.number == 1)
      ok = field.wire == BYTES && read_symbol (field.inside, model);
    else if (field.number == 2)
      ok = field.wire == BYTES && read_trainer (field.inside, model);
    else if (field.number == 3)
      ok = field.wire == BYTES && read_normalizer (field.inside, model);
  return ok && message.at != NULL && model->symbols->len > 0;
}

/* ---- what is made of it */

static void
set_score (FewPieces *pieces, gint32 id, double score)
{
  pieces->scores[id] = score;
  pieces->worst = MIN (pieces->worst, score);
}

/* SentencePiece never finds a control symbol in a text, and counts its own symbols alone for the
 * worst score; one that its maker defined beats all others. */
static void
add_own (FewPieces *pieces, const Symbol *symbol, gint32 id, float best)
{
  gsize n = (gsize) (symbol->text.end - symbol->text.at);
  gboolean found = symbol->kind == NORMAL || symbol->kind == USER_DEFINED;
  if (symbol->kind == NORMAL)
    set_score (pieces, id, symbol->score);
  else
    pieces->scores[id] = (double) ((float) n * best - 0.1f);
  if (found)
    few_symbols_add (pieces->symbols, (const char *) symbol->text.at, n, id);
  if (symbol->kind == UNKNOWN)
    pieces->unknown = id;
}

static void
add_named (FewPieces *pieces, const char *text, gint32 id, double score)
{
  few_symbols_add (pieces->symbols, text, strlen (text), id);
  set_score (pieces, id, score);
}

static float
find_best (const GArray *symbols)
{
  float best = -G_MAXFLOAT;
  for (guint i = 0; i < symbols->len; i++)
    if (g_array_index (symbols, Symbol, i).kind == NORMAL)
      best = MAX (best, g_array_index (symbols, Symbol, i).score);
  return best;
}

static void
add_symbols (FewPieces *pieces, const Model *model, FewSpieceWay way)
{
  static const char *const first[] = { "<s>", "<pad>", "</s>", "<unk>" };
  guint offset = way == FEW_SPIECE_FAIRSEQ ? 1 : 0;
  guint skipped = way == FEW_SPIECE_FAIRSEQ ? 3 : 0;
  guint n = pieces->n_scores;
  float best = find_best (model->symbols);
  pieces->worst = G_MAXDOUBLE;
  pieces->single = way == FEW_SPIECE_OWN;
  for (guint i = 0; i < G_N_ELEMENTS (first) && skipped > 0 && i < n; i++)
    add_named (pieces, first[i], (gint32) i, 0);
  for (guint i = skipped; i < model->symbols->len && i + offset < n; i++)
    {
      const Symbol *symbol = &g_array_index (model->symbols, Symbol, i);
      gint32 id = (gint32) (i + offset);
      if (way == FEW_SPIECE_OWN)
        {
          add_own (pieces, symbol, id, best);
          continue;
        }
      few_symbols_add (pieces->symbols, (const char *) symbol->text.at,
                       (gsize) (symbol->text.end - symbol->text.at), id);
      set_score (pieces, id, symbol->score);
      if (symbol->kind == UNKNOWN)
        pieces->unknown = id;
    }
  if (skipped > 0 && n > 3)
    pieces->unknown = 3;
}

static void
add_around (FewPipeline *pipeline, const Model *model, FewSpieceWay way)
{
  static const char *const special[] = { "<s>", "</s>", "<pad>", "<unk>" };
  FewSymbols *symbols = pipeline->pieces->symbols;
  gint32 mask = (gint32) model->symbols->len + 1;
  for (guint i = 0; i < G_N_ELEMENTS (special); i++)
    {
      gint32 id = few_symbols_find (symbols, special[i], strlen (special[i]));
      if (id >= 0)
        few_pipeline_add_symbol (pipeline, special[i], id, FALSE);
    }
  if (way == FEW_SPIECE_FAIRSEQ && (guint) mask < pipeline->pieces->n_scores)
    few_pipeline_add_symbol (pipeline, "<mask>", mask, TRUE);
}

/* Control symbols, which stand around texts and are never found in them. */
static void
add_hidden (FewPipeline *pipeline, const Model *model)
{
  for (guint i = 0; i < model->symbols->len && i < pipeline->pieces->n_scores; i++)
    {
      const Symbol *symbol = &g_array_index (model->symbols, Symbol, i);
      gsize n = (gsize) (symbol->text.end - symbol->text.at);
      g_autofree char *text = g_strndup ((const char *) symbol->text.at, n);
      if (symbol->kind == CONTROL && pipeline->added->len < MOST_CONTROL)
        few_pipeline_add_symbol (pipeline, text, (gint32) i, FALSE)->hidden = TRUE;
    }
}

static gboolean
make_pipeline (FewPipeline *pipeline, const Model *model, guint vocab_size, FewSpieceWay way)
{
  gsize n_map = (gsize) (model->charsmap.end - model->charsmap.at);
  FewCharsmap *map = few_charsmap_new (model->charsmap.at, n_map);
  guint n = model->symbols->len + (way == FEW_SPIECE_FAIRSEQ ? 2 : 0);
  if (!map)
    return FALSE;
  pipeline->pieces = few_pieces_new (&few_unigram_pieces);
  pipeline->pieces->n_scores = MIN (n, vocab_size);
  pipeline->pieces->scores = g_new0 (double, pipeline->pieces->n_scores);
  add_symbols (pipeline->pieces, model, way);
  FewStep *step = few_pipeline_add_step (pipeline, way == FEW_SPIECE_OWN ? FEW_STEP_SENTENCEPIECE
                                                                         : FEW_STEP_CHARSMAP);
  step->charsmap = map;
  step->prefix = model->prefix != 0;
  step->squeeze = model->squeeze != 0;
  if (way == FEW_SPIECE_OWN)
    {
      add_hidden (pipeline, model);
      return TRUE;
    }
  few_pipeline_add_split (pipeline, FEW_SPLIT_SPACE, NULL);
  few_pipeline_add_split (pipeline, FEW_SPLIT_METASPACE, "▁");
  add_around (pipeline, model, way);
  return TRUE;
}

FewPipeline *
few_spiece_read (const char *path, guint vocab_size, FewSpieceWay way, GError **error)
{
  gsize length;
  g_autofree char *data = few_file_read (path, FEW_SMALL_FILE, &length, error);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GArray) symbols = g_array_new (FALSE, FALSE, sizeof (Symbol));
  g_autoptr (FewPipeline) pipeline = few_pipeline_new ();
  Model model = { .symbols = symbols, .model = UNIGRAM, .prefix = 1, .squeeze = 1, .escape = 1 };
  if (!data)
    return NULL;
  Message message = { (const guint8 *) data, (const guint8 *) data + length };
  if (!read_model (message, &model))
    few_fail (error, FORMAT, "%s is no SentencePiece model, or it is damaged.", name);
  else if (model.model != UNIGRAM || model.escape == 0 || model.suffix != 0)
    few_fail (error, UNSUPPORTED,
              "%s is a SentencePiece model that is not of the kind “unigram”, or marks spaces "
              "otherwise than others. Put the model's tokenizer.json beside it.",
              name);
  else if (symbols->len > (guint64) vocab_size + MOST_BEYOND)
    few_fail (error, FORMAT,
              "%s has %u symbols and the model's vocabulary %u: it belongs to another model.", name,
              symbols->len, vocab_size);
  else if (!make_pipeline (pipeline, &model, vocab_size, way))
    few_fail (error, FORMAT, "%s: its table of characters is damaged.", name);
  else
    {
      struct sha256_ctx sum;
      sha256_init (&sum);
      sha256_update (&sum, length, (const guint8 *) data);
      sha256_digest (&sum, sizeof pipeline->digest, pipeline->digest);
      return g_steal_pointer (&pipeline);
    }
  return NULL;
}
