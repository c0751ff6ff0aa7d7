/* SPDX-License-Identifier: MIT */
/* Finished runs as a list and as records of a project. */
#include "session/few-kept-runs.h"
#include "session/few-methods.h"
#include "session/few-renamed.h"
#include <glib/gi18n.h>
#include <string.h>

struct FewKeptRuns
{
  GPtrArray *list; /* FewRun *, borrowed */
  GHashTable *all; /* FewProjectRun → FewRun: all that ever were */
};

static void
run_free (gpointer data)
{
  FewRun *run = data;
  few_project_run_unref (run->record);
  g_clear_pointer (&run->snapshot, few_snapshot_unref);
  g_clear_pointer (&run->classes, g_ptr_array_unref);
  g_free (run);
}

FewKeptRuns *
few_kept_runs_new (void)
{
  FewKeptRuns *kept = g_new0 (FewKeptRuns, 1);
  kept->list = g_ptr_array_new ();
  kept->all = g_hash_table_new_full (NULL, NULL, NULL, run_free);
  return kept;
}

void
few_kept_runs_free (FewKeptRuns *kept)
{
  g_return_if_fail (kept != NULL);
  g_ptr_array_unref (kept->list);
  g_hash_table_unref (kept->all);
  g_free (kept);
}

GPtrArray *
few_kept_runs_get_list (FewKeptRuns *kept)
{
  g_return_val_if_fail (kept != NULL, NULL);
  return kept->list;
}

/* Takes over the record. */
static FewRun *
remember_run (FewKeptRuns *kept, FewProjectRun *record)
{
  FewRun *run = g_new0 (FewRun, 1);
  run->record = record;
  g_hash_table_insert (kept->all, record, run);
  return run;
}

static char *
name_run (const FewTrainJob *job, const FewSnapshotInfo *info, guint number)
{
  if (job->method) /* Translators: the number of a run, and the method that learned */
    return g_strdup_printf (_ ("Run %u: %s"), number, few_method_choice_title (job->method));
  return g_strdup_printf (
      ngettext ("Run %u: %u epoch, α %.2f", "Run %u: %u epochs, α %.2f", info->epoch), number,
      info->epoch, info->trained_alpha);
}

/* In every language the first number of a title. */
static guint
read_number (const char *title)
{
  return (guint) g_ascii_strtoull (title + strcspn (title, "0123456789"), NULL, 10);
}

/* Runs that were deleted may come back, and a project has not those that were deleted before. */
static guint
find_free_number (FewKeptRuns *kept)
{
  guint last = g_hash_table_size (kept->all);
  GHashTableIter iter;
  gpointer run;
  g_hash_table_iter_init (&iter, kept->all);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    last = MAX (last, read_number (((FewRun *) run)->record->title));
  return last + 1;
}

FewRun *
few_kept_runs_add (FewKeptRuns *kept, const FewTrainJob *job, FewSnapshot *snapshot,
                   GPtrArray *classes, gboolean stopped)
{
  g_return_val_if_fail (kept != NULL && job != NULL, NULL);
  g_return_val_if_fail (snapshot != NULL && classes != NULL, NULL);
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  g_autofree char *title = name_run (job, info, find_free_number (kept));
  g_autofree const char **prompts = g_new0 (const char *, info->n_classes + 1);
  for (guint k = 0; k < info->n_classes && k < classes->len; k++)
    prompts[k] = few_class_get_prompt (classes->pdata[k]);
  FewProjectRun *record = few_project_run_new (title, job, snapshot, prompts, stopped);
  FewRun *run = remember_run (kept, record);
  run->snapshot = few_snapshot_ref (snapshot);
  run->classes = g_ptr_array_ref (classes);
  g_ptr_array_add (kept->list, run);
  if (kept->list->len > FEW_KEPT_RUNS_MOST)
    g_ptr_array_remove_index (kept->list, 0); /* undo brings it back */
  return run;
}

