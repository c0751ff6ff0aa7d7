/* SPDX-License-Identifier: MIT */
/* A row a class with how many pictures it has; pictures dropped on a row join that class. */
#include "pages/examples/few-class-list.h"
#include "base/few-settings.h"
#include "pages/examples/few-class-menu.h"
#include "pages/examples/few-class-strip.h"
#include "widgets/few-class-dot.h"
#include "widgets/few-drop.h"
#include "widgets/few-picture-actions.h"
#include "widgets/few-popup.h"
#include "widgets/few-tab.h"
#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

struct _FewClassList
{
  GtkWidget parent;
  FewSession *session;
  FewExamples *examples; /* the session's */
  FewImport *import; /* the session's */
  FewThumbnails *thumbnails;
  GtkWidget *box;
  GtkListBox *list;
  GtkWidget *order_button;
  GtkEditable *search;
  GtkSorter *sorter; /* the sorted model's */
  int order;
  GListModel *found; /* FewClass, as the rows show them */
};

G_DEFINE_FINAL_TYPE (FewClassList, few_class_list, GTK_TYPE_WIDGET)

static guint chosen_signal;

/* as the settings name them */
enum { ORDER_MADE, ORDER_NAME, ORDER_COUNT, ORDER_RECALL };

/* ---- rows */

static void
set_header (GtkListBoxRow *row, GtkListBoxRow *before, gpointer user G_GNUC_UNUSED)
{
  if (before && !gtk_list_box_row_get_header (row))
    gtk_list_box_row_set_header (row, gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
}

static gboolean
transform_count (GBinding *binding G_GNUC_UNUSED, const GValue *from, GValue *to,
                 gpointer user G_GNUC_UNUSED)
{
  g_value_take_string (to, g_strdup_printf ("%u", g_value_get_uint (from)));
  return TRUE;
}

/* The class of a row; free with g_object_unref. */
static FewClass *
get_class (FewClassList *self, GtkListBoxRow *row)
{
  int index = row ? gtk_list_box_row_get_index (row) : -1;
  if (index < 0)
    return NULL;
  return g_list_model_get_item (self->found, (guint) index);
}

/* "92 %" of the measured pictures of a class, once something was learned. */
static gboolean
transform_recall (GBinding *binding G_GNUC_UNUSED, const GValue *from, GValue *to,
                  gpointer user G_GNUC_UNUSED)
{
  const FewClassScores *scores = g_value_get_pointer (from);
  gboolean known = scores->learned && isfinite (scores->recall);
  g_value_take_string (to,
                       known ? g_strdup_printf ("%.0f %%", 100 * scores->recall) : g_strdup (""));
  return TRUE;
}

static void
dropped_cb (GtkWidget *row, const char *const *paths, gpointer user)
{
  FewClassList *self = user;
  g_autoptr (FewClass) klass = get_class (self, GTK_LIST_BOX_ROW (row));
  few_import_propose (self->import, paths, klass, FALSE);
}

/* Pictures of the project, dragged here. */
static gboolean
pictures_dropped_cb (GtkDropTarget *target, const GValue *value, double x, double y, gpointer user)
{
  FewClassList *self = user;
  GtkWidget *row = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target));
  g_autoptr (FewClass) klass = get_class (self, GTK_LIST_BOX_ROW (row));
  GtkRoot *window = gtk_widget_get_root (row);
  if (klass)
    few_picture_actions_move (GTK_WINDOW (window), self->session, g_value_get_boxed (value), klass);
  return klass != NULL;
}

static void
take_pictures (FewClassList *self, GtkWidget *row)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_PTR_ARRAY, GDK_ACTION_COPY);
  g_signal_connect (target, "drop", G_CALLBACK (pictures_dropped_cb), self);
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (target));
}

static GtkWidget *
create_row (gpointer item, gpointer user)
{
  FewClassList *self = user;
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *lines = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *strip = few_class_strip_new (self->thumbnails);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *name = gtk_label_new (NULL);
  GtkWidget *count = gtk_label_new (NULL);
  GtkWidget *recall = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (name, TRUE);
  gtk_widget_add_css_class (recall, "caption");
  gtk_widget_add_css_class (recall, "numeric");
  gtk_widget_set_tooltip_text (recall, _ ("Recognised, of the measured pictures of the class"));
  gtk_widget_set_tooltip_text (count, _ ("Pictures of the class"));
  gtk_widget_add_css_class (count, "dim-label");
  gtk_widget_add_css_class (count, "numeric");
  gtk_widget_add_css_class (lines, "class-row");
  gtk_box_append (GTK_BOX (lines), box);
  gtk_box_append (GTK_BOX (lines), strip);
  gtk_box_append (GTK_BOX (box), few_class_dot_new (item));
  gtk_box_append (GTK_BOX (box), name);
  gtk_box_append (GTK_BOX (box), recall);
  gtk_box_append (GTK_BOX (box), count);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), lines);
  g_object_bind_property (item, "name", name, "label", G_BINDING_SYNC_CREATE);
  g_object_bind_property_full (item, "count", count, "label", G_BINDING_SYNC_CREATE,
                               transform_count, NULL, NULL, NULL);
  g_object_bind_property_full (item, "scores", recall, "label", G_BINDING_SYNC_CREATE,
                               transform_recall, NULL, NULL, NULL);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_RELATION_LABELLED_BY, name,
                                  NULL, -1);
  few_drop_add (row, dropped_cb, user, NULL);
  take_pictures (user, row);
  return row;
}

