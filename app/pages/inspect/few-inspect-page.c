/* SPDX-License-Identifier: MIT */
/* What the lens says of the pictures: ranked, and by class; the one that is chosen in detail. */
#include "pages/inspect/few-inspect-page.h"
#include "pages/inspect/few-inspect-filter.h"
#include "pages/inspect/few-inspect-lists.h"
#include "pages/inspect/few-inspect-parts.h"
#include "pages/inspect/few-inspect-words.h"
#include "widgets/few-beside.h"
#include "widgets/few-drop-down.h"
#include "widgets/few-gradual.h"
#include "widgets/few-in-sight.h"
#include "widgets/few-picture-menu.h"
#include "widgets/few-ranking.h"
#include "widgets/few-split.h"
#include "widgets/few-tile.h"
#include "widgets/few-viewer.h"
#include "widgets/few-wheel.h"
#include "widgets/few-wrap.h"
#include <adwaita.h>
#include <glib/gi18n.h>

/* NARROW: below this width of the window, bars stand above the pictures; from WIDE on all that is
 * told of a picture stands side by side */
enum { NARROW = 860, WIDE = 1180 };
/* Pixels of a phone's height: a row of pictures with its words; without them, above what is told of
 * the one that is chosen */
enum { ROW = 150, LOW_ROW = 105 };

struct _FewInspectPage
{
  GtkWidget parent;
  FewSession *session;
  GtkWidget *box, *pictures;
  GtkScrolledWindow *whole;
  GtkStack *stack, *side;
  GtkLabel *summary, *chosen;
  GtkDropDown *filter, *view;
  FewInspectLists *lists; /* what these offer */
  GtkPaned *paned;
  GtkGridView *grid;
  FewInspectParts parts;
  GtkRevealer *detail;
  FewRanking *ranking;
  GtkSingleSelection *selection;
  FewPicture *picture; /* stays chosen while the ranking moves */
  GtkToggleButton *look, *match;
  int width;
  GtkRevealer *cell_revealer;
  GtkLabel *cell;
  GtkBox *detail_row;
  GtkMenuButton *circled_menu;
  FewInspectFilter only;
  gint64 tells; /* until then, of a picture that was chosen after the view above it */
  gboolean ranking_now; /* what follows is not chosen by a person */
};

static void few_inspect_page_iface_init (FewPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FewInspectPage, few_inspect_page, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (FEW_TYPE_PAGE, few_inspect_page_iface_init))

/* Where the model looks in the chosen picture, or which parts match, while that is wanted. */
static void
show_panes (FewInspectPage *self)
{
  gboolean chosen = gtk_revealer_get_reveal_child (self->detail);
  gboolean look = gtk_toggle_button_get_active (self->look);
  gboolean serves = few_match_pane_serves (self->session);
  gboolean match = gtk_toggle_button_get_active (self->match) && serves;
  gtk_widget_set_visible (GTK_WIDGET (self->match), serves);
  gtk_widget_set_visible (GTK_WIDGET (self->parts.look_pane), look);
  gtk_widget_set_visible (GTK_WIDGET (self->parts.match_pane), match);
  gtk_widget_set_visible (self->parts.nearest_box, (!look && !match) || self->width >= WIDE);
  few_look_pane_set_picture (self->parts.look_pane, chosen && look ? self->picture : NULL);
  few_match_pane_set_picture (self->parts.match_pane, chosen && match ? self->picture : NULL);
}

/* One of the two has room. */
static void
look_toggled_cb (FewInspectPage *self, GtkToggleButton *toggled)
{
  if (!self->session)
    return;
  if (gtk_toggle_button_get_active (toggled))
    gtk_toggle_button_set_active (toggled == self->look ? self->match : self->look, FALSE);
  show_panes (self);
}

/* Of all that the map's line went around, as long as none is chosen by itself. */
static void
show_circled_menu (FewInspectPage *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->circled_menu),
                          self->only.among && !gtk_revealer_get_reveal_child (self->detail));
}

