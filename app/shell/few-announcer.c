/* SPDX-License-Identifier: MIT */
/* Notes when training, a comparison and an import begin, and announces their ends. */
#include "shell/few-announcer.h"
#include "base/few-settings.h"
#include <glib/gi18n.h>

struct _FewAnnouncer
{
  GObject parent;
  GtkWindow *window; /* weak */
  FewDocument *document;
  gint64 training_since, comparing_since, reading_since; /* 0: no such work */
};

G_DEFINE_FINAL_TYPE (FewAnnouncer, few_announcer, G_TYPE_OBJECT)

static gboolean
wants_to_know (FewAnnouncer *self, gint64 since)
{
  enum { LONG = 5 }; /* seconds */
  return self->window && g_get_monotonic_time () - since >= LONG * G_USEC_PER_SEC
         && !gtk_window_is_active (self->window)
         && g_settings_get_boolean (few_settings (), "notify");
}

static void
announce (FewAnnouncer *self, const char *text)
{
  GtkApplication *application = gtk_window_get_application (self->window);
  if (!application)
    return;
  g_autofree char *title = few_document_get_title (self->document);
  g_autoptr (GNotification) notification = g_notification_new (text);
  g_notification_set_body (notification, title);
  g_application_send_notification (G_APPLICATION (application), "done", notification);
}

static void
watch (FewAnnouncer *self, gboolean working, gint64 *since, const char *text)
{
  if (working && !*since)
    *since = g_get_monotonic_time ();
  if (working || !*since)
    return;
  if (wants_to_know (self, *since))
    announce (self, text);
  *since = 0;
}

static void
runs_changed_cb (FewAnnouncer *self, FewRuns *runs)
{
  watch (self, few_runs_get_training (runs) != FEW_TRAINING_IDLE, &self->training_since,
         _ ("Training has ended"));
}

static void
running_changed_cb (FewAnnouncer *self, GParamSpec *pspec G_GNUC_UNUSED, FewComparison *comparison)
{
  watch (self, few_comparison_is_running (comparison), &self->comparing_since,
         _ ("The comparison has ended"));
}

static void
progress_cb (FewAnnouncer *self, guint done G_GNUC_UNUSED, guint total)
{
  watch (self, total > 0, &self->reading_since, _ ("The pictures are read"));
}

static void
few_announcer_dispose (GObject *object)
{
  FewAnnouncer *self = FEW_ANNOUNCER (object);
  g_clear_weak_pointer (&self->window);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (few_announcer_parent_class)->dispose (object);
}

static void
few_announcer_class_init (FewAnnouncerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_announcer_dispose;
}

static void
few_announcer_init (FewAnnouncer *self)
{
}

FewAnnouncer *
few_announcer_new (GtkWindow *window, FewSession *session, FewDocument *document)
{
  g_return_val_if_fail (GTK_IS_WINDOW (window), NULL);
  g_return_val_if_fail (FEW_IS_SESSION (session), NULL);
  g_return_val_if_fail (FEW_IS_DOCUMENT (document), NULL);
  FewAnnouncer *self = g_object_new (FEW_TYPE_ANNOUNCER, NULL);
  g_set_weak_pointer (&self->window, window);
  self->document = g_object_ref (document);
  g_signal_connect_object (few_session_get_runs (session), "changed", G_CALLBACK (runs_changed_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (few_session_get_comparison (session), "notify::running",
                           G_CALLBACK (running_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (few_session_get_examples (session), "progress", G_CALLBACK (progress_cb),
                           self, G_CONNECT_SWAPPED);
  return self;
}
