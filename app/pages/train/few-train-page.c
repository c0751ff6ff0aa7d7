/* SPDX-License-Identifier: MIT */
/* Settings of the next run, the run under way as lines, and the runs that are kept. */
#include "pages/train/few-train-page.h"
#include "base/few-turns.h"
#include "pages/train/few-adapter-settings.h"
#include "pages/train/few-expert-settings.h"
#include "pages/train/few-method-list.h"
#include "pages/train/few-outlook.h"
#include "pages/train/few-run-chart.h"
#include "pages/train/few-run-list.h"
#include "pages/train/few-run-words.h"
#include "pages/train/few-share-settings.h"
#include "pages/train/few-train-words.h"
#include "session/few-methods.h"
#include "widgets/few-chart.h"
#include "widgets/few-beside.h"
#include "widgets/few-clamp.h"
#include "widgets/few-spin.h"
#include "widgets/few-wrap.h"
#include <adwaita.h>
#include <glib/gi18n.h>

struct _FewTrainPage
{
  GtkWidget parent;
  FewSession *session;
  FewExamples *examples; /* the session's */
  FewDesk *desk; /* the session's */
  FewView *view; /* the session's */
  GtkWidget *box;
  FewChart *chart;
  GtkLabel *status, *words, *device;
  GtkWidget *train, *stop;
  GtkLabel *sentence, *uses; /* on the method, on what pictures are for */
  FewOutlook *outlook; /* says the latter */
  GtkButton *pause;
  GtkProgressBar *progress;
  AdwComboRow *method, *subject;
  GtkStringList *titles; /* of the methods */
  FewAdapterSettings *adapter;
  FewExpertSettings *experts;
  FewShareSettings *shares;
  GtkWidget *lines, *next; /* the chart with all of it; where to go once something was learned */
  GtkSpinButton *shots, *seed;
  GtkSwitch *folders;
  GtkEntry *template_text;
  GtkListBox *runs;
  FewRunList *run_list; /* of these */
  gboolean has_shown; /* what is in view is of the run under way */
  GtkBox *settings; /* in which the last three lie */
  guint built;      /* of these */
  gboolean loading;
  gboolean several; /* what is shown is of any number of labels a picture */
};

static void few_train_page_iface_init (FewPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FewTrainPage, few_train_page, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (FEW_TYPE_PAGE, few_train_page_iface_init))

/* ---- settings */

static FewRuns *
get_runs (FewTrainPage *self)
{
  return few_session_get_runs (self->session);
}

/* Of the next run. */
static const char *
get_method (FewTrainPage *self)
{
  return few_method_choice_now (self->examples, few_runs_get_job (get_runs (self)));
}

/* Not while it is as it should be: the cursor would jump. */
static void
show_template (FewTrainPage *self)
{
  const char *text = few_examples_get_template (self->examples);
  if (!g_str_equal (gtk_editable_get_text (GTK_EDITABLE (self->template_text)), text))
    gtk_editable_set_text (GTK_EDITABLE (self->template_text), text);
}

/* The choices, and behind them the specification that is none of them. */
static void
show_method (FewTrainPage *self, const char *specification)
{
  GListModel *titles = G_LIST_MODEL (self->titles);
  guint known = few_method_choice_find ("");
  guint at = few_method_choice_find (specification);
  const FewMethodChoice *choice = few_method_choice (at);
  const char *const other[] = { choice ? NULL : few_method_choice_title (specification), NULL };
  guint old = g_list_model_get_n_items (titles) - known;
  if (old > 0 || !choice)
    gtk_string_list_splice (self->titles, known, old, other);
  adw_combo_row_set_selected (self->method, at);
  g_autofree char *refusal =
      few_method_choice_refusal (specification, few_desk_get_model (self->desk));
  const char *sentence = choice ? _ (choice->sentence) : few_method_choice_sentence (specification);
  if (refusal)
    sentence = refusal;
  gtk_label_set_text (self->sentence, sentence ? sentence : "");
  gtk_widget_set_sensitive (GTK_WIDGET (self->method), !self->several);
  gtk_widget_set_visible (GTK_WIDGET (self->adapter), specification == NULL);
}

