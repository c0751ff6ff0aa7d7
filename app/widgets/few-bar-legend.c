/* SPDX-License-Identifier: MIT */
/* Two samples with their words, below each other where there is no room. */
#include "widgets/few-bar-legend.h"
#include "widgets/few-beside.h"
#include "widgets/few-wrap.h"
#include <glib/gi18n.h>

struct _FewBarLegend
{
  GtkWidget parent;
  GtkWidget *beside;
  GtkLabel *words[2];
  GtkWidget *keys[2], *second; /* its sample */
  FewLegendKind kind;
};

G_DEFINE_FINAL_TYPE (FewBarLegend, few_bar_legend, GTK_TYPE_WIDGET)

static GtkWidget *
make_key (FewBarLegend *self, guint which, const char *style)
{
  GtkWidget *key = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *sample = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *label = gtk_label_new (NULL);
  self->keys[which] = key;
  self->words[which] = GTK_LABEL (label);
  few_wrap_label (GTK_LABEL (label));
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (sample, style);
  gtk_widget_set_valign (sample, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (label, "caption");
  gtk_box_append (GTK_BOX (key), sample);
  gtk_box_append (GTK_BOX (key), label);
  return key;
}

static void
few_bar_legend_dispose (GObject *object)
{
  g_clear_pointer (&FEW_BAR_LEGEND (object)->beside, gtk_widget_unparent);
  G_OBJECT_CLASS (few_bar_legend_parent_class)->dispose (object);
}

static void
few_bar_legend_class_init (FewBarLegendClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_bar_legend_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
few_bar_legend_init (FewBarLegend *self)
{
  enum { BETWEEN = 12 };
  GtkWidget *first = make_key (self, 0, "adapted-key");
  GtkWidget *second = make_key (self, 1, "clip-key");
  self->second = gtk_widget_get_first_child (second);
  self->beside = few_beside_new (first, second, BETWEEN);
  gtk_widget_set_halign (self->beside, GTK_ALIGN_START);
  gtk_widget_set_parent (self->beside, GTK_WIDGET (self));
  few_bar_legend_set_kind (self, FEW_LEGEND_ADAPTED);
}

GtkWidget *
few_bar_legend_new (void)
{
  return g_object_new (FEW_TYPE_BAR_LEGEND, NULL);
}

void
few_bar_legend_set_kind (FewBarLegend *self, FewLegendKind kind)
{
  g_return_if_fail (FEW_IS_BAR_LEGEND (self));
  if (kind == self->kind)
    return;
  gboolean share = kind == FEW_LEGEND_SHARE;
  self->kind = kind;
  const char *const clip[] = { "clip-key", NULL };
  const char *const mark[] = { "mark-key", NULL };
  /* Translators: what a bar is, in few words: the probability of a label */
  gtk_label_set_text (self->words[0], share ? _ ("How Likely") : _ ("Adapted"));
  /* Translators: what a mark on a bar is, in few words: the probability a label needs */
  gtk_label_set_text (self->words[1], share ? _ ("Given from Here On") : _ ("CLIP Alone"));
  gtk_widget_set_css_classes (self->second, (const char **) (share ? mark : clip));
  gtk_widget_set_visible (self->keys[1], kind != FEW_LEGEND_ADAPTED);
}
