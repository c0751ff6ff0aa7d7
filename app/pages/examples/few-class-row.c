/* SPDX-License-Identifier: MIT */
/* Measured without a word laid out: all rows are as high as a line of their font. */
#include "pages/examples/few-class-row.h"
#include "base/few-percent.h"
#include "pages/examples/few-class-strip.h"
#include "widgets/few-class-dot.h"
#include "widgets/few-series.h"
#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

enum { DOT = 10, GAP = 8, NARROWEST = 60, BETWEEN = 4 };

struct _FewClassRow
{
  GtkWidget parent;
  FewClass *klass;
  GtkWidget *strip;
  int recall_at, count_at; /* where they begin, for tooltips; −1: not there */
  gboolean blank; /* it was out of sight when it was last drawn */
};

G_DEFINE_FINAL_TYPE (FewClassRow, few_class_row, GTK_TYPE_WIDGET)

/* ---- what it says */

char *
few_class_row_describe_recall (FewClassRow *self)
{
  g_return_val_if_fail (FEW_IS_CLASS_ROW (self), NULL);
  const FewClassScores *scores = self->klass ? few_class_get_scores (self->klass) : NULL;
  if (!scores || !scores->learned || !isfinite (scores->recall))
    return g_strdup ("");
  return few_percent (scores->recall, 0);
}

/* What has the focus is around the row, and has no name of its own. */
static void
speak (FewClassRow *self)
{
  GtkWidget *around = gtk_widget_get_parent (GTK_WIDGET (self));
  if (!self->klass || !around)
    return;
  guint n = few_class_get_count (self->klass);
  g_autofree char *recall = few_class_row_describe_recall (self);
  g_autofree char *pictures = g_strdup_printf (ngettext ("%u picture", "%u pictures", n), n);
  /* Translators: of a class: "12 pictures, 92 % recognised" */
  g_autofree char *both = g_strdup_printf (_ ("%s, %s recognised"), pictures, recall);
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (around), GTK_ACCESSIBLE_PROPERTY_LABEL, few_class_get_name (self->klass),
      GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, *recall ? both : pictures, -1);
}

static void
changed_cb (FewClassRow *self)
{
  speak (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
few_class_row_query_tooltip (GtkWidget *widget, int x, int y G_GNUC_UNUSED,
                             gboolean keyboard G_GNUC_UNUSED, GtkTooltip *tooltip)
{
  FewClassRow *self = FEW_CLASS_ROW (widget);
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int at = mirrored ? gtk_widget_get_width (widget) - x : x;
  if (self->count_at >= 0 && at >= self->count_at)
    gtk_tooltip_set_text (tooltip, _ ("Pictures of the class"));
  else if (self->recall_at >= 0 && at >= self->recall_at)
    gtk_tooltip_set_text (tooltip, _ ("Recognised, of the measured pictures of the class"));
  else if (self->klass)
    gtk_tooltip_set_text (tooltip, few_class_get_name (self->klass));
  return self->klass != NULL;
}

/* ---- how large */

/* The same for all rows of one font: laying out a line for each would take longer than all else. */
static int
get_line_height (GtkWidget *widget)
{
  static guint last_font;
  static double last_scale;
  static int height;
  PangoContext *context = gtk_widget_get_pango_context (widget);
  guint font = pango_font_description_hash (pango_context_get_font_description (context));
  double scale = pango_cairo_context_get_resolution (context);
  if (height == 0 || font != last_font || scale != last_scale)
    {
      PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
      height = PANGO_PIXELS_CEIL (pango_font_metrics_get_height (metrics));
      last_font = font;
      last_scale = scale;
      pango_font_metrics_unref (metrics);
    }
  return height;
}

static gboolean
has_strip (FewClassRow *self)
{
  return self->strip && gtk_widget_get_visible (self->strip);
}

static void
few_class_row_measure (GtkWidget *widget, GtkOrientation orientation, int for_size G_GNUC_UNUSED,
                       int *minimum, int *natural, int *minimum_baseline G_GNUC_UNUSED,
                       int *natural_baseline G_GNUC_UNUSED)
{
  FewClassRow *self = FEW_CLASS_ROW (widget);
  int least = 0;
  int wanted = 0;
  if (has_strip (self))
    gtk_widget_measure (self->strip, orientation, -1, &least, &wanted, NULL, NULL);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = *natural = MAX (NARROWEST, least);
  else
    *minimum = *natural = get_line_height (widget) + (least > 0 ? BETWEEN + least : 0);
}

static void
few_class_row_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  FewClassRow *self = FEW_CLASS_ROW (widget);
  int line = get_line_height (widget) + BETWEEN;
  if (has_strip (self))
    gtk_widget_size_allocate (
        self->strip, &(GtkAllocation) { 0, line, width, MAX (height - line, 0) }, baseline);
}

/* ---- drawing */

/* A view keeps two hundred rows ready around the few in sight. */
static gboolean
is_in_sight (FewClassRow *self)
{
  GtkWidget *list = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_LIST_VIEW);
  graphene_rect_t bounds;
  return !list
         || (gtk_widget_compute_bounds (GTK_WIDGET (self), list, &bounds)
             && bounds.origin.y + bounds.size.height >= 0
             && bounds.origin.y <= (float) gtk_widget_get_height (list));
}

