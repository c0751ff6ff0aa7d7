/* SPDX-License-Identifier: MIT */
/* A setting is part of the method's specification. */
#include "pages/train/few-expert-settings.h"
#include "session/few-methods.h"
#include <glib/gi18n.h>

struct _FewExpertSettings
{
  AdwPreferencesGroup parent;
  FewRuns *runs; /* the session's */
  FewExamples *examples; /* the session's */
  AdwExpanderRow *experts;
  GtkSwitch *balanced;
  gboolean loading;
};

G_DEFINE_FINAL_TYPE (FewExpertSettings, few_expert_settings, ADW_TYPE_PREFERENCES_GROUP)

static void
show_method (FewExpertSettings *self)
{
  const char *method = few_method_choice_now (self->examples, few_runs_get_job (self->runs));
  gboolean balanced = few_method_choice_is_balanced (method);
  self->loading = TRUE;
  gtk_widget_set_visible (GTK_WIDGET (self), few_method_choice_takes_priors (method));
  gtk_switch_set_active (self->balanced, balanced);
  adw_expander_row_set_subtitle (self->experts, balanced ? _ ("Classes are equally likely") : "");
  self->loading = FALSE;
}

static void
settings_restored_cb (FewExpertSettings *self)
{
  show_method (self);
}

static void
balanced_changed_cb (FewExpertSettings *self)
{
  if (self->loading || !self->runs)
    return;
  const char *method = few_runs_get_job (self->runs)->method;
  g_autofree char *wanted =
      few_method_choice_balance (method, gtk_switch_get_active (self->balanced));
  few_runs_set_method (self->runs, wanted);
}

static void
few_expert_settings_dispose (GObject *object)
{
  FewExpertSettings *self = FEW_EXPERT_SETTINGS (object);
  if (self->runs)
    {
      g_signal_handlers_disconnect_by_data (self->runs, self);
      g_signal_handlers_disconnect_by_data (self->examples, self);
    }
  g_clear_object (&self->examples);
  g_clear_object (&self->runs);
  G_OBJECT_CLASS (few_expert_settings_parent_class)->dispose (object);
}

static void
few_expert_settings_class_init (FewExpertSettingsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_expert_settings_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/train/few-expert-settings.ui");
  gtk_widget_class_bind_template_child (widget_class, FewExpertSettings, experts);
  gtk_widget_class_bind_template_child (widget_class, FewExpertSettings, balanced);
  gtk_widget_class_bind_template_callback (widget_class, balanced_changed_cb);
}

static void
few_expert_settings_init (FewExpertSettings *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
few_expert_settings_set_session (FewExpertSettings *self, FewSession *session)
{
  g_return_if_fail (FEW_IS_EXPERT_SETTINGS (self) && FEW_IS_SESSION (session));
  g_return_if_fail (!self->runs);
  self->runs = g_object_ref (few_session_get_runs (session));
  self->examples = g_object_ref (few_session_get_examples (session));
  g_signal_connect_swapped (self->examples, "content", G_CALLBACK (settings_restored_cb), self);
  g_signal_connect_swapped (self->runs, "settings", G_CALLBACK (settings_restored_cb), self);
  show_method (self);
}
