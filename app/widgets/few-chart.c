/* SPDX-License-Identifier: MIT */
/* A plot, below it what is read out, and the legend. */
#include "widgets/few-chart-private.h"
#include "base/few-percent.h"
#include "widgets/few-plot-menu.h"
#include "widgets/few-series.h"
#include <glib/gi18n.h>
#include <math.h>

struct _FewChart
{
  GtkWidget parent;
  FewChartData data;
  GtkWidget *box, *plot, *legend;
  GtkLabel *readout;
  GtkWidget *toggles[FEW_CHART_SERIES]; /* NULL until the series has a name */
};

G_DEFINE_FINAL_TYPE (FewChart, few_chart, GTK_TYPE_WIDGET)

/* ---- what is read out */

static guint
find_last (const FewChart *self)
{
  guint last = 0;
  for (guint i = 0; i < FEW_CHART_SERIES; i++)
    if (!self->data.series[i].dashed)
      last = MAX (last, self->data.series[i].n);
  return last;
}

static void
append_value (GString *text, const FewChartSeries *s, guint at)
{
  if (!s->name || s->hidden || at > s->n || !isfinite (s->values[at - 1]))
    return;
  g_autofree char *value = s->fraction ? few_percent (s->values[at - 1], 1)
                                       : g_strdup_printf ("%.3f", s->values[at - 1]);
  g_string_append_printf (text, " · %s %s", s->name, value);
}

static void
read_out (FewChart *self)
{
  guint at = self->data.at ? self->data.at : find_last (self);
  g_autoptr (GString) text = g_string_new (NULL);
  if (at > 0)
    g_string_append_printf (text, _ ("Epoch %u"), at);
  for (guint i = 0; at > 0 && i < FEW_CHART_SERIES; i++)
    append_value (text, &self->data.series[i], at);
  gtk_label_set_text (self->readout, text->str);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->plot), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text->str, -1);
  gtk_widget_queue_draw (self->plot);
}

void
few_chart_set_cursor (FewChart *self, guint at)
{
  g_return_if_fail (FEW_IS_CHART (self));
  at = MIN (at, few_chart_span (&self->data));
  if (at == self->data.at)
    return;
  self->data.at = at;
  read_out (self);
}

const char *
few_chart_get_readout (FewChart *self)
{
  g_return_val_if_fail (FEW_IS_CHART (self), NULL);
  return gtk_label_get_text (self->readout);
}

static void
pointer_moved_cb (FewChart *self, double x, double y G_GNUC_UNUSED)
{
  few_chart_set_cursor (
      self, few_chart_find (self->plot, gtk_widget_get_width (self->plot), &self->data, x));
}

static void
pointer_left_cb (FewChart *self)
{
  few_chart_set_cursor (self, 0);
}

static gboolean
key_pressed_cb (FewChart *self, guint key, guint code G_GNUC_UNUSED, GdkModifierType state)
{
  guint last = few_chart_span (&self->data);
  guint at = self->data.at ? self->data.at : find_last (self);
  if (last == 0 || (state & gtk_accelerator_get_default_mod_mask ()) != 0)
    return GDK_EVENT_PROPAGATE;
  if (key == GDK_KEY_Left)
    few_chart_set_cursor (self, MAX (at, 2) - 1);
  else if (key == GDK_KEY_Right)
    few_chart_set_cursor (self, MIN (at + 1, last));
  else if (key == GDK_KEY_Home)
    few_chart_set_cursor (self, 1);
  else if (key == GDK_KEY_End)
    few_chart_set_cursor (self, last);
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

/* ---- the legend */

static void
toggled_cb (FewChart *self, GtkToggleButton *toggle)
{
  for (guint i = 0; i < FEW_CHART_SERIES; i++)
    if (self->toggles[i] == GTK_WIDGET (toggle))
      self->data.series[i].hidden = !gtk_toggle_button_get_active (toggle);
  read_out (self);
}

static void
add_toggle (FewChart *self, guint series, const char *name)
{
  GtkWidget *toggle = gtk_toggle_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *child = gtk_flow_box_child_new ();
  gtk_box_append (GTK_BOX (box), few_series_swatch_new (few_chart_colour (series)));
  gtk_box_append (GTK_BOX (box), gtk_label_new (name));
  gtk_button_set_child (GTK_BUTTON (toggle), box);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (toggle), TRUE);
  gtk_widget_add_css_class (toggle, "flat");
  gtk_widget_set_tooltip_text (toggle, _ ("Hide or show this line"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (toggle), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_swapped (toggle, "toggled", G_CALLBACK (toggled_cb), self);
  gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), toggle);
  gtk_widget_set_focusable (child, FALSE);
  gtk_flow_box_insert (GTK_FLOW_BOX (self->legend), child, -1);
  self->toggles[series] = toggle;
}

