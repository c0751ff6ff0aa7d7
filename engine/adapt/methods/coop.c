/* SPDX-License-Identifier: MIT */
/* CoOp (Zhou et al., IJCV 2022): M context vectors in the place of a prompt's words, learned by
 * back-propagation through the frozen text tower.
 *
 * Prompts are cut at their end token. Tokens that all classes begin with (the start token, and
 * unified context before the name) are one shared beginning of all sequences: attention is
 * causal, so nothing in it depends on the class, and it is computed once, not K times. */
#include "adapt/method.h"
#include "clip/tape.h"
#include "base/error.h"
#include "base/random.h"
#include "task/task.h"
#include <fewshot/method.h>
#include <math.h>
#include <string.h>

enum {
  KEEP_MEGABYTES = 1024,
  DEFAULT_CONTEXT = 16,
  AROUND = 2, /* start and end token */
};

typedef enum { POSITION_END, POSITION_MIDDLE, POSITION_FRONT } Position;

typedef struct
{
  /* M, vectors in the prompt; 0: 16, or as many as the longest class name leaves room for */
  guint context;
  gboolean class_specific; /* each class has its own */
  Position position;       /* of the class name among them */
} CoopSettings;

static const FewSetting settings[] = {
  FEW_OWN_WHOLE (CoopSettings, context, "context", 1, 64, 0),
  FEW_OWN_WORD (CoopSettings, class_specific, "csc", "0 1", FALSE),
  FEW_OWN_WORD (CoopSettings, position, "position", "end middle front", POSITION_END),
  FEW_TRAIN_EPOCHS (0), /* by shots */
  FEW_TRAIN_RATE (0.002),
  FEW_TRAIN_DECAY (5e-4),
  FEW_TRAIN_BATCH (32),
  FEW_TRAIN_OPTIMIZER (FEW_OPTIMIZER_SGD),
  FEW_SETTINGS_END,
};

/* How many of the m context vectors stand before the class name. */
static guint
count_before (const CoopSettings *own, guint m)
{
  switch (own->position)
    {
    case POSITION_END:
      return m;
    case POSITION_MIDDLE:
      return m / 2;
    case POSITION_FRONT:
    default:
      return 0;
    }
}

/* The prompts as rows of one tape: `shared` rows, then `length` of each class. */
typedef struct
{
  guint shared, length, rows, n_context; /* n_context: M, or K·M when each class has its own */
  gint32 *table_rows;     /* [rows] context vectors first, then one row per fixed token */
  guint32 *positions;     /* [rows] */
  guint n_fixed, n_learned;
  guint32 *fixed;         /* [n_fixed] token ids */
  guint32 *learned_rows, *learned_vectors; /* [n_learned] which rows are which context vectors */
  guint32 *ends;          /* [K] row of each end token */
} Prompts;

static void
set_row (Prompts *p, guint row, guint position, gint64 token, gint64 vector)
{
  p->positions[row] = position;
  if (vector >= 0)
    {
      p->table_rows[row] = (gint32) vector;
      p->learned_rows[p->n_learned] = row;
      p->learned_vectors[p->n_learned++] = (guint32) vector;
      return;
    }
  p->table_rows[row] = (gint32) (p->n_context + p->n_fixed);
  p->fixed[p->n_fixed++] = (guint32) token;
}

/* One class's whole sequence: tokens [context_length], −1 − j where context vector j stands.
 * Returns its length, start and end token included, which choose_context has seen there. whole,
 * alone [context_length] are written to. */
static guint
write_sequence (const FewMethodRun *r, const CoopSettings *own, guint m, guint class, gint32 *whole,
                gint32 *alone, gint32 *tokens)
{
  guint n = 0;
  g_autofree char *spoken = g_strdelimit (g_strdup (r->task->class_names[class]), "_", ' ');
  g_autofree char *sentence = g_strconcat (spoken, ".", NULL);
  guint n_whole = few_model_tokenize (r->model, sentence, whole, NULL);
  guint n_name = few_model_tokenize (r->model, spoken, alone, NULL);
  guint n_words = n_whole - AROUND;
  n_name = MIN (MAX (n_name, AROUND) - AROUND, n_words);
  guint before = count_before (own, m);
  tokens[n++] = whole[0];
  for (guint j = 0; j < before; j++)
    tokens[n++] = -1 - (gint32) j;
  for (guint j = 0; j < n_name; j++)
    tokens[n++] = whole[1 + j];
  for (guint j = before; j < m; j++)
    tokens[n++] = -1 - (gint32) j;
  for (guint j = n_name; j < n_words; j++)
    tokens[n++] = whole[1 + j];
  tokens[n++] = whole[n_whole - 1];
  return n;
}

