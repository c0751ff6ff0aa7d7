/* SPDX-License-Identifier: MIT */
/* Each setting is a number beside the preset's own. */
#include "pages/train/few-adapter-settings.h"
#include <glib/gi18n.h>
#include <math.h>

enum { STEPS, RATE, ALPHA, BATCH, HIDDEN, OPTIMIZER, RELU, N_SETTINGS };
enum { FIRST_OF_EXPERTS = ALPHA };

static const char *const presets[] = { "default", "seed", "published" };

struct _FewAdapterSettings
{
  AdwPreferencesGroup parent;
  FewRuns *runs; /* the session's */
  AdwComboRow *preset, *optimizer;
  AdwActionRow *steps_row, *rate_row, *alpha_row, *batch_row, *hidden_row, *relu_row;
  AdwExpanderRow *experts;
  GtkSpinButton *steps, *rate, *alpha, *batch, *hidden;
  GtkSwitch *final_relu;
  GtkWidget *reset;
  guint base; /* the preset that the settings are seen beside */
  gboolean loading;
};

G_DEFINE_FINAL_TYPE (FewAdapterSettings, few_adapter_settings, ADW_TYPE_PREFERENCES_GROUP)

/* ---- presets */

static double
get_setting (const FewTrainOptions *o, guint setting)
{
  const double values[N_SETTINGS] = {
    [STEPS] = o->steps,          [RATE] = o->learning_rate, [ALPHA] = o->alpha,
    [BATCH] = o->batch,          [HIDDEN] = o->hidden,      [OPTIMIZER] = o->optimizer,
    [RELU] = o->final_relu != 0,
  };
  return values[setting];
}

static FewTrainOptions
get_preset (guint which)
{
  FewTrainOptions options;
  few_train_options_preset (&options, presets[which]);
  return options;
}

static gboolean
is_changed (const FewTrainOptions *o, const FewTrainOptions *base, guint setting)
{
  return fabs (get_setting (o, setting) - get_setting (base, setting)) > 1e-9;
}

static guint
count_changed (const FewTrainOptions *o, const FewTrainOptions *base, guint from)
{
  guint n = 0;
  for (guint i = from; i < N_SETTINGS; i++)
    n += is_changed (o, base, i);
  return n;
}

/* What is not shown tells presets apart, too. */
static gboolean
is_preset (const FewTrainOptions *o, guint which)
{
  FewTrainOptions base = get_preset (which);
  return count_changed (o, &base, 0) == 0 && o->cosine == base.cosine && o->folds == base.folds
         && o->warmup_epochs == base.warmup_epochs && o->drop_last == base.drop_last
         && fabs (o->weight_decay - base.weight_decay) < 1e-12
         && (o->steps > 0 || o->epochs == base.epochs);
}

/* The number after the last: none. */
static guint
find_preset (const FewTrainOptions *o)
{
  guint i = 0;
  while (i < G_N_ELEMENTS (presets) && !is_preset (o, i))
    i++;
  return i;
}

/* ---- marks */

static char *
format_setting (double value, guint setting)
{
  static const char *const optimizers[] = { "AdamW", "Adam", "SGD" };
  if (setting == OPTIMIZER)
    return g_strdup (optimizers[(guint) value % G_N_ELEMENTS (optimizers)]);
  if (setting == RELU)
    return g_strdup (value > 0 ? _ ("on") : _ ("off"));
  return g_strdup_printf ("%g", value);
}

