/* SPDX-License-Identifier: MIT */
/* The table of methods and shots, and what runs; a plot and the differences below. */
#include "pages/compare/few-compare-page.h"
#include "pages/compare/few-compare-table.h"
#include "pages/compare/few-compare-words.h"
#include "pages/compare/few-disagreements.h"
#include "pages/compare/few-shots-plot.h"
#include "widgets/few-drop-down.h"
#include "widgets/few-spin.h"
#include "widgets/few-beside.h"
#include "widgets/few-clamp.h"
#include "widgets/few-wheel.h"
#include "widgets/few-wrap.h"
#include <adwaita.h>
#include <glib/gi18n.h>

/* ms between updates of the table while methods run */
enum { TABLE_INTERVAL = 80 };

struct _FewComparePage
{
  GtkWidget parent;
  FewSession *session;
  FewComparison *comparison;
  GtkWidget *box;
  GtkGrid *table;
  GtkLabel *status, *notes;
  GtkProgressBar *progress;
  FewShotsPlot *plot;
  FewDisagreements *disagreements;
  GtkEntry *method, *shots;
  GtkSpinButton *seeds;
  GtkDropDown *measure; /* of pictures with any number of labels */
  AdwActionRow *shots_row;
  FewCompareTable *rows; /* what fills the table */
  guint update;          /* timeout */
};

static void few_compare_page_iface_init (FewPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FewComparePage, few_compare_page, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (FEW_TYPE_PAGE, few_compare_page_iface_init))

static gboolean
is_several (FewComparePage *self)
{
  return few_examples_is_several (few_session_get_examples (self->session));
}

/* Before anything was compared. */
static const char *
invite (FewComparePage *self)
{
  if (few_examples_count_tests (few_session_get_examples (self->session)) > 0)
    return _ ("Choose methods and compare them on your own test pictures: every method learns from "
              "the same few of the others.");
  return is_several (self)
             ? _ ("Choose methods and compare them on your own pictures: half of those of each "
                  "label are kept to test on, and every method learns from the same few of the "
                  "other half.")
             : _ ("Choose methods and compare them on your own pictures: "
                  "half of each class is kept to test on, and every method "
                  "learns from the same few of the other half.");
}

static void
show_state (FewComparePage *self)
{
  gboolean running = few_comparison_is_running (self->comparison);
  g_autofree char *what = NULL;
  double fraction = few_comparison_get_progress (self->comparison, &what);
  g_autofree char *results = few_compare_words_results (self->comparison);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), running);
  gtk_progress_bar_set_fraction (self->progress, fraction);
  if (running)
    gtk_label_set_text (self->status, what ? what : _ ("Preparing…"));
  else if (few_comparison_has_results (self->comparison))
    gtk_label_set_text (self->status, results);
  else
    gtk_label_set_text (self->status, invite (self));
}

/* What the numbers with few shots are to be taken with; NULL: as they are. */
static char *
describe_doubts (FewComparePage *self, guint too_few)
{
  guint n;
  const guint *shots = few_comparison_get_shots (self->comparison, &n);
  gboolean halves = n > 0 && shots[0] < FEW_SEVERAL_LEAST;
  if (few_comparison_get_measure (self->comparison) == FEW_MEASURE_F1 && halves)
    /* Translators: a number of pictures */
    return g_strdup_printf (ngettext ("With fewer than %d shot a threshold is 50 %%: there are too "
                                      "few pictures to choose it by.",
                                      "With fewer than %d shots a threshold is 50 %%: there are "
                                      "too few pictures to choose it by.",
                                      FEW_SEVERAL_LEAST),
                            FEW_SEVERAL_LEAST);
  if (too_few == 0)
    return NULL;
  return g_strdup_printf (
      ngettext ("With %u shot there are too few pictures to choose settings by: "
                "the methods’ own values were "
                "used. CLAP and GDA are made for that.",
                "With up to %u shots there are too few pictures to choose "
                "settings by: the methods’ own values "
                "were used. CLAP and GDA are made for that.",
                too_few),
      too_few);
}

/* What is otherwise where pictures have any number of labels. */
static void
show_kind (FewComparePage *self)
{
  gboolean several = is_several (self);
  gtk_widget_set_visible (GTK_WIDGET (self->measure), several);
  gtk_entry_set_placeholder_text (self->method, several ? "one-vs-rest:c=1" : "coop:csc=1");
  adw_action_row_set_subtitle (self->shots_row,
                               several ? _ ("Training pictures a label, one column each")
                                       : _ ("Training pictures a class, one column each"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->table), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  several ? _ ("Mean average precision, or F1, by method and shots")
                                          : _ ("Accuracy by method and shots"),
                                  -1);
}

static void
update_status (FewComparePage *self, guint too_few)
{
  g_autofree char *doubts = describe_doubts (self, too_few);
  show_kind (self);
  show_state (self);
  gtk_label_set_text (self->notes, doubts ? doubts : "");
  gtk_widget_set_visible (GTK_WIDGET (self->notes), doubts != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->plot), few_comparison_has_results (self->comparison));
}

static gboolean
update_cb (gpointer user)
{
  FewComparePage *self = user;
  self->update = 0;
  update_status (self, few_compare_table_update (self->rows));
  return G_SOURCE_REMOVE;
}