static gboolean
fail_tokenizer (GError **error)
{
  few_fail (error, UNSUPPORTED,
            "CoOp needs a tokenizer like CLIP's, which puts one token before a text and one behind "
            "it; this model's is another. Choose another method.");
  return FALSE;
}

/* M: what was asked for, or 16, or as many as fit beside the longest class name. */
static gboolean
choose_context (FewMethodRun *r, const CoopSettings *own, guint *m, GError **error)
{
  guint limit = few_model_info (r->model)->context_length;
  guint longest = 0;
  guint class = 0;
  gint32 *tokens = few_run_host (r, gint32, limit, 1);
  if (few_run_short (r, error))
    return FALSE;
  for (guint c = 0; c < r->k; c++)
    {
      g_autofree char *spoken = g_strdelimit (g_strdup (r->task->class_names[c]), "_", ' ');
      g_autofree char *sentence = g_strconcat (spoken, ".", NULL);
      guint n = few_model_tokenize (r->model, sentence, tokens, NULL);
      if (n < AROUND)
        return fail_tokenizer (error);
      if (n > longest)
        {
          longest = n;
          class = c;
        }
    }
  *m = own->context ? own->context : MIN (DEFAULT_CONTEXT, limit - MIN (longest, limit));
  if (*m > 0 && *m + longest <= limit)
    return TRUE;
  few_fail (error, INPUT,
            "This model reads %u tokens and “%s” takes %u of them: %u context vectors do not fit.",
            limit, r->task->class_names[class], longest, MAX (*m, 1));
  return FALSE;
}

static gboolean
make_prompts (FewMethodRun *r, const CoopSettings *own, guint m, Prompts *p, GError **error)
{
  guint limit = few_model_info (r->model)->context_length;
  guint k = r->k;
  gint32 *tokens = few_run_host (r, gint32, k, limit);
  gint32 *words = few_run_host (r, gint32, 2, limit);
  guint *lengths = few_run_host (r, guint, k, 1);
  guint before = count_before (own, m);
  if (few_run_short (r, error))
    return FALSE;
  *p = (Prompts) { .shared = 1 + (own->class_specific ? 0 : before),
                   .n_context = m * (own->class_specific ? k : 1) };
  for (guint c = 0; c < k; c++)
    {
      lengths[c] = write_sequence (r, own, m, c, words, words + limit, tokens + (gsize) c * limit);
      p->length = MAX (p->length, lengths[c] - p->shared);
    }
  p->rows = p->shared + k * p->length;
  p->table_rows = few_run_host (r, gint32, p->rows, 1);
  p->positions = few_run_host (r, guint32, p->rows, 1);
  p->ends = few_run_host (r, guint32, k, 1);
  p->fixed = few_run_host (r, guint32, p->rows, 1);
  p->learned_rows = few_run_host (r, guint32, p->rows, 1);
  p->learned_vectors = few_run_host (r, guint32, p->rows, 1);
  if (few_run_short (r, error))
    return FALSE;
  for (guint i = 0; i < p->shared; i++)
    set_row (p, i, i, tokens[i], tokens[i] < 0 ? -1 - tokens[i] : -1);
  for (guint c = 0; c < k; c++)
    {
      p->ends[c] = p->shared + c * p->length + lengths[c] - 1 - p->shared;
      for (guint j = 0; j < p->length; j++)
        {
          /* behind the end: anything, nothing looks there */
          guint at = MIN (p->shared + j, lengths[c] - 1);
          gint32 token = tokens[(gsize) c * limit + at];
          gint64 first = own->class_specific ? c * m : 0;
          gint64 vector = token < 0 ? (gint64) (-1 - token) + first : -1;
          set_row (p, p->shared + c * p->length + j, at, token, vector);
        }
    }
  return TRUE;
}

typedef struct
{
  FewMethodRun *run;
  const FewTextTower *tower;
  const FewClipConfig *config;
  const Prompts *prompts;
  FewTape *tape;
  FewMatrix *back_projection; /* text_projection transposed */
  guint w;
  float *table;               /* [n_context + fixed, W]: the context vectors are its head */
  float *positions;           /* [rows, W] */
  float *ends, *d_ends;       /* [K, W] end tokens, then ln_final of them; gradients */
  float *normal;              /* [K, W] */
  float *text, *norms;        /* [K, D] normalised, [K] */
  float *learned;             /* [learned rows, W] */
  /* weights: the context vectors [n_context, W], which are the table's head */
  FewLearning learning;
  float *rows, *f, *logits, *d_text; /* normalised pictures; a batch; the gradient of text */
} Coop;

