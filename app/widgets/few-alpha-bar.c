/* SPDX-License-Identifier: MIT */
/* The slider of α under its curve. */
#include "widgets/few-alpha-bar.h"
#include "widgets/few-alpha-curve.h"
#include "widgets/few-beside.h"
#include <glib/gi18n.h>

struct _FewAlphaBar
{
  GtkWidget parent;
  FewSession *session;
  FewView *view; /* the session's */
  GtkWidget *box;
  FewAlphaCurve *curve;
  GtkScale *scale;
  GtkLabel *value, *summary;
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (FewAlphaBar, few_alpha_bar, GTK_TYPE_WIDGET)

static void
lens_changed_cb (FewAlphaBar *self)
{
  double alpha = few_view_get_alpha (self->view);
  g_autofree char *text = g_strdup_printf ("α = %.2f", alpha);
  self->updating = TRUE;
  gtk_range_set_value (GTK_RANGE (self->scale), alpha);
  self->updating = FALSE;
  gtk_label_set_text (self->value, text);
}

static void
snapshot_changed_cb (FewAlphaBar *self)
{
  FewSnapshot *snapshot = few_view_get_snapshot (self->view);
  few_alpha_curve_set_snapshot (self->curve, snapshot);
  const char *summary = few_alpha_curve_get_summary (self->curve);
  const FewModelInfo *model = few_desk_get_model (few_session_get_desk (self->session));
  gboolean textless = model && !model->reads_texts;
  if (textless)
    summary = _ ("no α: the model reads no texts to blend with");
  gtk_label_set_text (self->summary, summary ? summary : _ ("train to move α"));
  gtk_widget_set_sensitive (GTK_WIDGET (self->scale),
                            !textless && snapshot && few_snapshot_info (snapshot)->trained);
}

static void
value_changed_cb (GtkRange *range, FewAlphaBar *self)
{
  if (!self->updating && self->session)
    few_view_set_alpha (self->view, gtk_range_get_value (range));
}

static void
few_alpha_bar_dispose (GObject *object)
{
  FewAlphaBar *self = FEW_ALPHA_BAR (object);
  if (self->session)
    {
      g_signal_handlers_disconnect_by_data (self->view, self);
      g_signal_handlers_disconnect_by_data (few_session_get_desk (self->session), self);
    }
  g_clear_object (&self->session);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (few_alpha_bar_parent_class)->dispose (object);
}

static void
few_alpha_bar_class_init (FewAlphaBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_alpha_bar_dispose;
  g_type_ensure (FEW_TYPE_ALPHA_CURVE);
  g_type_ensure (FEW_TYPE_BESIDE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/widgets/few-alpha-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, FewAlphaBar, box);
  gtk_widget_class_bind_template_child (widget_class, FewAlphaBar, curve);
  gtk_widget_class_bind_template_child (widget_class, FewAlphaBar, scale);
  gtk_widget_class_bind_template_child (widget_class, FewAlphaBar, value);
  gtk_widget_class_bind_template_child (widget_class, FewAlphaBar, summary);
  gtk_widget_class_bind_template_callback (widget_class, value_changed_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_alpha_bar_init (FewAlphaBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
few_alpha_bar_set_session (FewAlphaBar *self, FewSession *session)
{
  g_return_if_fail (FEW_IS_ALPHA_BAR (self));
  self->session = g_object_ref (session);
  self->view = few_session_get_view (session);
  g_signal_connect_swapped (self->view, "lens", G_CALLBACK (lens_changed_cb), self);
  g_signal_connect_swapped (self->view, "snapshot", G_CALLBACK (snapshot_changed_cb), self);
  g_signal_connect_swapped (few_session_get_desk (session), "notify::model",
                            G_CALLBACK (snapshot_changed_cb), self);
  lens_changed_cb (self);
  snapshot_changed_cb (self);
}

void
few_alpha_bar_focus (FewAlphaBar *self)
{
  g_return_if_fail (FEW_IS_ALPHA_BAR (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->scale));
}
