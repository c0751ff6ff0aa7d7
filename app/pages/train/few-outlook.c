/* SPDX-License-Identifier: MIT */
/* Counts, and what pictures are for besides. */
#include "pages/train/few-outlook.h"
#include "pages/train/few-split-words.h"
#include "widgets/few-use-words.h"

struct FewOutlook
{
  FewSession *session;
  GtkLabel *label;
  guint idle;
};

static char *
describe_run (FewOutlook *outlook)
{
  FewExamples *examples = few_session_get_examples (outlook->session);
  const FewTrainJob *job = few_runs_get_job (few_session_get_runs (outlook->session));
  g_autofree char *split = few_split_words (examples, job);
  g_autofree char *uses = few_use_words (examples);
  g_autoptr (GString) text = g_string_new (split);
  if (uses)
    g_string_append_printf (text, split ? "\n%s" : "%s", uses);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
say_cb (gpointer data)
{
  FewOutlook *outlook = data;
  g_autofree char *text = describe_run (outlook);
  outlook->idle = 0;
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
  g_free (outlook);
}

void
few_outlook_update (FewOutlook *outlook)
{
  g_return_if_fail (outlook != NULL);
  if (!outlook->idle)
    outlook->idle = g_idle_add (say_cb, outlook);
}
