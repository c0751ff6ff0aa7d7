/* SPDX-License-Identifier: MIT */
/* Places of a map as pixels, names of classes, the ring. */
#include "pages/inspect/few-map-frame.h"
#include "widgets/few-class-dot.h"

enum { MARGIN = 20, MOST_NAMES = 20 };

double
few_map_frame_width (const FewMapFrame *frame)
{
  return MAX (gtk_widget_get_width (frame->widget) - 2 * MARGIN, 1);
}

double
few_map_frame_height (const FewMapFrame *frame)
{
  return MAX (gtk_widget_get_height (frame->widget) - 2 * MARGIN, 1);
}

void
few_map_frame_place (const FewMapFrame *frame, guint i, double *x, double *y)
{
  *x = frame->places.at[2 * i];
  *y = frame->places.at[2 * i + 1];
  few_map_zoom_place (&frame->zoom, x, y);
  *x = MARGIN + few_map_frame_width (frame) * *x;
  *y = MARGIN + few_map_frame_height (frame) * *y;
}

void
few_map_frame_find (const FewMapFrame *frame, double *x, double *y)
{
  *x = (*x - MARGIN) / few_map_frame_width (frame);
  *y = (*y - MARGIN) / few_map_frame_height (frame);
  few_map_zoom_find (&frame->zoom, x, y);
}

gboolean
few_map_frame_shows (const FewMapFrame *frame, double x, double y)
{
  return x > 0 && y > 0 && x < gtk_widget_get_width (frame->widget)
         && y < gtk_widget_get_height (frame->widget);
}

/* ---- names */

/* A class's name, and where it stands. */
typedef struct
{
  PangoLayout *layout; /* owned */
  graphene_rect_t place;
} Name;

static void
name_clear (gpointer data)
{
  g_object_unref (((Name *) data)->layout);
}

/* With its middle at (x, y), but within the widget's sides. */
static Name
lay_out_name (const FewMapFrame *frame, FewClass *klass, double x, double y, gboolean dark)
{
  enum { BESIDE = 2 };
  g_autofree char *text = few_class_dot_text (klass);
  PangoLayout *layout = gtk_widget_create_pango_layout (frame->widget, text);
  PangoAttrList *attributes = few_class_dot_attributes (klass, dark);
  int width, height;
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  pango_layout_get_pixel_size (layout, &width, &height);
  width += 2 * BESIDE;
  double left = CLAMP (x - width / 2.0, 0, MAX (0, gtk_widget_get_width (frame->widget) - width));
  return (Name) { layout, GRAPHENE_RECT_INIT ((float) left, (float) (y - height / 2.0),
                                              (float) width, (float) height) };
}

static gboolean
is_free (const FewMapFrame *frame, const GArray *names, const graphene_rect_t *place)
{
  float bottom = place->origin.y + place->size.height;
  if (place->origin.y < 0 || bottom > (float) gtk_widget_get_height (frame->widget))
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    if (graphene_rect_intersection (place, &g_array_index (names, Name, i).place, NULL))
      return FALSE;
  return TRUE;
}

/* A line or more up or down, where another name has its place; FALSE: none is near. */
static gboolean
find_free (const FewMapFrame *frame, const GArray *names, graphene_rect_t *place)
{
  enum { FARTHEST = 4 };
  const float middle = place->origin.y;
  for (int line = 0; line <= 2 * FARTHEST; line++)
    {
      int lines = (line + 1) / 2 * (line % 2 ? 1 : -1);
      place->origin.y = middle + (float) lines * (place->size.height + 1);
      if (is_free (frame, names, place))
        return TRUE;
    }
  return FALSE;
}

/* Words are in ink, for the colours of classes are strong enough for marks alone. */
static void
draw_name (const FewMapFrame *frame, GtkSnapshot *snapshot, const Name *name, gboolean dark)
{
  const GdkRGBA ground = { dark ? .1f : 1, dark ? .1f : 1, dark ? .1f : 1, .75f };
  GdkRGBA ink;
  int width;
  gtk_style_context_get_color (gtk_widget_get_style_context (frame->widget), &ink);
  pango_layout_get_pixel_size (name->layout, &width, NULL);
  gtk_snapshot_append_color (snapshot, &ground, &name->place);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
      snapshot,
      &GRAPHENE_POINT_INIT (name->place.origin.x + (name->place.size.width - (float) width) / 2,
                            name->place.origin.y));
  gtk_snapshot_append_layout (snapshot, name->layout, &ink);
  gtk_snapshot_restore (snapshot);
}

/* The middles of the classes' pictures: x, y, how many. */
static void
sum_places (const FewMapFrame *frame, guint k, double (*sums)[3])
{
  for (guint i = 0; i < frame->places.n; i++)
    {
      int label = frame->places.labels[i];
      double x, y;
      if (label < 0 || label >= (int) k)
        continue;
      few_map_frame_place (frame, i, &x, &y);
      sums[label][0] += x;
      sums[label][1] += y;
      sums[label][2]++;
    }
}

void
few_map_frame_draw_names (const FewMapFrame *frame, GtkSnapshot *snapshot, FewView *view,
                          gboolean dark)
{
  guint k = few_snapshot_info (few_view_get_snapshot (view))->n_classes;
  double sums[MOST_NAMES][3] = { { 0 } };
  g_autoptr (GArray) names = g_array_new (FALSE, FALSE, sizeof (Name));
  g_array_set_clear_func (names, name_clear);
  if (k > MOST_NAMES)
    return;
  sum_places (frame, k, sums);
  for (guint c = 0; c < k; c++)
    {
      double x = sums[c][0] / sums[c][2];
      double y = sums[c][1] / sums[c][2];
      if (sums[c][2] == 0 || !few_map_frame_shows (frame, x, y))
        continue;
      Name name = lay_out_name (frame, few_view_get_class (view, c), x, y, dark);
      if (find_free (frame, names, &name.place))
        g_array_append_val (names, name);
      else
        name_clear (&name);
    }
  for (guint i = 0; i < names->len; i++)
    draw_name (frame, snapshot, &g_array_index (names, Name, i), dark);
}

/* ---- the ring */

void
few_map_frame_draw_ring (const FewMapFrame *frame, GtkSnapshot *snapshot, guint i)
{
  GdkRGBA ring;
  GskRoundedRect outline;
  double x, y;
  few_map_frame_place (frame, i, &x, &y);
  gtk_style_context_get_color (gtk_widget_get_style_context (frame->widget), &ring);
  gsk_rounded_rect_init_from_rect (&outline,
                                   &GRAPHENE_RECT_INIT ((float) x - 8, (float) y - 8, 16, 16), 8);
  gtk_snapshot_append_border (snapshot, &outline, (const float[]) { 2, 2, 2, 2 },
                              (const GdkRGBA[]) { ring, ring, ring, ring });
}
