/* SPDX-License-Identifier: MIT */
/* The nearest classes of one picture, each as a pair of bars. */
#include "widgets/few-top-classes.h"
#include "base/few-percent.h"
#include "session/few-answer.h"
#include "session/few-class.h"
#include "widgets/few-bar-legend.h"
#include "widgets/few-pair-bar.h"
#include "widgets/few-score.h"
#include <glib/gi18n.h>
#include <math.h>

enum { COLUMNS = 5, SCORE = 2, ALONE = 4 };

struct _FewTopClasses
{
  GtkWidget parent;
  GtkWidget *box, *grid;
  FewBarLegend *legend;
  guint most;
  GtkWidget *(*cells)[COLUMNS]; /* name, bar, score, probability, alone */
};

G_DEFINE_FINAL_TYPE (FewTopClasses, few_top_classes, GTK_TYPE_WIDGET)

static void
few_top_classes_dispose (GObject *object)
{
  FewTopClasses *self = FEW_TOP_CLASSES (object);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->cells, g_free);
  G_OBJECT_CLASS (few_top_classes_parent_class)->dispose (object);
}

static void
few_top_classes_class_init (FewTopClassesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_top_classes_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
few_top_classes_init (FewTopClasses *self)
{
  self->grid = gtk_grid_new ();
  gtk_grid_set_column_spacing (GTK_GRID (self->grid), 6);
  gtk_grid_set_row_spacing (GTK_GRID (self->grid), 2);
  self->legend = FEW_BAR_LEGEND (few_bar_legend_new ());
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_box_append (GTK_BOX (self->box), self->grid);
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->legend));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

static GtkWidget *
make_label (float xalign, int least, int most)
{
  GtkWidget *widget = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (widget), xalign);
  gtk_label_set_width_chars (GTK_LABEL (widget), least);
  gtk_label_set_max_width_chars (GTK_LABEL (widget), most);
  gtk_label_set_ellipsize (GTK_LABEL (widget), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (widget, "numeric");
  return widget;
}

GtkWidget *
few_top_classes_new (guint most)
{
  FewTopClasses *self = g_object_new (FEW_TYPE_TOP_CLASSES, NULL);
  self->most = most;
  self->cells = g_malloc0_n (most, sizeof *self->cells);
  for (guint i = 0; i < most; i++)
    {
      self->cells[i][0] = make_label (0, 4, 12);
      self->cells[i][1] = few_pair_bar_new ();
      self->cells[i][2] = make_label (1, 5, 6);
      self->cells[i][3] = make_label (1, 6, 7);
      self->cells[i][ALONE] = make_label (1, 4, 13);
      gtk_widget_hide (self->cells[i][ALONE]); /* until a model tells it */
      gtk_widget_set_hexpand (self->cells[i][1], TRUE);
      for (int column = 0; column < COLUMNS; column++)
        gtk_grid_attach (GTK_GRID (self->grid), self->cells[i][column], column, (int) i, 1, 1);
    }
  return GTK_WIDGET (self);
}

static void
show_alone (GtkLabel *label, float probability)
{
  g_autofree char *share = few_percent (probability, 0);
  /* Translators: how likely a class is whatever the other classes are; keep it short */
  g_autofree char *text = g_strdup_printf (_ ("alone: %s"), share);
  gtk_label_set_text (label, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (label),
                               _ ("How likely this class is whatever the others are: the model "
                                  "learned to tell that of each class by itself"));
}

/* Of labels that are told each by itself: the most likely first, those that are given marked. */
static void
set_labels (FewTopClasses *self, const FewSnapshot *snapshot, guint row, GPtrArray *classes)
{
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  g_autofree float *probabilities = g_new (float, info->n_classes);
  few_lens_probabilities (snapshot, row, 1, probabilities);
  g_autofree guint32 *order = few_answer_rank (probabilities, info->n_classes);
  few_bar_legend_set_kind (self->legend, FEW_LEGEND_SHARE);
  for (guint i = 0; i < self->most; i++)
    {
      GtkWidget **cells = self->cells[i];
      for (int column = 0; column < COLUMNS; column++)
        gtk_widget_set_visible (cells[column],
                                i < info->n_classes && column != SCORE && column != ALONE);
      if (i >= info->n_classes)
        continue;
      guint k = order[i];
      gboolean given = probabilities[k] >= info->thresholds[k];
      const char *name = few_class_get_name (classes->pdata[k]);
      g_autofree char *words = g_strdup_printf (given ? "✓ %s" : "%s", name);
      g_autofree char *share = few_percent (probabilities[k], 1);
      gtk_label_set_text (GTK_LABEL (cells[0]), words);
      gtk_label_set_text (GTK_LABEL (cells[3]), share);
      few_pair_bar_set_share (FEW_PAIR_BAR (cells[1]), name, probabilities[k], info->thresholds[k]);
    }
  gtk_widget_set_tooltip_text (GTK_WIDGET (self),
                               _ ("How likely each label is, whatever the others "
                                  "are; the mark is where it is given from"));
}

void
few_top_classes_set (FewTopClasses *self, const FewSnapshot *snapshot, guint row, double alpha,
                     GPtrArray *classes, const FewModelInfo *model)
{
  g_return_if_fail (FEW_IS_TOP_CLASSES (self));
  guint k = few_snapshot_info (snapshot)->n_classes;
  if (few_snapshot_info (snapshot)->thresholds)
    {
      set_labels (self, snapshot, row, classes);
      return;
    }
  g_autofree float *cosines = g_new (float, k);
  g_autofree float *before = g_new (float, k);
  g_autofree float *probabilities = g_new (float, k);
  g_autofree float *alone = g_new (float, k);
  few_lens_cosines (snapshot, row, alpha, cosines);
  few_lens_cosines (snapshot, row, 0, before);
  for (guint c = 0; model && !model->reads_texts && c < k; c++)
    before[c] = NAN; /* it said nothing before it learned */
  few_lens_probabilities (snapshot, row, alpha, probabilities);
  gboolean tells = model && few_lens_alone (snapshot, model, row, alpha, alone);
  g_autofree guint32 *order = few_answer_rank (cosines, k);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), few_score_describe (snapshot));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  few_score_describe (snapshot), -1);
  few_bar_legend_set_kind (self->legend,
                           isfinite (before[order[0]]) ? FEW_LEGEND_BOTH : FEW_LEGEND_ADAPTED);
  float high = fmaxf (.4f, ceilf (cosines[order[0]] * 10) / 10);
  for (guint i = 0; i < self->most; i++)
    {
      GtkWidget **cells = self->cells[i];
      for (int column = 0; column < COLUMNS; column++)
        gtk_widget_set_visible (cells[column], i < k && (column != ALONE || tells));
      if (i >= k)
        continue;
      guint c = order[i];
      const char *name = few_class_get_name (classes->pdata[c]);
      g_autofree char *cosine = g_strdup_printf ("%.3f", cosines[c]);
      g_autofree char *probability = few_percent (probabilities[c], 1);
      gtk_label_set_text (GTK_LABEL (cells[0]), name);
      gtk_label_set_text (GTK_LABEL (cells[2]), cosine);
      gtk_label_set_text (GTK_LABEL (cells[3]), probability);
      if (tells)
        show_alone (GTK_LABEL (cells[ALONE]), alone[c]);
      few_pair_bar_set (FEW_PAIR_BAR (cells[1]), name, before[c], cosines[c], 0, high);
    }
}
