/* SPDX-License-Identifier: MIT */
/* The table of methods and shots, and what runs; a plot and the differences below. */
#include "pages/compare/few-compare-page.h"
#include "pages/compare/few-compare-table.h"
#include "pages/compare/few-disagreements.h"
#include "pages/compare/few-shots-plot.h"
#include "widgets/few-spin.h"
#include "widgets/few-fold.h"
#include "widgets/few-wrap.h"
#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

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
  FewCompareTable *rows; /* what fills the table */
  guint update;          /* timeout */
};

static void few_compare_page_iface_init (FewPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FewComparePage, few_compare_page, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (FEW_TYPE_PAGE, few_compare_page_iface_init))

static void
update_status (FewComparePage *self, guint too_few)
{
  gboolean running = few_comparison_is_running (self->comparison);
  gboolean results = few_comparison_has_results (self->comparison);
  guint tests = few_comparison_get_test_pictures (self->comparison);
  g_autofree char *what = NULL;
  double fraction = few_comparison_get_progress (self->comparison, &what);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), running);
  gtk_progress_bar_set_fraction (self->progress, fraction);
  if (running)
    gtk_label_set_text (self->status, what ? what : _ ("Preparing…"));
  else if (few_examples_is_several (few_session_get_examples (self->session)))
    gtk_label_set_text (self->status,
                        _ ("These methods give every picture one class, and pictures of this "
                           "project have any number of labels: Train and Inspect say how right "
                           "one against the rest is."));
  else if (results)
    {
      g_autofree char *text =
          g_strdup_printf (ngettext ("Per cent of %u test picture that are right, mean ± standard "
                                     "deviation over the draws",
                                     "Per cent of %u test pictures that are right, mean ± standard "
                                     "deviation over the draws",
                                     tests),
                           tests);
      gtk_label_set_text (self->status, text);
    }
  else
    gtk_label_set_text (self->status, _ ("Choose methods and compare them on your own pictures: "
                                         "half of each class is kept to test on, and every method "
                                         "learns from the same few of the other half."));
  g_autofree char *note =
      g_strdup_printf (ngettext ("With %u shot there are too few pictures to choose settings by: "
                                 "the methods’ own values were "
                                 "used. CLAP and GDA are made for that.",
                                 "With up to %u shots there are too few pictures to choose "
                                 "settings by: the methods’ own values "
                                 "were used. CLAP and GDA are made for that.",
                                 too_few),
                       too_few);
  gtk_label_set_text (self->notes, note);
  gtk_widget_set_visible (GTK_WIDGET (self->notes), too_few > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->plot), results);
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
  g_type_ensure (FEW_TYPE_FOLD);
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
  gtk_widget_class_bind_template_callback (widget_class, method_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, shots_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, seeds_changed_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_compare_page_init (FewComparePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  few_wrap_buttons (GTK_WIDGET (self));
  few_spin_ignore_wheel (GTK_WIDGET (self));
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
  gtk_editable_set_text (GTK_EDITABLE (self->shots),
                         few_comparison_get_shots_text (self->comparison));
  gtk_spin_button_set_value (self->seeds, few_comparison_get_seeds (self->comparison));
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
