/* SPDX-License-Identifier: MIT */
/* A thousand classes have a million cells: they are pixels of one picture, scaled without
 * smoothing. */
#include "pages/inspect/few-confusion-map.h"
#include "widgets/few-plot-menu.h"
#include <glib/gi18n.h>

/* Pixels of the widget: a cell has LEAST_CELL at least, the matrix LEAST_SIDE. */
enum { LEAST_CELL = 4, LEAST_SIDE = 280 };

struct _FewConfusionMap
{
  GtkWidget parent;
  FewDescribeCell describe;
  gpointer user;
  cairo_surface_t *cells; /* k × k; NULL: none */
  guint k;
  guint label, predicted; /* that the keyboard is at */
};

enum { CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewConfusionMap, few_confusion_map, GTK_TYPE_WIDGET)

/* Premultiplied, of a share of the pictures of a class: those that are recognised in one colour,
 * mistakes in another. The first picture is seen, too. */
static guint32
shade (guint32 count, guint32 total, gboolean right)
{
  if (count == 0)
    return 0;
  guint32 opacity = 70 + 185 * count / total;
  guint32 strong = opacity * 224 / 255;
  guint32 weak = opacity * 53 / 255;
  return right ? opacity << 24 | weak << 16 | (opacity * 132 / 255) << 8 | strong
               : opacity << 24 | strong << 16 | weak << 8 | weak;
}

static void
fill_row (guint32 *pixels, const guint32 *counts, guint k, guint label)
{
  guint32 total = 0;
  for (guint j = 0; j < k; j++)
    total += counts[j];
  for (guint j = 0; j < k; j++)
    pixels[j] = shade (counts[j], total, j == label);
}

void
few_confusion_map_set (FewConfusionMap *self, const guint32 *counts, guint k)
{
  g_return_if_fail (FEW_IS_CONFUSION_MAP (self));
  g_return_if_fail (counts || k == 0);
  if (k != self->k)
    {
      g_clear_pointer (&self->cells, cairo_surface_destroy);
      self->label = self->predicted = 0;
      gtk_widget_queue_resize (GTK_WIDGET (self));
    }
  self->k = k;
  if (k && !self->cells)
    self->cells = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int) k, (int) k);
  if (!k || cairo_surface_status (self->cells) != CAIRO_STATUS_SUCCESS)
    return;
  cairo_surface_flush (self->cells);
  guint8 *data = cairo_image_surface_get_data (self->cells);
  gsize stride = (gsize) cairo_image_surface_get_stride (self->cells);
  for (guint i = 0; i < k; i++)
    fill_row ((guint32 *) (void *) (data + i * stride), counts + (gsize) i * k, k, i);
  cairo_surface_mark_dirty (self->cells);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The matrix is a square at the upper left. */
static double
get_side (FewConfusionMap *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  return MIN (gtk_widget_get_width (widget), gtk_widget_get_height (widget));
}

gboolean
few_confusion_map_find (FewConfusionMap *self, double x, double y, guint *label, guint *predicted)
{
  g_return_val_if_fail (FEW_IS_CONFUSION_MAP (self), FALSE);
  double side = get_side (self);
  if (!self->k || x < 0 || y < 0 || x >= side || y >= side)
    return FALSE;
  *predicted = MIN ((guint) (x * self->k / side), self->k - 1);
  *label = MIN ((guint) (y * self->k / side), self->k - 1);
  return TRUE;
}

static void
draw_cursor (FewConfusionMap *self, cairo_t *cr)
{
  double cell = get_side (self) / self->k;
  GdkRGBA color;
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_set_line_width (cr, 1);
  cairo_rectangle (cr, self->predicted * cell - 1, self->label * cell - 1, cell + 2, cell + 2);
  cairo_stroke (cr);
}