/* Its features were computed in another precision: what is seen of it may differ a little. */
static void
say_precision (const FewRun *run, FewDesk *desk)
{
  const char *then = run->record->backbone_precision;
  const char *now = few_desk_get_model (desk)->precision;
  if (!then || g_str_equal (then, now))
    return;
  g_autofree char *text = /* Translators: the title of a run, then names of precisions as f32 */
      g_strdup_printf (_ ("“%s” learned from features in %s; this model computes them in %s, and "
                          "answers may differ slightly."),
                       run->record->title, then, now);
  few_desk_say (desk, text);
}

static GHashTable *
list_classes_by_name (FewExamples *examples)
{
  GListModel *classes = few_examples_get_classes (examples);
  GHashTable *known = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint k = 0; k < g_list_model_get_n_items (classes); k++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (classes, k);
      g_hash_table_insert (known, (char *) few_class_get_name (klass), klass);
    }
  return known;
}

/* Those that were renamed since are asked for once one is missed: all pictures are looked at. */
static FewClass *
find_class (const FewRun *run, FewExamples *examples, GHashTable *known, guint k,
            FewClass ***renamed)
{
  FewClass *klass = g_hash_table_lookup (known, run->record->names[k]);
  if (!klass && !*renamed)
    *renamed = few_renamed_find (examples, run->record);
  return klass ? klass : (*renamed)[k];
}

/* The classes that a run was trained with: those of the same names that are there, those that have
 * another name now, or stand-ins. */
void
few_kept_runs_complete (FewRun *run, FewSnapshot *snapshot, FewDesk *desk, FewExamples *examples)
{
  g_return_if_fail (run != NULL && !run->snapshot);
  g_return_if_fail (snapshot != NULL && FEW_IS_DESK (desk) && FEW_IS_EXAMPLES (examples));
  say_precision (run, desk);
  g_autoptr (GHashTable) known = list_classes_by_name (examples);
  g_autofree FewClass **renamed = NULL;
  run->snapshot = few_snapshot_ref (snapshot);
  run->classes = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint k = 0; k < run->record->n_classes; k++)
    {
      FewClass *klass = find_class (run, examples, known, k, &renamed);
      g_ptr_array_add (run->classes, klass ? g_object_ref (klass)
                                           : few_class_new (G_MAXUINT, run->record->names[k]));
    }
}

static void
drop_snapshot (FewRun *run)
{
  few_release_snapshot (g_steal_pointer (&run->snapshot));
  g_clear_pointer (&run->classes, g_ptr_array_unref);
}

/* Those that were deleted, and may come back by undo. */
static void
trim_unlisted (FewKeptRuns *kept, const FewRun *shown)
{
  g_autoptr (GHashTable) listed = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer run;
  for (guint i = 0; i < kept->list->len; i++)
    g_hash_table_add (listed, kept->list->pdata[i]);
  g_hash_table_iter_init (&iter, kept->all);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    if (run != shown && !g_hash_table_contains (listed, run))
      drop_snapshot (run);
}

void
few_kept_runs_trim (FewKeptRuns *kept, const FewRun *shown)
{
  static const gsize MOST = 100u << 20;
  gsize total = 0;
  g_return_if_fail (kept != NULL);
  trim_unlisted (kept, shown);
  for (guint i = kept->list->len; i > 0; i--)
    {
      FewRun *run = kept->list->pdata[i - 1];
      const FewSnapshotInfo *info = run->snapshot ? few_snapshot_info (run->snapshot) : NULL;
      total += info ? 2 * (gsize) info->n * info->n_classes * sizeof (float) : 0;
      if (info && total > MOST && run != shown)
        drop_snapshot (run);
    }
}

static gboolean
has_same_classes (const FewProjectRun *record, const FewPrompts *now)
{
  if (now->n_classes != record->n_classes
      || !g_str_equal (now->template_text, record->template_text))
    return FALSE;
  for (guint k = 0; k < now->n_classes; k++)
    if (!g_str_equal (now->names[k], record->names[k])
        || g_strcmp0 (now->prompts[k], record->prompts[k]) != 0)
      return FALSE;
  return TRUE;
}

static gboolean
has_same_sets (const FewLabelSets *a, const FewLabelSets *b)
{
  return a->n == b->n && memcmp (a->first, b->first, (a->n + 1) * sizeof *a->first) == 0
         && (a->first[a->n] == 0
             || memcmp (a->labels, b->labels, a->first[a->n] * sizeof *a->labels) == 0);
}