static void
examples_changed_cb (FewInspectPage *self)
{
  few_inspect_write_title (self->chosen, self->session, self->picture);
}

/* The five classes nearest to the chosen picture. */
static void
update_detail (FewInspectPage *self)
{
  FewView *view = few_session_get_view (self->session);
  int row = self->picture ? few_view_get_row (view, self->picture) : -1;
  if (row < 0 || !gtk_revealer_get_reveal_child (self->detail))
    self->tells = row >= 0 ? g_get_monotonic_time () + G_USEC_PER_SEC : 0;
  gtk_revealer_set_reveal_child (self->detail, row >= 0);
  gtk_widget_set_size_request (self->pictures, -1,
                               row >= 0 && self->width < NARROW ? LOW_ROW : ROW);
  show_circled_menu (self);
  few_feature_map_set_picture (self->parts.map, row >= 0 ? self->picture : NULL);
  show_panes (self);
  few_nearest_set_picture (self->parts.nearest, row >= 0 ? self->picture : NULL);
  if (row < 0)
    return;
  few_top_classes_set (self->parts.top, few_view_get_snapshot (view), (guint) row,
                       few_view_get_alpha (view), few_view_get_classes (view),
                       few_desk_get_model (few_session_get_desk (self->session)));
  few_inspect_write_title (self->chosen, self->session, self->picture);
}

/* Where the window is too low for all of the page, what is told is the part to be seen, until it is
 * there: then a person may scroll elsewhere. */
static void
room_changed_cb (FewInspectPage *self, GtkAdjustment *down)
{
  if (g_get_monotonic_time () < self->tells)
    gtk_adjustment_set_value (down, gtk_adjustment_get_upper (down));
}

static void
rank_pictures (gpointer user)
{
  FewInspectPage *self = user;
  FewView *view = self->session ? few_session_get_view (self->session) : NULL;
  if (!view || !few_view_get_snapshot (view))
    return;
  FewInspectShow show = (FewInspectShow) gtk_drop_down_get_selected (self->filter);
  GPtrArray *ranked = few_inspect_filter_rank (&self->only, view, show);
  guint position;
  if (!self->picture || !g_ptr_array_find (ranked, self->picture, &position))
    position = GTK_INVALID_LIST_POSITION;
  self->ranking_now = TRUE;
  few_ranking_take (self->ranking, ranked);
  few_tiles_catch_up (self->grid);
  gtk_single_selection_set_selected (self->selection, position);
  self->ranking_now = FALSE;
}

static void
show_words (gpointer user)
{
  FewInspectPage *self = user;
  if (!self->session || !few_view_get_snapshot (few_session_get_view (self->session)))
    return;
  g_autofree char *text = few_inspect_words (self->session);
  gtk_label_set_text (self->summary, text);
  update_detail (self);
}

static void
filter_changed_cb (FewInspectPage *self)
{
  if (!self->ranking_now)
    rank_pictures (self);
}

/* Only what a cell counts, or the map's line went around, or all. any: of
 * whatever the drop down said. */
static void
show_only (FewInspectPage *self, gboolean any)
{
  gboolean narrow = few_inspect_filter_is_narrow (&self->only);
  g_autofree char *text =
      few_inspect_filter_words (&self->only, few_session_get_view (self->session));
  gtk_revealer_set_reveal_child (self->cell_revealer, narrow);
  show_circled_menu (self);
  gtk_label_set_text (self->cell, text);
  few_feature_map_set_among (self->parts.map, self->only.among);
  self->ranking_now = TRUE;
  if (narrow || any)
    gtk_drop_down_set_selected (self->filter, FEW_INSPECT_ALL);
  self->ranking_now = FALSE;
  rank_pictures (self);
}

static void
cell_chosen_cb (FewInspectPage *self, guint label, guint predicted)
{
  few_inspect_filter_set_cell (&self->only, few_session_get_view (self->session), label, predicted);
  show_only (self, FALSE);
}