gboolean
few_chart_is_shown (FewChart *self, guint series)
{
  g_return_val_if_fail (FEW_IS_CHART (self) && series < FEW_CHART_SERIES, FALSE);
  return self->data.series[series].name && !self->data.series[series].hidden;
}

/* ---- the lines */

/* A line without a value has no place in the legend: there are no such pictures. */
static gboolean
has_value (const FewChartSeries *s)
{
  for (guint i = 0; i < s->n; i++)
    if (isfinite (s->values[i]))
      return TRUE;
  return FALSE;
}

void
few_chart_set (FewChart *self, guint series, const char *name, const float *values, guint n,
               gboolean fraction, gboolean dashed)
{
  g_return_if_fail (FEW_IS_CHART (self) && series < FEW_CHART_SERIES);
  g_return_if_fail (name);
  FewChartSeries *s = &self->data.series[series];
  g_free (s->name);
  s->name = g_strdup (name);
  s->values = g_renew (float, s->values, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    s->values[i] = values[i];
  s->n = n;
  s->fraction = fraction;
  s->dashed = dashed;
  if (!self->toggles[series])
    add_toggle (self, series, name);
  gtk_widget_set_visible (gtk_widget_get_parent (self->toggles[series]), has_value (s));
  read_out (self);
}

void
few_chart_clear (FewChart *self)
{
  g_return_if_fail (FEW_IS_CHART (self));
  for (guint i = 0; i < FEW_CHART_SERIES; i++)
    {
      g_clear_pointer (&self->data.series[i].name, g_free);
      self->data.series[i].n = 0;
    }
  self->data.at = 0;
  read_out (self);
}

void
few_chart_set_span (FewChart *self, guint span)
{
  g_return_if_fail (FEW_IS_CHART (self));
  self->data.span = span;
}

/* ---- life */

static void
draw_plot (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user)
{
  few_chart_draw (GTK_WIDGET (area), cr, width, height, &((FewChart *) user)->data);
}

static void
few_chart_dispose (GObject *object)
{
  g_clear_pointer (&FEW_CHART (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (few_chart_parent_class)->dispose (object);
}

static void
few_chart_finalize (GObject *object)
{
  FewChart *self = FEW_CHART (object);
  for (guint i = 0; i < FEW_CHART_SERIES; i++)
    {
      g_free (self->data.series[i].name);
      g_free (self->data.series[i].values);
    }
  G_OBJECT_CLASS (few_chart_parent_class)->finalize (object);
}

static void
few_chart_class_init (FewChartClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_chart_dispose;
  G_OBJECT_CLASS (klass)->finalize = few_chart_finalize;
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass),
                                               "/io/github/fewshot/Fewshot/widgets/few-chart.ui");
  gtk_widget_class_bind_template_child (GTK_WIDGET_CLASS (klass), FewChart, box);
  gtk_widget_class_bind_template_child (GTK_WIDGET_CLASS (klass), FewChart, plot);
  gtk_widget_class_bind_template_child (GTK_WIDGET_CLASS (klass), FewChart, readout);
  gtk_widget_class_bind_template_child (GTK_WIDGET_CLASS (klass), FewChart, legend);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "chart");
}

static void
few_chart_init (FewChart *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  few_plot_menu_install (GTK_WIDGET (self), _ ("Training"));
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->plot), draw_plot, self, NULL);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (pointer_moved_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (pointer_left_cb), self);
  gtk_widget_add_controller (self->plot, motion);
  GtkEventController *keys = gtk_event_controller_key_new ();
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (self->plot, keys);
}
