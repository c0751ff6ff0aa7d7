/* SPDX-License-Identifier: MIT */
/* Shows each answer as it comes. */
#include "pages/try/few-live-pane.h"
#include "widgets/few-camera-view.h"
#include "widgets/few-top-classes.h"
#include "widgets/few-wrap.h"
#include <glib/gi18n.h>
#include <math.h>

enum { TOP = 8 };

struct _FewLivePane
{
  GtkWidget parent;
  FewSession *session;
  FewView *view; /* the session's */
  FewLive *live;
  GtkWidget *box, *keep;
  GtkBox *content, *detail;
  FewCameraView *camera_view;
  GtkLabel *rate, *answer, *may_be;
  FewTopClasses *top;
};

G_DEFINE_FINAL_TYPE (FewLivePane, few_live_pane, GTK_TYPE_WIDGET)

static void
show_rate (FewLivePane *self)
{
  double rate = few_live_get_rate (self->live);
  guint whole = isnan (rate) ? 0 : (guint) lround (rate);
  g_autofree char *text = g_strdup_printf (
      /* Translators: how many answers about what the camera shows */
      ngettext ("%u answer a second", "%u answers a second", whole), whole);
  gtk_label_set_text (self->rate, whole ? text : "");
}

static void
answer_cb (FewLivePane *self)
{
  guint row;
  FewTrial *trial = few_live_get_trial (self->live);
  FewSnapshot *snapshot = few_trial_get_snapshot (trial, &row);
  const char *problem = few_live_get_problem (self->live);
  const char *set = few_trial_get_set (trial);
  gtk_label_set_text (self->answer, problem ? problem : few_trial_get_answer (trial));
  gtk_label_set_text (self->may_be, set && !problem ? set : "");
  gtk_widget_set_visible (GTK_WIDGET (self->top), snapshot && !problem);
  show_rate (self);
  if (snapshot && !problem)
    few_top_classes_set (self->top, snapshot, row, few_view_get_alpha (self->view),
                         few_trial_get_classes (trial),
                         few_desk_get_model (few_session_get_desk (self->session)));
}

/* What is said of a picture that is not there any more goes with it. */
static void
camera_changed_cb (FewLivePane *self)
{
  FewCamera *camera = few_live_pane_get_camera (self);
  gboolean open = few_camera_is_open (camera);
  gtk_widget_set_visible (GTK_WIDGET (self->detail), open);
  gtk_widget_set_sensitive (self->keep, open);
  gtk_label_set_text (self->rate, "");
}

static void
few_live_pane_dispose (GObject *object)
{
  FewLivePane *self = FEW_LIVE_PANE (object);
  if (self->live)
    {
      g_signal_handlers_disconnect_by_data (self->live, self);
      g_signal_handlers_disconnect_by_data (few_live_pane_get_camera (self), self);
    }
  g_clear_object (&self->live);
  g_clear_object (&self->session);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (few_live_pane_parent_class)->dispose (object);
}

static void
few_live_pane_class_init (FewLivePaneClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_live_pane_dispose;
  g_type_ensure (FEW_TYPE_CAMERA_VIEW);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/try/few-live-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, FewLivePane, box);
  gtk_widget_class_bind_template_child (widget_class, FewLivePane, keep);
  gtk_widget_class_bind_template_child (widget_class, FewLivePane, content);
  gtk_widget_class_bind_template_child (widget_class, FewLivePane, detail);
  gtk_widget_class_bind_template_child (widget_class, FewLivePane, camera_view);
  gtk_widget_class_bind_template_child (widget_class, FewLivePane, rate);
  gtk_widget_class_bind_template_child (widget_class, FewLivePane, answer);
  gtk_widget_class_bind_template_child (widget_class, FewLivePane, may_be);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_live_pane_init (FewLivePane *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  few_wrap_buttons (GTK_WIDGET (self));
  self->top = FEW_TOP_CLASSES (few_top_classes_new (TOP));
  gtk_box_append (self->detail, GTK_WIDGET (self->top));
}

void
few_live_pane_set_session (FewLivePane *self, FewSession *session)
{
  g_return_if_fail (FEW_IS_LIVE_PANE (self) && FEW_IS_SESSION (session));
  g_return_if_fail (!self->session);
  FewCamera *camera = few_camera_view_get_camera (self->camera_view);
  self->session = g_object_ref (session);
  self->view = few_session_get_view (session);
  self->live = few_live_new (session, camera);
  g_signal_connect_swapped (self->live, "answer", G_CALLBACK (answer_cb), self);
  g_signal_connect_swapped (camera, "changed", G_CALLBACK (camera_changed_cb), self);
  camera_changed_cb (self);
}

FewCamera *
few_live_pane_get_camera (FewLivePane *self)
{
  g_return_val_if_fail (FEW_IS_LIVE_PANE (self), NULL);
  return few_camera_view_get_camera (self->camera_view);
}

FewLive *
few_live_pane_get_live (FewLivePane *self)
{
  g_return_val_if_fail (FEW_IS_LIVE_PANE (self), NULL);
  return self->live;
}

void
few_live_pane_set_narrow (FewLivePane *self, gboolean narrow)
{
  g_return_if_fail (FEW_IS_LIVE_PANE (self));
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->content),
                                  narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
}