static void
cell_cleared_cb (FewInspectPage *self)
{
  few_inspect_filter_set_pictures (&self->only, NULL);
  show_only (self, FALSE);
}

/* They are chosen together, none of them by itself; of none, all are listed again. */
static void
circled_cb (FewInspectPage *self, GPtrArray *pictures)
{
  few_inspect_filter_set_pictures (&self->only, pictures);
  g_clear_object (&self->picture);
  show_only (self, FALSE);
  update_detail (self);
}

static void
point_chosen_cb (FewInspectPage *self, FewPicture *picture)
{
  g_set_object (&self->picture, picture);
  few_inspect_filter_set_pictures (&self->only, NULL);
  show_only (self, TRUE);
  update_detail (self);
}

static void
point_activated_cb (FewInspectPage *self, FewPicture *picture)
{
  point_chosen_cb (self, picture);
  few_page_view_chosen (FEW_PAGE (self));
}

static void
view_changed_cb (FewInspectPage *self)
{
  self->tells = 0; /* who chooses a view wants to see it */
  few_inspect_lists_show_side (self->lists, self->side);
}

static void
lens_changed_cb (FewInspectPage *self)
{
  FewView *view = self->session ? few_session_get_view (self->session) : NULL;
  FewSnapshot *snapshot = view ? few_view_get_snapshot (view) : NULL;
  if (view && !few_inspect_filter_follow (&self->only, view))
    show_only (self, FALSE);
  gtk_stack_set_visible_child_name (self->stack, snapshot ? "content" : "empty");
  if (!snapshot || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return; /* on map */
  few_inspect_lists_follow (self->lists, few_snapshot_info (snapshot)->sets != NULL,
                            few_inspect_says_before (self->session));
  few_view_follow (view, self, rank_pictures);
  few_view_follow (view, self, show_words);
}

/* A class chosen at the side: its pictures alone. */
static void
focus_changed_cb (FewInspectPage *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    filter_changed_cb (self);
}

static void
selection_changed_cb (FewInspectPage *self)
{
  if (self->ranking_now)
    return;
  FewSlot *slot = gtk_single_selection_get_selected_item (self->selection);
  g_set_object (&self->picture, slot ? few_slot_get_item (slot) : NULL);
  update_detail (self);
}

static void
view_at_cb (FewInspectPage *self, guint position)
{
  few_viewer_open (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->session,
                   G_LIST_MODEL (self->selection), position);
}

static void
few_inspect_page_dispose (GObject *object)
{
  FewInspectPage *self = FEW_INSPECT_PAGE (object);
  if (self->session)
    g_signal_handlers_disconnect_by_data (few_session_get_view (self->session), self);
  g_clear_object (&self->session);
  g_clear_object (&self->picture);
  few_inspect_filter_set_pictures (&self->only, NULL);
  g_clear_pointer (&self->lists, few_inspect_lists_free);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->ranking);
  G_OBJECT_CLASS (few_inspect_page_parent_class)->dispose (object);
}