/* What a setting is, in a sentence. */
static char *
describe_setting (const FewTrainOptions *o, guint setting)
{
  const char *const sentences[N_SETTINGS] = {
    [RATE] = _ ("Falls to zero along a cosine"),
    [ALPHA] = _ ("Share of the adapter while it learns"),
    [BATCH] = _ ("Pictures a step"),
    [HIDDEN] = _ ("0: a quarter of the joint width"),
    [OPTIMIZER] = _ ("How a step follows from the slopes"),
    [RELU] = _ ("On in the published code, absent from the paper’s figure"),
  };
  if (setting == RATE && !o->cosine)
    return g_strdup (_ ("The same from the first step to the last"));
  if (setting != STEPS)
    return g_strdup (sentences[setting]);
  if (o->steps > 0)
    return g_strdup (_ ("Updates of the weights, however few the pictures are"));
  return g_strdup_printf (_ ("0: as many as %u passes over the pictures take"), o->epochs);
}

static void
mark_row (AdwActionRow *row, const FewTrainOptions *o, const FewTrainOptions *base, guint setting)
{
  gboolean changed = is_changed (o, base, setting);
  g_autofree char *sentence = describe_setting (o, setting);
  g_autofree char *own = format_setting (get_setting (base, setting), setting);
  /* Translators: what a setting is; its value in the preset */
  g_autofree char *marked = g_strdup_printf (_ ("%s · changed, the preset has %s"), sentence, own);
  adw_action_row_set_subtitle (row, changed ? marked : sentence);
  if (changed)
    gtk_widget_add_css_class (GTK_WIDGET (row), "changed");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (row), "changed");
}

static void
mark_changes (FewAdapterSettings *self)
{
  const FewTrainOptions *o = &few_runs_get_job (self->runs)->options;
  AdwActionRow *const rows[N_SETTINGS] = { self->steps_row,  self->rate_row,
                                           self->alpha_row,  self->batch_row,
                                           self->hidden_row, ADW_ACTION_ROW (self->optimizer),
                                           self->relu_row };
  guint preset = find_preset (o);
  if (preset < G_N_ELEMENTS (presets))
    self->base = preset;
  FewTrainOptions base = get_preset (self->base);
  for (guint i = 0; i < N_SETTINGS; i++)
    mark_row (rows[i], o, &base, i);
  guint experts = count_changed (o, &base, FIRST_OF_EXPERTS);
  g_autofree char *text = g_strdup_printf (
      ngettext ("%u of them is changed", "%u of them are changed", experts), experts);
  adw_expander_row_set_subtitle (self->experts, experts ? text : "");
  gtk_widget_set_visible (self->reset, preset == G_N_ELEMENTS (presets));
  self->loading = TRUE;
  adw_combo_row_set_selected (self->preset, preset);
  self->loading = FALSE;
}

guint
few_adapter_settings_count_changed (FewAdapterSettings *self)
{
  g_return_val_if_fail (FEW_IS_ADAPTER_SETTINGS (self), 0);
  FewTrainOptions base = get_preset (self->base);
  return count_changed (&few_runs_get_job (self->runs)->options, &base, 0);
}

/* ---- back and forth */

static void
show_options (FewAdapterSettings *self)
{
  const FewTrainOptions *o = &few_runs_get_job (self->runs)->options;
  self->loading = TRUE;
  gtk_spin_button_set_value (self->steps, o->steps);
  gtk_spin_button_set_value (self->rate, o->learning_rate);
  gtk_spin_button_set_value (self->alpha, o->alpha);
  gtk_spin_button_set_value (self->batch, o->batch);
  gtk_spin_button_set_value (self->hidden, o->hidden);
  gtk_switch_set_active (self->final_relu, o->final_relu);
  adw_combo_row_set_selected (self->optimizer, o->optimizer);
  self->loading = FALSE;
  mark_changes (self);
}

static void
settings_restored_cb (FewAdapterSettings *self)
{
  show_options (self);
}