/* text [K, D] of the context vectors as they are */
static void
encode_prompts (Coop *c)
{
  FewMethodRun *r = c->run;
  const FewBackendOps *ops = r->ops;
  FewStream *s = r->stream;
  const Prompts *p = c->prompts;
  guint k = r->k;
  guint w = c->w;
  gsize ld = few_row_stride (w);
  ops->embed_tokens (s, 1, p->rows, w, p->table_rows, c->table, c->positions,
                     few_tape_input (c->tape), ld);
  const float *x = few_tape_forward (c->tape);
  ops->gather_rows (s, k, w, p->ends, x, ld, c->ends);
  ops->layer_norm (s, k, w, c->ends, w, c->tower->ln_final_weight, c->tower->ln_final_bias,
                   c->config->text.ln_epsilon, c->normal, w);
  ops->linear (s, k, c->normal, w, c->tower->text_projection, NULL, FEW_ACTIVATION_NONE, NULL, 0,
               c->text, r->d);
  ops->blend_normalise (s, k, r->d, 0, c->text, c->text, c->text, c->norms);
}

/* d_text [K, D], the gradient of the normalised text features, is overwritten → gradient of the
 * context vectors */
static void
propagate_back (Coop *c, float *d_text)
{
  FewMethodRun *r = c->run;
  const FewBackendOps *ops = r->ops;
  FewStream *s = r->stream;
  const Prompts *p = c->prompts;
  guint k = r->k;
  guint w = c->w;
  guint learned = p->n_learned;
  gsize ld = few_row_stride (w);
  float *dx = few_tape_gradient (c->tape);
  ops->blend_normalise_backward (s, k, r->d, 1, c->text, c->norms, d_text, d_text);
  ops->linear (s, k, d_text, r->d, c->back_projection, NULL, FEW_ACTIVATION_NONE, NULL, 0,
               c->normal, w);
  ops->clear (s, c->d_ends, (gsize) k * w);
  ops->layer_norm_backward (s, k, w, c->ends, w, c->tower->ln_final_weight,
                            c->config->text.ln_epsilon, c->normal, w, c->d_ends, w);
  ops->clear (s, dx, p->rows * ld);
  ops->scatter_add_rows (s, k, w, p->ends, c->d_ends, dx, ld);
  few_tape_backward (c->tape);
  ops->gather_rows (s, learned, w, p->learned_rows, dx, ld, c->learned);
  ops->clear (s, c->learning.gradient, (gsize) p->n_context * w);
  ops->scatter_add_rows (s, learned, w, p->learned_vectors, c->learned, c->learning.gradient, w);
}

static void
step_context (gpointer user, const guint32 *rows, const guint32 *labels, guint m)
{
  Coop *c = user;
  FewMethodRun *r = c->run;
  const FewBackendOps *ops = r->ops;
  FewStream *s = r->stream;
  guint k = r->k;
  guint d = r->d;
  encode_prompts (c);
  ops->gather_rows (s, m, d, rows, c->rows, d, c->f);
  ops->gemm (s, FALSE, TRUE, m, k, d, (float) r->scale, c->f, d, c->text, d, 0, c->logits, k);
  ops->softmax_cross_entropy (s, m, k, labels, c->logits, c->learning.loss, c->learning.correct);
  ops->gemm (s, TRUE, FALSE, k, d, m, (float) r->scale, c->logits, k, c->f, d, 0, c->d_text, d);
  propagate_back (c, c->d_text);
}

/* N (0, 0.02²) by Box and Muller */
static void
draw_context (float *values, gsize n, guint64 seed)
{
  GRand *rand = few_rand_new (seed);
  for (gsize i = 0; i < n; i++)
    values[i] = (float) (0.02 * sqrt (-2 * log (1 - g_rand_double (rand)))
                         * cos (2 * G_PI * g_rand_double (rand)));
  g_rand_free (rand);
}

