/* SPDX-License-Identifier: MIT */
/* Counts, seconds, and what pictures are for besides. */
#include "pages/train/few-outlook.h"
#include "base/few-speeds.h"
#include "widgets/few-split-words.h"
#include "session/few-methods.h"
#include "widgets/few-use-words.h"

struct FewOutlook
{
  FewSession *session;
  GtkLabel *label;
  guint idle;
  gboolean runs;         /* a run is under way */
  FewProjectRun *before; /* the newest when it began; NULL: none */
};

/* ---- how long it takes */

/* What is measured and guessed by. */
static char *
name_work (const FewModelInfo *model, const FewTrainJob *job)
{
  return g_strjoin ("|", job->method ? job->method : "live", model->device, model->architecture,
                    NULL);
}

/* Each picture in each epoch meets each class, and passes two layers a quarter as wide as its
 * feature. */
static double
measure_work (const FewModelInfo *model, const FewTrainJob *job, guint learn, guint classes)
{
  guint epochs = job->method ? 1 : few_train_options_epochs (&job->options, learn);
  double dim = model->dim;
  return (double) learn * MAX (epochs, 1) * dim * (classes + dim / 4);
}

static FewProjectRun *
get_newest (FewOutlook *outlook)
{
  GPtrArray *runs = few_runs_get_list (few_session_get_runs (outlook->session));
  return runs->len > 0 ? ((FewRun *) runs->pdata[runs->len - 1])->record : NULL;
}

/* One that was stopped says nothing of a whole one. */
static void
note_run (const FewModelInfo *model, const FewProjectRun *record)
{
  guint learn = 0;
  for (guint i = 0; i < record->n; i++)
    learn += record->roles[i] == FEW_ROLE_TRAIN;
  g_autofree char *work = name_work (model, &record->job);
  if (!record->stopped)
    few_speeds_note (work, measure_work (model, &record->job, learn, record->n_classes),
                     record->seconds);
}

/* Runs that a project came with say nothing: another computer may have done them. */
void
few_outlook_follow (FewOutlook *outlook)
{
  g_return_if_fail (outlook != NULL);
  const FewModelInfo *model = few_desk_get_model (few_session_get_desk (outlook->session));
  gboolean runs =
      few_runs_get_training (few_session_get_runs (outlook->session)) != FEW_TRAINING_IDLE;
  FewProjectRun *newest = get_newest (outlook);
  if (runs && !outlook->runs)
    outlook->before = newest ? few_project_run_ref (newest) : NULL;
  else if (!runs && outlook->runs)
    {
      if (model && newest && newest != outlook->before)
        note_run (model, newest);
      g_clear_pointer (&outlook->before, few_project_run_unref);
    }
  outlook->runs = runs;
}

static char *
guess_time (const FewModelInfo *model, const FewTrainJob *job, const FewSplitCounts *counts)
{
  g_autofree char *work = name_work (model, job);
  double amount = measure_work (model, job, counts->learn, counts->classes);
  return few_speeds_words (few_speeds_guess (work, amount));
}

/* ---- in words */

static char *
describe_run (FewOutlook *outlook)
{
  FewExamples *examples = few_session_get_examples (outlook->session);
  const FewModelInfo *model = few_desk_get_model (few_session_get_desk (outlook->session));
  FewTrainJob job =
      few_method_choice_job (examples, few_runs_get_job (few_session_get_runs (outlook->session)));
  FewSplitCounts counts;
  g_autoptr (GString) text = g_string_new (NULL);
  if (few_split_count (examples, &job, &counts))
    {
      g_autofree char *split = few_split_describe (&counts);
      g_autofree char *time = model ? guess_time (model, &job, &counts) : NULL;
      g_string_append (text, split);
      if (time)
        g_string_append_printf (text, " · %s", time);
    }
  g_autofree char *uses = few_use_words (examples);
  if (uses)
    g_string_append_printf (text, text->len ? "\n%s" : "%s", uses);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
say_cb (gpointer data)
{
  FewOutlook *outlook = data;
  outlook->idle = 0;
  g_autofree char *text = describe_run (outlook);
  gtk_label_set_text (outlook->label, text);
  gtk_widget_set_visible (GTK_WIDGET (outlook->label), *text != '\0');
  return G_SOURCE_REMOVE;
}

FewOutlook *
few_outlook_new (FewSession *session, GtkLabel *label)
{
  g_return_val_if_fail (FEW_IS_SESSION (session) && GTK_IS_LABEL (label), NULL);
  FewOutlook *outlook = g_new0 (FewOutlook, 1);
  outlook->session = session;
  outlook->label = label;
  return outlook;
}

void
few_outlook_free (FewOutlook *outlook)
{
  g_return_if_fail (outlook != NULL);
  g_clear_handle_id (&outlook->idle, g_source_remove);
  g_clear_pointer (&outlook->before, few_project_run_unref);
  g_free (outlook);
}

void
few_outlook_update (FewOutlook *outlook)
{
  g_return_if_fail (outlook != NULL);
  if (!outlook->idle)
    outlook->idle = g_idle_add (say_cb, outlook);
}
