/* SPDX-License-Identifier: MIT */
/* A row a class with how many pictures it has; pictures dropped on a row join that class. */
#include "pages/examples/few-class-list.h"
#include "base/few-settings.h"
#include "pages/examples/few-class-menu.h"
#include "pages/examples/few-class-row.h"
#include "pages/examples/few-class-strip.h"
#include "widgets/few-drop.h"
#include "widgets/few-in-sight.h"
#include "widgets/few-picture-actions.h"
#include "widgets/few-popup.h"
#include "widgets/few-tab.h"
#include "widgets/few-videos.h"
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
  GtkListView *list;
  GtkSingleSelection *selection; /* of FewClass, as the rows show them */
  GListStore *none; /* of those that have no class, while there are any */
  GtkWidget *order_button;
  GtkEditable *search;
  GtkSorter *sorter; /* the sorted model's */
  int order;
  GHashTable *firsts; /* as few_class_strip_collect */
};

G_DEFINE_FINAL_TYPE (FewClassList, few_class_list, GTK_TYPE_WIDGET)

static guint chosen_signal;

/* as the settings name them */
enum { ORDER_MADE, ORDER_NAME, ORDER_COUNT, ORDER_RECALL };

/* ---- rows */

/* The row may be another class's by the time that a video is looked through. */
typedef struct
{
  FewImport *import;
  FewClass *klass; /* NULL: none */
} Landing;

static void
landing_free (gpointer data)
{
  Landing *landing = data;
  g_object_unref (landing->import);
  g_clear_object (&landing->klass);
  g_free (landing);
}

static void
resolved_cb (gpointer user, const char *const *paths)
{
  const Landing *landing = user;
  few_import_propose (landing->import, paths, landing->klass, FALSE);
}

static void
dropped_cb (GtkWidget *row, const char *const *paths, gpointer user)
{
  FewClassList *self = user;
  FewClass *klass = few_class_row_get_class (FEW_CLASS_ROW (row));
  Landing *landing = g_new (Landing, 1);
  *landing = (Landing) { g_object_ref (self->import), klass ? g_object_ref (klass) : NULL };
  few_videos_resolve (row, paths, resolved_cb, landing, landing_free);
}

/* Of another window's project they are files to this one. */
static void
propose_files (FewClassList *self, GPtrArray *pictures, FewClass *klass)
{
  g_autofree const char **paths = g_new0 (const char *, pictures->len + 1);
  for (guint i = 0; i < pictures->len; i++)
    paths[i] = few_picture_get_path (pictures->pdata[i]);
  few_import_propose (self->import, paths, klass, FALSE);
}

/* Pictures of a project, dragged here. */
static gboolean
pictures_dropped_cb (GtkDropTarget *target, const GValue *value, double x, double y, gpointer user)
{
  FewClassList *self = user;
  GPtrArray *pictures = g_value_get_boxed (value);
  GtkWidget *row = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target));
  FewClass *klass = few_class_row_get_class (FEW_CLASS_ROW (row));
  GtkRoot *window = gtk_widget_get_root (row);
  if (!klass)
    return FALSE;
  g_autoptr (GPtrArray) ours = few_gallery_list_there (
      few_examples_get_gallery (few_session_get_examples (self->session)), pictures);
  if (ours->len == pictures->len)
    few_picture_actions_move (GTK_WINDOW (window), self->session, pictures, klass);
  else
    propose_files (self, pictures, klass);
  return TRUE;
}

static void
take_pictures (FewClassList *self, GtkWidget *row)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_PTR_ARRAY, GDK_ACTION_COPY);
  g_signal_connect (target, "drop", G_CALLBACK (pictures_dropped_cb), self);
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (target));
}

static void
show_pictures (FewClassList *self, FewClassRow *row)
{
  FewClass *klass = few_class_row_get_class (row);
  few_class_row_set_pictures (row, self->firsts && klass ? g_hash_table_lookup (self->firsts, klass)
                                                         : NULL);
}

static void
setup_row_cb (FewClassList *self, GtkListItem *item)
{
  GtkWidget *row = few_class_row_new (self->thumbnails);
  few_drop_add (row, dropped_cb, self, NULL);
  take_pictures (self, row);
  gtk_list_item_set_child (item, row);
}

static void
bind_row_cb (FewClassList *self, GtkListItem *item)
{
  FewClassRow *row = FEW_CLASS_ROW (gtk_list_item_get_child (item));
  few_class_row_set_class (row, gtk_list_item_get_item (item));
  show_pictures (self, row);
}

