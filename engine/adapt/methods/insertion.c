/* SPDX-License-Identifier: MIT */
/* CLIP-Adapter after block k of a ViT, as the paper's study of insertion layers: every token x
 * of the block's output becomes α·A (x) + (1−α)·x, hidden width W/4. The blocks above are
 * frozen, and the gradient comes back through them. */
#include "adapt/methods/insertion.h"
#include "clip/tape.h"
#include "image/picture.h"
#include "base/random.h"
#include "adapt/bottleneck.h"
#include <fewshot/dataset.h>
#include <fewshot/picture.h>
#include <math.h>
#include <string.h>

enum { KEEP_MEGABYTES = 1024, TOKEN_MEGABYTES = 4096, LANE_PICTURES = 4 };

typedef struct
{
  FewMethodRun *run;
  const FewTower *tower;
  gconstpointer state;        /* of the tower */
  FewTowerStack stack;
  const FewClipConfig *config;
  guint after, t, w, batch;
  gsize ld, picture_floats;   /* T·ld: one picture's tokens */
  FewActivations *lanes;
  FewTape *tape;
  FewMatrix *back_projection;
  FewBottleneck mlp;
  FewLearning learning;       /* weights: W1, W2 */
  float *kept;                /* host: tokens of the training pictures */
  float *tokens, *a, *d_a;    /* [batch·T, ld] */
  float *alphas, *ones;       /* [batch·T] */
  const float *out;           /* what the tower's blocks gave */
  float *head, *features, *d_features, *norms, *text, *logits;
} Insertion;

/* ---- tokens of pictures */

typedef struct
{
  Insertion *insertion;
  const guint32 *pictures;
  guint n;
  float *tokens;
  GMutex lock;
  GError *error;
} Reading;

static gboolean
read_some (Reading *reading, guint first, guint lane, FewStream *stream, GError **error)
{
  Insertion *in = reading->insertion;
  FewMethodRun *r = in->run;
  const FewPreprocess *preprocess = &in->config->preprocess;
  gsize one = (gsize) 3 * preprocess->size * preprocess->size;
  guint m = MIN (LANE_PICTURES, reading->n - first);
  g_auto (FewRoom) room = { 0 };
  float *pixels = few_room_new (&room, float, m, one);
  guint8 *resized = few_room_new (&room, guint8, one, 1);
  if (few_room_is_short (&room, "a picture's pixels", error))
    return FALSE;
  for (guint i = 0; i < m; i++)
    {
      const char *path = r->task->paths[reading->pictures[first + i]];
      const FewPictureLimits limits = few_image_limits (few_model_picture_limits (r->model), path);
      g_autofree char *name = few_address_shown (path);
      g_autoptr (GBytes) bytes = few_image_read (path, NULL, error);
      if (g_cancellable_set_error_if_cancelled (r->cancellable, error) || !bytes
          || !few_image_preprocess (bytes, name, preprocess, &limits, resized, pixels + i * one,
                                    error))
        return FALSE;
    }
  const FewPass pass = { in->config, r->backend, stream, &in->lanes[lane], NULL, NULL, NULL };
  return in->tower->stack_tokens (in->state, &pass, m, in->after, pixels,
                                  reading->tokens + first * in->picture_floats, error);
}

static void
read_piece (gpointer user, guint index, guint lane, FewStream *stream)
{
  Reading *reading = user;
  g_autoptr (GError) error = NULL;
  if (read_some (reading, index * LANE_PICTURES, lane, stream, &error))
    return;
  g_mutex_lock (&reading->lock);
  if (!reading->error)
    reading->error = g_steal_pointer (&error);
  g_mutex_unlock (&reading->lock);
}

/* tokens [n, T, ld] of the pictures after block `after` */
static gboolean
read_tokens (Insertion *in, const guint32 *pictures, guint n, float *tokens, GError **error)
{
  Reading reading = { in, pictures, n, tokens, { 0 }, NULL };
  g_mutex_init (&reading.lock);
  in->run->backend->run_lanes (in->run->backend, (n + LANE_PICTURES - 1) / LANE_PICTURES,
                               read_piece, &reading);
  g_mutex_clear (&reading.lock);
  if (reading.error)
    g_propagate_error (error, reading.error);
  return reading.error == NULL;
}

/* ---- one batch */

