/* SPDX-License-Identifier: MIT */
/* Between the settings, the thread and the desktop. */
#include "watch/few-watcher.h"
#include "base/few-settings.h"
#include "watch/few-watch-news.h"
#include "watch/few-watch-thread.h"

struct _FewWatcher
{
  GObject parent;
  GApplication *application; /* borrowed: it owns this */
  GPtrArray *folders;        /* FewWatched * */
  GHashTable *states;        /* id → FewWatcherState */
  FewWatchThread *thread;    /* NULL: nothing is watched */
  FewWatchNewsDesk *news;
  FewBackground *background;
  gboolean held, left;
};

G_DEFINE_FINAL_TYPE (FewWatcher, few_watcher, G_TYPE_OBJECT)

enum { CHANGED, STATE, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
free_state (gpointer data)
{
  FewWatcherState *state = data;
  g_free (state->problem);
  g_free (state->tail);
  g_free (state);
}

/* ---- going on without a window */

static gboolean
is_anything_on (FewWatcher *self)
{
  for (guint i = 0; i < self->folders->len; i++)
    if (((FewWatched *) self->folders->pdata[i])->on)
      return TRUE;
  return FALSE;
}

/* While the answer is waited for, too: the program may have been started without a window. */
static void
settle_hold (FewWatcher *self)
{
  FewBackgroundState state = few_background_get_state (self->background);
  gboolean hold = !self->left && is_anything_on (self)
                  && (state == FEW_BACKGROUND_ALLOWED || state == FEW_BACKGROUND_ASKING);
  if (hold && !self->held)
    g_application_hold (self->application);
  if (!hold && self->held)
    g_application_release (self->application);
  self->held = hold;
}

static void
ask_desktop (FewWatcher *self)
{
  few_background_ask (self->background, g_application_get_dbus_connection (self->application),
                      g_settings_get_boolean (few_settings (), "watch-login"));
}

static void
allowed_cb (FewWatcher *self)
{
  settle_hold (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ---- how it goes */

static void
reported_cb (gpointer user, FewWatchReport *report)
{
  FewWatcher *self = user;
  FewWatched *watched = few_watcher_find (self, report->id);
  FewWatcherState *state = watched ? g_hash_table_lookup (self->states, report->id) : NULL;
  if (!state)
    {
      few_watch_report_free (report);
      return;
    }
  g_autofree char *name = few_watched_name (watched);
  state->done += report->labels->len;
  state->busy = report->busy;
  g_free (state->problem);
  state->problem = g_steal_pointer (&report->problem);
  g_free (state->tail);
  state->tail = g_steal_pointer (&report->tail);
  few_watch_news_desk_add (self->news, report->id, name, report->labels, !report->busy);
  g_signal_emit (self, signals[STATE], 0, report->id);
  few_watch_report_free (report);
}

/* ---- settings */

static gboolean
is_gone (gpointer id, gpointer state G_GNUC_UNUSED, gpointer self)
{
  return !few_watcher_find (self, id);
}

static void
read_folders (FewWatcher *self)
{
  g_autoptr (GVariant) list = g_settings_get_value (few_settings (), "watched");
  g_ptr_array_set_size (self->folders, 0);
  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) element = g_variant_get_child_value (list, i);
      g_autoptr (FewWatched) watched = few_watched_from_variant (element);
      if (!watched || few_watcher_find (self, watched->id))
        continue;
      if (!g_hash_table_contains (self->states, watched->id))
        g_hash_table_insert (self->states, g_strdup (watched->id), g_new0 (FewWatcherState, 1));
      g_ptr_array_add (self->folders, g_steal_pointer (&watched));
    }
  g_hash_table_foreach_remove (self->states, is_gone, self);
}

static void
write_folders (FewWatcher *self)
{
  GVariantBuilder list;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < self->folders->len; i++)
    g_variant_builder_add_value (&list, few_watched_to_variant (self->folders->pdata[i]));
  g_settings_set_value (few_settings (), "watched", g_variant_builder_end (&list));
}

/* The classifier that was exported last in the place of "". */
static GPtrArray *
plan (FewWatcher *self)
{
  GPtrArray *named = g_ptr_array_new_with_free_func ((GDestroyNotify) few_watched_unref);
  g_autofree char *last = few_watcher_last_exported ();
  for (guint i = 0; i < self->folders->len; i++)
    {
      FewWatched members = *(FewWatched *) self->folders->pdata[i];
      members.classifier = *members.classifier ? members.classifier : last;
      g_ptr_array_add (named, few_watched_new (&members));
    }
  return named;
}