static void
unbind_row_cb (FewClassList *self G_GNUC_UNUSED, GtkListItem *item)
{
  FewClassRow *row = FEW_CLASS_ROW (gtk_list_item_get_child (item));
  few_class_row_set_class (row, NULL);
  few_class_row_set_pictures (row, NULL);
}

static void
set_factory (FewClassList *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_signal_connect_swapped (factory, "setup", G_CALLBACK (setup_row_cb), self);
  g_signal_connect_swapped (factory, "bind", G_CALLBACK (bind_row_cb), self);
  g_signal_connect_swapped (factory, "unbind", G_CALLBACK (unbind_row_cb), self);
  gtk_list_view_set_factory (self->list, factory);
}

static FewClassRow *
get_row (GtkWidget *item)
{
  GtkWidget *child = item ? gtk_widget_get_first_child (item) : NULL;
  return FEW_IS_CLASS_ROW (child) ? FEW_CLASS_ROW (child) : NULL;
}

/* A list that lies over the page goes when it has been used. */
static void
fold (FewClassList *self)
{
  AdwFlap *flap = ADW_FLAP (gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_FLAP));
  if (flap && adw_flap_get_folded (flap))
    adw_flap_set_reveal_flap (flap, FALSE);
}

/* More classes than fit are searched. */
static void
classes_changed_cb (FewClassList *self)
{
  enum { FIT = 10 };
  guint n = g_list_model_get_n_items (few_examples_get_classes (self->examples));
  gtk_widget_set_visible (self->order_button, n > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->search), n > FIT);
}

/* Pictures that are none of these are seen as a class is. */
static void
none_counted_cb (FewClassList *self)
{
  FewClass *none = few_examples_get_none (self->examples);
  gboolean listed = g_list_model_get_n_items (G_LIST_MODEL (self->none)) > 0;
  if (few_class_get_count (none) > 0 && !listed)
    g_list_store_append (self->none, none);
  else if (few_class_get_count (none) == 0)
    g_list_store_remove_all (self->none);
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

static guint
find_class (FewClassList *self, FewClass *klass)
{
  GListModel *shown = G_LIST_MODEL (self->selection);
  guint n = klass ? g_list_model_get_n_items (shown) : 0;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FewClass) at = g_list_model_get_item (shown, i);
      if (at == klass)
        return i;
    }
  return GTK_INVALID_LIST_POSITION;
}

/* In sight. */
static void
select_class (FewClassList *self, FewClass *klass)
{
  guint position = find_class (self, klass);
  gtk_single_selection_set_selected (self->selection, position);
  if (position != GTK_INVALID_LIST_POSITION)
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", position);
}

static void
order_changed_cb (FewClassList *self)
{
  self->order = g_settings_get_enum (few_settings (), "class-order");
  gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
}

static void
fill_strips (FewClassList *self)
{
  g_autoptr (GHashTable) before = g_steal_pointer (&self->firsts);
  self->firsts = few_class_strip_collect (self->examples);
  if (!before && !self->firsts)
    return;
  for (GtkWidget *item = gtk_widget_get_first_child (GTK_WIDGET (self->list)); item;
       item = gtk_widget_get_next_sibling (item))
    if (get_row (item))
      show_pictures (self, get_row (item));
}

/* Names and counts may be others. */
static void
examples_changed_cb (FewClassList *self)
{
  if (self->order != ORDER_MADE)
    gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
  fill_strips (self);
}

/* Many a second while something learns: of the orders, one alone goes by it. */
static void
snapshot_cb (FewClassList *self)
{
  if (self->order == ORDER_RECALL)
    gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
}

static void
chosen_cb (FewClassList *self)
{
  FewClass *klass = gtk_single_selection_get_selected_item (self->selection);
  g_signal_emit (self, chosen_signal, 0, klass);
  if (klass)
    fold (self);
}

/* The item that has the focus, or lies there. */
static GtkWidget *
find_item (FewClassList *self, double x, double y)
{
  GtkWidget *list = GTK_WIDGET (self->list);
  GtkWidget *at = x < 0 ? gtk_root_get_focus (gtk_widget_get_root (list))
                        : gtk_widget_pick (list, x, y, GTK_PICK_DEFAULT);
  while (at && gtk_widget_get_parent (at) != list)
    at = gtk_widget_get_parent (at);
  return at;
}

