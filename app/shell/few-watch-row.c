/* SPDX-License-Identifier: MIT */
/* Shows what the watcher knows of a folder; what is set goes to the watcher, which says it back. */
#include "shell/few-watch-row.h"
#include "watch/few-watch-log.h"
#include "widgets/few-chooser.h"
#include "widgets/few-drop-down.h"
#include <fewshot.h>
#include <glib/gi18n.h>

struct _FewWatchRow
{
  AdwExpanderRow parent;
  FewWatcher *watcher;
  char *id;
  gboolean updating;
  GtkSwitch *on, *recursive;
  AdwActionRow *classifier, *target, *log;
  AdwComboRow *action;
  GtkWidget *use_last;
};

G_DEFINE_FINAL_TYPE (FewWatchRow, few_watch_row, ADW_TYPE_EXPANDER_ROW)

/* ---- setting */

static FewWatched *
get_watched (FewWatchRow *self)
{
  return few_watcher_find (self->watcher, self->id);
}

static void
put (FewWatchRow *self, const FewWatched *members)
{
  g_autoptr (FewWatched) watched = few_watched_new (members);
  few_watcher_put (self->watcher, watched);
}

static void
set_cb (FewWatchRow *self)
{
  const FewWatched *now = get_watched (self);
  if (self->updating || !now)
    return;
  FewWatched members = *now;
  members.on = gtk_switch_get_active (self->on);
  members.recursive = gtk_switch_get_active (self->recursive);
  members.action = adw_combo_row_get_selected (self->action);
  put (self, &members);
}

/* NULL: as it is. */
static void
put_paths (FewWatchRow *self, const char *classifier, const char *target)
{
  const FewWatched *now = get_watched (self);
  if (!now)
    return;
  FewWatched members = *now;
  if (classifier)
    members.classifier = (char *) classifier;
  if (target)
    members.target = (char *) target;
  put (self, &members);
}

static void
classifier_chosen_cb (gpointer user, const char *const *paths)
{
  put_paths (user, paths[0], NULL);
}

static void
target_chosen_cb (gpointer user, const char *const *paths)
{
  put_paths (user, NULL, paths[0]);
}

static void
choose_classifier_cb (FewWatchRow *self)
{
  few_choose (
      GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
      &(FewChooser) { _ ("Choose a Classifier That Was Exported"), GTK_FILE_CHOOSER_ACTION_OPEN },
      classifier_chosen_cb, self);
}

static void
choose_target_cb (FewWatchRow *self)
{
  few_choose (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
              &(FewChooser) { _ ("Choose the Folder That Pictures Are Sorted Into"),
                              GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER },
              target_chosen_cb, self);
}

static void
use_last_cb (FewWatchRow *self)
{
  put_paths (self, "", NULL);
}

static void
open_log_cb (FewWatchRow *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "app.watch-log", "s", self->id);
}

static void
remove_cb (FewWatchRow *self)
{
  few_watcher_remove (self->watcher, self->id);
}

/* ---- showing */

static char *
describe_state (FewWatchRow *self, const FewWatched *watched)
{
  const FewWatcherState *state = few_watcher_get_state (self->watcher, self->id);
  guint done = (guint) MIN (state->done, G_MAXUINT);
  if (!watched->on)
    return g_strdup (_ ("Off"));
  if (few_watcher_get_paused (self->watcher))
    return g_strdup (_ ("Paused"));
  if (state->problem)
    return g_strdup (state->problem);
  if (state->busy)
    return g_strdup_printf (
        ngettext ("%u picture, more are waiting", "%u pictures, more are waiting", done), done);
  if (done > 0)
    return g_strdup_printf (ngettext ("%u picture since the program began",
                                      "%u pictures since the program began", done),
                            done);
  return g_strdup (_ ("Waiting for new pictures"));
}

static void
show_classifier (FewWatchRow *self, const FewWatched *watched)
{
  gboolean last = !*watched->classifier;
  g_autofree char *path = last ? few_watcher_last_exported () : g_strdup (watched->classifier);
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *text = NULL;
  if (last && *path) /* Translators: a file */
    text = g_strdup_printf (_ ("The one that was exported last: %s"), shown);
  else if (last)
    text = g_strdup (_ ("The one that is exported next"));
  adw_action_row_set_subtitle (self->classifier, text ? text : shown);
  gtk_widget_set_visible (self->use_last, !last);
}