static void
comparison_changed_cb (FewComparePage *self)
{
  if (!self->update)
    self->update = g_timeout_add (TABLE_INTERVAL, update_cb, self);
}

/* ---- what is wanted */

static void
mark_entry (GtkEntry *entry, gboolean good)
{
  if (good)
    gtk_widget_remove_css_class (GTK_WIDGET (entry), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
}

static void
method_activated_cb (FewComparePage *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *specification =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->method))));
  gboolean good = few_comparison_add_method (self->comparison, specification, &error);
  mark_entry (self->method, good);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->method), good ? NULL : error->message);
  if (good)
    gtk_editable_set_text (GTK_EDITABLE (self->method), "");
  else
    few_session_say (self->session, error->message);
}

static void
shots_changed_cb (FewComparePage *self)
{
  mark_entry (self->shots,
              few_comparison_set_shots (self->comparison,
                                        gtk_editable_get_text (GTK_EDITABLE (self->shots))));
}

static void
seeds_changed_cb (FewComparePage *self)
{
  if (self->comparison)
    few_comparison_set_seeds (self->comparison,
                              (guint) gtk_spin_button_get_value_as_int (self->seeds));
}

/* Those of a comparison that was made earlier. */
static void
comparison_wanted_cb (FewComparePage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->shots),
                         few_comparison_get_shots_text (self->comparison));
  gtk_spin_button_set_value (self->seeds, few_comparison_get_seeds (self->comparison));
}

/* The places of the list. */
static void
measure_selected_cb (FewComparePage *self)
{
  gboolean f1 = gtk_drop_down_get_selected (self->measure) == 1;
  if (self->comparison)
    few_comparison_set_measure (self->comparison, f1 ? FEW_MEASURE_F1 : FEW_MEASURE_MAP);
}

/* ---- life */

static void
few_compare_page_dispose (GObject *object)
{
  FewComparePage *self = FEW_COMPARE_PAGE (object);
  g_clear_handle_id (&self->update, g_source_remove);
  if (self->comparison)
    {
      g_signal_handlers_disconnect_by_data (self->comparison, self);
      g_signal_handlers_disconnect_by_data (few_session_get_desk (self->session), self);
      g_signal_handlers_disconnect_by_data (few_session_get_examples (self->session), self);
    }
  g_clear_object (&self->rows);
  g_clear_object (&self->comparison);
  g_clear_object (&self->session);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (few_compare_page_parent_class)->dispose (object);
}

static void
few_compare_page_class_init (FewComparePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_compare_page_dispose;
  g_type_ensure (FEW_TYPE_BESIDE);
  g_type_ensure (FEW_TYPE_SHOTS_PLOT);
  g_type_ensure (FEW_TYPE_DISAGREEMENTS);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/compare/few-compare-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, box);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, table);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, status);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, notes);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, progress);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, plot);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, disagreements);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, method);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, shots);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, seeds);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, measure);
  gtk_widget_class_bind_template_child (widget_class, FewComparePage, shots_row);
  gtk_widget_class_bind_template_callback (widget_class, measure_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, method_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, shots_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, seeds_changed_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_compare_page_init (FewComparePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  few_clamp_by_letters (GTK_WIDGET (self->plot));
  few_wrap_buttons (GTK_WIDGET (self));
  few_spin_ignore_wheel (GTK_WIDGET (self));
  few_drop_down_shrink (self->measure);
  few_wheel_page_first (
      gtk_widget_get_ancestor (GTK_WIDGET (self->table), GTK_TYPE_SCROLLED_WINDOW));
}

static void
few_compare_page_set_session (FewPage *page, FewSession *session, FewThumbnails *thumbnails)
{
  FewComparePage *self = FEW_COMPARE_PAGE (page);
  self->session = g_object_ref (session);
  self->comparison = g_object_ref (few_session_get_comparison (session));
  self->rows = few_compare_table_new (self->table, self->comparison);
  few_shots_plot_set_comparison (self->plot, self->comparison);
  few_disagreements_set_session (self->disagreements, session, thumbnails);
  comparison_wanted_cb (self);
  g_signal_connect_swapped (self->comparison, "wanted", G_CALLBACK (comparison_wanted_cb), self);
  g_signal_connect_swapped (self->comparison, "changed", G_CALLBACK (comparison_changed_cb), self);
  g_signal_connect_swapped (self->comparison, "methods", G_CALLBACK (comparison_changed_cb), self);
  g_signal_connect_swapped (few_session_get_desk (session), "notify::model",
                            G_CALLBACK (comparison_changed_cb), self);
  g_signal_connect_swapped (few_session_get_examples (session), "content",
                            G_CALLBACK (comparison_changed_cb), self);
  update_cb (self);
}

static void
few_compare_page_iface_init (FewPageInterface *iface)
{
  iface->name = "compare";
  iface->title = N_ ("Compare");
  iface->icon_name = "view-list-symbolic";
  iface->set_session = few_compare_page_set_session;
}

const char *
few_compare_page_get_cell (FewComparePage *self, guint method, guint shots)
{
  g_return_val_if_fail (FEW_IS_COMPARE_PAGE (self), NULL);
  return few_compare_table_get_cell (self->rows, method, shots);
}
