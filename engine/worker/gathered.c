/* SPDX-License-Identifier: MIT */
/* Dense arrays of what the worker knows about some pictures. */
#include "worker/gathered.h"
#include "base/error.h"
#include "base/memory.h"
#include "clip/model.h"
#include <fewshot/encode.h>
#include <string.h>

enum { MOST_KEPT = 1 << 22 }; /* floats */

void
few_gathered_clear (FewGathered *g)
{
  g_free (g->features);
  g_free (g->text);
  g_free (g->text_raw);
  g_free (g->ids);
  g_free (g->labels);
  g_free (g->roles);
  g_free (g->negatives);
  g_free (g->pinned);
  g_free (g->paths);
  g_free (g->together);
  g_free (g->groups);
  g_clear_pointer (&g->task.sets, few_label_sets_unref);
}

static guint
copy_features (FewWorker *worker, const FewLabelled *pictures, guint n_classes, guint32 *rows,
               FewGathered *g)
{
  guint d = few_model_dim (worker->model);
  guint n = 0;
  for (guint i = 0; i < pictures->n; i++)
    {
      const float *feature =
          g_hash_table_lookup (worker->features, GUINT_TO_POINTER (pictures->ids[i]));
      if (!feature || (!pictures->sets && pictures->labels[i] >= n_classes))
        continue;
      memcpy (g->features + (gsize) n * d, feature, d * sizeof (float));
      if (g->paths)
        g->paths[n] = pictures->paths[i];
      if (g->pinned)
        g->n_pinned += g->pinned[n] = pictures->pinned[i] != 0;
      g->roles[n] = g->pinned && g->pinned[n] ? FEW_ROLE_TEST : FEW_ROLE_TRAIN;
      rows[n] = i;
      g->ids[n] = pictures->ids[i];
      g->labels[n++] = pictures->sets ? 0 : pictures->labels[i];
    }
  return n;
}

static gboolean
take_room (FewGathered *g, const FewLabelled *wanted, gsize classes, gsize d, GError **error)
{
  gsize pictures = wanted->n;
  if (!(g->ids = few_try_copy (NULL, pictures, sizeof *g->ids, "the pictures", error))
      || !(g->labels = few_try_copy (NULL, pictures, sizeof *g->labels, "the pictures", error))
      || !(g->roles = few_try_bytes (pictures, "the pictures", error)))
    return FALSE;
  if (wanted->pinned && !(g->pinned = few_try_bytes (pictures, "the pictures", error)))
    return FALSE;
  if (wanted->paths
      && !(g->paths = few_try_copy (NULL, pictures, sizeof *g->paths, "the pictures", error)))
    return FALSE;
  g->features = few_try_floats (pictures, d, "the pictures", error);
  g->text = g->features ? few_try_floats (classes, d, "the classes", error) : NULL;
  g->text_raw = g->text ? few_try_floats (classes, d, "the classes", error) : NULL;
  return g->text_raw != NULL;
}

static gboolean
copy_negatives (FewWorker *worker, const FewLabelled *pictures, FewGathered *g, GError **error)
{
  guint d = few_model_dim (worker->model);
  guint n = 0;
  if (pictures->n_negatives == 0)
    return TRUE;
  g->negatives = few_try_floats (pictures->n_negatives, d, "the pictures", error);
  for (guint i = 0; g->negatives && i < pictures->n_negatives; i++)
    {
      gpointer key = GUINT_TO_POINTER (pictures->negatives[i]);
      const float *feature = g_hash_table_lookup (worker->features, key);
      if (feature)
        memcpy (g->negatives + (gsize) n++ * d, feature, d * sizeof (float));
    }
  g->task.negatives = n > 0 ? g->negatives : NULL;
  g->task.n_negatives = n;
  return g->negatives != NULL;
}

/* What text features hang on, beside the model. */
static char *
describe_texts (const FewPrompts *prompts)
{
  GString *key = g_string_new (prompts->template_text);
  for (guint k = 0; k < prompts->n_classes; k++)
    {
      const char *own = prompts->prompts ? prompts->prompts[k] : NULL;
      g_string_append_printf (key, "%c%s%c%s", '\1', prompts->names[k], '\2', own ? own : "");
    }
  return g_string_free (key, FALSE);
}

