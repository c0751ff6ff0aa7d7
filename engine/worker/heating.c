/* SPDX-License-Identifier: MIT */
/* Where a classifier looks in one picture. What the model was run for is kept for the last few
 * pictures, so that another class or α is answered at once. */
#include "adapt/textless.h"
#include "adapt/classifier.h"
#include "base/memory.h"
#include "clip/model.h"
#include "encode/part-file.h"
#include "worker/gathered.h"
#include "worker/jobs.h"
#include <string.h>

enum { KEPT = 8 };

/* One picture as it was looked at. */
typedef struct
{
  char *path;
  FewFileStamp stamp; /* another file in its place is another picture */
  FewClassifier *classifier; /* a tower, whose places are its own; NULL: of any other kind */
  FewHeat *heat;
} Kept;

static void
kept_free (gpointer data)
{
  Kept *kept = data;
  g_free (kept->path);
  g_clear_pointer (&kept->classifier, few_classifier_unref);
  few_heat_unref (kept->heat);
  g_free (kept);
}

typedef struct
{
  FewWorker *worker;
  guint ticket;
} Teller;

static void
tell_progress (gpointer user, guint done, guint total)
{
  const Teller *teller = user;
  few_worker_post (
      teller->worker,
      (FewEvent) { .kind = FEW_EVENT_HEATING, .id = teller->ticket, .done = done, .total = total });
}

/* A picture that is gone is what it was. */
static gboolean
is_kept (const Kept *kept, const char *path, const FewFileStamp *now,
         const FewClassifier *classifier)
{
  static const FewFileStamp gone;
  return g_str_equal (kept->path, path) && kept->classifier == classifier
         && (memcmp (&kept->stamp, now, sizeof *now) == 0 || memcmp (&gone, now, sizeof gone) == 0);
}

/* One that is kept, or NULL; of parts, where they are asked for. */
static FewHeat *
find_kept (FewWorker *worker, const FewClassifier *tower, const char *path,
           const FewFileStamp *stamp, gboolean parts)
{
  if (!worker->heats)
    worker->heats = g_ptr_array_new_with_free_func (kept_free);
  for (guint i = 0; i < worker->heats->len; i++)
    {
      const Kept *kept = worker->heats->pdata[i];
      if (is_kept (kept, path, stamp, tower)
          && (!parts || few_heat_info (kept->heat)->method == FEW_HEAT_PARTS))
        return kept->heat;
    }
  return NULL;
}

/* Takes over the heat, which may be NULL. */
static FewHeat *
keep_heat (FewWorker *worker, FewClassifier *tower, const char *path, const FewFileStamp *stamp,
           FewHeat *heat)
{
  if (!heat)
    return NULL;
  Kept *kept = g_new (Kept, 1);
  *kept = (Kept) { g_strdup (path), *stamp, tower ? few_classifier_ref (tower) : NULL, heat };
  if (worker->heats->len == KEPT)
    g_ptr_array_remove_index (worker->heats, 0);
  g_ptr_array_add (worker->heats, kept);
  return heat;
}

static FewHeat *
find_heat (FewWorker *worker, guint ticket, FewClassifier *classifier, const char *path,
           GCancellable *cancellable, GError **error)
{
  gboolean is_tower = few_classifier_info (classifier)->kind == FEW_CLASSIFIER_TOWER;
  FewClassifier *tower = is_tower ? classifier : NULL;
  const FewFileStamp stamp = few_file_stamp (path);
  Teller teller = { worker, ticket };
  FewHeat *heat = find_kept (worker, tower, path, &stamp, FALSE);
  return heat ? heat
              : keep_heat (worker, tower, path, &stamp,
                           few_heat_new (worker->model, classifier, path, FEW_HEAT_BEST,
                                         tell_progress, &teller, cancellable, error));
}

/* A reference: the next picture may push this one out of what is kept. */
static FewHeat *
find_parts (FewWorker *worker, const char *path, GCancellable *cancellable, GError **error)
{
  const FewFileStamp stamp = few_file_stamp (path);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  FewHeat *heat = find_kept (worker, NULL, path, &stamp, TRUE);
  if (!heat)
    heat = keep_heat (worker, NULL, path, &stamp,
                      few_heat_new_parts (worker->model, path, cancellable, error));
  return heat ? few_heat_ref (heat) : NULL;
}

/* CLIP itself, with the classes of the prompts. */
static FewClassifier *
name_classes (FewWorker *worker, const FewPrompts *prompts, GError **error)
{
  static const FewLabelled none;
  g_auto (FewGathered) g = { 0 };
  if (!few_method_check_texts (worker->model, "Zero-shot CLIP", error)
      || !few_gather (worker, prompts, &none, &g, error))
    return NULL;
  const FewModelInfo *model = few_model_info (worker->model);
  const FewClassifierInfo info = { .kind = FEW_CLASSIFIER_BOTTLENECK,
                                   .dim = model->dim,
                                   .n_classes = prompts->n_classes,
                                   .logit_scale = model->logit_scale,
                                   .text_features = g.text,
                                   .classes = prompts->names };
  return few_classifier_new (&info, error);
}

static gboolean
draw_maps (const FewHeat *heat, const FewClassifier *classifier, const FewHeatCommand *c,
           FewEvent *event, GError **error)
{
  const FewHeatInfo *info = few_heat_info (heat);
  guint n = info->rows * info->columns;
  g_autofree float *maps = few_try_floats (3, n, "a heat map", error);
  if (!maps || !few_heat_map (heat, classifier, c->class_index, c->alpha, maps, error)
      || !few_heat_map (heat, classifier, c->class_index, 0, maps + n, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    maps[2 * n + i] = maps[i] - maps[n + i];
  event->heat = *info;
  event->heat_maps = g_steal_pointer (&maps);
  return TRUE;
}

void
few_job_heat (FewWorker *worker, guint ticket, const FewHeatCommand *c, GCancellable *cancellable)
{
  GError *error = NULL;
  FewEvent event = { .kind = FEW_EVENT_HEAT, .id = ticket };
  g_autoptr (FewClassifier) classifier = c->classifier ? few_classifier_ref (c->classifier)
                                                       : name_classes (worker, &c->prompts, &error);
  gboolean fits = classifier && worker->model
                  && few_classifier_info (classifier)->dim == few_model_dim (worker->model)
                  && c->class_index < few_classifier_info (classifier)->n_classes;
  const FewHeat *heat =
      fits ? find_heat (worker, ticket, classifier, c->path, cancellable, &error) : NULL;
  if (heat && !draw_maps (heat, classifier, c, &event, &error))
    g_assert (error != NULL);
  event.error = error;
  few_worker_post (worker, event);
}

void
few_job_match (FewWorker *worker, guint ticket, const FewMatchCommand *c, GCancellable *cancellable)
{
  GError *error = NULL;
  FewEvent event = { .kind = FEW_EVENT_MATCHED, .id = ticket };
  GArray *matches = g_array_new (FALSE, FALSE, sizeof (FewMatch));
  g_autoptr (FewHeat) one = worker->model ? find_parts (worker, c->one, cancellable, &error) : NULL;
  g_autoptr (FewHeat) other = one ? find_parts (worker, c->other, cancellable, &error) : NULL;
  if (other)
    {
      g_array_set_size (matches, c->most);
      guint n = few_heat_match (one, other, &g_array_index (matches, FewMatch, 0), c->most, &error);
      g_array_set_size (matches, n);
      event.heat = *few_heat_info (one);
      event.heat_other = *few_heat_info (other);
    }
  event.matches = matches;
  event.error = error;
  few_worker_post (worker, event);
}
