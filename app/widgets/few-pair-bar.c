/* SPDX-License-Identifier: MIT */
/* Two values on one scale: before as a mark, after as a bar. */
#include "widgets/few-pair-bar.h"
#include "base/few-percent.h"
#include <glib/gi18n.h>
#include <math.h>

struct _FewPairBar
{
  GtkWidget parent;
  char *name; /* whose values they are, as it is spoken */
  float zero_shot, adapted, low, high;
  float mark; /* NAN: there is none */
};

G_DEFINE_FINAL_TYPE (FewPairBar, few_pair_bar, GTK_TYPE_WIDGET)

static float
bar_extent (const FewPairBar *self, float value, float width)
{
  return isfinite (value) ? CLAMP ((value - self->low) / (self->high - self->low), 0, 1) * width
                          : 0;
}

static void
few_pair_bar_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FewPairBar *self = FEW_PAIR_BAR (widget);
  float w = (float) gtk_widget_get_width (widget);
  float h = (float) gtk_widget_get_height (widget);
  float y = h / 2 - 6;
  GdkRGBA accent, ink;
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  gtk_style_context_get_color (style, &ink);
  if (!gtk_style_context_lookup_color (style, "accent_bg_color", &accent))
    gdk_rgba_parse (&accent, "#3584e4");
  GdkRGBA trough = ink;
  trough.alpha = .08f;
  if (gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL)
    {
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (w, 0));
      gtk_snapshot_scale (snapshot, -1, 1);
    }
  gtk_snapshot_append_color (snapshot, &trough, &GRAPHENE_RECT_INIT (0, y, w, 12));
  gtk_snapshot_append_color (snapshot, &accent,
                             &GRAPHENE_RECT_INIT (0, y, bar_extent (self, self->adapted, w), 12));
  if (isfinite (self->mark))
    gtk_snapshot_append_color (
        snapshot, &ink,
        &GRAPHENE_RECT_INIT (MIN (bar_extent (self, self->mark, w), w - 2), y - 3, 2, 18));
  if (isfinite (self->zero_shot))
    {
      GskRoundedRect frame;
      const float widths[4] = { 1.5f, 1.5f, 1.5f, 1.5f };
      ink.alpha = .75f;
      const GdkRGBA inks[4] = { ink, ink, ink, ink };
      gsk_rounded_rect_init_from_rect (
          &frame,
          &GRAPHENE_RECT_INIT (0, y - 3, MAX (bar_extent (self, self->zero_shot, w), 2), 18), 0);
      gtk_snapshot_append_border (snapshot, &frame, widths, inks);
    }
}

static void
few_pair_bar_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                      int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 40 : 24;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : 24;
}

static void
few_pair_bar_finalize (GObject *object)
{
  g_free (FEW_PAIR_BAR (object)->name);
  G_OBJECT_CLASS (few_pair_bar_parent_class)->finalize (object);
}

static void
few_pair_bar_class_init (FewPairBarClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_pair_bar_finalize;
  GTK_WIDGET_CLASS (klass)->snapshot = few_pair_bar_snapshot;
  GTK_WIDGET_CLASS (klass)->measure = few_pair_bar_measure;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_METER);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "pairbar");
}

static void
few_pair_bar_init (FewPairBar *self)
{
  self->zero_shot = self->adapted = self->mark = NAN;
  self->high = 1;
}

GtkWidget *
few_pair_bar_new (void)
{
  return g_object_new (FEW_TYPE_PAIR_BAR, NULL);
}

void
few_pair_bar_set_share (FewPairBar *self, const char *name, float share, float mark)
{
  g_return_if_fail (FEW_IS_PAIR_BAR (self));
  self->zero_shot = NAN;
  self->adapted = share;
  self->low = 0;
  self->high = 1;
  self->mark = mark;
  g_autofree char *value = few_percent (share, 0);
  g_autofree char *least = few_percent (mark, 0);
  /* Translators: a label, how likely it is, and the percentage from which on it is given */
  g_autofree char *text = g_strdup_printf (_ ("%s: %s, given from %s on"), name, value, least);
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
      GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.,
      GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, 1., GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, (double) share, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
is_same (float a, float b)
{
  return a == b || (isnan (a) && isnan (b));
}

/* A model that reads no texts said nothing before; a class without pictures has no mean. */
static char *
describe_scores (FewPairBar *self)
{
  if (!isfinite (self->adapted))
    return g_strdup_printf ("%s: —", self->name);
  if (!isfinite (self->zero_shot))
    return g_strdup_printf ("%s: %.3f", self->name, self->adapted);
  /* Translators: a class's mean cosine similarity, before and after adaptation */
  return g_strdup_printf (_ ("%s: %.3f with CLIP, %.3f adapted"), self->name, self->zero_shot,
                          self->adapted);
}

void
few_pair_bar_set (FewPairBar *self, const char *name, float zero_shot, float adapted, float low,
                  float high)
{
  g_return_if_fail (FEW_IS_PAIR_BAR (self));
  if (is_same (self->zero_shot, zero_shot) && is_same (self->adapted, adapted) && self->low == low
      && self->high == high && isnan (self->mark) && g_strcmp0 (self->name, name) == 0)
    return;
  g_free (self->name);
  self->name = g_strdup (name);
  self->mark = NAN;
  self->zero_shot = zero_shot;
  self->adapted = adapted;
  self->low = low;
  self->high = high > low ? high : low + 1;
  g_autofree char *text = describe_scores (self);
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
      GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, (double) low,
      GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, (double) self->high, GTK_ACCESSIBLE_PROPERTY_VALUE_NOW,
      isfinite (adapted) ? (double) CLAMP (adapted, low, self->high) : low, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
