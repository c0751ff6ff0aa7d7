/* SPDX-License-Identifier: MIT */
/* A list of classes, each with a bar of its mean score before and after. */
#include "pages/inspect/few-class-bars.h"
#include "widgets/few-bar-legend.h"
#include "widgets/few-beside.h"
#include "widgets/few-gradual.h"
#include "widgets/few-in-sight.h"
#include "widgets/few-line.h"
#include "widgets/few-pair-bar.h"
#include "widgets/few-score.h"
#include "widgets/few-ranking.h"
#include "widgets/few-tab.h"
#include "widgets/few-tip.h"
#include <glib/gi18n.h>
#include <math.h>

struct _FewClassBars
{
  GtkWidget parent;
  FewSession *session;
  FewView *view; /* the session's */
  GtkWidget *box, *list;
  FewBarLegend *legend;
  FewRanking *ranking;
  GHashTable *made; /* GtkListItem → Row, owned */
  GPtrArray *rows;  /* Row *, those bound */
  float low, high;
  const char *words; /* what a score is; static */
  guint step; /* of measuring them */
  float lowest, highest;
};

typedef struct
{
  FewSlot *slot; /* borrowed while bound */
  GtkWidget *box;
  gboolean behind; /* what it shows is out of date */
  GtkWidget *name;
  GtkWidget *bar;
  GtkWidget *value;
  GtkWidget *delta;
} Row;

G_DEFINE_FINAL_TYPE (FewClassBars, few_class_bars, GTK_TYPE_WIDGET)

/* A view keeps two hundred rows ready around the few in sight; only those follow α at once. */
static gboolean
is_in_sight (FewClassBars *self, const Row *row)
{
  graphene_rect_t bounds;
  return gtk_widget_compute_bounds (row->box, self->list, &bounds)
         && bounds.origin.y + bounds.size.height >= 0
         && bounds.origin.y <= (float) gtk_widget_get_height (self->list);
}

/* What has the focus is GTK's, around the row. */
static void
speak (const Row *row, const char *name, const char *value, const char *delta)
{
  GtkWidget *around = gtk_widget_get_parent (row->box);
  g_autofree char *spoken = g_strdup_printf ("%s %s %s", name, value, delta);
  if (around)
    gtk_accessible_update_property (GTK_ACCESSIBLE (around), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                    -1);
}

static void
update_row (FewClassBars *self, Row *row)
{
  FewClass *klass = few_slot_get_item (row->slot);
  row->behind = FALSE;
  if (!klass)
    return;
  float before = few_class_get_zero_shot (klass);
  float after = few_class_get_adapted (klass);
  const char *name = few_class_get_name (klass);
  char value[32] = "—";
  char delta[32] = "";
  if (isfinite (after))
    {
      g_snprintf (value, sizeof value, "%.3f", after);
      if (isfinite (before))
        g_snprintf (delta, sizeof delta, "%+.3f", after - before);
    }
  few_line_set_text (FEW_LINE (row->name), name, PANGO_ELLIPSIZE_END);
  few_line_set_text (FEW_LINE (row->value), value, PANGO_ELLIPSIZE_END);
  few_line_set_text (FEW_LINE (row->delta), delta, PANGO_ELLIPSIZE_END);
  speak (row, name, value, delta);
  if (after >= before || !isfinite (before))
    gtk_widget_remove_css_class (row->delta, "worse");
  else
    gtk_widget_add_css_class (row->delta, "worse");
  few_pair_bar_set (FEW_PAIR_BAR (row->bar), name, before, after, self->low, self->high);
}

static int
compare_adapted (gconstpointer a, gconstpointer b)
{
  float x = few_class_get_adapted (*(FewClass *const *) a);
  float y = few_class_get_adapted (*(FewClass *const *) b);
  x = isfinite (x) ? x : -2;
  y = isfinite (y) ? y : -2;
  return (x < y) - (x > y);
}

static void
catch_up (gpointer user)
{
  FewClassBars *self = user;
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = self->rows->pdata[i];
      if (row->behind && is_in_sight (self, row))
        update_row (self, row);
    }
}

