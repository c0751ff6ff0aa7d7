/* SPDX-License-Identifier: MIT */
/* Pictures as points that move with α; one that is pressed, or walked to, is chosen. */
#include "pages/inspect/few-feature-map.h"
#include "session/few-said.h"
#include "pages/inspect/few-map-frame.h"
#include "pages/inspect/few-map-lasso.h"
#include "pages/inspect/few-map-words.h"
#include "widgets/few-class-dot.h"
#include "widgets/few-plot-menu.h"
#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

/* SIDE, FRAME: of a small picture, in pixels */
enum { REACH = 12, MOST_PICTURES = 120, SIDE = 52, FRAME = 2 };
enum { MOVE = 300 }; /* milliseconds from one map to the next */
static const float RADIUS = 3;
static const float FAINT = 0.25f;

struct _FewFeatureMap
{
  GtkWidget parent;
  FewSession *session;
  FewExamples *examples; /* the session's */
  FewRuns *runs; /* the session's */
  FewView *view; /* the session's */
  FewMapping *mapping;
  FewPicture *picture;
  char *spoken; /* of it, to screen readers */
  FewMapFrame frame;
  AdwAnimation *move; /* from one map to the next */
  FewThumbnails *thumbnails;
  GHashTable *wanted; /* FewPicture that are drawn instead of dots, or will be */
  GHashTable *among;  /* ids that are drawn strong; NULL: all are */
};

enum { CHOSEN, ACTIVATED, CIRCLED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewFeatureMap, few_feature_map, GTK_TYPE_WIDGET)

static FewPicture *
get_picture (FewFeatureMap *self, guint i)
{
  return few_examples_get_picture (self->examples, self->frame.places.ids[i]);
}

/* The label of a picture in the snapshot, or −1. */
static int
label_of (FewFeatureMap *self, guint32 id)
{
  FewPicture *picture = few_examples_get_picture (self->examples, id);
  int row = picture ? few_view_get_row (self->view, picture) : -1;
  return row >= 0 ? few_said_first_label (few_view_get_snapshot (self->view), (guint) row) : -1;
}

/* As a small picture framed in the colour of its class, or, where that is not wanted or not there
 * yet, as a dot. */
static void
draw_picture (FewFeatureMap *self, GtkSnapshot *snapshot, guint i, const GdkRGBA *colour, double x,
              double y)
{
  gboolean any = g_hash_table_size (self->wanted) > 0;
  FewPicture *picture = any ? get_picture (self, i) : NULL;
  gboolean near = picture && g_hash_table_contains (self->wanted, picture);
  GdkTexture *texture = near ? few_picture_get_texture (picture) : NULL;
  float side = texture ? SIDE : 2 * RADIUS;
  graphene_rect_t place =
      GRAPHENE_RECT_INIT ((float) x - side / 2, (float) y - side / 2, side, side);
  gtk_snapshot_append_color (snapshot, colour, &place);
  if (!texture)
    return;
  double ratio = (double) gdk_texture_get_width (texture) / gdk_texture_get_height (texture);
  float width = (float) ((SIDE - 2 * FRAME) * MIN (1, ratio));
  float height = (float) ((SIDE - 2 * FRAME) * MIN (1, 1 / ratio));
  graphene_rect_t inside =
      GRAPHENE_RECT_INIT ((float) x - width / 2, (float) y - height / 2, width, height);
  gtk_snapshot_append_texture (snapshot, texture, &inside);
}

/* Those that are not in `still`; NULL: all. */
static void
unwant_others (FewFeatureMap *self, GHashTable *still)
{
  GHashTableIter iter;
  gpointer picture;
  g_hash_table_iter_init (&iter, self->wanted);
  while (g_hash_table_iter_next (&iter, &picture, NULL))
    {
      if (still && g_hash_table_contains (still, picture))
        continue;
      g_signal_handlers_disconnect_by_data (picture, self);
      few_thumbnails_unwant (self->thumbnails, picture);
      g_hash_table_iter_remove (&iter);
    }
}

/* Once no more are in view than can be told apart. What stays in view goes on being wanted: asked
 * for anew, it would wait behind the others at every move. */
