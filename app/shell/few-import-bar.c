/* SPDX-License-Identifier: MIT */
/* Pictures read, of how many, how fast, how long it will take. */
#include "shell/few-import-bar.h"
#include "base/few-rate.h"
#include "widgets/few-beside.h"
#include "widgets/few-wrap.h"
#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

struct _FewImportBar
{
  GtkWidget parent;
  GtkRevealer *revealer;
  GtkProgressBar *progress;
  GtkLabel *label;
  FewRate rate; /* of the import */
  guint pulse; /* the source, while folders are looked through */
};

G_DEFINE_FINAL_TYPE (FewImportBar, few_import_bar, GTK_TYPE_WIDGET)

static char *
describe_progress (FewImportBar *self, guint done, guint total)
{
  double rate = few_rate_measure (&self->rate, done);
  if (isnan (rate))
    return g_strdup_printf (_ ("Reading pictures: %u of %u"), done, total);
  /* Translators: done, total, pictures a second, seconds left */
  return g_strdup_printf (_ ("Reading pictures: %u of %u, %.0f a second, %.0f s left"), done, total,
                          rate, (total - done) / rate);
}

/* How many there will be is not known yet. */
static gboolean
pulse_cb (gpointer user)
{
  FewImportBar *self = user;
  if (self->rate.started)
    return G_SOURCE_CONTINUE; /* pictures of another drop are read */
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
  gtk_label_set_text (self->label, _ ("Looking through folders…"));
  if (adw_get_enable_animations (GTK_WIDGET (self))) /* the words say it, too */
    gtk_progress_bar_pulse (self->progress);
  return G_SOURCE_CONTINUE;
}

static void
scanning_cb (FewImport *import, GParamSpec *pspec G_GNUC_UNUSED, FewImportBar *self)
{
  enum { MS = 300 }; /* most scans are over by then */
  gboolean scanning = few_import_is_scanning (import);
  g_clear_handle_id (&self->pulse, g_source_remove);
  if (scanning)
    self->pulse = g_timeout_add (MS, pulse_cb, self);
  else if (!self->rate.started)
    gtk_revealer_set_reveal_child (self->revealer, FALSE);
}

static void
progress_cb (FewImportBar *self, guint done, guint total)
{
  gtk_revealer_set_reveal_child (self->revealer, total > 0);
  if (total == 0)
    {
      self->rate = (FewRate) { 0 };
      return;
    }
  g_autofree char *text = describe_progress (self, done, total);
  gtk_progress_bar_set_fraction (self->progress, (double) done / total);
  gtk_label_set_text (self->label, text);
}

static void
few_import_bar_dispose (GObject *object)
{
  FewImportBar *self = FEW_IMPORT_BAR (object);
  g_clear_handle_id (&self->pulse, g_source_remove);
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
  g_type_ensure (FEW_TYPE_BESIDE);
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
  few_wrap_buttons (GTK_WIDGET (self));
}

void
few_import_bar_set_session (FewImportBar *self, FewSession *session)
{
  g_return_if_fail (FEW_IS_IMPORT_BAR (self));
  g_return_if_fail (FEW_IS_SESSION (session));
  FewImport *import = few_session_get_import (session);
  g_signal_connect_object (few_session_get_examples (session), "progress", G_CALLBACK (progress_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (import, "notify::scanning", G_CALLBACK (scanning_cb), self, 0);
}