static void
rank_classes (gpointer user)
{
  FewClassBars *self = user;
  FewSnapshot *snapshot = self->session ? few_view_get_snapshot (self->view) : NULL;
  if (!snapshot)
    return;
  const FewSnapshotInfo *info = few_snapshot_info (snapshot);
  GPtrArray *ranked = g_ptr_array_new_full (info->n_classes, g_object_unref);
  for (guint k = 0; k < info->n_classes; k++)
    g_ptr_array_add (ranked, g_object_ref (few_view_get_class (self->view, k)));
  g_ptr_array_sort (ranked, compare_adapted);
  /* a model of pictures alone answers nothing before it has learned */
  gboolean both = ranked->len && isfinite (few_class_get_zero_shot (ranked->pdata[0]));
  few_bar_legend_set_kind (self->legend, both ? FEW_LEGEND_BOTH : FEW_LEGEND_ADAPTED);
  few_ranking_take (self->ranking, ranked);
  for (guint i = 0; i < self->rows->len; i++)
    ((Row *) self->rows->pdata[i])->behind = TRUE;
  catch_up (self);
}

static void
lens_changed_cb (FewClassBars *self)
{
  if (self->session && gtk_widget_get_mapped (GTK_WIDGET (self))) /* or on map */
    few_view_follow (self->view, self, rank_classes);
}

static void
take_scale (FewClassBars *self, float low, float high)
{
  if (low == self->low && high == self->high)
    return;
  self->low = low;
  self->high = high;
  for (guint i = 0; i < self->rows->len; i++)
    ((Row *) self->rows->pdata[i])->behind = TRUE;
  catch_up (self); /* of many classes they are drawn before it is known */
}

/* What a score is: under the pointer, and spoken of the list. */
static void
describe_scores (FewClassBars *self, const char *words)
{
  if (self->words == words)
    return;
  self->words = words;
  few_tip_set (GTK_WIDGET (self), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  words, -1);
}

/* One scale for every α, so that bars do not jump while the slider moves: of a few, each in a turn.
 */
static void
measure_scale (gpointer user)
{
  enum { LAST = 4 };
  FewClassBars *self = user;
  FewSnapshot *snapshot = self->session ? few_view_get_snapshot (self->view) : NULL;
  if (!snapshot)
    return;
  describe_scores (self, few_score_describe (snapshot));
  if (few_view_is_several (self->view))
    {
      take_scale (self, 0, 1);
      return;
    }
  guint k = few_snapshot_info (snapshot)->n_classes;
  g_autofree float *before = g_new (float, k);
  g_autofree float *after = g_new (float, k);
  few_lens_class_means (snapshot, self->step / (double) LAST, before, after);
  for (guint i = 0; i < k; i++)
    if (isfinite (after[i]))
      {
        self->lowest = fminf (self->lowest, after[i]);
        self->highest = fmaxf (self->highest, after[i]);
      }
  if (self->step++ < LAST)
    {
      few_view_follow (self->view, self, measure_scale);
      return;
    }
  if (self->lowest <= self->highest)
    take_scale (self, fminf (0, floorf (self->lowest * 20) / 20),
                ceilf ((self->highest + .01f) * 20) / 20);
  else
    take_scale (self, 0, 1);
}