/* tokens of m pictures → features [m, D]; what lies behind the m pictures in the batch is left as
 * it was */
static void
run_tower (Insertion *in, const float *const *tokens_host, guint m)
{
  FewMethodRun *r = in->run;
  const FewBackendOps *ops = r->ops;
  FewStream *s = r->stream;
  guint rows = in->batch * in->t;
  guint ld = (guint) in->ld;
  for (guint i = 0; i < m; i++)
    ops->upload (s, in->tokens + i * in->picture_floats, tokens_host[i], in->picture_floats);
  few_bottleneck_forward (&in->mlp, ops, s, rows, in->tokens, ld, in->a, ld);
  float *x = few_tape_input (in->tape); /* x + α (a − x) */
  ops->clear (s, x, rows * in->ld);
  ops->add_scaled_rows (s, rows, ld, in->ones, in->tokens, NULL, x);
  ops->add_scaled_rows (s, rows, ld, in->alphas, in->a, in->tokens, x);
  in->out = few_tape_forward (in->tape);
  const FewPass pass = { in->config, r->backend, s, NULL, NULL, NULL, NULL };
  in->tower->stack_head (in->state, &pass, m, in->out, in->ld * in->t, in->head, in->features);
}

/* features [m, D] → the same normalised, logits [m, K] */
static void
run_head (Insertion *in, guint m)
{
  FewMethodRun *r = in->run;
  const FewBackendOps *ops = r->ops;
  FewStream *s = r->stream;
  ops->blend_normalise (s, m, r->d, 0, in->features, in->features, in->features, in->norms);
  ops->gemm (s, FALSE, TRUE, m, r->k, r->d, (float) r->scale, in->features, r->d, in->text, r->d, 0,
             in->logits, r->k);
}

/* logits hold their gradient */
static void
propagate_back (Insertion *in, guint m)
{
  FewMethodRun *r = in->run;
  const FewBackendOps *ops = r->ops;
  FewStream *s = r->stream;
  guint rows = in->batch * in->t;
  guint ld = (guint) in->ld;
  float *dx = few_tape_gradient (in->tape);
  ops->gemm (s, FALSE, FALSE, m, r->d, r->k, (float) r->scale, in->logits, r->k, in->text, r->d, 0,
             in->d_features, r->d);
  ops->blend_normalise_backward (s, m, r->d, 1, in->features, in->norms, in->d_features,
                                 in->d_features);
  ops->linear (s, m, in->d_features, r->d, in->back_projection, NULL, FEW_ACTIVATION_NONE, NULL, 0,
               in->head, in->w);
  ops->clear (s, dx, rows * in->ld);
  ops->layer_norm_backward (s, m, in->w, in->out, in->ld * in->t, in->stack.ln_post,
                            in->stack.transformer->config.ln_epsilon, in->head, in->w, dx,
                            in->ld * in->t);
  few_tape_backward (in->tape);
  ops->clear (s, in->d_a, rows * in->ld);
  ops->add_scaled_rows (s, rows, ld, in->alphas, dx, NULL, in->d_a);
  few_bottleneck_backward (&in->mlp, ops, s, rows, in->tokens, ld, in->a, ld, in->d_a);
}

static void
step_adapter (gpointer user, const guint32 *rows, const guint32 *labels, guint m)
{
  Insertion *in = user;
  const float *batch_tokens[m];
  for (guint i = 0; i < m; i++)
    batch_tokens[i] = in->kept + rows[i] * in->picture_floats;
  run_tower (in, batch_tokens, m);
  run_head (in, m);
  in->run->ops->softmax_cross_entropy (in->run->stream, m, in->run->k, labels, in->logits,
                                       in->learning.loss, in->learning.correct);
  propagate_back (in, m);
}

