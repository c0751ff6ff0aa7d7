/* SPDX-License-Identifier: MIT */
/* Pictures as points that move with α; one that is pressed is chosen. */
#include "pages/inspect/few-feature-map.h"
#include "base/few-percent.h"
#include "pages/inspect/few-map-zoom.h"
#include "widgets/few-class-dot.h"
#include "widgets/few-plot-menu.h"
#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

/* SIDE, FRAME: of a small picture, in pixels */
enum { MARGIN = 20, REACH = 12, MOST_NAMES = 20, MOST_PICTURES = 120, SIDE = 52, FRAME = 2 };
static const float RADIUS = 3;

struct _FewFeatureMap
{
  GtkWidget parent;
  FewSession *session;
  FewExamples *examples; /* the session's */
  FewRuns *runs; /* the session's */
  FewView *view; /* the session's */
  FewPicture *picture;
  float *points; /* [N, 2] */
  FewMapZoom zoom;
  FewThumbnails *thumbnails;
  GPtrArray *wanted; /* FewPicture that are drawn instead of dots, or will be */
};

enum { CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewFeatureMap, few_feature_map, GTK_TYPE_WIDGET)

static GdkRGBA
colour_of (FewFeatureMap *self, guint label, gboolean dark)
{
  return few_class_colour (few_view_get_class (self->view, label), dark);
}

static void
place_point (FewFeatureMap *self, const FewMapInfo *info, guint i, double *x, double *y)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)) - 2 * MARGIN;
  double height = gtk_widget_get_height (GTK_WIDGET (self)) - 2 * MARGIN;
  double across = MAX (info->high[0] - info->low[0], 1e-6);
  double down = MAX (info->high[1] - info->low[1], 1e-6);
  *x = (self->points[2 * i] - info->low[0]) / across;
  *y = 1 - (self->points[2 * i + 1] - info->low[1]) / down;
  few_map_zoom_place (&self->zoom, x, y);
  *x = MARGIN + width * *x;
  *y = MARGIN + height * *y;
}

/* The label of a picture in the snapshot, or −1. */
static int
label_of (FewFeatureMap *self, guint32 id)
{
  FewPicture *picture = few_examples_get_picture (self->examples, id);
  int row = picture ? few_view_get_row (self->view, picture) : -1;
  return row >= 0 ? (int) few_snapshot_info (few_view_get_snapshot (self->view))->labels[row] : -1;
}

static gboolean
is_in_view (FewFeatureMap *self, double x, double y)
{
  return x > 0 && y > 0 && x < gtk_widget_get_width (GTK_WIDGET (self))
         && y < gtk_widget_get_height (GTK_WIDGET (self));
}

/* The name of each class in the middle of its pictures, while they are few enough to read. */
static void
name_classes (FewFeatureMap *self, GtkSnapshot *snapshot, const FewMapInfo *info, gboolean dark)
{
  guint k = few_snapshot_info (few_view_get_snapshot (self->view))->n_classes;
  double sums[MOST_NAMES][3] = { { 0 } }; /* x, y, how many */
  if (k > MOST_NAMES)
    return;
  for (guint i = 0; i < info->n; i++)
    {
      int label = label_of (self, info->ids[i]);
      double x, y;
      if (label < 0 || label >= (int) k)
        continue;
      place_point (self, info, i, &x, &y);
      sums[label][0] += x;
      sums[label][1] += y;
      sums[label][2]++;
    }
  for (guint c = 0; c < k; c++)
    {
      if (sums[c][2] == 0)
        continue;
      g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (
          GTK_WIDGET (self), few_class_get_name (few_view_get_class (self->view, c)));
      GdkRGBA colour = colour_of (self, c, dark);
      GdkRGBA ground = { dark ? .1f : 1, dark ? .1f : 1, dark ? .1f : 1, .75f };
      int width, height;
      colour.alpha = 1;
      pango_layout_get_pixel_size (layout, &width, &height);
      if (!is_in_view (self, sums[c][0] / sums[c][2], sums[c][1] / sums[c][2]))
        continue;
      double left = CLAMP (sums[c][0] / sums[c][2] - width / 2.0, 0,
                           MAX (0, gtk_widget_get_width (GTK_WIDGET (self)) - width));
      double top = sums[c][1] / sums[c][2] - height / 2.0;
      gtk_snapshot_append_color (
          snapshot, &ground,
          &GRAPHENE_RECT_INIT ((float) left - 2, (float) top, (float) width + 4, (float) height));
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) left, (float) top));
      gtk_snapshot_append_layout (snapshot, layout, &colour);
      gtk_snapshot_restore (snapshot);
    }
}

