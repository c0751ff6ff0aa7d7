/* SPDX-License-Identifier: MIT */
/* Two numbers of the job. */
#include "pages/train/few-share-settings.h"
#include <glib/gi18n.h>

struct _FewShareSettings
{
  AdwPreferencesGroup parent;
  FewRuns *runs;         /* the session's */
  FewExamples *examples; /* the session's */
  GtkWidget *test_row, *validation_row;
  GtkSpinButton *test, *validation;
  gboolean loading;
};

G_DEFINE_FINAL_TYPE (FewShareSettings, few_share_settings, ADW_TYPE_PREFERENCES_GROUP)

static guint
get_percent (guint share)
{
  return share > 0 ? share : FEW_SHARE_USUAL;
}

static guint
take_percent (GtkSpinButton *spin)
{
  guint percent = (guint) gtk_spin_button_get_value_as_int (spin);
  return percent == FEW_SHARE_USUAL ? 0 : percent;
}

static void
show_shares (FewShareSettings *self)
{
  const FewTrainJob *job = few_runs_get_job (self->runs);
  gboolean all = job->shots == 0;
  self->loading = TRUE;
  gtk_spin_button_set_value (self->test, get_percent (job->shares.test));
  gtk_spin_button_set_value (self->validation, get_percent (job->shares.validation));
  gtk_widget_set_sensitive (self->validation_row, all);
  gtk_widget_set_sensitive (self->test_row, all && few_examples_count_tests (self->examples) == 0);
  self->loading = FALSE;
}

static void
restored_cb (FewShareSettings *self)
{
  show_shares (self);
}

static void
changed_cb (FewShareSettings *self)
{
  if (self->loading || !self->runs)
    return;
  FewTrainJob job = *few_runs_get_job (self->runs);
  job.shares = (FewShares) { take_percent (self->test), take_percent (self->validation) };
  few_runs_set_job (self->runs, &job);
}

static void
few_share_settings_dispose (GObject *object)
{
  FewShareSettings *self = FEW_SHARE_SETTINGS (object);
  if (self->runs)
    {
      g_signal_handlers_disconnect_by_data (self->runs, self);
      g_signal_handlers_disconnect_by_data (self->examples, self);
    }
  g_clear_object (&self->runs);
  g_clear_object (&self->examples);
  G_OBJECT_CLASS (few_share_settings_parent_class)->dispose (object);
}

static void
few_share_settings_class_init (FewShareSettingsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_share_settings_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/train/few-share-settings.ui");
  gtk_widget_class_bind_template_child (widget_class, FewShareSettings, test_row);
  gtk_widget_class_bind_template_child (widget_class, FewShareSettings, validation_row);
  gtk_widget_class_bind_template_child (widget_class, FewShareSettings, test);
  gtk_widget_class_bind_template_child (widget_class, FewShareSettings, validation);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
}

static void
few_share_settings_init (FewShareSettings *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
few_share_settings_set_session (FewShareSettings *self, FewSession *session)
{
  g_return_if_fail (FEW_IS_SHARE_SETTINGS (self) && FEW_IS_SESSION (session));
  g_return_if_fail (!self->runs);
  self->runs = g_object_ref (few_session_get_runs (session));
  self->examples = g_object_ref (few_session_get_examples (session));
  g_signal_connect_swapped (self->runs, "settings", G_CALLBACK (restored_cb), self);
  g_signal_connect_swapped (self->runs, "did", G_CALLBACK (restored_cb), self);
  g_signal_connect_swapped (self->examples, "changed", G_CALLBACK (restored_cb), self);
  show_shares (self);
}