/* Those of the last classes are kept: each label, run and check asks for the same again. */
static gboolean
read_texts (FewWorker *worker, const FewPrompts *prompts, const char *const *templates,
            FewGathered *g, GError **error)
{
  gsize n = (gsize) prompts->n_classes * few_model_dim (worker->model);
  if (n == 0 || n > MOST_KEPT)
    return few_model_encode_classes (worker->model, prompts->names, prompts->prompts,
                                     prompts->n_classes, templates, g->text, g->text_raw,
                                     worker->quitting, error);
  g_autofree char *key = describe_texts (prompts);
  if (g_strcmp0 (key, worker->texts_key) != 0)
    {
      g_clear_pointer (&worker->texts_key, g_free);
      g_free (worker->texts);
      worker->texts = few_try_floats (2, n, "the classes", error);
      if (!worker->texts
          || !few_model_encode_classes (worker->model, prompts->names, prompts->prompts,
                                        prompts->n_classes, templates, worker->texts,
                                        worker->texts + n, worker->quitting, error))
        return FALSE;
      worker->texts_key = g_steal_pointer (&key);
    }
  memcpy (g->text, worker->texts, n * sizeof (float));
  memcpy (g->text_raw, worker->texts + n, n * sizeof (float));
  return TRUE;
}

gboolean
few_gather (FewWorker *worker, const FewPrompts *prompts, const FewLabelled *pictures,
            FewGathered *g, GError **error)
{
  *g = (FewGathered) { .features = NULL };
  if (!worker->model)
    {
      few_fail (error, INPUT, "Open a model first.");
      return FALSE;
    }
  g_auto (GStrv) templates = few_templates_split (prompts->template_text);
  if (!templates)
    {
      few_fail (error, INPUT, "The prompt “%s” has no {} for the class name.",
                prompts->template_text);
      return FALSE;
    }
  if (!take_room (g, pictures, prompts->n_classes, few_model_dim (worker->model), error))
    return FALSE;
  g_autofree guint32 *rows = few_try_copy (NULL, pictures->n, sizeof *rows, "the pictures", error);
  if (!rows)
    return FALSE;
  g->task = (FewTask) { .n = copy_features (worker, pictures, prompts->n_classes, rows, g),
                        .n_classes = prompts->n_classes,
                        .features = g->features,
                        .labels = g->labels,
                        .roles = g->roles,
                        .ids = g->ids,
                        .text_features = g->text,
                        .text_raw = g->text_raw,
                        .class_names = prompts->names,
                        .template_text = prompts->template_text,
                        .prompts = prompts->prompts,
                        .paths = g->paths };
  if (pictures->sets
      && !(g->task.sets =
               few_label_sets_pick (pictures->sets, rows, g->task.n, prompts->n_classes, error)))
    return FALSE;
  if (!copy_negatives (worker, pictures, g, error))
    return FALSE;
  return read_texts (worker, prompts, (const char *const *) templates, g, error);
}

gboolean
few_gathered_check_one (const FewGathered *g, GError **error)
{
  if (g->task.sets)
    few_fail (error, UNSUPPORTED,
              "This is of pictures with one class each, and these have any number of classes.");
  return !g->task.sets;
}

static gboolean
look_at_files (FewGathered *g, FewTogether by, GCancellable *cancellable, GError **error)
{
  if (!g->paths)
    return TRUE;
  g->together = few_try_copy (NULL, g->task.n, sizeof *g->together, "the pictures", error);
  return g->together
         && few_groups_of_files (g->paths, g->labels, g->task.n, by, cancellable, g->together,
                                 error);
}

gboolean
few_gather_twins (FewGathered *g, guint dim, FewTogether by, GCancellable *cancellable,
                  GError **error)
{
  static const char WHAT[] = "comparing so many pictures";
  guint n = g->task.n;
  g->groups = few_try_copy (NULL, n, sizeof *g->groups, WHAT, error);
  if (!g->groups
      || !few_twins (g->task.features, n, dim, g->paths, 0, cancellable, g->groups, error)
      || !look_at_files (g, by, cancellable, error))
    return FALSE;
  if (!g->together && !(g->together = few_try_copy (NULL, n, sizeof *g->together, WHAT, error)))
    return FALSE;
  for (guint i = 0; !g->paths && i < n; i++)
    g->together[i] = i;
  g->task.together = g->together;
  if (g->task.sets) /* folds of several labels are dealt out by the groups as they are */
    return few_groups_join (g->groups, g->together, n, error)
           && few_groups_join (g->together, g->groups, n, error);
  return few_groups_join (g->groups, g->together, n, error)
         && few_groups_join_told (g->together, g->groups, g->labels, g->roles, n, error);
}
