/* SPDX-License-Identifier: MIT */
/* The slider of the promise, what it costs, and why it cannot be kept. */
#include "widgets/few-promise-bar.h"
#include "session/few-answer.h"
#include <glib/gi18n.h>
#include <math.h>

struct _FewPromiseBar
{
  GtkWidget parent;
  FewView *view;
  GtkWidget *box, *scale;
  GtkLabel *value, *cost;
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (FewPromiseBar, few_promise_bar, GTK_TYPE_WIDGET)

/* So many pictures have to tell, or the largest of their doubts is not rare enough. */
static guint
count_needed (guint promise)
{
  return (promise + 99 - promise) / (100 - promise);
}

static char *
describe_cost (const FewTrust *trust, guint promise)
{
  double size;
  const FewTrustInfo *info = few_trust_info (trust);
  if (few_trust_promise (trust, promise, &size) > 0)
    /* Translators: a number of classes, of how many */
    return g_strdup_printf (_ ("%.1f of %u classes on average"), size, info->n_classes);
  /* Translators: numbers of pictures */
  return g_strdup_printf (ngettext ("needs %u picture that tells; there are %u",
                                    "needs %u pictures that tell; there are %u",
                                    count_needed (promise)),
                          count_needed (promise), info->n_told);
}

static void
lens_cb (FewPromiseBar *self)
{
  guint promise = few_view_get_promise (self->view);
  const FewTrust *trust =
      few_answer_trust (few_view_get_snapshot (self->view), few_view_get_alpha (self->view));
  /* of a version that kept one promise, there is nothing to choose */
  gboolean known = trust && !isnan (few_trust_promise (trust, FEW_TRUST_MOST, NULL));
  gtk_widget_set_visible (GTK_WIDGET (self), known);
  if (!known)
    return;
  g_autofree char *value = g_strdup_printf ("%u %%", promise);
  g_autofree char *cost = describe_cost (trust, promise);
  self->updating = TRUE;
  gtk_range_set_value (GTK_RANGE (self->scale), promise);
  self->updating = FALSE;
  gtk_label_set_text (self->value, value);
  gtk_label_set_text (self->cost, cost);
}

static void
value_changed_cb (FewPromiseBar *self)
{
  if (!self->updating && self->view)
    few_view_set_promise (self->view,
                          (guint) lround (gtk_range_get_value (GTK_RANGE (self->scale))));
}

static void
few_promise_bar_dispose (GObject *object)
{
  FewPromiseBar *self = FEW_PROMISE_BAR (object);
  if (self->view)
    g_signal_handlers_disconnect_by_data (self->view, self);
  g_clear_object (&self->view);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (few_promise_bar_parent_class)->dispose (object);
}

static void
few_promise_bar_class_init (FewPromiseBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_promise_bar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static GtkLabel *
add_label (GtkWidget *box, const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  if (style)
    gtk_widget_add_css_class (label, style);
  gtk_box_append (GTK_BOX (box), label);
  return GTK_LABEL (label);
}

static void
few_promise_bar_init (FewPromiseBar *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  add_label (self->box, _ ("The right class is among those named for"), NULL);
  self->scale =
      gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, FEW_TRUST_LEAST, FEW_TRUST_MOST, 1);
  gtk_scale_set_draw_value (GTK_SCALE (self->scale), FALSE);
  gtk_widget_set_hexpand (self->scale, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scale), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Share of pictures whose class is to be among those named"),
                                  -1);
  gtk_box_append (GTK_BOX (self->box), row);
  gtk_box_append (GTK_BOX (row), self->scale);
  self->value = add_label (row, NULL, "numeric");
  gtk_label_set_wrap (self->value, FALSE);
  self->cost = add_label (self->box, NULL, "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->cost), "dim-label");
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_hide (GTK_WIDGET (self));
  g_signal_connect_swapped (self->scale, "value-changed", G_CALLBACK (value_changed_cb), self);
}

void
few_promise_bar_set_view (FewPromiseBar *self, FewView *view)
{
  g_return_if_fail (FEW_IS_PROMISE_BAR (self) && FEW_IS_VIEW (view));
  g_return_if_fail (!self->view);
  self->view = g_object_ref (view);
  g_signal_connect_swapped (view, "lens", G_CALLBACK (lens_cb), self);
  lens_cb (self);
}