static void
changed_cb (FewWatcher *self)
{
  read_folders (self);
  if (!self->thread && self->folders->len > 0 && !self->left)
    self->thread = few_watch_thread_new (reported_cb, self);
  g_autoptr (GPtrArray) folders = plan (self);
  g_autofree char *root = g_settings_get_string (few_settings (), "tag-root");
  if (self->thread)
    few_watch_thread_set (self->thread, folders, root, few_watcher_get_paused (self));
  if (is_anything_on (self)
      && few_background_get_state (self->background) == FEW_BACKGROUND_UNKNOWN)
    ask_desktop (self);
  settle_hold (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
login_changed_cb (FewWatcher *self)
{
  ask_desktop (self);
}

/* ---- what can be asked for */

const GPtrArray *
few_watcher_get_folders (FewWatcher *self)
{
  g_return_val_if_fail (FEW_IS_WATCHER (self), NULL);
  return self->folders;
}

/* Behind the last: there is none of that id. */
static guint
find_place (const FewWatcher *self, const char *id)
{
  guint place = 0;
  while (place < self->folders->len
         && !g_str_equal (((FewWatched *) self->folders->pdata[place])->id, id))
    place++;
  return place;
}

FewWatched *
few_watcher_find (FewWatcher *self, const char *id)
{
  g_return_val_if_fail (FEW_IS_WATCHER (self) && id, NULL);
  guint place = find_place (self, id);
  return place < self->folders->len ? self->folders->pdata[place] : NULL;
}

const FewWatcherState *
few_watcher_get_state (FewWatcher *self, const char *id)
{
  g_return_val_if_fail (FEW_IS_WATCHER (self) && id, NULL);
  return g_hash_table_lookup (self->states, id);
}

void
few_watcher_put (FewWatcher *self, FewWatched *watched)
{
  g_return_if_fail (FEW_IS_WATCHER (self) && watched);
  guint place = find_place (self, watched->id);
  if (place == self->folders->len)
    g_ptr_array_add (self->folders, few_watched_ref (watched));
  else if (few_watched_is_equal (self->folders->pdata[place], watched))
    return;
  else
    {
      few_watched_unref (self->folders->pdata[place]);
      self->folders->pdata[place] = few_watched_ref (watched);
    }
  write_folders (self);
}

void
few_watcher_remove (FewWatcher *self, const char *id)
{
  g_return_if_fail (FEW_IS_WATCHER (self) && id);
  FewWatched *watched = few_watcher_find (self, id);
  if (watched && g_ptr_array_remove (self->folders, watched))
    write_folders (self);
}

gboolean
few_watcher_get_paused (FewWatcher *self)
{
  g_return_val_if_fail (FEW_IS_WATCHER (self), FALSE);
  return g_settings_get_boolean (few_settings (), "watch-paused");
}

FewBackgroundState
few_watcher_get_background (FewWatcher *self)
{
  g_return_val_if_fail (FEW_IS_WATCHER (self), FEW_BACKGROUND_UNKNOWN);
  return few_background_get_state (self->background);
}

char *
few_watcher_last_exported (void)
{
  g_autoptr (GVariant) value = g_settings_get_value (few_settings (), "last-classifier");
  return g_strdup (g_variant_get_bytestring (value));
}

void
few_watcher_see (FewWatcher *self)
{
  g_return_if_fail (FEW_IS_WATCHER (self));
  few_watch_news_desk_clear (self->news);
}

/* ---- life */

void
few_watcher_leave (FewWatcher *self)
{
  g_return_if_fail (FEW_IS_WATCHER (self));
  self->left = TRUE;
  settle_hold (self);
}

void
few_watcher_stay (FewWatcher *self)
{
  g_return_if_fail (FEW_IS_WATCHER (self));
  if (!self->left)
    return;
  self->left = FALSE;
  changed_cb (self); /* what was put since is watched now */
}

void
few_watcher_stop (FewWatcher *self)
{
  g_return_if_fail (FEW_IS_WATCHER (self));
  few_watcher_leave (self);
  g_clear_pointer (&self->thread, few_watch_thread_free);
}

static void
few_watcher_finalize (GObject *object)
{
  FewWatcher *self = FEW_WATCHER (object);
  g_clear_pointer (&self->thread, few_watch_thread_free);
  few_watch_news_desk_free (self->news);
  g_hash_table_unref (self->states);
  g_ptr_array_unref (self->folders);
  g_object_unref (self->background);
  G_OBJECT_CLASS (few_watcher_parent_class)->finalize (object);
}

static void
few_watcher_class_init (FewWatcherClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);
  G_OBJECT_CLASS (klass)->finalize = few_watcher_finalize;
  signals[CHANGED] =
      g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[STATE] = g_signal_new ("state", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                 1, G_TYPE_STRING);
}

static void
few_watcher_init (FewWatcher *self)
{
  self->folders = g_ptr_array_new_with_free_func ((GDestroyNotify) few_watched_unref);
  self->states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_state);
  self->background = few_background_new ();
}

FewWatcher *
few_watcher_new (GApplication *application)
{
  static const char *const keys[] = { "watched", "watch-paused", "last-classifier", "tag-root" };
  g_return_val_if_fail (G_IS_APPLICATION (application), NULL);
  FewWatcher *self = g_object_new (FEW_TYPE_WATCHER, NULL);
  self->application = application;
  self->news = few_watch_news_desk_new (application);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *signal = g_strconcat ("changed::", keys[i], NULL);
      g_signal_connect_object (few_settings (), signal, G_CALLBACK (changed_cb), self,
                               G_CONNECT_SWAPPED);
    }
  g_signal_connect_object (few_settings (), "changed::watch-login", G_CALLBACK (login_changed_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->background, "changed", G_CALLBACK (allowed_cb), self,
                           G_CONNECT_SWAPPED);
  changed_cb (self);
  return self;
}