static void
want_near_ones (FewFeatureMap *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer picture;
  for (guint i = 0; self->frame.zoom.scale > 1 && i < self->frame.places.n; i++)
    {
      double x, y;
      few_map_frame_place (&self->frame, i, &x, &y);
      if (few_map_frame_shows (&self->frame, x, y) && get_picture (self, i))
        g_hash_table_add (seen, get_picture (self, i));
    }
  if (g_hash_table_size (seen) > MOST_PICTURES)
    g_hash_table_remove_all (seen);
  unwant_others (self, seen);
  g_hash_table_iter_init (&iter, seen);
  while (g_hash_table_iter_next (&iter, &picture, NULL))
    {
      if (g_hash_table_contains (self->wanted, picture))
        continue;
      g_hash_table_add (self->wanted, g_object_ref (picture));
      g_signal_connect_swapped (picture, "notify::texture", G_CALLBACK (gtk_widget_queue_draw),
                                self);
      few_thumbnails_want (self->thumbnails, picture);
    }
}

static void
zoom_changed (GtkWidget *widget)
{
  FewFeatureMap *self = FEW_FEATURE_MAP (widget);
  if (self->session)
    want_near_ones (self);
  gtk_widget_queue_draw (widget);
}

FewMapZoom *
few_feature_map_get_zoom (FewFeatureMap *self)
{
  g_return_val_if_fail (FEW_IS_FEATURE_MAP (self), NULL);
  return &self->frame.zoom;
}

static void
few_feature_map_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FewFeatureMap *self = FEW_FEATURE_MAP (widget);
  if (!self->session || !few_view_get_snapshot (self->view))
    return;
  guint k = few_snapshot_info (few_view_get_snapshot (self->view))->n_classes;
  const FewMapPlaces *places = &self->frame.places;
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  g_autofree GdkRGBA *colours = g_new (GdkRGBA, k + 1);
  for (guint c = 0; c < k; c++)
    colours[c] = few_class_colour (few_view_get_class (self->view, c), dark);
  for (guint i = 0; i < places->n; i++)
    {
      int label = places->labels[i];
      gpointer id = GUINT_TO_POINTER (places->ids[i]);
      double x, y;
      if (label < 0 || label >= (int) k)
        continue;
      few_map_frame_place (&self->frame, i, &x, &y);
      if (!few_map_frame_shows (&self->frame, x, y))
        continue;
      GdkRGBA colour = colours[label];
      if (self->among && !g_hash_table_contains (self->among, id))
        colour.alpha *= FAINT;
      draw_picture (self, snapshot, i, &colour, x, y);
    }
  few_map_frame_draw_names (&self->frame, snapshot, self->view, dark);
  int ring = self->picture ? few_map_places_find (places, few_picture_get_id (self->picture)) : -1;
  if (ring >= 0)
    few_map_frame_draw_ring (&self->frame, snapshot, (guint) ring);
  few_map_lasso_snapshot (widget, snapshot);
}

/* ---- what changes */

static void
tell_point (FewFeatureMap *self)
{
  g_autofree char *spoken = few_map_words_spoken (self->view, self->picture);
  if (g_strcmp0 (spoken, self->spoken) == 0)
    return;
  g_free (self->spoken);
  self->spoken = g_steal_pointer (&spoken);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  self->spoken, -1);
}

static void
moved_cb (double share, gpointer user)
{
  FewFeatureMap *self = user;
  few_map_places_blend (&self->frame.places, share);
  zoom_changed (GTK_WIDGET (self));
}

static void
map_changed_cb (FewFeatureMap *self)
{
  FewMap *map = few_mapping_get_map (self->mapping);
  if (!map || !few_view_get_snapshot (self->view))
    {
      few_map_places_clear (&self->frame.places);
      gtk_widget_queue_draw (GTK_WIDGET (self));
      return;
    }
  gboolean under_way = adw_animation_get_state (self->move) == ADW_ANIMATION_PLAYING;
  gboolean moves = few_map_places_set (&self->frame.places, map, few_view_get_alpha (self->view));
  for (guint i = 0; i < self->frame.places.n; i++)
    self->frame.places.labels[i] = label_of (self, self->frame.places.ids[i]);
  if (under_way && !moves)
    adw_animation_skip (self->move);
  if (moves)
    adw_animation_play (self->move);
  g_autofree char *text = few_map_words (self->view, few_map_info (map));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  tell_point (self);
  zoom_changed (GTK_WIDGET (self));
}

static void
lens_changed_cb (FewFeatureMap *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return; /* on map */
  few_mapping_want (self->mapping, TRUE);
  map_changed_cb (self);
}

static void
unmapped_cb (FewFeatureMap *self)
{
  if (self->session)
    few_mapping_want (self->mapping, FALSE);
}

static void
mapped_cb (FewFeatureMap *self)
{
  if (self->session)
    lens_changed_cb (self);
}