/* As a small picture framed in the colour of its class, or, where that is not wanted or not there
 * yet, as a dot. */
static void
draw_picture (FewFeatureMap *self, GtkSnapshot *snapshot, guint32 id, const GdkRGBA *colour,
              double x, double y)
{
  FewPicture *picture = few_examples_get_picture (self->examples, id);
  gboolean near = g_ptr_array_find (self->wanted, picture, NULL);
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
unwant_others (FewFeatureMap *self, GPtrArray *still)
{
  for (guint i = self->wanted->len; i-- > 0;)
    {
      FewPicture *picture = self->wanted->pdata[i];
      if (still && g_ptr_array_find (still, picture, NULL))
        continue;
      g_signal_handlers_disconnect_by_data (picture, self);
      few_thumbnails_unwant (self->thumbnails, picture);
      g_ptr_array_remove_index_fast (self->wanted, i);
    }
}

/* Once no more are in view than can be told apart. What stays in view goes on being wanted: asked
 * for anew, it would wait behind the others at every move. */
static void
want_near_ones (FewFeatureMap *self)
{
  FewMap *map = few_view_get_map (self->view);
  g_autoptr (GPtrArray) seen = g_ptr_array_new ();
  for (guint i = 0; map && self->points && self->zoom.scale > 1 && i < few_map_info (map)->n; i++)
    {
      FewPicture *picture = few_examples_get_picture (self->examples, few_map_info (map)->ids[i]);
      double x, y;
      place_point (self, few_map_info (map), i, &x, &y);
      if (picture && is_in_view (self, x, y))
        g_ptr_array_add (seen, picture);
    }
  if (seen->len > MOST_PICTURES)
    g_ptr_array_set_size (seen, 0);
  unwant_others (self, seen);
  for (guint i = 0; i < seen->len; i++)
    {
      if (g_ptr_array_find (self->wanted, seen->pdata[i], NULL))
        continue;
      g_ptr_array_add (self->wanted, g_object_ref (seen->pdata[i]));
      g_signal_connect_swapped (seen->pdata[i], "notify::texture",
                                G_CALLBACK (gtk_widget_queue_draw), self);
      few_thumbnails_want (self->thumbnails, seen->pdata[i]);
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
  return &self->zoom;
}

static void
few_feature_map_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FewFeatureMap *self = FEW_FEATURE_MAP (widget);
  FewMap *map = self->session ? few_view_get_map (self->view) : NULL;
  if (!map || !self->points)
    return;
  const FewMapInfo *info = few_map_info (map);
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  for (guint i = 0; i < info->n; i++)
    {
      int label = label_of (self, info->ids[i]);
      double x, y;
      if (label < 0)
        continue;
      GdkRGBA colour = colour_of (self, (guint) label, dark);
      place_point (self, info, i, &x, &y);
      draw_picture (self, snapshot, info->ids[i], &colour, x, y);
    }
  name_classes (self, snapshot, info, dark);
  double x, y;
  if (!self->picture || !few_feature_map_get_point (self, self->picture, &x, &y))
    return;
  GdkRGBA ring;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ring);
  GskRoundedRect outline;
  gsk_rounded_rect_init_from_rect (&outline,
                                   &GRAPHENE_RECT_INIT ((float) x - 8, (float) y - 8, 16, 16), 8);
  gtk_snapshot_append_border (snapshot, &outline, (const float[]) { 2, 2, 2, 2 },
                              (const GdkRGBA[]) { ring, ring, ring, ring });
}

static void
lens_changed_cb (FewFeatureMap *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || !few_view_get_snapshot (self->view))
    return; /* on map */
  few_view_request_map (self->view);
  FewMap *map = few_view_get_map (self->view);
  if (!map)
    return;
  const FewMapInfo *info = few_map_info (map);
  self->points = g_renew (float, self->points, 2 * (gsize) info->n + 1);
  few_map_points (map, few_view_get_alpha (self->view), self->points);
  g_autofree char *share = few_percent (info->share[0] + info->share[1], 0);
  /* Translators: how many points, at which α, what share of the variance two axes can show */
  g_autofree char *text = g_strdup_printf (
      ngettext ("Map of %u picture at α = %.2f; its two axes hold %s of the variance",
                "Map of %u pictures at α = %.2f; its two axes hold %s of the variance", info->n),
      info->n, few_view_get_alpha (self->view), share);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  zoom_changed (GTK_WIDGET (self));
}

