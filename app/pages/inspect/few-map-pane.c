/* SPDX-License-Identifier: MIT */
/* Controls above the map. */
#include "pages/inspect/few-map-pane.h"
#include "widgets/few-drop-down.h"
#include <glib/gi18n.h>

struct _FewMapPane
{
  GtkWidget parent;
  GtkWidget *box;
  GtkDropDown *kind;
  GtkToggleButton *lasso;
  GtkWidget *working;
  GtkProgressBar *progress;
  FewFeatureMap *map;
  gboolean following; /* the drop down says what is, nobody chose it */
};

G_DEFINE_FINAL_TYPE (FewMapPane, few_map_pane, GTK_TYPE_WIDGET)

static void
kind_changed_cb (FewMapPane *self)
{
  FewMapping *mapping = few_feature_map_get_mapping (self->map);
  if (mapping && !self->following)
    few_mapping_set_kind (mapping, (FewMapKind) gtk_drop_down_get_selected (self->kind));
}

static void
lasso_toggled_cb (FewMapPane *self)
{
  gboolean chooses = gtk_toggle_button_get_active (self->lasso);
  few_feature_map_get_zoom (self->map)->chooses = chooses;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self->map), chooses ? "crosshair" : NULL);
}

static void
stop_cb (FewMapPane *self)
{
  few_mapping_stop (few_feature_map_get_mapping (self->map));
}

static void
progress_cb (FewMapPane *self)
{
  FewMapping *mapping = few_feature_map_get_mapping (self->map);
  guint done, total;
  gboolean asking = few_mapping_is_asking (mapping, &done, &total);
  gtk_widget_set_visible (self->working, asking && total > 0);
  if (total > 0)
    gtk_progress_bar_set_fraction (self->progress, (double) done / total);
  self->following = TRUE;
  gtk_drop_down_set_selected (self->kind, few_mapping_get_kind (mapping));
  self->following = FALSE;
}

static void
few_map_pane_dispose (GObject *object)
{
  FewMapPane *self = FEW_MAP_PANE (object);
  FewMapping *mapping = self->box ? few_feature_map_get_mapping (self->map) : NULL;
  if (mapping)
    g_signal_handlers_disconnect_by_data (mapping, self);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (few_map_pane_parent_class)->dispose (object);
}

static void
few_map_pane_class_init (FewMapPaneClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_map_pane_dispose;
  g_type_ensure (FEW_TYPE_FEATURE_MAP);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/inspect/few-map-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, FewMapPane, box);
  gtk_widget_class_bind_template_child (widget_class, FewMapPane, kind);
  gtk_widget_class_bind_template_child (widget_class, FewMapPane, lasso);
  gtk_widget_class_bind_template_child (widget_class, FewMapPane, working);
  gtk_widget_class_bind_template_child (widget_class, FewMapPane, progress);
  gtk_widget_class_bind_template_child (widget_class, FewMapPane, map);
  gtk_widget_class_bind_template_callback (widget_class, kind_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, lasso_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_map_pane_init (FewMapPane *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  few_drop_down_shrink_words (self->kind);
}

FewFeatureMap *
few_map_pane_get_map (FewMapPane *self)
{
  g_return_val_if_fail (FEW_IS_MAP_PANE (self), NULL);
  return self->map;
}

void
few_map_pane_set_session (FewMapPane *self, FewSession *session, FewThumbnails *thumbnails)
{
  g_return_if_fail (FEW_IS_MAP_PANE (self) && FEW_IS_SESSION (session));
  few_feature_map_set_session (self->map, session, thumbnails);
  g_signal_connect_swapped (few_feature_map_get_mapping (self->map), "progress",
                            G_CALLBACK (progress_cb), self);
}

void
few_map_pane_set_kind (FewMapPane *self, FewMapKind kind)
{
  g_return_if_fail (FEW_IS_MAP_PANE (self));
  gtk_drop_down_set_selected (self->kind, kind);
}