/* Every picture, read again: keeping the tokens of all of them would take 150 KB each or more. */
static gboolean
score_pictures (Insertion *in, GError **error)
{
  FewMethodRun *r = in->run;
  float *tokens = few_run_host (r, float, in->batch, in->picture_floats);
  guint32 *pictures = few_run_host (r, guint32, in->batch, 1);
  const float **batch_tokens = few_run_host (r, const float *, in->batch, 1);
  r->result->inserted = few_try_floats (r->n, r->d, "the features of pictures", error);
  if (!r->result->inserted || few_run_short (r, error))
    return FALSE;
  for (guint first = 0; first < r->n; first += in->batch)
    {
      guint m = MIN (in->batch, r->n - first);
      for (guint i = 0; i < m; i++)
        {
          pictures[i] = first + i;
          batch_tokens[i] = tokens + i * in->picture_floats;
        }
      if (!read_tokens (in, pictures, m, tokens, error))
        return FALSE;
      run_tower (in, batch_tokens, m);
      r->ops->download (r->stream, r->result->inserted + (gsize) first * r->d, in->features,
                        (gsize) m * r->d);
      run_head (in, m);
      r->ops->download (r->stream, r->result->scores + (gsize) first * r->k, in->logits,
                        (gsize) m * r->k);
    }
  return TRUE;
}

/* α and 1 of each token, as the op wants them */
static void
upload_ratios (Insertion *in, guint rows)
{
  FewMethodRun *r = in->run;
  float *alphas = few_run_host (r, float, rows, 1);
  float *ones = few_run_host (r, float, rows, 1);
  if (!alphas || !ones)
    return; /* few_run_short tells */
  for (guint i = 0; i < rows; i++)
    {
      alphas[i] = (float) r->train.alpha;
      ones[i] = 1;
    }
  in->alphas = few_run_upload (r, alphas, rows);
  in->ones = few_run_upload (r, ones, rows);
}

/* W1 and W2 as torch begins */
static gboolean
upload_weights (Insertion *in, GError **error)
{
  FewMethodRun *r = in->run;
  guint w = in->mlp.d;
  guint h = in->mlp.h;
  gsize half = (gsize) h * w;
  gsize n = 2 * half;
  float *initial = few_run_host (r, float, n, 1);
  if (few_run_short (r, error))
    return FALSE;
  in->mlp.w2 = in->mlp.w1 + half;
  in->mlp.g2 = in->mlp.g1 + half;
  GRand *rand = few_rand_new (r->train.seed);
  few_bottleneck_init (w, h, rand, initial);
  g_rand_free (rand);
  r->ops->upload (r->stream, in->learning.weights, initial, n);
  few_run_learned (r, "fc.0.weight.initial", h, w, initial);
  few_run_learned (r, "fc.2.weight.initial", w, h, initial + half);
  return TRUE;
}

static gboolean
prepare_insertion (Insertion *in, GError **error)
{
  FewMethodRun *r = in->run;
  guint w = in->w;
  guint h = r->train.hidden ? r->train.hidden : MAX (w / 4, 1);
  guint rows = in->batch * in->t;
  gsize half = (gsize) h * w;
  gsize n = 2 * half;
  gsize floats = rows * in->ld;
  FewTapeShape shape = { 0, in->batch, in->t, FALSE };
  in->tape = few_tape_new (in->stack.transformer, r->backend, in->after, &shape,
                           (gsize) KEEP_MEGABYTES << 20, error);
  if (!in->tape
      || !(in->back_projection =
               r->ops->matrix_transposed (r->backend, in->stack.projection, error)))
    return FALSE;
  few_run_learning_init (r, &in->learning);
  few_run_learning_alloc (r, &in->learning, few_run_alloc (r, n), n);
  in->learning.n = r->n_pictures;
  in->learning.stride = r->group;
  in->learning.batch = in->batch;
  in->learning.step = step_adapter;
  in->learning.user = in;
  in->tokens = few_run_alloc (r, floats);
  in->a = few_run_alloc (r, floats);
  in->d_a = few_run_alloc (r, floats);
  in->head = few_run_alloc (r, (gsize) in->batch * w);
  in->features = few_run_alloc (r, (gsize) in->batch * r->d);
  in->d_features = few_run_alloc (r, (gsize) in->batch * r->d);
  in->norms = few_run_alloc (r, in->batch);
  in->logits = few_run_alloc (r, (gsize) in->batch * r->k);
  in->text = few_run_upload (r, r->task->text_features, (gsize) r->k * r->d);
  upload_ratios (in, rows);
  in->mlp = (FewBottleneck) { .d = w,
                              .h = h,
                              .final_relu = r->train.final_relu,
                              .w1 = in->learning.weights,
                              .g1 = in->learning.gradient };
  in->mlp.hidden = few_run_alloc (r, (gsize) rows * h);
  in->mlp.d_hidden = few_run_alloc (r, (gsize) rows * h);
  if (few_run_short (r, error) || !upload_weights (in, error))
    return FALSE;
  in->lanes = g_new0 (FewActivations, r->backend->lanes);
  for (guint i = 0; i < r->backend->lanes; i++)
    in->lanes[i].backend = r->backend;
  return TRUE;
}

