/* SPDX-License-Identifier: MIT */
/* A table of those who make them. */
#include "pages/inspect/few-inspect-parts.h"
#include "pages/inspect/few-inspect-lists.h"
#include "widgets/few-wheel.h"

enum { TOP = 5 };

static gpointer
add_side (GtkStack *side, GType type, guint number)
{
  GtkWidget *widget = g_object_new (type, NULL);
  gtk_stack_add_named (side, widget, few_inspect_lists_name (number));
  return widget;
}

static void
build_scores (FewInspectParts *parts, GtkStack *side, GtkBox *detail G_GNUC_UNUSED)
{
  parts->bars = add_side (side, FEW_TYPE_CLASS_BARS, FEW_SIDE_BARS);
  parts->confusion = add_side (side, FEW_TYPE_CONFUSION, FEW_SIDE_CONFUSION);
  parts->class_table = add_side (side, FEW_TYPE_CLASS_TABLE, FEW_SIDE_TABLE);
  few_wheel_page_first (GTK_WIDGET (parts->bars));
  few_wheel_page_first (GTK_WIDGET (parts->confusion));
  few_wheel_page_first (GTK_WIDGET (parts->class_table));
}

static void
build_map (FewInspectParts *parts, GtkStack *side, GtkBox *detail G_GNUC_UNUSED)
{
  parts->map_pane = add_side (side, FEW_TYPE_MAP_PANE, FEW_SIDE_MAP);
  parts->map = few_map_pane_get_map (parts->map_pane);
  parts->trust = add_side (side, FEW_TYPE_TRUST_PANE, FEW_SIDE_TRUST);
  few_wheel_page_first (GTK_WIDGET (parts->trust)); /* the map zooms */
}

static void
build_answer (FewInspectParts *parts, GtkStack *side G_GNUC_UNUSED, GtkBox *detail)
{
  parts->top = FEW_TOP_CLASSES (few_top_classes_new (TOP));
  parts->nearest = FEW_NEAREST (few_nearest_new ());
  parts->nearest_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_box_append (GTK_BOX (parts->nearest_box), GTK_WIDGET (parts->nearest));
  gtk_box_append (detail, GTK_WIDGET (parts->top));
  gtk_box_append (detail, parts->nearest_box);
}

static void
build_panes (FewInspectParts *parts, GtkStack *side G_GNUC_UNUSED, GtkBox *detail)
{
  parts->look_pane = FEW_LOOK_PANE (few_look_pane_new ());
  parts->match_pane = FEW_MATCH_PANE (few_match_pane_new ());
  gtk_widget_hide (GTK_WIDGET (parts->look_pane));
  gtk_widget_hide (GTK_WIDGET (parts->match_pane));
  gtk_box_append (detail, GTK_WIDGET (parts->look_pane));
  gtk_box_append (detail, GTK_WIDGET (parts->match_pane));
}

gboolean
few_inspect_parts_build (FewInspectParts *parts, GtkStack *side, GtkBox *detail)
{
  static void (*const steps[]) (FewInspectParts *, GtkStack *,
                                GtkBox *) = { build_scores, build_map, build_answer, build_panes };
  g_return_val_if_fail (parts != NULL && GTK_IS_STACK (side) && GTK_IS_BOX (detail), FALSE);
  if (parts->built == G_N_ELEMENTS (steps))
    return FALSE;
  steps[parts->built++](parts, side, detail);
  return TRUE;
}
