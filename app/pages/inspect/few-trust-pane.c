/* SPDX-License-Identifier: MIT */
/* Cross-validated accuracy, calibration and answer sets: words, a plot, and its numbers in a window
 * of their own. */
#include "pages/inspect/few-trust-pane.h"
#include "base/few-percent.h"
#include "session/few-answer.h"
#include "widgets/few-plot-table.h"
#include "widgets/few-promise-bar.h"
#include "widgets/few-reliability.h"
#include <glib/gi18n.h>
#include <math.h>

enum { MARGIN = 12 };

struct _FewTrustPane
{
  GtkWidget parent;
  FewView *view;
  GtkWidget *scroller, *plot, *key, *button;
  FewPromiseBar *promise;
  GtkLabel *text;
};

G_DEFINE_FINAL_TYPE (FewTrustPane, few_trust_pane, GTK_TYPE_WIDGET)

static const FewTrust *
get_trust (FewTrustPane *self)
{
  FewSnapshot *snapshot = few_view_get_snapshot (self->view);
  FewClassifier *classifier = snapshot ? few_snapshot_info (snapshot)->classifier : NULL;
  const FewTrust *trust = classifier ? few_classifier_info (classifier)->trust : NULL;
  return trust && few_trust_info (trust)->n_told > 0 ? trust : NULL;
}

/* Why there is nothing to show. */
static char *
explain_nothing (FewTrustPane *self)
{
  FewSnapshot *snapshot = few_view_get_snapshot (self->view);
  FewClassifier *classifier = snapshot ? few_snapshot_info (snapshot)->classifier : NULL;
  if (!classifier)
    return g_strdup (_ ("Train to see how far its probabilities can be believed."));
  if (few_classifier_info (classifier)->trust)
    return g_strdup (_ ("There are too few pictures to tell how far probabilities can be believed. "
                        "Add some to every class."));
  return g_strdup (_ ("Only the method “Automatic” asks itself about pictures that it has not "
                      "seen. Train with it to see how far probabilities can be believed."));
}

static void
append_sets (GString *text, const FewTrust *trust, guint promise)
{
  double size;
  double level = few_trust_promise (trust, promise, &size);
  g_string_append_c (text, '\n');
  if (level > 0)
    /* Translators: a percentage, a number of classes, of how many */
    g_string_append_printf (text,
                            _ ("To name the right class for %u %% of pictures, it names %.1f of %u "
                               "classes on average."),
                            promise, size, few_trust_info (trust)->n_classes);
  else if (few_trust_info (trust)->answer_level > 0)
    /* Translators: a percentage */
    g_string_append_printf (text,
                            _ ("These are too few pictures to name the right class for %u %% of "
                               "them."),
                            promise);
  else
    g_string_append (text, _ ("These are too few pictures to name sets of classes: at least nine "
                              "are needed, of classes with two or more."));
}

static char *
describe_trust (FewTrustPane *self, const FewTrust *trust)
{
  const FewTrustInfo *info = few_trust_info (trust);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *right = few_percent (info->accuracy, 1);
  g_autofree char *before = few_percent (info->error_before, 1);
  g_autofree char *after = few_percent (info->error_after, 1);
  /* Translators: a percentage, pictures, the ends of its 95 % interval */
  g_string_append_printf (text,
                          ngettext ("Cross-validated: %s of %u picture right (%.1f–%.1f).",
                                    "Cross-validated: %s of %u pictures right (%.1f–%.1f).",
                                    info->n_told),
                          right, info->n_told, 100 * info->low, 100 * info->high);
  g_string_append_c (text, '\n');
  if (isnan (info->error_before))
    g_string_append_printf (text, _ ("Expected calibration error: %s."), after);
  else /* Translators: two percentages */
    g_string_append_printf (text, _ ("Expected calibration error: CLIP alone %s, learned %s."),
                            before, after);
  append_sets (text, trust, few_view_get_promise (self->view));
  if (!few_trust_holds (trust, few_view_get_alpha (self->view)))
    g_string_append_printf (text, _ ("\nMeasured at α %.2f, not at that of the slider."),
                            info->alpha);
  return g_strdup (text->str);
}

static void
lens_changed_cb (FewTrustPane *self)
{
  const FewTrust *trust = get_trust (self);
  g_autofree char *text = trust ? describe_trust (self, trust) : explain_nothing (self);
  gtk_label_set_text (self->text, text);
  few_reliability_set_trust (FEW_RELIABILITY (self->plot), trust);
  gtk_widget_set_visible (self->plot, trust != NULL);
  gtk_widget_set_visible (self->key, trust != NULL);
  gtk_widget_set_visible (self->button, trust != NULL);
}

static void
table_clicked_cb (FewTrustPane *self)
{
  const FewTrust *trust = get_trust (self);
  const char *titles[6];
  if (!trust)
    return;
  GtkStringList *rows = few_reliability_list (trust, titles);
  gtk_window_present (few_plot_table_new (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                          _ ("Calibration"), titles, rows));
}

static void
few_trust_pane_dispose (GObject *object)
{
  FewTrustPane *self = FEW_TRUST_PANE (object);
  if (self->view)
    g_signal_handlers_disconnect_by_data (self->view, self);
  g_clear_object (&self->view);
  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  G_OBJECT_CLASS (few_trust_pane_parent_class)->dispose (object);
}

static void
few_trust_pane_class_init (FewTrustPaneClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_trust_pane_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static GtkWidget *
new_label (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, style);
  return label;
}

static void
few_trust_pane_init (FewTrustPane *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *text = new_label (NULL, "numeric");
  self->text = GTK_LABEL (text);
  self->plot = few_reliability_new ();
  self->key = new_label (
      _ ("● learned, ○ CLIP alone: how often answers of a probability are right. On the dashed "
         "line a probability says just that; below it the answers are too sure."),
      "caption");
  gtk_widget_add_css_class (self->key, "dim-label");
  self->button = gtk_button_new_with_mnemonic (_ ("Show as _Table"));
  gtk_widget_set_halign (self->button, GTK_ALIGN_START);
  gtk_widget_set_margin_start (box, MARGIN);
  gtk_widget_set_margin_end (box, MARGIN);
  gtk_widget_set_margin_top (box, MARGIN);
  gtk_widget_set_margin_bottom (box, MARGIN);
  self->promise = g_object_new (FEW_TYPE_PROMISE_BAR, NULL);
  gtk_box_append (GTK_BOX (box), text);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->promise));
  gtk_box_append (GTK_BOX (box), self->plot);
  gtk_box_append (GTK_BOX (box), self->key);
  gtk_box_append (GTK_BOX (box), self->button);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), box);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (table_clicked_cb), self);
}

void
few_trust_pane_set_session (FewTrustPane *self, FewSession *session)
{
  g_return_if_fail (FEW_IS_TRUST_PANE (self));
  g_return_if_fail (FEW_IS_SESSION (session));
  self->view = g_object_ref (few_session_get_view (session));
  g_signal_connect_swapped (self->view, "lens", G_CALLBACK (lens_changed_cb), self);
  few_promise_bar_set_view (self->promise, self->view);
  lens_changed_cb (self);
}

const char *
few_trust_pane_get_text (FewTrustPane *self)
{
  g_return_val_if_fail (FEW_IS_TRUST_PANE (self), NULL);
  return gtk_label_get_text (self->text);
}
