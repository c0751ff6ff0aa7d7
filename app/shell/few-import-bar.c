/* SPDX-License-Identifier: MIT */
/* Pictures read, of how many, how fast, how long it will take. */
#include "shell/few-import-bar.h"
#include <glib/gi18n.h>

struct _FewImportBar
{
  GtkWidget parent;
  GtkRevealer *revealer;
  GtkProgressBar *progress;
  GtkLabel *label;
  gint64 started; /* 0: no import */
  guint done_at_start;
};

G_DEFINE_FINAL_TYPE (FewImportBar, few_import_bar, GTK_TYPE_WIDGET)

/* A rate only once it means something: pictures come in handfuls. */
static char *
describe_progress (FewImportBar *self, guint done, guint total)
{
  double seconds = (double) (g_get_monotonic_time () - self->started) / G_USEC_PER_SEC;
  double rate = (done - self->done_at_start) / MAX (seconds, 0.001);
  if (seconds < 0.5 || rate <= 0)
    return g_strdup_printf (_ ("Reading pictures: %u of %u"), done, total);
  /* Translators: done, total, pictures a second, seconds left */
  return g_strdup_printf (_ ("Reading pictures: %u of %u, %.0f a second, %.0f s left"), done, total,
                          rate, (total - done) / rate);
}

static void
progress_cb (FewImportBar *self, guint done, guint total)
{
  gtk_revealer_set_reveal_child (self->revealer, total > 0);
  if (total == 0)
    {
      self->started = 0;
      return;
    }
  if (!self->started)
    {
      self->started = g_get_monotonic_time ();
      self->done_at_start = done;
    }
  g_autofree char *text = describe_progress (self, done, total);
  gtk_progress_bar_set_fraction (self->progress, (double) done / total);
  gtk_label_set_text (self->label, text);
}

static void
few_import_bar_dispose (GObject *object)
{
  FewImportBar *self = FEW_IMPORT_BAR (object);
  if (self->revealer)
    gtk_widget_unparent (GTK_WIDGET (self->revealer));
  self->revealer = NULL;
  G_OBJECT_CLASS (few_import_bar_parent_class)->dispose (object);
}

static void
few_import_bar_class_init (FewImportBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_import_bar_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/shell/few-import-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, FewImportBar, revealer);
  gtk_widget_class_bind_template_child (widget_class, FewImportBar, progress);
  gtk_widget_class_bind_template_child (widget_class, FewImportBar, label);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_import_bar_init (FewImportBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
few_import_bar_set_session (FewImportBar *self, FewSession *session)
{
  g_return_if_fail (FEW_IS_IMPORT_BAR (self));
  g_return_if_fail (FEW_IS_SESSION (session));
  g_signal_connect_object (few_session_get_examples (session), "progress", G_CALLBACK (progress_cb),
                           self, G_CONNECT_SWAPPED);
}