/* What the next run would learn from. Counted while somebody looks. */
static void
show_uses (FewTrainPage *self)
{
  if (!self->session || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return; /* on map */
  few_outlook_update (self->outlook);
}

static void
show_job (FewTrainPage *self)
{
  const FewTrainJob *job = few_runs_get_job (get_runs (self));
  self->loading = TRUE;
  self->several = few_examples_is_several (self->examples);
  show_method (self, get_method (self));
  gtk_spin_button_set_value (self->shots, job->shots);
  gtk_spin_button_set_value (self->seed, (double) job->options.seed);
  gtk_switch_set_active (self->folders, job->folders);
  show_template (self);
  self->loading = FALSE;
  show_uses (self);
}

static void
did_cb (FewTrainPage *self)
{
  show_uses (self);
}

static void
template_changed_cb (FewTrainPage *self)
{
  show_template (self);
}

static void
settings_changed_cb (FewTrainPage *self)
{
  if (self->loading || !self->session)
    return;
  FewTrainJob job = *few_runs_get_job (get_runs (self));
  job.shots = (guint) gtk_spin_button_get_value_as_int (self->shots);
  job.options.seed = (guint64) gtk_spin_button_get_value_as_int (self->seed);
  job.split_seed = job.options.seed;
  job.folders = gtk_switch_get_active (self->folders);
  few_runs_set_job (get_runs (self), &job);
  show_uses (self);
}

static void
method_changed_cb (FewTrainPage *self)
{
  if (self->loading || !self->session)
    return;
  const FewMethodChoice *choice = few_method_choice (adw_combo_row_get_selected (self->method));
  const char *old = few_runs_get_job (get_runs (self))->method;
  g_autofree char *new = choice ? few_method_choice_instead (choice->specification, old) : NULL;
  if (choice)
    few_runs_set_method (get_runs (self), new);
}

static void
template_activated_cb (FewTrainPage *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->template_text));
  g_auto (GStrv) templates = few_templates_split (text);
  if (!templates)
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->template_text), "error");
      return;
    }
  gtk_widget_remove_css_class (GTK_WIDGET (self->template_text), "error");
  few_examples_set_template (self->examples, text);
}

/* What was typed counts without Enter, too. */
static void
template_left_cb (FewTrainPage *self)
{
  if (self->session)
    template_activated_cb (self);
}

/* The list's order is that of few_template_preset. */
static void
subject_changed_cb (FewTrainPage *self)
{
  const char *name;
  const char *const *templates =
      few_template_preset (adw_combo_row_get_selected (self->subject), &name);
  if (self->loading || !self->session || !templates)
    return;
  g_autofree char *text = g_strjoinv (" | ", (char **) templates);
  gtk_editable_set_text (GTK_EDITABLE (self->template_text), text);
  template_activated_cb (self);
}

/* ---- what is seen */

/* Whether a run draws its lines from its beginning. */
static gboolean
is_live (FewTrainPage *self)
{
  return get_method (self) == NULL;
}

/* Whether automatic's answer stands, and the adapter learns beside it. */
static gboolean
has_answer (FewTrainPage *self)
{
  return few_method_choice_find (get_method (self)) == 0 && self->has_shown;
}

/* What can be done now; the focus goes with it. */
static void
show_buttons (FewTrainPage *self, FewTrainingState state)
{
  gboolean idle = state == FEW_TRAINING_IDLE;
  gboolean focused = gtk_widget_has_focus (self->train) || gtk_widget_has_focus (self->stop)
                     || gtk_widget_has_focus (GTK_WIDGET (self->pause));
  gboolean moves = focused && gtk_widget_get_visible (self->train) != idle;
  gtk_widget_set_visible (self->train, idle);
  gtk_widget_set_visible (GTK_WIDGET (self->pause), !idle);
  gtk_widget_set_visible (self->stop, !idle);
  gtk_button_set_label (self->pause, state == FEW_TRAINING_PAUSED ? _ ("Continue") : _ ("Pause"));
  if (moves)
    gtk_widget_grab_focus (idle ? self->train : self->stop);
}

