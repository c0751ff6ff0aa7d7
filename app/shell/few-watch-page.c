/* SPDX-License-Identifier: MIT */
/* Folders as rows, a pause for all, and what the desktop says of going on without a window. */
#include "shell/few-watch-page.h"
#include "base/few-settings.h"
#include "shell/few-watch-row.h"
#include "widgets/few-chooser.h"
#include <glib/gi18n.h>

struct _FewWatchPage
{
  AdwPreferencesPage parent;
  FewWatcher *watcher;
  GPtrArray *rows; /* FewWatchRow * */
  AdwPreferencesGroup *folders;
  AdwActionRow *background, *pause_row;
  GtkSwitch *pause, *login;
  GtkWidget *login_row, *units_row, *none;
};

G_DEFINE_FINAL_TYPE (FewWatchPage, few_watch_page, ADW_TYPE_PREFERENCES_PAGE)

/* ---- what can be done */

static void
folder_chosen_cb (gpointer user, const char *const *paths)
{
  FewWatchPage *self = user;
  for (; self->watcher && *paths; paths++)
    {
      g_autoptr (FewWatched) watched =
          few_watched_new (&(FewWatched) { .folder = (char *) *paths, .on = TRUE });
      if (!few_watcher_find (self->watcher, watched->id))
        few_watcher_put (self->watcher, watched);
    }
}

static void
add_cb (FewWatchPage *self)
{
  few_choose (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
              &(FewChooser) { _ ("Choose Folders to Watch"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                              .several = TRUE },
              folder_chosen_cb, self);
}

static void
copy_units_cb (FewWatchPage *self)
{
  g_autoptr (GPtrArray) named = g_ptr_array_new_with_free_func ((GDestroyNotify) few_watched_unref);
  const GPtrArray *folders = few_watcher_get_folders (self->watcher);
  g_autofree char *last = few_watcher_last_exported ();
  GtkRoot *window = gtk_widget_get_root (GTK_WIDGET (self));
  for (guint i = 0; i < folders->len; i++)
    {
      FewWatched members = *(FewWatched *) folders->pdata[i];
      members.classifier = *members.classifier ? members.classifier : last;
      g_ptr_array_add (named, few_watched_new (&members));
    }
  g_autofree char *root = g_settings_get_string (few_settings (), "tag-root");
  g_autofree char *lines = few_watched_units (named, root);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), lines);
  if (ADW_IS_PREFERENCES_WINDOW (window))
    adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (window),
                                      adw_toast_new (_ ("Copied: paste it into a terminal")));
}

/* ---- showing */

static const char *
describe_background (FewWatcher *watcher)
{
  if (few_watcher_get_folders (watcher)->len == 0)
    return _ ("Nothing is watched");
  switch (few_watcher_get_background (watcher))
    {
    case FEW_BACKGROUND_ALLOWED:
      return _ ("New pictures are classified also while no window is open, until you quit "
                "(Ctrl+Q)");
    case FEW_BACKGROUND_DENIED:
      return _ ("New pictures are classified while a window is open: the desktop does not let "
                "Fewshot run in the background");
    case FEW_BACKGROUND_NONE:
      return _ ("New pictures are classified while a window is open: this desktop has no portal "
                "for work in the background");
    default:
      return _ ("New pictures are classified while a window is open");
    }
}

static void
show_background (FewWatchPage *self)
{
  FewBackgroundState state = few_watcher_get_background (self->watcher);
  gboolean any = few_watcher_get_folders (self->watcher)->len > 0;
  adw_action_row_set_subtitle (self->background, describe_background (self->watcher));
  gtk_widget_set_visible (self->login_row, any && state == FEW_BACKGROUND_ALLOWED);
  gtk_widget_set_visible (self->units_row,
                          any && (state == FEW_BACKGROUND_NONE || state == FEW_BACKGROUND_DENIED));
  gtk_widget_set_visible (GTK_WIDGET (self->pause_row), any);
}

static gboolean
has_these_rows (FewWatchPage *self, const GPtrArray *folders)
{
  gboolean same = folders->len == self->rows->len;
  for (guint i = 0; i < folders->len && same; i++)
    same = g_str_equal (few_watch_row_get_id (self->rows->pdata[i]),
                        ((FewWatched *) folders->pdata[i])->id);
  return same;
}

static void
make_rows (FewWatchPage *self, const GPtrArray *folders)
{
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (self->folders, self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  for (guint i = 0; i < folders->len; i++)
    {
      FewWatchRow *row = few_watch_row_new (self->watcher, ((FewWatched *) folders->pdata[i])->id);
      adw_preferences_group_add (self->folders, GTK_WIDGET (row));
      g_ptr_array_add (self->rows, row);
    }
}

static void
changed_cb (FewWatchPage *self)
{
  const GPtrArray *folders = few_watcher_get_folders (self->watcher);
  if (!has_these_rows (self, folders))
    make_rows (self, folders);
  for (guint i = 0; i < self->rows->len; i++)
    few_watch_row_update (self->rows->pdata[i]);
  gtk_widget_set_visible (self->none, folders->len == 0);
  show_background (self);
}

static void
state_cb (FewWatchPage *self, const char *id)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (g_str_equal (few_watch_row_get_id (self->rows->pdata[i]), id))
      few_watch_row_update (self->rows->pdata[i]);
}

void
few_watch_page_set_watcher (FewWatchPage *self, FewWatcher *watcher)
{
  g_return_if_fail (FEW_IS_WATCH_PAGE (self) && FEW_IS_WATCHER (watcher) && !self->watcher);
  self->watcher = g_object_ref (watcher);
  g_signal_connect_object (watcher, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (watcher, "state", G_CALLBACK (state_cb), self, G_CONNECT_SWAPPED);
  changed_cb (self);
}

/* ---- life */

static void
map_cb (FewWatchPage *self)
{
  if (self->watcher)
    few_watcher_see (self->watcher);
}

static void
few_watch_page_finalize (GObject *object)
{
  FewWatchPage *self = FEW_WATCH_PAGE (object);
  g_clear_object (&self->watcher);
  g_ptr_array_unref (self->rows);
  G_OBJECT_CLASS (few_watch_page_parent_class)->finalize (object);
}

static void
few_watch_page_class_init (FewWatchPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->finalize = few_watch_page_finalize;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/shell/few-watch-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FewWatchPage, folders);
  gtk_widget_class_bind_template_child (widget_class, FewWatchPage, background);
  gtk_widget_class_bind_template_child (widget_class, FewWatchPage, pause_row);
  gtk_widget_class_bind_template_child (widget_class, FewWatchPage, pause);
  gtk_widget_class_bind_template_child (widget_class, FewWatchPage, login);
  gtk_widget_class_bind_template_child (widget_class, FewWatchPage, login_row);
  gtk_widget_class_bind_template_child (widget_class, FewWatchPage, units_row);
  gtk_widget_class_bind_template_child (widget_class, FewWatchPage, none);
  gtk_widget_class_bind_template_callback (widget_class, add_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_units_cb);
}

static void
few_watch_page_init (FewWatchPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->rows = g_ptr_array_new ();
  g_settings_bind (few_settings (), "watch-paused", self->pause, "active", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (few_settings (), "watch-login", self->login, "active", G_SETTINGS_BIND_DEFAULT);
  g_signal_connect (self, "map", G_CALLBACK (map_cb), NULL);
}