static void
few_inspect_page_class_init (FewInspectPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_inspect_page_dispose;
  g_type_ensure (FEW_TYPE_BESIDE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/inspect/few-inspect-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FewInspectPage, box);
  gtk_widget_class_bind_template_child (widget_class, FewInspectPage, stack);
  gtk_widget_class_bind_template_child (widget_class, FewInspectPage, summary);
  gtk_widget_class_bind_template_child (widget_class, FewInspectPage, chosen);
  gtk_widget_class_bind_template_child (widget_class, FewInspectPage, filter);
  gtk_widget_class_bind_template_child (widget_class, FewInspectPage, paned);
  gtk_widget_class_bind_template_child (widget_class, FewInspectPage, pictures);
  gtk_widget_class_bind_template_child (widget_class, FewInspectPage, grid);
  gtk_widget_class_bind_template_child (widget_class, FewInspectPage, detail);
  gtk_widget_class_bind_template_child (widget_class, FewInspectPage, whole);
  gtk_widget_class_bind_template_child (widget_class, FewInspectPage, detail_row);
  gtk_widget_class_bind_template_child (widget_class, FewInspectPage, circled_menu);
  gtk_widget_class_bind_template_child (widget_class, FewInspectPage, side);
  gtk_widget_class_bind_template_child (widget_class, FewInspectPage, view);
  gtk_widget_class_bind_template_child (widget_class, FewInspectPage, cell_revealer);
  gtk_widget_class_bind_template_child (widget_class, FewInspectPage, cell);
  gtk_widget_class_bind_template_child (widget_class, FewInspectPage, look);
  gtk_widget_class_bind_template_child (widget_class, FewInspectPage, match);
  gtk_widget_class_bind_template_callback (widget_class, view_at_cb);
  gtk_widget_class_bind_template_callback (widget_class, look_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, view_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, cell_cleared_cb);
  gtk_widget_class_bind_template_callback (widget_class, filter_changed_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_inspect_page_init (FewInspectPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  few_wrap_buttons (GTK_WIDGET (self));
  few_split_keep (self->paned);
  few_wheel_page_first (self->pictures);
  few_wheel_page_first (GTK_WIDGET (self->detail));
  self->lists = few_inspect_lists_new (self->filter, self->view);
  g_signal_connect (self, "map", G_CALLBACK (lens_changed_cb), NULL);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->whole), "changed",
                           G_CALLBACK (room_changed_cb), self, G_CONNECT_SWAPPED);
}

static gboolean
few_inspect_page_build (FewPage *page)
{
  FewInspectPage *self = FEW_INSPECT_PAGE (page);
  return few_inspect_parts_build (&self->parts, self->side, self->detail_row);
}

static void
few_inspect_page_set_session (FewPage *page, FewSession *session, FewThumbnails *thumbnails)
{
  FewInspectPage *self = FEW_INSPECT_PAGE (page);
  FewView *view = few_session_get_view (session);
  self->session = g_object_ref (session);
  self->ranking = few_ranking_new ();
  self->selection = gtk_single_selection_new (
      few_gradual_new (G_LIST_MODEL (self->ranking), GTK_WIDGET (self->grid)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_swapped (self->selection, "notify::selected-item",
                            G_CALLBACK (selection_changed_cb), self);
  g_autoptr (GtkListItemFactory) factory = few_tile_factory (session, thumbnails, TRUE);
  gtk_grid_view_set_factory (self->grid, factory);
  gtk_grid_view_set_model (self->grid, GTK_SELECTION_MODEL (self->selection));
  few_picture_menu_install (self->grid, few_session_get_examples (session));
  few_in_sight_watch (GTK_SCROLLABLE (self->grid), (FewInSightFunc) few_tiles_catch_up, self->grid);
  few_class_bars_set_session (self->parts.bars, session);
  few_confusion_set_session (self->parts.confusion, session);
  few_class_table_set_session (self->parts.class_table, session);
  few_map_pane_set_session (self->parts.map_pane, session, thumbnails);
  few_trust_pane_set_session (self->parts.trust, session);
  few_nearest_set_session (self->parts.nearest, session, thumbnails);
  few_look_pane_set_session (self->parts.look_pane, session);
  few_match_pane_set_session (self->parts.match_pane, session);
  g_signal_connect_swapped (self->parts.confusion, "chosen", G_CALLBACK (cell_chosen_cb), self);
  g_signal_connect_swapped (self->parts.map, "chosen", G_CALLBACK (point_chosen_cb), self);
  g_signal_connect_swapped (self->parts.map, "activated", G_CALLBACK (point_activated_cb), self);
  g_signal_connect_swapped (self->parts.map, "circled", G_CALLBACK (circled_cb), self);
  few_picture_menu_attach (self->circled_menu, few_session_get_examples (session));
  g_signal_connect_object (few_session_get_examples (session), "changed",
                           G_CALLBACK (examples_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_swapped (view, "lens", G_CALLBACK (lens_changed_cb), self);
  g_signal_connect_swapped (view, "focus", G_CALLBACK (focus_changed_cb), self);
}

static void
few_inspect_page_set_width (FewPage *page, int width)
{
  FewInspectPage *self = FEW_INSPECT_PAGE (page);
  GtkOrientation orientation =
      width < NARROW ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL;
  self->width = width;
  few_tiles_fit (self->grid, width);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->paned), orientation);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->detail_row), orientation);
  few_drop_down_stand_below (self->filter, width < NARROW / 2);
  few_confusion_set_low (self->parts.confusion, width < NARROW);
  few_look_pane_set_narrow (self->parts.look_pane, width < NARROW / 2);
  few_match_pane_set_narrow (self->parts.match_pane, width < NARROW);
  show_panes (self);
}