static PangoLayout *
create_words (FewClassRow *self, const char *text, double scale)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  PangoAttrList *attributes = pango_attr_list_new ();
  pango_attr_list_insert (attributes, pango_attr_scale_new (scale));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum"));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  return layout;
}

/* x: of its beginning, from the side where reading begins. */
static void
draw_words (FewClassRow *self, GtkSnapshot *snapshot, PangoLayout *layout, int x, double opacity)
{
  GdkRGBA ink;
  int width, height;
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &ink);
  ink.alpha *= (float) opacity;
  pango_layout_get_pixel_size (layout, &width, &height);
  graphene_point_t corner =
      GRAPHENE_POINT_INIT ((float) (mirrored ? gtk_widget_get_width (widget) - x - width : x),
                           (float) (get_line_height (widget) - height) / 2);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &corner);
  gtk_snapshot_append_layout (snapshot, layout, &ink);
  gtk_snapshot_restore (snapshot);
}

/* Where it begins, before `end`; −1: there is nothing to say. */
static int
draw_number (FewClassRow *self, GtkSnapshot *snapshot, const char *text, double scale,
             double opacity, int end)
{
  int width;
  if (!*text)
    return -1;
  g_autoptr (PangoLayout) layout = create_words (self, text, scale);
  pango_layout_get_pixel_size (layout, &width, NULL);
  draw_words (self, snapshot, layout, end - width, opacity);
  return end - width;
}

static void
draw_dot (FewClassRow *self, GtkSnapshot *snapshot)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GdkRGBA colour = few_class_colour (self->klass, few_widget_is_dark (widget));
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  gtk_snapshot_append_color (
      snapshot, &colour,
      &GRAPHENE_RECT_INIT ((float) (mirrored ? gtk_widget_get_width (widget) - DOT : 0),
                           (float) (get_line_height (widget) - DOT) / 2, DOT, DOT));
}

static int
get_natural_width (PangoLayout *layout)
{
  int width;
  pango_layout_get_pixel_size (layout, &width, NULL);
  return width;
}