static gboolean
prepare_coop (Coop *c, GError **error)
{
  FewMethodRun *r = c->run;
  const Prompts *p = c->prompts;
  guint w = c->w;
  guint k = r->k;
  guint d = r->d;
  gsize n_learned = (gsize) p->n_context * w;
  FewTapeShape shape = { p->shared, k, p->length, TRUE };
  c->tape = few_tape_new (&c->tower->transformer, r->backend, 0, &shape,
                          (gsize) KEEP_MEGABYTES << 20, error);
  if (!c->tape
      || !(c->back_projection =
               r->ops->matrix_transposed (r->backend, c->tower->text_projection, error)))
    return FALSE;
  c->table = few_run_alloc (r, n_learned + (gsize) p->n_fixed * w);
  c->positions = few_run_alloc (r, (gsize) p->rows * w);
  c->ends = few_run_alloc (r, (gsize) k * w);
  c->d_ends = few_run_alloc (r, (gsize) k * w);
  c->normal = few_run_alloc (r, (gsize) k * w);
  c->text = few_run_alloc (r, (gsize) k * d);
  c->norms = few_run_alloc (r, k);
  c->learned = few_run_alloc (r, (gsize) p->n_learned * w);
  few_run_learning_init (r, &c->learning);
  few_run_learning_alloc (r, &c->learning, c->table, n_learned);
  c->learning.step = step_context;
  c->learning.user = c;
  c->rows = few_run_upload_normalised (r, r->rows, r->n_rows);
  c->f = few_run_alloc (r, (gsize) c->learning.batch * d);
  c->logits = few_run_alloc (r, (gsize) c->learning.batch * k);
  c->d_text = few_run_alloc (r, (gsize) k * d);
  float *initial = few_run_host (r, float, p->n_context, w);
  if (few_run_short (r, error))
    return FALSE;
  draw_context (initial, n_learned, r->train.seed);
  r->ops->upload (r->stream, c->table, initial, n_learned);
  r->ops->gather_rows (r->stream, p->n_fixed, w, p->fixed, c->tower->token_embedding, w,
                       c->table + n_learned);
  r->ops->gather_rows (r->stream, p->rows, w, p->positions, c->tower->positions, w, c->positions);
  few_run_learned (r, "ctx.initial", p->n_context, w, initial);
  return TRUE;
}

/* The schedule of the paper, by shots. */
static guint
epochs_for (const FewMethodRun *r)
{
  guint most = few_task_most_shots (r->task);
  if (most <= 1)
    return 50;
  return most <= 4 ? 100 : 200;
}

/* An empty text is the two tokens that stand around every text. */
static gboolean
check_tokenizer (FewMethodRun *r, GError **error)
{
  gint32 *tokens = few_run_host (r, gint32, few_model_info (r->model)->context_length, 1);
  if (few_run_short (r, error))
    return FALSE;
  return few_model_tokenize (r->model, "", tokens, NULL) == AROUND || fail_tokenizer (error);
}

/* Its prompts end at their end token and share a beginning: a text that sees all of its context has
 * neither. */
static gboolean
check_text_tower (FewMethodRun *r, GError **error)
{
  const FewTextStyle *style = &few_model_config (r->model)->text_style;
  if (!style->sees_all && style->pool == FEW_TEXT_LARGEST
      && style->projection == FEW_PROJECTION_PARAMETER)
    return check_tokenizer (r, error);
  few_fail (error, UNSUPPORTED,
            "CoOp needs a text tower like CLIP's, where a word sees what is before it; this "
            "model's is another. Choose another method.");
  return FALSE;
}

static gboolean
run_coop (FewMethodRun *r, GError **error)
{
  guint m;
  CoopSettings own;
  const FewTextTower *tower = check_text_tower (r, error) ? few_model_text (r->model, error) : NULL;
  if (!tower)
    return FALSE;
  few_settings_own (r->options, &own, sizeof own);
  if (r->train.epochs == 0)
    r->train.epochs = epochs_for (r);
  if (!choose_context (r, &own, &m, error))
    return FALSE;
  Prompts prompts = { 0 };
  if (!make_prompts (r, &own, m, &prompts, error))
    return FALSE;
  Coop c = { .run = r, .tower = tower, .config = few_model_config (r->model), .prompts = &prompts };
  c.w = c.config->text.width;
  gboolean ok = prepare_coop (&c, error) && few_run_learn (r, &c.learning, error);
  float *features = ok ? few_run_upload_normalised (r, r->task->features, r->n) : NULL;
  ok = ok && !few_run_short (r, error);
  if (ok)
    {
      encode_prompts (&c);
      few_run_score (r, features, c.text, r->scale, NULL);
      few_run_keep_scaled (r, c.text, r->scale);
      few_run_learned_device (r, "ctx", prompts.n_context, c.w, c.table);
      few_run_learned_device (r, "text_features", r->k, r->d, c.text);
      r->result->parameters = (guint64) prompts.n_context * c.w;
      few_run_chose (r, "context", m);
    }
  g_clear_pointer (&c.tape, few_tape_free);
  if (c.back_projection)
    r->ops->matrix_free (r->backend, c.back_projection);
  return ok;
}

const FewMethod few_methods_coop[] = {
  { .info = { .name = "coop",
              .title = "CoOp",
              .reference = "Zhou et al., IJCV 2022",
              .texts = TRUE,
              .published_views = 100,
              .fresh_views = TRUE,
              .keeps = TRUE },
    .settings = settings,
    .preset = "published", /* its warm-up and schedule */
    .run = run_coop },
  { .run = NULL },
};