/* A list that lies over the page goes when it has been used. */
static void
fold (FewClassList *self)
{
  AdwFlap *flap = ADW_FLAP (gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_FLAP));
  if (flap && adw_flap_get_folded (flap))
    adw_flap_set_reveal_flap (flap, FALSE);
}

/* More classes than fit are searched; a few are seen at a glance, whatever their order. */
static void
classes_changed_cb (FewClassList *self)
{
  enum { GLANCE = 3, FIT = 10 };
  guint n = g_list_model_get_n_items (few_examples_get_classes (self->examples));
  gtk_widget_set_visible (self->order_button, n > GLANCE);
  gtk_widget_set_visible (GTK_WIDGET (self->search), n > FIT);
}

/* ---- order */

/* Those that are recognised worst come first, those that were not measured last. */
static int
compare_recalls (FewClass *a, FewClass *b)
{
  float first = few_class_get_scores (a)->recall;
  float second = few_class_get_scores (b)->recall;
  if (!isfinite (first) || !isfinite (second))
    return !isfinite (first) - !isfinite (second);
  return (first > second) - (first < second);
}

static int
compare_classes (gconstpointer first, gconstpointer second, gpointer user)
{
  FewClassList *self = user;
  FewClass *a = (FewClass *) first;
  FewClass *b = (FewClass *) second;
  guint n = few_class_get_count (a);
  guint m = few_class_get_count (b);
  switch (self->order)
    {
    case ORDER_NAME:
      return g_utf8_collate (few_class_get_name (a), few_class_get_name (b));
    case ORDER_COUNT:
      return (n < m) - (n > m);
    case ORDER_RECALL:
      return compare_recalls (a, b);
    case ORDER_MADE:
    default:
      return 0;
    }
}

static void
select_class (FewClassList *self, FewClass *klass)
{
  guint n = klass ? g_list_model_get_n_items (self->found) : 0;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FewClass) at = g_list_model_get_item (self->found, i);
      if (at == klass)
        {
          gtk_list_box_select_row (self->list, gtk_list_box_get_row_at_index (self->list, (int) i));
          return;
        }
    }
  gtk_list_box_unselect_all (self->list);
}

static void row_selected_cb (FewClassList *self, GtkListBoxRow *row);

/* Rows are made anew where the order changes: the class in view stays the one that it was. */
static void
sort_anew (FewClassList *self)
{
  g_autoptr (FewClass) klass = get_class (self, gtk_list_box_get_selected_row (self->list));
  g_signal_handlers_block_by_func (self->list, row_selected_cb, self);
  gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
  select_class (self, klass);
  g_signal_handlers_unblock_by_func (self->list, row_selected_cb, self);
}

static void
order_changed_cb (FewClassList *self)
{
  self->order = g_settings_get_enum (few_settings (), "class-order");
  sort_anew (self);
}

static void
fill_strips (FewClassList *self)
{
  g_autoptr (GPtrArray) strips = g_ptr_array_new ();
  GtkListBoxRow *row;
  while ((row = gtk_list_box_get_row_at_index (self->list, (int) strips->len)))
    g_ptr_array_add (strips, gtk_widget_get_last_child (gtk_list_box_row_get_child (row)));
  few_class_strips_fill (strips, self->found, self->examples);
}

/* Names and counts may be others. */
static void
examples_changed_cb (FewClassList *self)
{
  if (self->order != ORDER_MADE)
    sort_anew (self);
  fill_strips (self);
}

/* Many a second while something learns: of the orders, one alone goes by it. */
static void
snapshot_cb (FewClassList *self)
{
  if (self->order == ORDER_RECALL)
    sort_anew (self);
}

static void
row_selected_cb (FewClassList *self, GtkListBoxRow *row)
{
  g_autoptr (FewClass) klass = get_class (self, row);
  g_signal_emit (self, chosen_signal, 0, klass);
  if (row)
    fold (self);
}

/* Of the row that lies there, or has the focus; it comes into view, for what is chosen acts on
 * it. */
static gboolean
menu_cb (GtkWidget *widget, double x, double y, gpointer user)
{
  FewClassList *self = user;
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (widget));
  GtkListBoxRow *row = x < 0 && GTK_IS_LIST_BOX_ROW (focus)
                           ? GTK_LIST_BOX_ROW (focus)
                           : gtk_list_box_get_row_at_y (self->list, (int) y);
  g_autoptr (FewClass) klass = get_class (self, row);
  graphene_rect_t bounds;
  if (!klass || !gtk_widget_compute_bounds (GTK_WIDGET (row), widget, &bounds))
    return FALSE;
  g_autoptr (GMenuModel) menu = few_class_menu_create (self->examples, klass);
  gtk_list_box_select_row (self->list, row);
  few_popup (widget, menu, x < 0 ? bounds.size.width / 2 : x,
             bounds.origin.y + bounds.size.height / 2);
  return TRUE;
}

