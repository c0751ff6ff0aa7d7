/* SPDX-License-Identifier: MIT */
/* Counts and announces. */
#include "watch/few-watch-news.h"
#include "base/few-settings.h"
#include <glib/gi18n.h>

/* Between two notifications about a folder. */
enum { SECONDS = 30, MOST_NAMES = 4 };

typedef struct
{
  FewWatchNewsDesk *desk;
  char *id, *name;
  guint n;
  GHashTable *counts; /* label → guint */
  gint64 told;        /* when; 0: never */
  guint later;        /* source; 0: none */
} News;

struct FewWatchNewsDesk
{
  GApplication *application; /* borrowed: it owns who owns this */
  GHashTable *news;          /* id → News */
};

static void
free_news (gpointer data)
{
  News *news = data;
  g_clear_handle_id (&news->later, g_source_remove);
  g_hash_table_unref (news->counts);
  g_free (news->id);
  g_free (news->name);
  g_free (news);
}

FewWatchNewsDesk *
few_watch_news_desk_new (GApplication *application)
{
  g_return_val_if_fail (G_IS_APPLICATION (application), NULL);
  FewWatchNewsDesk *desk = g_new (FewWatchNewsDesk, 1);
  desk->application = application;
  desk->news = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_news);
  return desk;
}

void
few_watch_news_desk_free (FewWatchNewsDesk *desk)
{
  g_hash_table_unref (desk->news);
  g_free (desk);
}

static int
compare_counts (gconstpointer a, gconstpointer b, gpointer counts)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, a));
  guint m = GPOINTER_TO_UINT (g_hash_table_lookup (counts, b));
  return n != m ? (n < m) - (n > m) : g_strcmp0 (a, b);
}

/* "owl 3, heron 2" */
static char *
list_counts (GHashTable *counts)
{
  GString *text = g_string_new (NULL);
  guint shown = 0;
  g_autoptr (GList) labels = g_hash_table_get_keys (counts);
  labels = g_list_sort_with_data (labels, compare_counts, counts);
  for (GList *l = labels; l && shown < MOST_NAMES; l = l->next, shown++)
    g_string_append_printf (text, "%s%s %u", shown ? ", " : "", (char *) l->data,
                            GPOINTER_TO_UINT (g_hash_table_lookup (counts, l->data)));
  if (g_hash_table_size (counts) > MOST_NAMES)
    g_string_append (text, " …");
  return g_string_free (text, FALSE);
}

static gboolean
is_looked_at (FewWatchNewsDesk *desk)
{
  if (!GTK_IS_APPLICATION (desk->application))
    return FALSE;
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (desk->application));
  return window && gtk_window_is_active (window);
}

static gboolean
announce_cb (gpointer user)
{
  News *news = user;
  news->later = 0;
  if (news->n == 0 || is_looked_at (news->desk)
      || !g_settings_get_boolean (few_settings (), "notify"))
    return G_SOURCE_REMOVE;
  news->told = g_get_monotonic_time ();
  g_autofree char *title =
      /* Translators: pictures; a folder's name */
      g_strdup_printf (ngettext ("%u new picture in “%s”", "%u new pictures in “%s”", news->n),
                       news->n, news->name);
  g_autofree char *body = list_counts (news->counts);
  g_autofree char *tag = g_strconcat ("watch-", news->id, NULL);
  g_autoptr (GNotification) notification = g_notification_new (title);
  g_notification_set_body (notification, body);
  g_notification_set_default_action_and_target (notification, "app.watch-log", "s", news->id);
  g_application_send_notification (news->desk->application, tag, notification);
  return G_SOURCE_REMOVE;
}

static News *
find_news (FewWatchNewsDesk *desk, const char *id, const char *name)
{
  News *news = g_hash_table_lookup (desk->news, id);
  if (news)
    return news;
  news = g_new0 (News, 1);
  news->desk = desk;
  news->id = g_strdup (id);
  news->name = g_strdup (name);
  news->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_insert (desk->news, news->id, news);
  return news;
}

void
few_watch_news_desk_add (FewWatchNewsDesk *desk, const char *id, const char *name,
                         const GPtrArray *labels, gboolean quiet)
{
  g_return_if_fail (desk && id && name && labels);
  News *news = find_news (desk, id, name);
  for (guint i = 0; i < labels->len; i++)
    {
      guint count = GPOINTER_TO_UINT (g_hash_table_lookup (news->counts, labels->pdata[i]));
      g_hash_table_replace (news->counts, g_strdup (labels->pdata[i]),
                            GUINT_TO_POINTER (count + 1));
    }
  news->n += labels->len;
  if (news->n == 0 || news->later)
    return;
  gint64 since = news->told ? (g_get_monotonic_time () - news->told) / G_USEC_PER_SEC : SECONDS;
  guint wait = quiet ? 1 : SECONDS;
  news->later =
      g_timeout_add_seconds (MAX (wait, SECONDS - (guint) MIN (since, SECONDS)), announce_cb, news);
}

void
few_watch_news_desk_clear (FewWatchNewsDesk *desk)
{
  GHashTableIter iter;
  gpointer id;
  g_return_if_fail (desk);
  g_hash_table_iter_init (&iter, desk->news);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      g_autofree char *tag = g_strconcat ("watch-", (const char *) id, NULL);
      g_application_withdraw_notification (desk->application, tag);
    }
  g_hash_table_remove_all (desk->news);
}