static void
settings_changed_cb (FewAdapterSettings *self)
{
  if (self->loading || !self->runs)
    return;
  FewTrainJob job = *few_runs_get_job (self->runs);
  FewTrainOptions *o = &job.options;
  o->steps = (guint) gtk_spin_button_get_value_as_int (self->steps);
  o->learning_rate = gtk_spin_button_get_value (self->rate);
  o->alpha = gtk_spin_button_get_value (self->alpha);
  o->batch = (guint) gtk_spin_button_get_value_as_int (self->batch);
  o->hidden = (guint) gtk_spin_button_get_value_as_int (self->hidden);
  o->final_relu = gtk_switch_get_active (self->final_relu);
  o->optimizer = (FewOptimizer) adw_combo_row_get_selected (self->optimizer);
  few_runs_set_job (self->runs, &job);
  mark_changes (self);
}

/* All but the seed, which no preset knows. */
static void
take_preset (FewAdapterSettings *self, guint which)
{
  FewTrainJob job = *few_runs_get_job (self->runs);
  guint64 seed = job.options.seed;
  job.options = get_preset (which);
  job.options.seed = seed;
  few_runs_set_job (self->runs, &job);
  show_options (self);
}

static void
preset_changed_cb (FewAdapterSettings *self)
{
  guint selected = adw_combo_row_get_selected (self->preset);
  if (self->loading || !self->runs)
    return;
  if (selected < G_N_ELEMENTS (presets))
    take_preset (self, selected);
  else
    mark_changes (self); /* “changed” is no choice of its own */
}

static void
reset_cb (FewAdapterSettings *self)
{
  take_preset (self, self->base);
}

/* ---- life */

static void
few_adapter_settings_dispose (GObject *object)
{
  FewAdapterSettings *self = FEW_ADAPTER_SETTINGS (object);
  if (self->runs)
    g_signal_handlers_disconnect_by_data (self->runs, self);
  g_clear_object (&self->runs);
  G_OBJECT_CLASS (few_adapter_settings_parent_class)->dispose (object);
}

static void
few_adapter_settings_class_init (FewAdapterSettingsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_adapter_settings_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/train/few-adapter-settings.ui");
  gtk_widget_class_bind_template_child (widget_class, FewAdapterSettings, preset);
  gtk_widget_class_bind_template_child (widget_class, FewAdapterSettings, optimizer);
  gtk_widget_class_bind_template_child (widget_class, FewAdapterSettings, experts);
  gtk_widget_class_bind_template_child (widget_class, FewAdapterSettings, steps_row);
  gtk_widget_class_bind_template_child (widget_class, FewAdapterSettings, rate_row);
  gtk_widget_class_bind_template_child (widget_class, FewAdapterSettings, alpha_row);
  gtk_widget_class_bind_template_child (widget_class, FewAdapterSettings, batch_row);
  gtk_widget_class_bind_template_child (widget_class, FewAdapterSettings, hidden_row);
  gtk_widget_class_bind_template_child (widget_class, FewAdapterSettings, relu_row);
  gtk_widget_class_bind_template_child (widget_class, FewAdapterSettings, steps);
  gtk_widget_class_bind_template_child (widget_class, FewAdapterSettings, rate);
  gtk_widget_class_bind_template_child (widget_class, FewAdapterSettings, alpha);
  gtk_widget_class_bind_template_child (widget_class, FewAdapterSettings, batch);
  gtk_widget_class_bind_template_child (widget_class, FewAdapterSettings, hidden);
  gtk_widget_class_bind_template_child (widget_class, FewAdapterSettings, final_relu);
  gtk_widget_class_bind_template_child (widget_class, FewAdapterSettings, reset);
  gtk_widget_class_bind_template_callback (widget_class, settings_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, preset_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, reset_cb);
}

static void
few_adapter_settings_init (FewAdapterSettings *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
few_adapter_settings_set_session (FewAdapterSettings *self, FewSession *session)
{
  g_return_if_fail (FEW_IS_ADAPTER_SETTINGS (self) && FEW_IS_SESSION (session));
  self->runs = g_object_ref (few_session_get_runs (session));
  g_signal_connect_swapped (self->runs, "settings", G_CALLBACK (settings_restored_cb), self);
  show_options (self);
}