static gboolean
check_insertion (const FewMethodRun *r, guint after, const FewTower *tower, gboolean stacked,
                 guint blocks, GError **error)
{
  if (!stacked)
    few_fail (error, UNSUPPORTED,
              "after=%u needs a model whose image tower is CLIP's ViT; this one's is another %s.",
              after, tower->name);
  else if (after > blocks)
    few_fail (error, INPUT, "after=%u: this model's image tower has %u blocks.", after, blocks);
  else if (!r->task->paths)
    few_fail (error, INPUT, "after=%u looks at pictures, and only their features are here.", after);
  else
    return TRUE;
  return FALSE;
}

static void
keep_insertion (Insertion *in)
{
  FewMethodRun *r = in->run;
  const FewBottleneck *mlp = &in->mlp;
  gsize half = (gsize) mlp->h * in->w;
  float *weights = few_run_host (r, float, 2, half);
  few_run_learned_device (r, "fc.0.weight", mlp->h, in->w, mlp->w1);
  few_run_learned_device (r, "fc.2.weight", in->w, mlp->h, mlp->w2);
  few_run_chose (r, "alpha", r->train.alpha);
  r->result->parameters = 2ull * half;
  if (!weights)
    return; /* few_run_short tells */
  r->ops->download (r->stream, weights, mlp->w1, 2 * half);
  const FewInserted inserted = { .after = in->after,
                                 .width = in->w,
                                 .hidden = mlp->h,
                                 .final_relu = mlp->final_relu,
                                 .ratio = r->train.alpha,
                                 .w1 = weights,
                                 .w2 = weights + half };
  few_run_keep_tower (r, &inserted);
}

gboolean
few_insertion_run (FewMethodRun *r, guint after, GError **error)
{
  Insertion in = { .run = r, .after = after, .config = few_model_config (r->model) };
  r->fresh = FALSE; /* it looks at the pictures themselves */
  in.tower = few_model_tower (r->model, &in.state);
  gboolean stacked = in.tower->stack && in.tower->has_stack (in.config);
  if (stacked)
    in.tower->stack (in.state, in.config, &in.stack);
  if (!check_insertion (r, after, in.tower, stacked,
                        stacked ? in.stack.transformer->config.layers : 0, error))
    return FALSE;
  in.t = in.stack.tokens;
  in.w = in.stack.transformer->config.width;
  in.ld = few_row_stride (in.w);
  in.picture_floats = in.t * in.ld;
  in.batch = MIN (r->train.batch, r->n_pictures);
  gsize bytes = r->n_pictures * in.picture_floats * sizeof (float);
  if (bytes > (gsize) TOKEN_MEGABYTES << 20)
    {
      few_fail (error, LIMIT,
                "The tokens of %u training pictures take %zu"
                " MB; the limit is %d. Use fewer shots.",
                r->n_pictures, bytes >> 20, TOKEN_MEGABYTES);
      return FALSE;
    }
  float *tokens = few_run_host (r, float, r->n_pictures, in.picture_floats);
  guint32 *pictures = few_run_host (r, guint32, r->n_pictures, 1);
  if (few_run_short (r, error))
    return FALSE;
  in.kept = tokens;
  guint n = 0;
  for (guint i = 0; i < r->n; i++)
    if (r->task->roles[i] == FEW_ROLE_TRAIN)
      pictures[n++] = i;
  gboolean ok = prepare_insertion (&in, error) && read_tokens (&in, pictures, n, tokens, error)
                && few_run_learn (r, &in.learning, error) && score_pictures (&in, error);
  if (ok)
    keep_insertion (&in);
  for (guint i = 0; in.lanes && i < r->backend->lanes; i++)
    few_activations_clear (&in.lanes[i]);
  g_free (in.lanes);
  g_clear_pointer (&in.tape, few_tape_free);
  if (in.back_projection)
    r->ops->matrix_free (r->backend, in.back_projection);
  return ok;
}
