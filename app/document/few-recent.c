/* SPDX-License-Identifier: MIT */
/* The list of recent projects. */
#include "document/few-recent.h"
#include "base/few-menu-label.h"
#include "document/few-drafts.h"
#include "document/few-place.h"
#include <adwaita.h>
#include <glib/gi18n.h>

enum { MOST_RECENT = 8, MOST_ROWS = 4 };
#define MIME_TYPE "application/x-fewshot-project"

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
compare_newest_first (gconstpointer a, gconstpointer b)
{
  return g_date_time_compare (gtk_recent_info_get_modified ((GtkRecentInfo *) b),
                              gtk_recent_info_get_modified ((GtkRecentInfo *) a));
}

/* Those with files, the newest first. */
static GPtrArray *
list_files (void)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (recent_free);
  GList *items = g_list_sort (gtk_recent_manager_get_items (gtk_recent_manager_get_default ()),
                              compare_newest_first);
  for (GList *l = items; l && list->len < MOST_RECENT; l = l->next)
    {
      g_autofree char *path = g_filename_from_uri (gtk_recent_info_get_uri (l->data), NULL, NULL);
      const char *mime = gtk_recent_info_get_mime_type (l->data);
      if (path && g_strcmp0 (mime, MIME_TYPE) == 0 && g_file_test (path, G_FILE_TEST_IS_REGULAR))
        add_recent (list, path, few_place_title_of (path));
    }
  g_list_free_full (items, (GDestroyNotify) gtk_recent_info_unref);
  return list;
}

/* Projects with files, then drafts whose windows were closed. */
static GPtrArray *
list_projects (void)
{
  GPtrArray *list = list_files ();
  g_auto (GStrv) drafts = few_drafts_closed ();
  for (guint i = 0; drafts[i] && i < MOST_RECENT; i++)
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

static GtkWidget *
create_row (const Recent *recent)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *escaped = g_markup_escape_text (recent->title, -1);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), escaped);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (row), "win.open-path");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "s", recent->path);
  return row;
}

void
few_recent_fill (GMenu *menu, GtkListBox *box)
{
  g_return_if_fail (G_IS_MENU (menu));
  g_return_if_fail (GTK_IS_LIST_BOX (box));
  g_autoptr (GPtrArray) list = list_projects ();
  GtkListBoxRow *old;
  g_menu_remove_all (menu);
  while ((old = gtk_list_box_get_row_at_index (box, 0)))
    gtk_list_box_remove (box, GTK_WIDGET (old));
  for (guint i = 0; i < list->len; i++)
    {
      const Recent *recent = list->pdata[i];
      g_autofree char *label = few_menu_label (recent->title);
      g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);
      g_menu_item_set_action_and_target (item, "win.open-path", "s", recent->path);
      g_menu_append_item (menu, item);
      if (i < MOST_ROWS)
        gtk_list_box_append (box, create_row (recent));
    }
  gtk_widget_set_visible (GTK_WIDGET (box), list->len > 0);
}

char *
few_recent_find_newest (void)
{
  g_autoptr (GPtrArray) list = list_files ();
  return list->len > 0 ? g_strdup (((const Recent *) list->pdata[0])->path) : NULL;
}

void
few_recent_remember (const char *path)
{
  g_return_if_fail (path);
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);
  GtkRecentData data = { .mime_type = (char *) MIME_TYPE,
                         .app_name = (char *) "fewshot",
                         .app_exec = (char *) "fewshot %f" };
  if (uri)
    gtk_recent_manager_add_full (gtk_recent_manager_get_default (), uri, &data);
}