static void
snapshot_changed_cb (FewClassBars *self)
{
  FewSnapshot *snapshot = few_view_get_snapshot (self->view);
  if (!snapshot || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return; /* on map */
  describe_scores (self, few_score_describe (snapshot));
  self->step = 0;
  self->lowest = 1;
  self->highest = -1;
  few_view_follow (self->view, self, measure_scale);
}

static void
mapped_cb (FewClassBars *self)
{
  if (!self->session)
    return;
  snapshot_changed_cb (self);
  lens_changed_cb (self);
}

static void
setup_row_cb (GtkListItemFactory *factory, GtkListItem *item, FewClassBars *self)
{
  Row *row = g_new0 (Row, 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  row->name = few_line_new (0, 9, 14);
  row->value = few_line_new (1, 5, 5);
  row->delta = few_line_new (1, 6, 6);
  for (guint i = 0; i < 3; i++)
    gtk_widget_set_valign ((GtkWidget *[]) { row->name, row->value, row->delta }[i],
                           GTK_ALIGN_CENTER);
  row->bar = few_pair_bar_new ();
  gtk_widget_add_css_class (row->delta, "delta");
  gtk_widget_set_hexpand (row->bar, TRUE);
  gtk_box_append (GTK_BOX (box), row->bar);
  gtk_box_append (GTK_BOX (box), row->value);
  gtk_box_append (GTK_BOX (box), row->delta);
  row->box = few_beside_new (row->name, box, 8); /* the name above, where letters are large */
  g_object_set (row->box, "second-grows", TRUE, NULL);
  gtk_list_item_set_child (item, row->box);
  gtk_list_item_set_activatable (item, FALSE);
  g_hash_table_insert (self->made, item, row);
}

static void
teardown_row_cb (GtkListItemFactory *factory, GtkListItem *item, FewClassBars *self)
{
  g_hash_table_remove (self->made, item);
}

static void
bind_row_cb (GtkListItemFactory *factory, GtkListItem *item, FewClassBars *self)
{
  Row *row = g_hash_table_lookup (self->made, item);
  row->slot = gtk_list_item_get_item (item);
  g_ptr_array_add (self->rows, row);
  update_row (self, row);
}

static void
unbind_row_cb (GtkListItemFactory *factory, GtkListItem *item, FewClassBars *self)
{
  g_ptr_array_remove_fast (self->rows, g_hash_table_lookup (self->made, item));
}

static void
few_class_bars_dispose (GObject *object)
{
  FewClassBars *self = FEW_CLASS_BARS (object);
  if (self->session)
    g_signal_handlers_disconnect_by_data (self->view, self);
  g_clear_object (&self->session);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (few_class_bars_parent_class)->dispose (object);
}

static void
few_class_bars_finalize (GObject *object)
{
  FewClassBars *self = FEW_CLASS_BARS (object);
  g_clear_object (&self->ranking);
  g_ptr_array_unref (self->rows);
  g_hash_table_unref (self->made);
  G_OBJECT_CLASS (few_class_bars_parent_class)->finalize (object);
}

static void
few_class_bars_class_init (FewClassBarsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_class_bars_dispose;
  G_OBJECT_CLASS (klass)->finalize = few_class_bars_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static GtkWidget *
make_legend (FewClassBars *self)
{
  GtkWidget *legend = few_bar_legend_new ();
  self->legend = FEW_BAR_LEGEND (legend);
  gtk_widget_add_css_class (legend, "side");
  return legend;
}

static void
few_class_bars_init (FewClassBars *self)
{
  self->made = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->rows = g_ptr_array_new ();
  self->high = 1;
  self->ranking = few_ranking_new ();
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_row_cb), self, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_row_cb), self, 0);
  g_signal_connect_object (factory, "teardown", G_CALLBACK (teardown_row_cb), self, 0);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_row_cb), self, 0);
  GtkWidget *list = self->list = gtk_list_view_new (NULL, factory);
  g_autoptr (GtkSelectionModel) model = GTK_SELECTION_MODEL (
      gtk_no_selection_new (few_gradual_new (G_LIST_MODEL (self->ranking), list)));
  gtk_list_view_set_model (GTK_LIST_VIEW (list), model);
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Mean score of each class"), -1);
  gtk_widget_add_css_class (list, "class-bars");
  few_tab_install (list);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_AUTOMATIC,
                                  GTK_POLICY_AUTOMATIC); /* sideways where letters are large */
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), list);
  gtk_widget_set_vexpand (scroller, TRUE);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->box), scroller);
  gtk_box_append (GTK_BOX (self->box), make_legend (self));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  few_in_sight_watch (GTK_SCROLLABLE (list), catch_up, self);
  g_signal_connect (self, "map", G_CALLBACK (mapped_cb), NULL);
}

void
few_class_bars_set_session (FewClassBars *self, FewSession *session)
{
  g_return_if_fail (FEW_IS_CLASS_BARS (self));
  self->session = g_object_ref (session);
  self->view = few_session_get_view (session);
  g_signal_connect_swapped (self->view, "snapshot", G_CALLBACK (snapshot_changed_cb), self);
  g_signal_connect_swapped (self->view, "lens", G_CALLBACK (lens_changed_cb), self);
}