/* Passing by with Tab chooses nothing: GTK would choose the first row. */
static gboolean
few_class_list_focus (GtkWidget *widget, GtkDirectionType direction)
{
  FewClassList *self = FEW_CLASS_LIST (widget);
  GtkWidgetClass *parent = GTK_WIDGET_CLASS (few_class_list_parent_class);
  GtkSelectionMode mode = gtk_list_box_get_selection_mode (self->list);
  if (gtk_list_box_get_selected_row (self->list)
      || (direction != GTK_DIR_TAB_FORWARD && direction != GTK_DIR_TAB_BACKWARD))
    return parent->focus (widget, direction);
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gboolean moved = parent->focus (widget, direction);
  gtk_list_box_set_selection_mode (self->list, mode);
  return moved;
}

/* ---- life */

static void
few_class_list_dispose (GObject *object)
{
  FewClassList *self = FEW_CLASS_LIST (object);
  if (self->list)
    g_signal_handlers_disconnect_by_data (self->list, self); /* it unselects while it goes */
  if (self->session)
    {
      g_signal_handlers_disconnect_by_data (self->examples, self);
      g_signal_handlers_disconnect_by_data (few_session_get_view (self->session), self);
    }
  self->list = NULL;
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->found);
  g_clear_object (&self->thumbnails);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (few_class_list_parent_class)->dispose (object);
}

static void
few_class_list_class_init (FewClassListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_class_list_dispose;
  widget_class->focus = few_class_list_focus;
  chosen_signal = g_signal_new ("chosen", FEW_TYPE_CLASS_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, FEW_TYPE_CLASS);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/examples/few-class-list.ui");
  gtk_widget_class_bind_template_child (widget_class, FewClassList, box);
  gtk_widget_class_bind_template_child (widget_class, FewClassList, list);
  gtk_widget_class_bind_template_child (widget_class, FewClassList, order_button);
  gtk_widget_class_bind_template_child (widget_class, FewClassList, search);
  gtk_widget_class_bind_template_callback (widget_class, row_selected_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_class_list_init (FewClassList *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_list_box_set_header_func (self->list, set_header, NULL, NULL);
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();
  g_autoptr (GAction) order = g_settings_create_action (few_settings (), "class-order");
  g_action_map_add_action (G_ACTION_MAP (actions), order);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "classes", G_ACTION_GROUP (actions));
}

/* All classes, sorted, then those that are searched for. */
static GListModel *
create_model (FewClassList *self)
{
  GtkStringFilter *filter =
      gtk_string_filter_new (gtk_property_expression_new (FEW_TYPE_CLASS, NULL, "name"));
  g_object_bind_property (self->search, "text", filter, "search", G_BINDING_SYNC_CREATE);
  self->order = g_settings_get_enum (few_settings (), "class-order");
  self->sorter = GTK_SORTER (gtk_custom_sorter_new (compare_classes, self, NULL));
  GtkSortListModel *sorted = gtk_sort_list_model_new (
      g_object_ref (few_examples_get_classes (self->examples)), self->sorter);
  return G_LIST_MODEL (gtk_filter_list_model_new (G_LIST_MODEL (sorted), GTK_FILTER (filter)));
}

GtkWidget *
few_class_list_new (FewSession *session, FewThumbnails *thumbnails)
{
  g_return_val_if_fail (FEW_IS_SESSION (session) && FEW_IS_THUMBNAILS (thumbnails), NULL);
  FewClassList *self = g_object_new (FEW_TYPE_CLASS_LIST, NULL);
  self->session = g_object_ref (session);
  self->examples = few_session_get_examples (session);
  self->import = few_session_get_import (session);
  self->thumbnails = g_object_ref (thumbnails);
  self->found = create_model (self);
  gtk_list_box_bind_model (self->list, self->found, create_row, self, NULL);
  few_popup_install (GTK_WIDGET (self->list), menu_cb, self);
  few_class_menu_type_ahead (self->list, self->found);
  few_tab_install (GTK_WIDGET (self->list));
  g_signal_connect_object (few_examples_get_classes (self->examples), "items-changed",
                           G_CALLBACK (classes_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (few_settings (), "changed::class-order", G_CALLBACK (order_changed_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->examples, "changed", G_CALLBACK (examples_changed_cb), self);
  g_signal_connect_swapped (few_session_get_view (session), "snapshot", G_CALLBACK (snapshot_cb),
                            self);
  classes_changed_cb (self);
  return GTK_WIDGET (self);
}

void
few_class_list_select (FewClassList *self, int index)
{
  g_return_if_fail (FEW_IS_CLASS_LIST (self));
  gtk_editable_set_text (self->search, "");
  g_autoptr (FewClass) klass =
      index >= 0 ? g_list_model_get_item (few_examples_get_classes (self->examples), (guint) index)
                 : NULL;
  select_class (self, klass);
}