static void
update_status (FewTrainPage *self)
{
  FewTrainingState state = few_runs_get_training (get_runs (self));
  self->has_shown = self->has_shown && state != FEW_TRAINING_IDLE;
  const FewModelInfo *model = few_desk_get_model (self->desk);
  FewSnapshot *snapshot = few_view_get_snapshot (self->view);
  const FewSnapshotInfo *info = snapshot ? few_snapshot_info (snapshot) : NULL;
  const FewTrainStatus status = { .training = state,
                                  .stale = few_runs_is_stale (get_runs (self)),
                                  .answer = has_answer (self),
                                  .live = is_live (self),
                                  .progress = few_runs_get_progress (get_runs (self)),
                                  .info = info };
  g_autofree char *text = few_train_words (&status);
  gtk_label_set_text (self->status, text);
  gtk_widget_set_visible (self->next, state == FEW_TRAINING_IDLE && info && info->trained);
  gtk_label_set_text (self->device, model ? model->device : "");
  gtk_widget_set_visible (GTK_WIDGET (self->device), model != NULL);
  gtk_progress_bar_set_fraction (self->progress, few_train_words_progress (&status));
  show_buttons (self, state);
}

static void
show_words (GObject *page, const char *text)
{
  FewTrainPage *self = FEW_TRAIN_PAGE (page);
  if (!self->session) /* the window went meanwhile */
    return;
  gtk_label_set_text (self->words, text ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->words), text != NULL);
}

/* Not of each step of a live run. */
static void
update_words (FewTrainPage *self)
{
  if (few_runs_get_training (get_runs (self)) == FEW_TRAINING_IDLE)
    few_run_words_ask (self->view, G_OBJECT (self), show_words);
  else
    show_words (G_OBJECT (self), NULL);
}

static void
update_view (FewTrainPage *self)
{
  gboolean has_lines = few_run_chart_show (self->chart, few_view_get_snapshot (self->view));
  gtk_widget_set_visible (self->lines, has_lines || is_live (self));
  update_status (self);
  update_words (self);
}

static void
snapshot_changed_cb (FewTrainPage *self)
{
  self->has_shown = few_runs_get_training (get_runs (self)) != FEW_TRAINING_IDLE;
  update_view (self);
}

static void
examples_changed_cb (FewTrainPage *self)
{
  if (!self->session) /* mapped before it has one: set_session does all of this */
    return;
  if (self->several != few_examples_is_several (self->examples))
    show_job (self);
  show_uses (self);
  update_status (self);
}

static void
settings_restored_cb (FewTrainPage *self)
{
  show_job (self);
  update_view (self);
}

static void
model_changed_cb (FewTrainPage *self)
{
  few_method_list_show (self->method, self->desk);
  settings_restored_cb (self);
}

static void
run_activated_cb (GtkListBox *list, GtkListBoxRow *row, FewTrainPage *self)
{
  few_runs_show (get_runs (self), (guint) gtk_list_box_row_get_index (row));
}

static void
list_runs (gpointer user)
{
  FewTrainPage *self = user;
  if (self->session)
    few_run_list_show (self->run_list, get_runs (self));
}

static void
runs_changed_cb (FewTrainPage *self)
{
  /* A row acts on the run at its place: none stands for another meanwhile. */
  few_run_list_trim (self->run_list, get_runs (self));
  /* Making a row takes as long as all else that a run's end asks. */
  few_turns_add (self, list_runs);
  few_outlook_follow (self->outlook);
  show_uses (self);
  update_status (self);
}

/* ---- life */

static void
few_train_page_dispose (GObject *object)
{
  FewTrainPage *self = FEW_TRAIN_PAGE (object);
  if (self->session)
    {
      g_signal_handlers_disconnect_by_data (self->view, self);
      g_signal_handlers_disconnect_by_data (get_runs (self), self);
      g_signal_handlers_disconnect_by_data (self->desk, self);
      g_signal_handlers_disconnect_by_data (self->examples, self);
    }
  g_clear_pointer (&self->outlook, few_outlook_free);
  g_clear_object (&self->session);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->run_list, few_run_list_free);
  G_OBJECT_CLASS (few_train_page_parent_class)->dispose (object);
}