/* ---- choosing */

/* The point nearest to a place, within reach; −1: none. */
static int
point_at (FewFeatureMap *self, double x, double y)
{
  few_map_frame_find (&self->frame, &x, &y);
  return few_map_places_nearest (&self->frame.places, x, y, REACH / self->frame.zoom.scale,
                                 few_map_frame_width (&self->frame),
                                 few_map_frame_height (&self->frame));
}

static void
pressed_cb (GtkGestureClick *gesture, int n, double x, double y, FewFeatureMap *self)
{
  int i = point_at (self, x, y);
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (i < 0 || few_map_zoom_chooses (&self->frame.zoom, GTK_GESTURE (gesture))
      || !get_picture (self, i))
    return;
  g_signal_emit (self, signals[n > 1 ? ACTIVATED : CHOSEN], 0, get_picture (self, (guint) i));
}

void
few_feature_map_walk (FewFeatureMap *self, int dx, int dy)
{
  g_return_if_fail (FEW_IS_FEATURE_MAP (self));
  guint32 id = self->picture ? few_picture_get_id (self->picture) : 0;
  int now = self->picture ? few_map_places_find (&self->frame.places, id) : -1;
  int next = now >= 0 ? few_map_places_next (&self->frame.places, (guint) now, dx, dy,
                                             few_map_frame_width (&self->frame),
                                             few_map_frame_height (&self->frame))
                      : few_map_places_nearest (&self->frame.places, self->frame.zoom.x,
                                                self->frame.zoom.y, G_MAXINT,
                                                few_map_frame_width (&self->frame),
                                                few_map_frame_height (&self->frame));
  if (next < 0 || !get_picture (self, (guint) next))
    return;
  few_map_zoom_show (&self->frame.zoom, self->frame.places.at[2 * next],
                     self->frame.places.at[2 * next + 1]);
  zoom_changed (GTK_WIDGET (self));
  g_signal_emit (self, signals[CHOSEN], 0, get_picture (self, (guint) next));
}

static gboolean
key_cb (FewFeatureMap *self, guint key, guint code G_GNUC_UNUSED, GdkModifierType state)
{
  int dx = (key == GDK_KEY_Right) - (key == GDK_KEY_Left);
  int dy = (key == GDK_KEY_Down) - (key == GDK_KEY_Up);
  if (!self->session || state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK))
    return GDK_EVENT_PROPAGATE;
  if (dx || dy)
    few_feature_map_walk (self, dx, dy);
  else if ((key == GDK_KEY_Return || key == GDK_KEY_KP_Enter) && self->picture)
    g_signal_emit (self, signals[ACTIVATED], 0, self->picture);
  else if (key == GDK_KEY_Escape && self->among)
    few_feature_map_circle (self, NULL, 0);
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

void
few_feature_map_circle (FewFeatureMap *self, const double *corners, guint n)
{
  g_return_if_fail (FEW_IS_FEATURE_MAP (self) && (n == 0 || corners));
  g_autofree double *line = g_memdup2 (corners, 2 * (gsize) n * sizeof *corners);
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n; i++)
    few_map_frame_find (&self->frame, line + 2 * i, line + 2 * i + 1);
  g_autoptr (GArray) inside = few_map_places_inside (&self->frame.places, line, n);
  for (guint i = 0; i < inside->len; i++)
    {
      FewPicture *picture = get_picture (self, g_array_index (inside, guint, i));
      if (picture)
        g_ptr_array_add (pictures, g_object_ref (picture));
    }
  g_signal_emit (self, signals[CIRCLED], 0, pictures);
}

static void
around_cb (GtkWidget *widget, const double *corners, guint n)
{
  few_feature_map_circle (FEW_FEATURE_MAP (widget), corners, n);
}

