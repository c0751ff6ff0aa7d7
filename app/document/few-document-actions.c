/* SPDX-License-Identifier: MIT */
/* Projects: new, open, recent, save as, undo, redo, moved pictures. */
#include "shell/few-application.h"
#include "widgets/few-chooser.h"
#include "shell/few-window.h"
#include <glib/gi18n.h>

enum { MOST_RECENT = 8 };
#define MIME_TYPE "application/x-fewshot-project"

/* ---- recent projects */

typedef struct
{
  char *path, *title;
} Recent;

static void
recent_free (gpointer data)
{
  Recent *recent = data;
  g_free (recent->path);
  g_free (recent->title);
  g_free (recent);
}

static void
add_recent (GPtrArray *list, const char *path, char *title)
{
  Recent *recent = g_new (Recent, 1);
  *recent = (Recent) { g_strdup (path), title };
  g_ptr_array_add (list, recent);
}

static int
newest_first (gconstpointer a, gconstpointer b)
{
  return g_date_time_compare (gtk_recent_info_get_modified ((GtkRecentInfo *) b),
                              gtk_recent_info_get_modified ((GtkRecentInfo *) a));
}

/* Projects with files, then drafts whose windows were closed. */
static GPtrArray *
recent_projects (void)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (recent_free);
  GList *items =
      g_list_sort (gtk_recent_manager_get_items (gtk_recent_manager_get_default ()), newest_first);
  for (GList *l = items; l && list->len < MOST_RECENT; l = l->next)
    {
      g_autofree char *path = g_filename_from_uri (gtk_recent_info_get_uri (l->data), NULL, NULL);
      const char *mime = gtk_recent_info_get_mime_type (l->data);
      if (path && g_strcmp0 (mime, MIME_TYPE) == 0 && g_file_test (path, G_FILE_TEST_IS_REGULAR))
        add_recent (list, path, few_document_title_of (path));
    }
  g_list_free_full (items, (GDestroyNotify) gtk_recent_info_unref);
  g_auto (GStrv) drafts = few_drafts_closed ();
  for (guint i = 0; drafts[i] && list->len < MOST_RECENT; i++)
    {
      g_autoptr (GFile) file = g_file_new_for_path (drafts[i]);
      g_autoptr (GFileInfo) info = g_file_query_info (file, G_FILE_ATTRIBUTE_TIME_MODIFIED,
                                                      G_FILE_QUERY_INFO_NONE, NULL, NULL);
      g_autoptr (GDateTime) when = info ? g_file_info_get_modification_date_time (info) : NULL;
      g_autoptr (GDateTime) local = when ? g_date_time_to_local (when) : NULL;
      g_autofree char *date = local ? g_date_time_format (local, "%x %H:%M") : g_strdup ("");
      /* Translators: a project that was never saved under a name; then its date and time */
      add_recent (list, drafts[i], g_strdup_printf (_ ("Untitled, %s"), date));
    }
  return list;
}

void
few_window_update_recent (FewWindow *self, GMenu *menu, GtkListBox *box)
{
  g_autoptr (GPtrArray) list = recent_projects ();
  GtkListBoxRow *old;
  g_menu_remove_all (menu);
  while ((old = gtk_list_box_get_row_at_index (box, 0)))
    gtk_list_box_remove (box, GTK_WIDGET (old));
  for (guint i = 0; i < list->len; i++)
    {
      const Recent *recent = list->pdata[i];
      g_autofree char *escaped = g_markup_escape_text (recent->title, -1);
      g_autoptr (GMenuItem) item = g_menu_item_new (recent->title, NULL);
      g_menu_item_set_action_and_target (item, "win.open-path", "s", recent->path);
      g_menu_append_item (menu, item);
      if (i >= 4)
        continue;
      GtkWidget *row = adw_action_row_new ();
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), escaped);
      gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
      gtk_actionable_set_action_name (GTK_ACTIONABLE (row), "win.open-path");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "s", recent->path);
      gtk_list_box_append (box, row);
    }
  gtk_widget_set_visible (GTK_WIDGET (box), list->len > 0);
}