static void
few_confusion_map_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FewConfusionMap *self = FEW_CONFUSION_MAP (widget);
  if (!self->cells)
    return;
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  double scale = get_side (self) / self->k;
  cairo_t *cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  cairo_save (cr);
  cairo_scale (cr, scale, scale);
  cairo_set_source_surface (cr, self->cells, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_restore (cr);
  if (gtk_widget_has_visible_focus (widget))
    draw_cursor (self, cr);
  cairo_destroy (cr);
}

static void
few_confusion_map_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                           int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = MAX (LEAST_SIDE, LEAST_CELL * (int) FEW_CONFUSION_MAP (widget)->k);
  *minimum_baseline = *natural_baseline = -1;
}

/* ---- the pointer and the keyboard */

static gboolean
few_confusion_map_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard,
                                 GtkTooltip *tooltip)
{
  FewConfusionMap *self = FEW_CONFUSION_MAP (widget);
  guint label = self->label;
  guint predicted = self->predicted;
  if (!self->k || (!keyboard && !few_confusion_map_find (self, x, y, &label, &predicted)))
    return FALSE;
  g_autofree char *text = self->describe (label, predicted, self->user);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
pressed_cb (FewConfusionMap *self, int n, double x, double y)
{
  guint label, predicted;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (!few_confusion_map_find (self, x, y, &label, &predicted))
    return;
  self->label = label;
  self->predicted = predicted;
  g_signal_emit (self, signals[CHOSEN], 0, label, predicted);
}

static guint
step (guint at, int by, guint k)
{
  if (by < 0)
    return at > 0 ? at - 1 : 0;
  return MIN (at + (guint) by, k - 1);
}

static gboolean
move_cb (GtkWidget *widget, GVariant *by, gpointer user)
{
  FewConfusionMap *self = FEW_CONFUSION_MAP (widget);
  int across, down;
  g_variant_get (by, "(ii)", &across, &down);
  if (!self->k)
    return FALSE;
  self->predicted = step (self->predicted, across, self->k);
  self->label = step (self->label, down, self->k);
  g_autofree char *text = self->describe (self->label, self->predicted, self->user);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
  gtk_widget_queue_draw (widget);
  return TRUE;
}

static gboolean
choose_cb (GtkWidget *widget, GVariant *arguments, gpointer user)
{
  FewConfusionMap *self = FEW_CONFUSION_MAP (widget);
  if (self->k)
    g_signal_emit (self, signals[CHOSEN], 0, self->label, self->predicted);
  return TRUE;
}

/* ---- life */

static void
few_confusion_map_finalize (GObject *object)
{
  g_clear_pointer (&FEW_CONFUSION_MAP (object)->cells, cairo_surface_destroy);
  G_OBJECT_CLASS (few_confusion_map_parent_class)->finalize (object);
}

static void
few_confusion_map_class_init (FewConfusionMapClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->finalize = few_confusion_map_finalize;
  widget_class->snapshot = few_confusion_map_snapshot;
  widget_class->measure = few_confusion_map_measure;
  widget_class->query_tooltip = few_confusion_map_query_tooltip;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Left, 0, move_cb, "(ii)", -1, 0);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Right, 0, move_cb, "(ii)", 1, 0);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Up, 0, move_cb, "(ii)", 0, -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Down, 0, move_cb, "(ii)", 0, 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Return, 0, choose_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_space, 0, choose_cb, NULL);
  signals[CHOSEN] = g_signal_new ("chosen", FEW_TYPE_CONFUSION_MAP, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT);
}

static void
few_confusion_map_init (FewConfusionMap *self)
{
  few_plot_menu_install (GTK_WIDGET (self), _ ("Confusion matrix"));
  GtkGesture *click = gtk_gesture_click_new ();
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Confusion matrix"), -1);
}

GtkWidget *
few_confusion_map_new (FewDescribeCell describe, gpointer user)
{
  g_return_val_if_fail (describe, NULL);
  FewConfusionMap *self = g_object_new (FEW_TYPE_CONFUSION_MAP, NULL);
  self->describe = describe;
  self->user = user;
  return GTK_WIDGET (self);
}