static gboolean
few_feature_map_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard,
                               GtkTooltip *tooltip)
{
  FewFeatureMap *self = FEW_FEATURE_MAP (widget);
  int i = self->session ? point_at (self, x, y) : -1;
  if (i < 0)
    return FALSE;
  FewPicture *picture = get_picture (self, (guint) i);
  if (!picture)
    return FALSE;
  g_autofree char *text = few_map_words_of_point (picture);
  GdkTexture *texture = few_picture_get_texture (picture);
  if (texture)
    gtk_tooltip_set_icon (tooltip, GDK_PAINTABLE (texture));
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
few_feature_map_dispose (GObject *object)
{
  FewFeatureMap *self = FEW_FEATURE_MAP (object);
  if (self->session)
    {
      g_signal_handlers_disconnect_by_data (self->view, self);
      g_signal_handlers_disconnect_by_data (self->runs, self);
      g_signal_handlers_disconnect_by_data (self->mapping, self);
      few_mapping_want (self->mapping, FALSE);
    }
  if (self->move)
    adw_animation_reset (self->move);
  g_clear_object (&self->move);
  g_clear_object (&self->mapping);
  if (self->wanted && self->thumbnails)
    unwant_others (self, NULL);
  g_clear_pointer (&self->wanted, g_hash_table_unref);
  g_clear_pointer (&self->among, g_hash_table_unref);
  g_clear_object (&self->thumbnails);
  g_clear_object (&self->session);
  g_clear_object (&self->picture);
  g_clear_pointer (&self->spoken, g_free);
  few_map_places_clear (&self->frame.places);
  G_OBJECT_CLASS (few_feature_map_parent_class)->dispose (object);
}

static void
few_feature_map_class_init (FewFeatureMapClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_feature_map_dispose;
  GTK_WIDGET_CLASS (klass)->snapshot = few_feature_map_snapshot;
  GTK_WIDGET_CLASS (klass)->query_tooltip = few_feature_map_query_tooltip;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "featuremap");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
  signals[CHOSEN] = g_signal_new ("chosen", FEW_TYPE_FEATURE_MAP, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, FEW_TYPE_PICTURE);
  signals[ACTIVATED] = g_signal_new ("activated", FEW_TYPE_FEATURE_MAP, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 1, FEW_TYPE_PICTURE);
  signals[CIRCLED] = g_signal_new ("circled", FEW_TYPE_FEATURE_MAP, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, G_TYPE_PTR_ARRAY);
}

static void
few_feature_map_init (FewFeatureMap *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  self->frame.widget = widget;
  few_plot_menu_install (widget, _ ("Map"));
  self->wanted = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  few_map_zoom_install (&self->frame.zoom, widget, zoom_changed);
  few_map_lasso_install (widget, &self->frame.zoom, around_cb);
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (widget, keys);
  gtk_widget_set_has_tooltip (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  g_signal_connect (self, "map", G_CALLBACK (mapped_cb), NULL);
  g_signal_connect (self, "unmap", G_CALLBACK (unmapped_cb), NULL);
  self->move = g_object_ref_sink (adw_timed_animation_new (
      widget, 0, 1, MOVE, adw_callback_animation_target_new (moved_cb, self, NULL)));
}

void
few_feature_map_set_session (FewFeatureMap *self, FewSession *session, FewThumbnails *thumbnails)
{
  g_return_if_fail (FEW_IS_FEATURE_MAP (self));
  self->thumbnails = g_object_ref (thumbnails);
  self->session = g_object_ref (session);
  self->examples = few_session_get_examples (session);
  self->runs = few_session_get_runs (session);
  self->view = few_session_get_view (session);
  self->mapping = few_mapping_new (few_session_get_desk (session), self->view);
  g_signal_connect_swapped (self->view, "lens", G_CALLBACK (lens_changed_cb), self);
  g_signal_connect_swapped (self->runs, "changed", G_CALLBACK (lens_changed_cb), self);
  g_signal_connect_swapped (self->mapping, "changed", G_CALLBACK (map_changed_cb), self);
}

FewMapping *
few_feature_map_get_mapping (FewFeatureMap *self)
{
  g_return_val_if_fail (FEW_IS_FEATURE_MAP (self), NULL);
  return self->mapping;
}

void
few_feature_map_set_picture (FewFeatureMap *self, FewPicture *picture)
{
  g_return_if_fail (FEW_IS_FEATURE_MAP (self));
  if (!g_set_object (&self->picture, picture))
    return;
  tell_point (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
few_feature_map_set_among (FewFeatureMap *self, GHashTable *among)
{
  g_return_if_fail (FEW_IS_FEATURE_MAP (self));
  g_clear_pointer (&self->among, g_hash_table_unref);
  self->among = among ? g_hash_table_ref (among) : NULL;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
few_feature_map_get_point (FewFeatureMap *self, FewPicture *picture, double *x, double *y)
{
  g_return_val_if_fail (FEW_IS_FEATURE_MAP (self), FALSE);
  int i = few_map_places_find (&self->frame.places, few_picture_get_id (picture));
  if (i < 0)
    return FALSE;
  few_map_frame_place (&self->frame, (guint) i, x, y);
  return TRUE;
}