static void
few_train_page_class_init (FewTrainPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_train_page_dispose;
  g_type_ensure (FEW_TYPE_CHART);
  g_type_ensure (FEW_TYPE_BESIDE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/train/few-train-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, box);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, chart);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, status);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, words);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, next);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, device);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, pause);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, sentence);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, train);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, stop);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, progress);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, method);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, titles);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, settings);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, uses);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, lines);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, subject);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, shots);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, seed);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, folders);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, template_text);
  gtk_widget_class_bind_template_child (widget_class, FewTrainPage, runs);
  gtk_widget_class_bind_template_callback (widget_class, settings_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, method_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, template_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, subject_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, run_activated_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_train_page_init (FewTrainPage *self)
{
  const FewMethodChoice *choice;
  gtk_widget_init_template (GTK_WIDGET (self));
  few_clamp_by_letters (GTK_WIDGET (self->chart));
  self->run_list = few_run_list_new (self->runs);
  g_signal_connect (self, "map", G_CALLBACK (examples_changed_cb), NULL);
  few_wrap_buttons (GTK_WIDGET (self));
  few_spin_ignore_wheel (GTK_WIDGET (self));
  GtkEventController *focus = gtk_event_controller_focus_new ();
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (template_left_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->template_text), focus);
  self->loading = TRUE;
  for (guint i = 0; (choice = few_method_choice (i)); i++)
    gtk_string_list_append (self->titles, _ (choice->title));
  self->loading = FALSE;
}

/* The groups of settings, one after the other. */
static gboolean
few_train_page_build (FewPage *page)
{
  FewTrainPage *self = FEW_TRAIN_PAGE (page);
  GtkWidget *group;
  switch (self->built++)
    {
    case 0:
      group = g_object_new (FEW_TYPE_SHARE_SETTINGS, NULL);
      self->shares = FEW_SHARE_SETTINGS (group);
      break;
    case 1:
      group = g_object_new (FEW_TYPE_EXPERT_SETTINGS, NULL);
      self->experts = FEW_EXPERT_SETTINGS (group);
      break;
    case 2:
      group = g_object_new (FEW_TYPE_ADAPTER_SETTINGS, NULL);
      self->adapter = FEW_ADAPTER_SETTINGS (group);
      break;
    default:
      return FALSE;
    }
  few_wrap_buttons (group);
  few_spin_ignore_wheel (group);
  gtk_box_append (self->settings, group);
  return TRUE;
}

static void
few_train_page_set_session (FewPage *page, FewSession *session, FewThumbnails *thumbnails)
{
  FewTrainPage *self = FEW_TRAIN_PAGE (page);
  self->session = g_object_ref (session);
  self->outlook = few_outlook_new (session, self->uses);
  self->examples = few_session_get_examples (session);
  self->desk = few_session_get_desk (session);
  self->view = few_session_get_view (session);
  g_signal_connect_swapped (self->view, "snapshot", G_CALLBACK (snapshot_changed_cb), self);
  g_signal_connect_swapped (few_session_get_runs (session), "changed", G_CALLBACK (runs_changed_cb),
                            self);
  g_signal_connect_swapped (self->desk, "notify::model", G_CALLBACK (runs_changed_cb), self);
  g_signal_connect_swapped (self->desk, "notify::model", G_CALLBACK (model_changed_cb), self);
  g_signal_connect_swapped (self->examples, "changed", G_CALLBACK (examples_changed_cb), self);
  g_signal_connect_swapped (few_session_get_runs (session), "settings",
                            G_CALLBACK (settings_restored_cb), self);
  g_signal_connect_swapped (self->examples, "notify::template-text",
                            G_CALLBACK (template_changed_cb), self);
  g_signal_connect_swapped (few_session_get_runs (session), "did", G_CALLBACK (did_cb), self);
  few_adapter_settings_set_session (self->adapter, session);
  few_expert_settings_set_session (self->experts, session);
  few_share_settings_set_session (self->shares, session);
  few_method_list_show (self->method, self->desk);
  show_job (self);
  runs_changed_cb (self);
  update_view (self);
}

static void
few_train_page_iface_init (FewPageInterface *iface)
{
  iface->name = "train";
  iface->title = N_ ("Train");
  iface->icon_name = "media-playback-start-symbolic";
  iface->has_alpha = TRUE;
  iface->build = few_train_page_build;
  iface->set_session = few_train_page_set_session;
}