/* The point nearest to a place, within reach; −1: none. */
static int
point_at (FewFeatureMap *self, double x, double y)
{
  FewMap *map = few_view_get_map (self->view);
  double nearest = REACH * REACH;
  int found = -1;
  for (guint i = 0; map && self->points && i < few_map_info (map)->n; i++)
    {
      double px, py;
      place_point (self, few_map_info (map), i, &px, &py);
      double square = (px - x) * (px - x) + (py - y) * (py - y);
      if (square < nearest && few_examples_get_picture (self->examples, few_map_info (map)->ids[i]))
        {
          nearest = square;
          found = (int) i;
        }
    }
  return found;
}

static void
pressed_cb (GtkGestureClick *gesture, int n, double x, double y, FewFeatureMap *self)
{
  int i = point_at (self, x, y);
  if (i >= 0)
    g_signal_emit (self, signals[CHOSEN], 0,
                   few_examples_get_picture (few_session_get_examples (self->session),
                                             few_map_info (few_view_get_map (self->view))->ids[i]));
}

static gboolean
few_feature_map_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard,
                               GtkTooltip *tooltip)
{
  FewFeatureMap *self = FEW_FEATURE_MAP (widget);
  int i = self->session ? point_at (self, x, y) : -1;
  if (i < 0)
    return FALSE;
  FewPicture *picture =
      few_examples_get_picture (few_session_get_examples (self->session),
                                few_map_info (few_view_get_map (self->view))->ids[i]);
  g_autofree char *text = g_strdup_printf ("%s · %s", few_picture_get_name (picture),
                                           few_class_get_name (few_picture_get_class (picture)));
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
    }
  if (self->wanted && self->thumbnails)
    unwant_others (self, NULL);
  g_clear_pointer (&self->wanted, g_ptr_array_unref);
  g_clear_object (&self->thumbnails);
  g_clear_object (&self->session);
  g_clear_object (&self->picture);
  g_clear_pointer (&self->points, g_free);
  G_OBJECT_CLASS (few_feature_map_parent_class)->dispose (object);
}

static void
few_feature_map_class_init (FewFeatureMapClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_feature_map_dispose;
  GTK_WIDGET_CLASS (klass)->snapshot = few_feature_map_snapshot;
  GTK_WIDGET_CLASS (klass)->query_tooltip = few_feature_map_query_tooltip;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
  signals[CHOSEN] = g_signal_new ("chosen", FEW_TYPE_FEATURE_MAP, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, FEW_TYPE_PICTURE);
}

static void
few_feature_map_init (FewFeatureMap *self)
{
  few_plot_menu_install (GTK_WIDGET (self), _ ("Map"));
  self->wanted = g_ptr_array_new_with_free_func (g_object_unref);
  few_map_zoom_install (&self->zoom, GTK_WIDGET (self), zoom_changed);
  GtkGesture *click = gtk_gesture_click_new ();
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  g_signal_connect (self, "map", G_CALLBACK (lens_changed_cb), NULL);
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
  g_signal_connect_swapped (self->view, "lens", G_CALLBACK (lens_changed_cb), self);
  g_signal_connect_swapped (self->runs, "changed", G_CALLBACK (lens_changed_cb), self);
  g_signal_connect_swapped (self->view, "map", G_CALLBACK (lens_changed_cb), self);
}

void
few_feature_map_set_picture (FewFeatureMap *self, FewPicture *picture)
{
  g_return_if_fail (FEW_IS_FEATURE_MAP (self));
  if (g_set_object (&self->picture, picture))
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
few_feature_map_get_point (FewFeatureMap *self, FewPicture *picture, double *x, double *y)
{
  g_return_val_if_fail (FEW_IS_FEATURE_MAP (self), FALSE);
  FewMap *map = few_view_get_map (self->view);
  for (guint i = 0; map && self->points && i < few_map_info (map)->n; i++)
    if (few_map_info (map)->ids[i] == few_picture_get_id (picture))
      {
        place_point (self, few_map_info (map), i, x, y);
        return TRUE;
      }
  return FALSE;
}