/* It comes into view, for what is chosen acts on it. */
static gboolean
menu_cb (GtkWidget *widget, double x, double y, gpointer user)
{
  FewClassList *self = user;
  GtkWidget *item = find_item (self, x, y);
  FewClassRow *row = get_row (item);
  FewClass *klass = row ? few_class_row_get_class (row) : NULL;
  graphene_rect_t bounds;
  if (!klass || few_class_is_none (klass) || !gtk_widget_compute_bounds (item, widget, &bounds))
    return FALSE;
  g_autoptr (GMenuModel) menu = few_class_menu_create (self->examples, klass);
  select_class (self, klass);
  few_popup (widget, menu, x < 0 ? bounds.size.width / 2 : x,
             bounds.origin.y + bounds.size.height / 2);
  return TRUE;
}

/* By its first letters; the focus goes along. */
static void
typed_cb (gpointer user, FewClass *klass)
{
  FewClassList *self = user;
  select_class (self, klass);
  for (GtkWidget *item = gtk_widget_get_first_child (GTK_WIDGET (self->list)); item;
       item = gtk_widget_get_next_sibling (item))
    if (get_row (item) && few_class_row_get_class (get_row (item)) == klass)
      gtk_widget_grab_focus (item);
}

/* ---- life */

static void
few_class_list_dispose (GObject *object)
{
  FewClassList *self = FEW_CLASS_LIST (object);
  if (self->selection)
    g_signal_handlers_disconnect_by_data (self->selection, self); /* it unselects while it goes */
  if (self->session)
    {
      g_signal_handlers_disconnect_by_data (few_examples_get_none (self->examples), self);
      g_signal_handlers_disconnect_by_data (self->examples, self);
      g_signal_handlers_disconnect_by_data (few_session_get_view (self->session), self);
    }
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->none);
  g_clear_pointer (&self->firsts, g_hash_table_unref);
  g_clear_object (&self->thumbnails);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (few_class_list_parent_class)->dispose (object);
}

static void
few_class_list_class_init (FewClassListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_class_list_dispose;
  chosen_signal = g_signal_new ("chosen", FEW_TYPE_CLASS_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, FEW_TYPE_CLASS);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/examples/few-class-list.ui");
  gtk_widget_class_bind_template_child (widget_class, FewClassList, box);
  gtk_widget_class_bind_template_child (widget_class, FewClassList, list);
  gtk_widget_class_bind_template_child (widget_class, FewClassList, order_button);
  gtk_widget_class_bind_template_child (widget_class, FewClassList, search);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_class_list_init (FewClassList *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();
  g_autoptr (GAction) order = g_settings_create_action (few_settings (), "class-order");
  g_action_map_add_action (G_ACTION_MAP (actions), order);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "classes", G_ACTION_GROUP (actions));
}

/* All classes, sorted, and what has none; of them those that are searched for. */
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
  GListStore *lists = g_list_store_new (G_TYPE_LIST_MODEL);
  g_list_store_append (lists, sorted);
  g_list_store_append (lists, self->none);
  g_object_unref (sorted);
  return G_LIST_MODEL (gtk_filter_list_model_new (
      G_LIST_MODEL (gtk_flatten_list_model_new (G_LIST_MODEL (lists))), GTK_FILTER (filter)));
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
  self->none = g_list_store_new (FEW_TYPE_CLASS);
  set_factory (self);
  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_autoptr (GListModel) classes = create_model (self);
  gtk_single_selection_set_model (self->selection, classes);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_swapped (self->selection, "notify::selected-item", G_CALLBACK (chosen_cb), self);
  few_in_sight_watch (GTK_SCROLLABLE (self->list), (FewInSightFunc) few_class_rows_catch_up,
                      self->list);
  g_signal_connect_object (self->selection, "items-changed", G_CALLBACK (few_in_sight_look),
                           self->list, G_CONNECT_SWAPPED);
  few_popup_install (GTK_WIDGET (self->list), menu_cb, self);
  few_class_menu_type_ahead (GTK_WIDGET (self->list), classes, typed_cb, self);
  few_tab_install (GTK_WIDGET (self->list));
  g_signal_connect_object (few_examples_get_classes (self->examples), "items-changed",
                           G_CALLBACK (classes_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (few_settings (), "changed::class-order", G_CALLBACK (order_changed_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->examples, "changed", G_CALLBACK (examples_changed_cb), self);
  g_signal_connect_swapped (few_session_get_view (session), "snapshot", G_CALLBACK (snapshot_cb),
                            self);
  g_signal_connect_swapped (few_examples_get_none (self->examples), "notify::count",
                            G_CALLBACK (none_counted_cb), self);
  classes_changed_cb (self);
  none_counted_cb (self);
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