/* One that is chosen by itself, or else all that the map's line went around; not what was removed
 * since. */
static GPtrArray *
few_inspect_page_get_chosen (FewPage *page)
{
  FewInspectPage *self = FEW_INSPECT_PAGE (page);
  FewExamples *examples = few_session_get_examples (self->session);
  gboolean one = self->picture && gtk_revealer_get_reveal_child (self->detail);
  if (!one && self->only.among)
    return few_inspect_filter_list (G_LIST_MODEL (self->ranking), examples);
  GPtrArray *pictures = g_ptr_array_new_with_free_func (g_object_unref);
  if (one && few_examples_get_picture (examples, few_picture_get_id (self->picture)))
    g_ptr_array_add (pictures, g_object_ref (self->picture));
  return pictures;
}

static void
few_inspect_page_view_chosen (FewPage *page)
{
  FewInspectPage *self = FEW_INSPECT_PAGE (page);
  guint position = gtk_single_selection_get_selected (self->selection);
  if (position != GTK_INVALID_LIST_POSITION)
    view_at_cb (self, position);
}

static void
few_inspect_page_iface_init (FewPageInterface *iface)
{
  iface->name = "inspect";
  iface->title = N_ ("Inspect");
  iface->icon_name = "edit-find-symbolic";
  iface->has_alpha = TRUE;
  iface->has_classes = TRUE;
  iface->build = few_inspect_page_build;
  iface->set_session = few_inspect_page_set_session;
  iface->set_width = few_inspect_page_set_width;
  iface->get_chosen = few_inspect_page_get_chosen;
  iface->view_chosen = few_inspect_page_view_chosen;
}

void
few_inspect_page_set_view (FewInspectPage *self, guint view)
{
  g_return_if_fail (FEW_IS_INSPECT_PAGE (self));
  few_inspect_lists_choose_side (self->lists, view);
}

void
few_inspect_page_set_map_kind (FewInspectPage *self, FewMapKind kind)
{
  g_return_if_fail (FEW_IS_INSPECT_PAGE (self));
  few_map_pane_set_kind (self->parts.map_pane, kind);
}

void
few_inspect_page_set_filter (FewInspectPage *self, guint filter)
{
  g_return_if_fail (FEW_IS_INSPECT_PAGE (self));
  gtk_drop_down_set_selected (self->filter, filter);
}

void
few_inspect_page_set_look (FewInspectPage *self, gboolean look)
{
  g_return_if_fail (FEW_IS_INSPECT_PAGE (self));
  gtk_toggle_button_set_active (self->look, look);
}

void
few_inspect_page_set_match (FewInspectPage *self, gboolean match)
{
  g_return_if_fail (FEW_IS_INSPECT_PAGE (self));
  gtk_toggle_button_set_active (self->match, match);
}

gboolean
few_inspect_page_get_look (FewInspectPage *self)
{
  g_return_val_if_fail (FEW_IS_INSPECT_PAGE (self), FALSE);
  return gtk_toggle_button_get_active (self->look);
}

GListModel *
few_inspect_page_get_model (FewInspectPage *self)
{
  g_return_val_if_fail (FEW_IS_INSPECT_PAGE (self), NULL);
  return G_LIST_MODEL (self->ranking);
}