static void
show_action (FewWatchRow *self, const FewWatched *watched)
{
  static const char *const words[] = {
    [FEW_WATCH_LIST] = N_ ("Each has a line in the log, and nothing else is written"),
    [FEW_WATCH_TAGS] = N_ ("As keywords beside the pictures; “none of these” gets none"),
    [FEW_WATCH_SORT] = N_ ("Copies into a folder per class; nothing is moved or written over"),
  };
  g_autofree char *target = g_filename_display_name (watched->target);
  adw_combo_row_set_selected (self->action, watched->action);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->action), _ (words[watched->action]));
  gtk_widget_set_visible (GTK_WIDGET (self->target), watched->action == FEW_WATCH_SORT);
  adw_action_row_set_subtitle (self->target, *target ? target : _ ("Not chosen yet"));
}

void
few_watch_row_update (FewWatchRow *self)
{
  g_return_if_fail (FEW_IS_WATCH_ROW (self));
  const FewWatched *watched = get_watched (self);
  const FewWatcherState *state = few_watcher_get_state (self->watcher, self->id);
  if (!watched || !state)
    return;
  g_autofree char *name = few_watched_name (watched);
  g_autofree char *words = describe_state (self, watched);
  const char *tail = state->tail && *state->tail ? state->tail : _ ("Nothing yet");
  gboolean wrong = state->problem && watched->on;
  self->updating = TRUE;
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), name);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), words);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), watched->folder);
  if (wrong)
    gtk_widget_add_css_class (GTK_WIDGET (self), "watch-problem");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "watch-problem");
  gtk_switch_set_active (self->on, watched->on);
  gtk_switch_set_active (self->recursive, watched->recursive);
  show_classifier (self, watched);
  show_action (self, watched);
  if (g_strcmp0 (adw_action_row_get_subtitle (self->log), tail) != 0)
    adw_action_row_set_subtitle (self->log, tail);
  self->updating = FALSE;
}

const char *
few_watch_row_get_id (FewWatchRow *self)
{
  g_return_val_if_fail (FEW_IS_WATCH_ROW (self), NULL);
  return self->id;
}

/* ---- life */

static void
few_watch_row_finalize (GObject *object)
{
  FewWatchRow *self = FEW_WATCH_ROW (object);
  g_clear_object (&self->watcher);
  g_free (self->id);
  G_OBJECT_CLASS (few_watch_row_parent_class)->finalize (object);
}

static void
few_watch_row_class_init (FewWatchRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->finalize = few_watch_row_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fewshot/Fewshot/shell/few-watch-row.ui");
  gtk_widget_class_bind_template_child (widget_class, FewWatchRow, on);
  gtk_widget_class_bind_template_child (widget_class, FewWatchRow, recursive);
  gtk_widget_class_bind_template_child (widget_class, FewWatchRow, classifier);
  gtk_widget_class_bind_template_child (widget_class, FewWatchRow, target);
  gtk_widget_class_bind_template_child (widget_class, FewWatchRow, log);
  gtk_widget_class_bind_template_child (widget_class, FewWatchRow, action);
  gtk_widget_class_bind_template_child (widget_class, FewWatchRow, use_last);
  gtk_widget_class_bind_template_callback (widget_class, set_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_classifier_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_target_cb);
  gtk_widget_class_bind_template_callback (widget_class, use_last_cb);
  gtk_widget_class_bind_template_callback (widget_class, open_log_cb);
  gtk_widget_class_bind_template_callback (widget_class, remove_cb);
}

static void
few_watch_row_init (FewWatchRow *self)
{
  self->updating = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  few_drop_down_keep_row (self->action);
  self->updating = FALSE;
}

FewWatchRow *
few_watch_row_new (FewWatcher *watcher, const char *id)
{
  g_return_val_if_fail (FEW_IS_WATCHER (watcher) && id, NULL);
  FewWatchRow *self = g_object_new (FEW_TYPE_WATCH_ROW, NULL);
  self->watcher = g_object_ref (watcher);
  self->id = g_strdup (id);
  few_watch_row_update (self);
  return self;
}
