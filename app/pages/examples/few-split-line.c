/* SPDX-License-Identifier: MIT */
/* Counted in a turn of its own, once nothing has changed for a moment, while somebody looks. */
#include "pages/examples/few-split-line.h"
#include "session/few-methods.h"
#include "widgets/few-split-words.h"

enum { MOMENT = 150 }; /* milliseconds */

struct _FewSplitLine
{
  GtkWidget parent;
  GtkWidget *label;
  FewRuns *runs;         /* the session's */
  FewExamples *examples; /* the session's */
  FewImport *import;     /* the session's */
  guint timeout;
};

G_DEFINE_FINAL_TYPE (FewSplitLine, few_split_line, GTK_TYPE_WIDGET)

static gboolean
count_cb (gpointer user)
{
  FewSplitLine *self = user;
  FewTrainJob job = few_method_choice_job (self->examples, few_runs_get_job (self->runs));
  FewSplitCounts counts;
  if (few_import_is_adding (self->import))
    return G_SOURCE_CONTINUE;
  self->timeout = 0;
  gboolean known = few_split_count (self->examples, &job, &counts);
  g_autofree char *text = known ? few_split_describe (&counts) : g_strdup ("");
  gtk_label_set_text (GTK_LABEL (self->label), text);
  gtk_widget_set_visible (self->label, known);
  return G_SOURCE_REMOVE;
}

static void
changed_cb (FewSplitLine *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  if (self->runs && gtk_widget_get_mapped (GTK_WIDGET (self))) /* or on map */
    self->timeout = g_timeout_add_full (G_PRIORITY_LOW, MOMENT, count_cb, self, NULL);
}

static void
few_split_line_dispose (GObject *object)
{
  FewSplitLine *self = FEW_SPLIT_LINE (object);
  g_clear_handle_id (&self->timeout, g_source_remove);
  if (self->runs)
    {
      g_signal_handlers_disconnect_by_data (self->runs, self);
      g_signal_handlers_disconnect_by_data (self->examples, self);
    }
  g_clear_object (&self->runs);
  g_clear_object (&self->examples);
  g_clear_object (&self->import);
  g_clear_pointer (&self->label, gtk_widget_unparent);
  G_OBJECT_CLASS (few_split_line_parent_class)->dispose (object);
}

static void
few_split_line_class_init (FewSplitLineClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_split_line_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
few_split_line_init (FewSplitLine *self)
{
  self->label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->label), 0);
  gtk_label_set_wrap (GTK_LABEL (self->label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->label), 28);
  gtk_widget_add_css_class (self->label, "caption");
  gtk_widget_add_css_class (self->label, "dim-label");
  gtk_widget_set_visible (self->label, FALSE);
  gtk_widget_set_parent (self->label, GTK_WIDGET (self));
  g_signal_connect (self, "map", G_CALLBACK (changed_cb), NULL);
}

void
few_split_line_set_session (FewSplitLine *self, FewSession *session)
{
  g_return_if_fail (FEW_IS_SPLIT_LINE (self) && FEW_IS_SESSION (session));
  g_return_if_fail (!self->runs);
  self->runs = g_object_ref (few_session_get_runs (session));
  self->examples = g_object_ref (few_session_get_examples (session));
  self->import = g_object_ref (few_session_get_import (session));
  g_signal_connect_swapped (self->examples, "changed", G_CALLBACK (changed_cb), self);
  g_signal_connect_swapped (self->runs, "settings", G_CALLBACK (changed_cb), self);
  g_signal_connect_swapped (self->runs, "did", G_CALLBACK (changed_cb), self);
  changed_cb (self);
}