static void
remember (const char *path)
{
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);
  GtkRecentData data = { .mime_type = (char *) MIME_TYPE,
                         .app_name = (char *) "fewshot",
                         .app_exec = (char *) "fewshot %f" };
  if (uri)
    gtk_recent_manager_add_full (gtk_recent_manager_get_default (), uri, &data);
}

/* ---- opening */

void
few_window_open (FewWindow *self, const char *path)
{
  few_document_open (few_window_get_document (self), path);
}

static void
open_path (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_application_open (FEW_APPLICATION (gtk_window_get_application (widget)), widget,
                        g_variant_get_string (parameter, NULL));
}

static void
open_chosen (GtkWindow *window, const char *const *paths)
{
  few_application_open (FEW_APPLICATION (gtk_window_get_application (window)), FEW_WINDOW (window),
                        paths[0]);
}

static void
open_project (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_choose (
      widget,
      &(FewChooser) { _ ("Open Project"), GTK_FILE_CHOOSER_ACTION_OPEN, FEW_CHOOSE_PROJECTS },
      open_chosen);
}

/* ---- saving */

static void
save_to_path (FewWindow *self, const char *path)
{
  g_autofree char *full =
      g_str_has_suffix (path, ".fewshot") ? g_strdup (path) : g_strconcat (path, ".fewshot", NULL);
  few_document_save_as (few_window_get_document (self), full);
  remember (full);
}

static void
save_to (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  save_to_path (widget, g_variant_get_string (parameter, NULL));
}

static void
save_chosen (GtkWindow *window, const char *const *paths)
{
  save_to_path (FEW_WINDOW (window), paths[0]);
}

static void
save_as (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  g_autofree char *title = few_document_get_title (few_window_get_document (widget));
  g_autofree char *name = g_strconcat (title, ".fewshot", NULL);
  few_choose (widget,
              &(FewChooser) { _ ("Save Project"), GTK_FILE_CHOOSER_ACTION_SAVE, FEW_CHOOSE_PROJECTS,
                              .name = name },
              save_chosen);
}

/* What has a file is saved by itself; the key that hands know saves what has none. */
static void
save (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  if (few_document_get_path (few_window_get_document (widget)))
    few_window_say (widget, _ ("Changes are saved by themselves."), FALSE);
  else
    save_as (action, parameter, widget);
}

/* ---- moved pictures */

static void
place_chosen (GtkWindow *window, const char *const *paths)
{
  few_session_locate (few_window_get_session (FEW_WINDOW (window)), paths[0]);
}

static void
locate (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_choose (
      widget,
      &(FewChooser) { _ ("Where Are the Pictures Now?"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER },
      place_chosen);
}

static void
locate_in (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  few_session_locate (few_window_get_session (widget), g_variant_get_string (parameter, NULL));
}

/* ---- undo */

static void
undo (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  FewSession *session = few_window_get_session (widget);
  g_autofree char *what = g_strdup (few_session_get_undo (session));
  few_session_undo (session);
  if (!what)
    return;
  /* Translators: %s is what was undone, as “Remove 3 Pictures” */
  g_autofree char *text = g_strdup_printf (_ ("Undone: %s"), what);
  few_window_say (widget, text, FALSE);
}

static void
redo (GSimpleAction *action, GVariant *parameter, gpointer widget)
{
  FewSession *session = few_window_get_session (widget);
  g_autofree char *what = g_strdup (few_session_get_redo (session));
  few_session_redo (session);
  if (!what)
    return;
  /* Translators: %s is what was done again, as “Remove 3 Pictures” */
  g_autofree char *text = g_strdup_printf (_ ("Redone: %s"), what);
  few_window_say (widget, text, FALSE);
}

void
few_window_project_init (FewWindow *self)
{
  static const GActionEntry actions[] = {
    { "open", open_project },
    { "open-path", open_path, "s" },
    { "save", save },
    { "save-as", save_as },
    { "save-to", save_to, "s" },
    { "locate", locate },
    { "locate-in", locate_in, "s" },
    { "undo", undo },
    { "redo", redo },
  };
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
}

void
few_window_document_changed (FewWindow *self)
{
  const char *path = few_document_get_path (few_window_get_document (self));
  if (path)
    remember (path);
}