static gboolean
has_same_pictures (const FewProjectRun *record, const FewLabelled *now)
{
  if (now->n != record->n || memcmp (now->ids, record->ids, now->n * sizeof *now->ids) != 0)
    return FALSE;
  if (now->sets && record->sets)
    return has_same_sets (now->sets, record->sets);
  return !now->sets && !record->sets
         && memcmp (now->labels, record->labels, now->n * sizeof *now->labels) == 0;
}

gboolean
few_kept_runs_fits_model (const FewRun *run, const FewModelInfo *model)
{
  g_return_val_if_fail (run != NULL && model != NULL, FALSE);
  const FewProjectRun *record = run->record;
  FewModelMatch match =
      few_model_match (model, record->backbone_sha256, record->backbone_fingerprint);
  return few_model_match_fits (match);
}

gboolean
few_kept_runs_is_at_hand (const FewRun *run, const FewModelInfo *model)
{
  g_return_val_if_fail (run != NULL, FALSE);
  return run->snapshot && (!model || few_kept_runs_fits_model (run, model));
}

FewRunMarks
few_kept_runs_mark (const FewRoll *roll, guint replaced)
{
  guint hash = 5381;
  g_return_val_if_fail (roll != NULL, ((FewRunMarks) { 0 }));
  const FewLabelled *now = &roll->pictures;
  for (guint i = 0; i < now->n; i++)
    hash = now->pinned[i] ? hash * 33 + now->ids[i] : hash;
  hash = hash * 33;
  for (guint i = 0; i < now->n_negatives; i++)
    hash = hash * 33 + now->negatives[i];
  return (FewRunMarks) { replaced, MAX (hash, 1) };
}

/* A run of a file does not say what was pinned then, but it tested on all of it. */
static gboolean
has_same_uses (const FewRun *run, const FewRoll *roll)
{
  if (run->marks.uses)
    return run->marks.uses == few_kept_runs_mark (roll, 0).uses;
  for (guint i = 0; i < run->record->n; i++)
    if (roll->pictures.pinned[i] && run->record->roles[i] != FEW_ROLE_TEST)
      return FALSE;
  return TRUE;
}

gboolean
few_kept_runs_matches (const FewRun *run, const FewRoll *roll, guint replaced)
{
  g_return_val_if_fail (run != NULL && roll != NULL, FALSE);
  return run->marks.replaced == replaced && has_same_pictures (run->record, &roll->pictures)
         && has_same_uses (run, roll) && has_same_classes (run->record, &roll->prompts);
}

void
few_kept_runs_record (FewKeptRuns *kept, FewProject *project)
{
  g_return_if_fail (kept != NULL && project != NULL);
  for (guint i = 0; i < kept->list->len; i++)
    {
      const FewRun *run = kept->list->pdata[i];
      g_ptr_array_add (project->runs, few_project_run_ref (run->record));
    }
}

static int
find_newest_for (FewKeptRuns *kept, const FewModelInfo *model)
{
  int newest = (int) kept->list->len - 1;
  while (newest >= 0 && !few_kept_runs_fits_model (kept->list->pdata[newest], model))
    newest--;
  return newest;
}

int
few_kept_runs_restore (FewKeptRuns *kept, const FewProject *project, const FewRun *shown,
                       const FewModelInfo *model)
{
  g_return_val_if_fail (kept != NULL && project != NULL, -1);
  g_autoptr (GPtrArray) before = g_ptr_array_new ();
  int came_back = -1;
  g_ptr_array_extend (before, kept->list, NULL, NULL);
  g_ptr_array_set_size (kept->list, 0);
  for (guint i = 0; i < project->runs->len; i++)
    {
      FewProjectRun *record = project->runs->pdata[i];
      FewRun *run = g_hash_table_lookup (kept->all, record);
      g_ptr_array_add (kept->list, run ? run : remember_run (kept, few_project_run_ref (record)));
      if (!g_ptr_array_find (before, kept->list->pdata[i], NULL))
        came_back = (int) i;
    }
  gboolean gone = shown && !g_ptr_array_find (kept->list, shown, NULL);
  return came_back < 0 && gone ? find_newest_for (kept, model) : came_back;
}
