/* SPDX-License-Identifier: MIT */
/* The view's list comes to be what the project is some turns, or frames, after the step. */
#include "pages/examples/few-show-returned.h"
#include "widgets/few-tile.h"

/* frames in which the list stayed as long as it was; at most so many, for pictures may be read */
enum { STILL = 6, MOST = 120 };

typedef struct
{
  GtkGridView *view; /* which has it */
  FewExamplesModel *list;
  GHashTable *awaited; /* FewPicture; NULL: none */
  guint tick, frames, still, n;
} Returned;

static void
stop_cb (Returned *returned)
{
  g_clear_pointer (&returned->awaited, g_hash_table_unref);
  if (returned->tick)
    gtk_widget_remove_tick_callback (GTK_WIDGET (returned->view), returned->tick);
  returned->tick = 0;
}

static void
returned_free (gpointer data, GClosure *closure G_GNUC_UNUSED)
{
  Returned *returned = data;
  g_clear_pointer (&returned->awaited, g_hash_table_unref);
  g_object_unref (returned->list);
  g_free (returned);
}

static FewPicture *
get_picture (GtkWidget *item)
{
  GtkWidget *tile = gtk_widget_get_first_child (item);
  return FEW_IS_TILE (tile) ? few_tile_get_picture (FEW_TILE (tile)) : NULL;
}

static GtkWidget *
find_item (GtkWidget *view, FewPicture *picture)
{
  GtkWidget *item = gtk_widget_get_first_child (view);
  while (item && get_picture (item) != picture)
    item = gtk_widget_get_next_sibling (item);
  return item;
}

static gboolean
is_in_sight (GtkWidget *view, GtkWidget *item)
{
  graphene_rect_t at;
  return gtk_widget_compute_bounds (item, view, &at) && at.origin.y >= 0
         && at.origin.y + at.size.height <= gtk_widget_get_height (view);
}

/* The first of what came back for which nothing need be scrolled; NULL: there is none. */
static GtkWidget *
find_in_sight (const Returned *returned)
{
  GtkWidget *view = GTK_WIDGET (returned->view);
  GtkWidget *item = gtk_widget_get_first_child (view);
  while (item
         && !(g_hash_table_contains (returned->awaited, get_picture (item))
              && is_in_sight (view, item)))
    item = gtk_widget_get_next_sibling (item);
  return item;
}

static GtkWidget *
scroll_to (const Returned *returned, guint place)
{
  GtkWidget *view = GTK_WIDGET (returned->view);
  GListModel *list = G_LIST_MODEL (gtk_grid_view_get_model (returned->view));
  g_autoptr (FewPicture) picture = g_list_model_get_item (list, place);
  gtk_widget_activate_action (view, "list.scroll-to-item", "u", place);
  return find_item (view, picture);
}

/* NULL: the keys go elsewhere. */
static GtkWidget *
find_focused_item (GtkWidget *view)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (view));
  return focus && gtk_widget_is_ancestor (focus, view) ? gtk_widget_get_focus_child (view) : NULL;
}

/* Arrows and Enter go on from what is chosen, no longer from what took its place. */
static void
move_focus (const Returned *returned, GtkWidget *item)
{
  GtkWidget *focused = find_focused_item (GTK_WIDGET (returned->view));
  if (item && focused && !g_hash_table_contains (returned->awaited, get_picture (focused)))
    gtk_widget_grab_focus (item);
}

static void
show (Returned *returned)
{
  GtkSelectionModel *shown = gtk_grid_view_get_model (returned->view);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (shown));
  g_autoptr (GtkBitset) all = gtk_bitset_new_range (0, n);
  g_autoptr (GtkBitset) places = few_examples_model_find (returned->list, returned->awaited);
  gtk_bitset_intersect (places, all);
  if (gtk_bitset_is_empty (places))
    return;
  gtk_selection_model_set_selection (shown, places, all);
  GtkWidget *item = find_in_sight (returned);
  move_focus (returned, item ? item : scroll_to (returned, gtk_bitset_get_minimum (places)));
}

static gboolean
tick_cb (GtkWidget *view, GdkFrameClock *clock G_GNUC_UNUSED, gpointer user)
{
  Returned *returned = user;
  guint n =
      g_list_model_get_n_items (G_LIST_MODEL (gtk_grid_view_get_model (GTK_GRID_VIEW (view))));
  returned->still = n == returned->n ? returned->still + 1 : 0;
  returned->n = n;
  if (returned->still < STILL && ++returned->frames < MOST)
    return G_SOURCE_CONTINUE;
  show (returned);
  returned->tick = 0;
  stop_cb (returned);
  return G_SOURCE_REMOVE;
}

static void
returned_cb (FewSession *session G_GNUC_UNUSED, GPtrArray *pictures, gpointer user)
{
  Returned *returned = user;
  stop_cb (returned);
  if (pictures->len == 0 || !gtk_widget_get_mapped (GTK_WIDGET (returned->view)))
    return;
  returned->awaited = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  for (guint i = 0; i < pictures->len; i++)
    g_hash_table_add (returned->awaited, g_object_ref (pictures->pdata[i]));
  returned->frames = 0;
  returned->still = 0;
  returned->n = 0;
  returned->tick =
      gtk_widget_add_tick_callback (GTK_WIDGET (returned->view), tick_cb, returned, NULL);
}

static void
watch (FewSession *session, const char *signal, GtkGridView *view, GClosure *closure)
{
  g_object_watch_closure (G_OBJECT (view), closure);
  g_signal_connect_closure (session, signal, closure, FALSE);
}

void
few_show_returned_install (GtkGridView *view, FewExamplesModel *list, FewSession *session)
{
  g_return_if_fail (GTK_IS_GRID_VIEW (view) && FEW_IS_SESSION (session));
  g_return_if_fail (FEW_IS_EXAMPLES_MODEL (list));
  Returned *returned = g_new0 (Returned, 1);
  returned->view = view;
  returned->list = g_object_ref (list);
  /* whatever is done next, the step before is no longer what a person looks for */
  watch (session, "edited", view, g_cclosure_new_swap (G_CALLBACK (stop_cb), returned, NULL));
  watch (session, "returned", view,
         g_cclosure_new (G_CALLBACK (returned_cb), returned, returned_free));
}
