/* SPDX-License-Identifier: MIT */
/* Pictures that are not in the project, seen through an adapter or by CLIP itself. */
#include "base/error.h"
#include "base/memory.h"
#include "clip/model.h"
#include "image/picture.h"
#include "worker/gathered.h"
#include "worker/jobs.h"
#include <fewshot/apply.h>
#include <fewshot/classify.h>
#include <fewshot/dataset.h>
#include <string.h>

enum { TRIED_AT_ONCE = 32 }; /* pictures whose answers come together */

typedef struct
{
  FewWorker *worker;
  guint ticket, first, d, n;
  float *features; /* [TRIED_AT_ONCE, d] */
  guint32 ids[TRIED_AT_ONCE];
} Trying;

static void
picture_tried (gpointer user, guint index, const float *feature, const guint8 *hash,
               gboolean from_cache, const GError *error)
{
  Trying *t = user;
  if (error)
    {
      few_worker_post (t->worker, (FewEvent) { .kind = FEW_EVENT_TRIED,
                                               .ticket = t->ticket,
                                               .id = t->first + index,
                                               .error = g_error_copy (error) });
      return;
    }
  memcpy (t->features + (gsize) t->n * t->d, feature, t->d * sizeof (float));
  t->ids[t->n++] = t->first + index;
}

static FewSnapshot *
see_pictures (FewWorker *worker, FewClassifier *classifier, const Trying *t, const FewTask *classes,
              GError **error)
{
  static const guint32 labels[TRIED_AT_ONCE];
  guint8 roles[TRIED_AT_ONCE];
  FewTask task = *classes;
  memset (roles, FEW_ROLE_UNUSED, sizeof roles);
  task.n = t->n;
  task.features = t->features;
  task.labels = labels;
  task.roles = roles;
  task.ids = t->ids;
  return classifier ? few_snapshot_apply (worker->model, classifier, &task, error)
                    : few_snapshot_zero_shot (worker->model, &task, error);
}

static gboolean
gather_texts (FewWorker *worker, const FewTryCommand *c, FewGathered *g, GError **error)
{
  static const FewLabelled none;
  FewPrompts prompts = c->prompts;
  if (c->classifier) /* has its own text features */
    prompts.n_classes = 0;
  return few_gather (worker, &prompts, &none, g, error);
}

static gboolean
try_pictures (FewWorker *worker, guint ticket, const FewTryCommand *c, GCancellable *cancellable,
              GError **error)
{
  g_auto (FewGathered) g = { 0 };
  if (!gather_texts (worker, c, &g, error))
    return FALSE;
  g_autofree Trying *t = g_new0 (Trying, 1);
  t->worker = worker;
  t->ticket = ticket;
  t->d = c->classifier ? few_classifier_length (c->classifier) : few_model_dim (worker->model);
  g_autofree float *features = g_new (float, (gsize) TRIED_AT_ONCE * t->d);
  t->features = features;
  for (; t->first < c->n; t->first += TRIED_AT_ONCE)
    {
      guint m = MIN (TRIED_AT_ONCE, c->n - t->first);
      t->n = 0;
      const char *const *paths = (const char *const *) c->paths + t->first;
      gboolean ok = c->classifier
                        ? few_classifier_encode_files (c->classifier, worker->model, paths, m,
                                                       worker->cache_folder, picture_tried, t,
                                                       cancellable, error)
                        : few_model_encode_files (worker->model, paths, m, worker->cache_folder,
                                                  picture_tried, t, cancellable, error);
      if (!ok)
        return FALSE;
      if (t->n == 0)
        continue;
      FewSnapshot *snapshot = see_pictures (worker, c->classifier, t, &g.task, error);
      if (!snapshot)
        return FALSE;
      few_worker_post (
          worker, (FewEvent) { .kind = FEW_EVENT_TRIED, .ticket = ticket, .snapshot = snapshot });
    }
  return TRUE;
}

/* ---- one picture that is no file */

static gboolean
encode_rgb (FewWorker *worker, const FewTryCommand *c, float *feature, GError **error)
{
  const FewPreprocess *preprocess = &few_model_info (worker->model)->preprocess;
  gsize one = (gsize) 3 * preprocess->size * preprocess->size;
  g_autofree float *pixels = few_try_floats (one, 1, "a picture's pixels", error);
  g_autofree guint8 *resized = pixels ? few_try_bytes (one, "a picture's pixels", error) : NULL;
  if (!resized)
    return FALSE;
  g_autoptr (GdkPixbuf) picture = gdk_pixbuf_new_from_bytes (
      c->rgb, GDK_COLORSPACE_RGB, FALSE, 8, (int) c->width, (int) c->height, (int) (3 * c->width));
  if (!few_image_resize (picture, preprocess, resized))
    {
      few_fail (error, MEMORY, "There is not enough memory to compute with this model.");
      return FALSE;
    }
  few_image_normalise (resized, preprocess, pixels);
  return c->classifier
             ? few_classifier_encode_pixels (c->classifier, worker->model, pixels, 1, feature,
                                             worker->quitting, error)
             : few_model_encode_pixels (worker->model, pixels, 1, feature, worker->quitting, error);
}

static FewSnapshot *
see_picture (FewWorker *worker, const FewTryCommand *c, GError **error)
{
  g_auto (FewGathered) g = { 0 };
  if (!gather_texts (worker, c, &g, error))
    return NULL;
  guint d = c->classifier ? few_classifier_length (c->classifier) : few_model_dim (worker->model);
  g_autofree float *feature = g_new (float, d);
  const Trying t = { .worker = worker, .d = d, .n = 1, .features = feature };
  return encode_rgb (worker, c, feature, error)
             ? see_pictures (worker, c->classifier, &t, &g.task, error)
             : NULL;
}

static void
answer_seen (FewWorker *worker, guint ticket, const FewTryCommand *c)
{
  GError *error = NULL;
  FewSnapshot *snapshot = see_picture (worker, c, &error);
  few_worker_post (
      worker,
      (FewEvent) { .kind = FEW_EVENT_SEEN, .id = ticket, .snapshot = snapshot, .error = error });
}

void
few_job_try (FewWorker *worker, guint ticket, const FewTryCommand *c, GCancellable *cancellable)
{
  GError *error = NULL;
  if (c->rgb)
    {
      answer_seen (worker, ticket, c);
      return;
    }
  try_pictures (worker, ticket, c, cancellable, &error);
  few_worker_post (worker,
                   (FewEvent) { .kind = FEW_EVENT_TRIED_ALL, .id = ticket, .error = error });
}
