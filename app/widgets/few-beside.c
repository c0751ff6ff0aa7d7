/* SPDX-License-Identifier: MIT */
/* How wide both are is asked each time: letters and languages differ, and so do the widths. */
#include "widgets/few-beside.h"

struct _FewBeside
{
  GtkWidget parent;
  GtkWidget *first, *second;
  int spacing;
  gboolean second_grows;
};

enum { PROP_FIRST = 1, PROP_SECOND, PROP_SPACING, PROP_SECOND_GROWS, N_PROPERTIES };
static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (FewBeside, few_beside, GTK_TYPE_WIDGET)

static gboolean
is_there (GtkWidget *widget)
{
  return widget && gtk_widget_should_layout (widget);
}

static int
measure_least (GtkWidget *widget, GtkOrientation orientation, int for_size)
{
  int least = 0;
  if (is_there (widget))
    gtk_widget_measure (widget, orientation, for_size, &least, NULL, NULL, NULL);
  return least;
}

static int
measure_natural (GtkWidget *widget, GtkOrientation orientation, int for_size)
{
  int natural = 0;
  if (is_there (widget))
    gtk_widget_measure (widget, orientation, for_size, NULL, &natural, NULL, NULL);
  return natural;
}

static int
get_spacing (FewBeside *self)
{
  return is_there (self->first) && is_there (self->second) ? self->spacing : 0;
}

static int
measure_both (FewBeside *self)
{
  return measure_natural (self->first, GTK_ORIENTATION_HORIZONTAL, -1) + get_spacing (self)
         + measure_natural (self->second, GTK_ORIENTATION_HORIZONTAL, -1);
}

/* What grows is content with its least width. */
static int
measure_needed (FewBeside *self)
{
  if (!self->second_grows)
    return measure_both (self);
  return measure_natural (self->first, GTK_ORIENTATION_HORIZONTAL, -1) + get_spacing (self)
         + measure_least (self->second, GTK_ORIENTATION_HORIZONTAL, -1);
}

/* The widths of both in so much room; whether they stand beside each other. */
static gboolean
share_width (FewBeside *self, int width, int *first, int *second)
{
  gboolean beside = measure_needed (self) <= width;
  int *grows = self->second_grows ? second : first;
  int *stays = self->second_grows ? first : second;
  GtkWidget *staying = self->second_grows ? self->first : self->second;
  *stays = beside ? measure_natural (staying, GTK_ORIENTATION_HORIZONTAL, -1) : width;
  *grows = beside ? width - *stays - get_spacing (self) : width;
  return beside;
}

static GtkSizeRequestMode
few_beside_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
measure_width (FewBeside *self, int *minimum, int *natural)
{
  *minimum = MAX (measure_least (self->first, GTK_ORIENTATION_HORIZONTAL, -1),
                  measure_least (self->second, GTK_ORIENTATION_HORIZONTAL, -1));
  *natural = measure_both (self);
}

static void
few_beside_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                    int *natural, int *minimum_baseline, int *natural_baseline)
{
  FewBeside *self = FEW_BESIDE (widget);
  int first, second;
  *minimum_baseline = *natural_baseline = -1;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      measure_width (self, minimum, natural);
      return;
    }
  gboolean beside =
      share_width (self, for_size < 0 ? measure_both (self) : for_size, &first, &second);
  int upper[] = { measure_least (self->first, orientation, first),
                  measure_natural (self->first, orientation, first) };
  int lower[] = { measure_least (self->second, orientation, second),
                  measure_natural (self->second, orientation, second) };
  *minimum = beside ? MAX (upper[0], lower[0]) : upper[0] + get_spacing (self) + lower[0];
  *natural = beside ? MAX (upper[1], lower[1]) : upper[1] + get_spacing (self) + lower[1];
}

static void
allocate (GtkWidget *child, GtkAllocation place)
{
  if (is_there (child))
    gtk_widget_size_allocate (child, &place, -1);
}

static void
few_beside_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  FewBeside *self = FEW_BESIDE (widget);
  int first, second;
  if (share_width (self, width, &first, &second))
    {
      gboolean left = gtk_widget_get_direction (widget) != GTK_TEXT_DIR_RTL;
      allocate (self->first, (GtkAllocation) { left ? 0 : width - first, 0, first, height });
      allocate (self->second, (GtkAllocation) { left ? width - second : 0, 0, second, height });
      return;
    }
  int below = measure_least (self->second, GTK_ORIENTATION_VERTICAL, width);
  int above = MAX (height - below - get_spacing (self), 0);
  allocate (self->first, (GtkAllocation) { 0, 0, width, above });
  allocate (self->second, (GtkAllocation) { 0, height - below, width, below });
}

static void
put (FewBeside *self, GtkWidget **place, GtkWidget *child)
{
  g_clear_pointer (place, gtk_widget_unparent);
  *place = child;
  if (!child)
    return;
  /* the focus goes from the first to the second, whichever was put first */
  if (place == &self->first)
    gtk_widget_insert_after (child, GTK_WIDGET (self), NULL);
  else
    gtk_widget_insert_before (child, GTK_WIDGET (self), NULL);
}

static void
few_beside_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FewBeside *self = FEW_BESIDE (object);
  if (id == PROP_SPACING)
    self->spacing = g_value_get_int (value);
  else if (id == PROP_SECOND_GROWS)
    self->second_grows = g_value_get_boolean (value);
  else
    put (self, id == PROP_FIRST ? &self->first : &self->second, g_value_get_object (value));
}

static void
few_beside_dispose (GObject *object)
{
  FewBeside *self = FEW_BESIDE (object);
  g_clear_pointer (&self->first, gtk_widget_unparent);
  g_clear_pointer (&self->second, gtk_widget_unparent);
  G_OBJECT_CLASS (few_beside_parent_class)->dispose (object);
}

static void
few_beside_class_init (FewBesideClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;
  G_OBJECT_CLASS (klass)->set_property = few_beside_set_property;
  G_OBJECT_CLASS (klass)->dispose = few_beside_dispose;
  widget_class->get_request_mode = few_beside_get_request_mode;
  widget_class->measure = few_beside_measure;
  widget_class->size_allocate = few_beside_size_allocate;
  properties[PROP_FIRST] = g_param_spec_object ("first", NULL, NULL, GTK_TYPE_WIDGET, flags);
  properties[PROP_SECOND] = g_param_spec_object ("second", NULL, NULL, GTK_TYPE_WIDGET, flags);
  properties[PROP_SPACING] = g_param_spec_int ("spacing", NULL, NULL, 0, G_MAXINT16, 6, flags);
  properties[PROP_SECOND_GROWS] = g_param_spec_boolean ("second-grows", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPERTIES, properties);
}

static void
few_beside_init (FewBeside *self)
{
  self->spacing = 6;
}

GtkWidget *
few_beside_new (GtkWidget *first, GtkWidget *second, int spacing)
{
  g_return_val_if_fail (GTK_IS_WIDGET (first) && GTK_IS_WIDGET (second), NULL);
  return g_object_new (FEW_TYPE_BESIDE, "first", first, "second", second, "spacing", spacing, NULL);
}