/* Where letters are large and the list is narrow, the name comes before what is recognised. */
static void
draw_line (FewClassRow *self, GtkSnapshot *snapshot)
{
  static const double caption = .82;
  enum { BEGIN = DOT + GAP };
  gboolean contrast = adw_style_manager_get_high_contrast (adw_style_manager_get_default ());
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  g_autofree char *count = g_strdup_printf ("%u", few_class_get_count (self->klass));
  g_autofree char *recall = few_class_row_describe_recall (self);
  g_autoptr (PangoLayout) name = create_words (self, few_class_get_name (self->klass), 1);
  g_autoptr (PangoLayout) share = create_words (self, recall, caption);
  int wanted = get_natural_width (name);
  draw_dot (self, snapshot);
  int end = self->count_at = draw_number (self, snapshot, count, 1, contrast ? .9 : .55, width);
  int left = end - 2 * GAP - get_natural_width (share) - BEGIN;
  gboolean fits = left >= MIN (wanted, width / 2);
  self->recall_at = fits ? draw_number (self, snapshot, recall, caption, 1, end - GAP) : -1;
  end = self->recall_at >= 0 ? self->recall_at : end;
  int room = MAX (end - GAP - BEGIN, 0);
  pango_layout_set_ellipsize (name, PANGO_ELLIPSIZE_END);
  pango_layout_set_single_paragraph_mode (name, TRUE);
  if (wanted > room)
    pango_layout_set_width (name, room * PANGO_SCALE);
  draw_words (self, snapshot, name, BEGIN, 1);
}

static void
few_class_row_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FewClassRow *self = FEW_CLASS_ROW (widget);
  self->blank = !is_in_sight (self);
  if (self->blank || !self->klass)
    return;
  draw_line (self, snapshot);
  if (has_strip (self))
    gtk_widget_snapshot_child (widget, self->strip, snapshot);
}

void
few_class_rows_catch_up (GtkListView *list)
{
  g_return_if_fail (GTK_IS_LIST_VIEW (list));
  for (GtkWidget *item = gtk_widget_get_first_child (GTK_WIDGET (list)); item;
       item = gtk_widget_get_next_sibling (item))
    {
      GtkWidget *row = gtk_widget_get_first_child (item);
      if (FEW_IS_CLASS_ROW (row) && FEW_CLASS_ROW (row)->blank && is_in_sight (FEW_CLASS_ROW (row)))
        gtk_widget_queue_draw (row);
    }
}

/* ---- life */

void
few_class_row_set_class (FewClassRow *self, FewClass *klass)
{
  g_return_if_fail (FEW_IS_CLASS_ROW (self));
  g_return_if_fail (!klass || FEW_IS_CLASS (klass));
  if (self->klass)
    g_signal_handlers_disconnect_by_data (self->klass, self);
  g_set_object (&self->klass, klass);
  if (!klass)
    return;
  g_signal_connect_swapped (klass, "notify", G_CALLBACK (changed_cb), self);
  changed_cb (self);
}

FewClass *
few_class_row_get_class (FewClassRow *self)
{
  g_return_val_if_fail (FEW_IS_CLASS_ROW (self), NULL);
  return self->klass;
}

void
few_class_row_set_pictures (FewClassRow *self, GPtrArray *pictures)
{
  g_return_if_fail (FEW_IS_CLASS_ROW (self));
  few_class_strip_fill (self->strip, pictures);
}

static void
few_class_row_dispose (GObject *object)
{
  FewClassRow *self = FEW_CLASS_ROW (object);
  few_class_row_set_class (self, NULL);
  g_clear_pointer (&self->strip, gtk_widget_unparent);
  G_OBJECT_CLASS (few_class_row_parent_class)->dispose (object);
}

static void
few_class_row_class_init (FewClassRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_class_row_dispose;
  widget_class->measure = few_class_row_measure;
  widget_class->size_allocate = few_class_row_size_allocate;
  widget_class->snapshot = few_class_row_snapshot;
  widget_class->query_tooltip = few_class_row_query_tooltip;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
  gtk_widget_class_set_css_name (widget_class, "classrow");
}

static void
few_class_row_init (FewClassRow *self)
{
  self->recall_at = self->count_at = -1;
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
}

GtkWidget *
few_class_row_new (FewThumbnails *thumbnails)
{
  g_return_val_if_fail (FEW_IS_THUMBNAILS (thumbnails), NULL);
  FewClassRow *self = g_object_new (FEW_TYPE_CLASS_ROW, NULL);
  self->strip = few_class_strip_new (thumbnails);
  gtk_widget_set_parent (self->strip, GTK_WIDGET (self));
  return GTK_WIDGET (self);
}
