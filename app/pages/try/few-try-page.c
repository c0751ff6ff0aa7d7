/* SPDX-License-Identifier: MIT */
/* A table of pictures that are tried and what is said of each, the chosen one in detail. */
#include "pages/try/few-try-page.h"
#include "pages/try/few-refusal-words.h"
#include "pages/try/few-tally.h"
#include "pages/try/few-try-columns.h"
#include "pages/try/few-try-parts.h"
#include "widgets/few-drop-down.h"
#include "widgets/few-beside.h"
#include "widgets/few-chosen.h"
#include "widgets/few-large-picture.h"
#include "widgets/few-split.h"
#include "widgets/few-wheel.h"
#include "widgets/few-wrap.h"
#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

/* NARROW: below this width of the window, the detail stands below the table */
enum { IMAGE_SIDE = 640, NARROW = 860 };
/* Of the table beside the detail: all columns, with usual names; above it: two rows */
enum { TABLE_WIDTH = 520, TABLE_HEIGHT = 180 };

struct _FewTryPage
{
  GtkWidget parent;
  FewSession *session;
  FewTrials *trials; /* the session's */
  FewView *view; /* the session's */
  GtkStack *views, *stack; /* pictures or the camera; of pictures whether there are any */
  GtkBox *content;
  GtkSearchEntry *search;
  GtkDropDown *show, *sure, *none, *classes;
  GtkPaned *paned;
  GtkWidget *table_scroller, *correction, *belongs, *add, *refusing;
  GtkColumnView *table;
  GtkBox *detail;
  FewLargePicture *image;
  GtkLabel *answer, *may_be, *file, *facts, *threshold;
  FewTryParts parts;
  GtkCustomFilter *filter;
  GtkMultiSelection *selection;
  FewTrial *shown; /* in detail */
  gboolean fitted, narrow; /* to the window's width, and which */
  gboolean guessed; /* its class, in the list of those that it may belong to */
  FewTally *tally;
  guint counting; /* the source: counts follow what changes, later */
  guint done, total; /* of what else is under way */
  GCancellable *job; /* that; NULL: nothing is */
};

static void few_try_page_iface_init (FewPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FewTryPage, few_try_page, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (FEW_TYPE_PAGE, few_try_page_iface_init))

/* ---- the table */

static gboolean
passes_filter (gpointer item, gpointer user)
{
  FewTryPage *self = user;
  FewTrial *trial = item;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search));
  if (!few_tally_holds (self->tally, gtk_drop_down_get_selected (self->show), trial)
      || !few_sure_holds (gtk_drop_down_get_selected (self->sure), trial))
    return FALSE;
  if (!*text)
    return TRUE;
  g_autofree char *words = g_strconcat (few_picture_get_name (few_trial_get_picture (trial)), "\n",
                                        few_trial_get_answer (trial), NULL);
  g_autofree char *folded = g_utf8_casefold (words, -1);
  g_autofree char *wanted = g_utf8_casefold (text, -1);
  return strstr (folded, wanted) != NULL;
}

/* Whether an answer says if a row is listed. */
static gboolean
filters_answers (FewTryPage *self)
{
  return gtk_drop_down_get_selected (self->show) != 0
         || gtk_drop_down_get_selected (self->sure) != 0
         || *gtk_editable_get_text (GTK_EDITABLE (self->search)) != '\0';
}

static void
filter_changed_cb (FewTryPage *self)
{
  if (self->filter)
    gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
}

/* ---- counts */

static gboolean
count_cb (gpointer user)
{
  FewTryPage *self = user;
  self->counting = 0;
  g_signal_handlers_block_by_func (self->show, filter_changed_cb, self);
  gboolean filtered = filters_answers (self);
  guint shown = gtk_drop_down_get_selected (self->show);
  gtk_drop_down_set_selected (self->show, few_tally_count (self->tally, shown));
  g_signal_handlers_unblock_by_func (self->show, filter_changed_cb, self);
  if (filtered || filters_answers (self))
    filter_changed_cb (self); /* answers may be others */
  g_autofree char *facts = few_tally_words (self->tally);
  gtk_label_set_text (self->facts, facts);
  return G_SOURCE_REMOVE;
}

/* A few times a second: an answer comes with each handful of pictures. */
static void
count_soon (FewTryPage *self)
{
  enum { MS = 200 };
  if (!self->counting)
    self->counting = g_timeout_add (MS, count_cb, self);
}

/* ---- the detail */

/* It most likely belongs to the class that it is nearest to; a person may choose another then. */
static void
choose_nearest (FewTryPage *self)
{
  FewClass *nearest = self->shown ? few_trial_get_nearest (self->shown) : NULL;
  GListStore *classes = G_LIST_STORE (gtk_drop_down_get_model (self->classes));
  guint position;
  if (self->guessed || !nearest || !g_list_store_find (classes, nearest, &position))
    return;
  self->guessed = TRUE;
  gtk_drop_down_set_selected (self->classes, position);
}

/* Labels join the examples as they were given; each has a threshold of its own, which is
 * learned. */
static void
show_several (FewTryPage *self, gboolean several)
{
  g_autofree char *refusal = few_refusal_words (self->trials, self->view);
  gtk_label_set_text (self->threshold, several ? "" : refusal);
  gtk_widget_set_visible (GTK_WIDGET (self->threshold), !several);
  gtk_widget_set_visible (self->refusing, !several);
  gtk_widget_set_visible (self->belongs, !several);
  gtk_widget_set_visible (GTK_WIDGET (self->classes), !several);
  gtk_widget_set_hexpand (self->add, several);
}

static void
update_detail (FewTryPage *self)
{
  FewTrial *trial = self->shown;
  guint row;
  FewSnapshot *snapshot = trial ? few_trial_get_snapshot (trial, &row) : NULL;
  gtk_label_set_text (self->answer, trial ? few_trial_get_answer (trial) : "");
  const char *set = trial ? few_trial_get_set (trial) : NULL;
  gtk_label_set_text (self->may_be, set ? set : "");
  gtk_widget_set_visible (GTK_WIDGET (self->may_be), set != NULL);
  gtk_label_set_text (self->file,
                      trial ? few_picture_get_name (few_trial_get_picture (trial)) : "");
  gtk_widget_set_visible (GTK_WIDGET (self->parts.top), snapshot != NULL);
  gtk_widget_set_visible (self->correction, snapshot != NULL);
  if (snapshot)
    few_top_classes_set (self->parts.top, snapshot, row, few_view_get_alpha (self->view),
                         few_trial_get_classes (trial),
                         few_desk_get_model (few_session_get_desk (self->session)));
  few_try_look_set_trial (self->parts.look, trial);
  choose_nearest (self);
  show_several (self, trial && few_trial_get_labels (trial));
}

static void
show_trial (FewTryPage *self, FewTrial *trial)
{
  if (!g_set_object (&self->shown, trial))
    return;
  few_large_picture_show (self->image, trial ? few_trial_get_picture (trial) : NULL);
  self->guessed = FALSE;
  update_detail (self);
}

/* The one in detail stays that as long as it is chosen. */
static void
selection_changed_cb (FewTryPage *self)
{
  g_autoptr (GPtrArray) chosen = few_try_page_get_chosen (self);
  gboolean stays = g_ptr_array_find (chosen, self->shown, NULL);
  g_autofree char *label = g_strdup_printf (
      ngettext ("Add as _Example", "Add %u as _Examples", chosen->len), chosen->len);
  gtk_button_set_label (GTK_BUTTON (self->add), label);
  if (!stays)
    show_trial (self, chosen->len ? chosen->pdata[0] : NULL);
}

/* Something is in detail as soon as there is anything. */
static void
items_changed_cb (FewTryPage *self)
{
  if (few_chosen_count (GTK_SELECTION_MODEL (self->selection)) == 0)
    gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), 0, TRUE);
  selection_changed_cb (self);
}

static void
keep_selected_cb (FewTryPage *self)
{
  if (!self->session)
    return; /* the list is made */
  few_trials_set_keep (self->trials, few_refusal_keep (gtk_drop_down_get_selected (self->none)));
  update_detail (self);
  filter_changed_cb (self);
}

static void
add_clicked_cb (FewTryPage *self)
{
  gboolean several = self->shown && few_trial_get_labels (self->shown);
  guint selected = gtk_drop_down_get_selected (self->classes);
  int number = several ? 0 : (int) selected + 1;
  if (!several && selected == GTK_INVALID_LIST_POSITION)
    return; /* the last class has gone */
  gtk_widget_activate_action (GTK_WIDGET (self), "win.try-add", "i", number);
}

/* ---- what the session says */

static void
update_working (FewTryPage *self)
{
  guint n = g_list_model_get_n_items (few_trials_get_list (self->trials));
  guint waiting = 0;
  gboolean trying = few_trials_is_trying (self->trials);
  for (guint i = 0; trying && i < n; i++)
    {
      g_autoptr (FewTrial) trial = g_list_model_get_item (few_trials_get_list (self->trials), i);
      waiting += !few_trial_get_snapshot (trial, NULL) && !few_trial_get_reason (trial);
    }
  guint tried = trying ? n : 0;
  guint total = self->total ? self->total : tried;
  guint done = self->total ? self->done : n - waiting;
  few_try_working_show (self->parts.working, done, total);
}

static void
trials_changed_cb (FewTryPage *self)
{
  guint n = g_list_model_get_n_items (few_trials_get_list (self->trials));
  gtk_drop_down_set_selected (self->none, few_refusal_choice (few_trials_get_keep (self->trials)));
  gtk_stack_set_visible_child_name (self->stack, n ? "content" : "empty");
  gtk_widget_set_visible (self->table_scroller, n > 1);
  gtk_widget_set_sensitive (GTK_WIDGET (self->search), n > 1);
  /* cosines moved */
  gtk_sorter_changed (gtk_column_view_get_sorter (self->table), GTK_SORTER_CHANGE_DIFFERENT);
  update_working (self);
  update_detail (self);
  count_soon (self);
}

/* ---- life */

static void
few_try_page_dispose (GObject *object)
{
  FewTryPage *self = FEW_TRY_PAGE (object);
  if (self->session)
    {
      g_signal_handlers_disconnect_by_data (self->trials, self);
      g_signal_handlers_disconnect_by_data (self->selection, self);
    }
  g_clear_handle_id (&self->counting, g_source_remove);
  g_clear_object (&self->shown);
  g_clear_object (&self->job);
  g_clear_object (&self->session);
  if (self->views)
    gtk_widget_unparent (GTK_WIDGET (self->views));
  self->views = NULL;
  g_clear_object (&self->selection);
  g_clear_object (&self->filter);
  g_clear_object (&self->tally);
  G_OBJECT_CLASS (few_try_page_parent_class)->dispose (object);
}

static void
few_try_page_class_init (FewTryPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_try_page_dispose;
  g_type_ensure (FEW_TYPE_CLASS);
  g_type_ensure (FEW_TYPE_BESIDE);
  g_type_ensure (FEW_TYPE_LARGE_PICTURE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/try/few-try-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, views);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, content);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, stack);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, search);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, show);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, sure);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, facts);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, paned);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, table_scroller);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, table);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, detail);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, image);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, answer);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, may_be);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, file);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, correction);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, belongs);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, refusing);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, classes);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, add);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, none);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, threshold);
  gtk_widget_class_bind_template_callback (widget_class, filter_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, keep_selected_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_try_page_init (FewTryPage *self)
{
  g_autoptr (GListModel) sure = few_sure_names ();
  g_autoptr (GListModel) none = few_refusal_names ();
  gtk_widget_init_template (GTK_WIDGET (self));
  few_split_keep (self->paned);
  few_wheel_page_first (GTK_WIDGET (self->paned));
  few_wrap_buttons (GTK_WIDGET (self));
  few_drop_down_shrink (self->show);
  few_drop_down_shrink_words (self->sure);
  few_drop_down_shrink (self->classes);
  few_drop_down_shrink_words (self->none);
  gtk_drop_down_set_model (self->sure, sure);
  gtk_drop_down_set_model (self->none, none);
  gtk_drop_down_set_selected (self->none, FEW_REFUSAL_USUAL);
}

static gboolean
few_try_page_build (FewPage *page)
{
  FewTryPage *self = FEW_TRY_PAGE (page);
  return few_try_parts_build (&self->parts, self->views, self->content, self->may_be, self->file);
}

/* What is tried, filtered, sorted as the table's head says. */
static GListModel *
create_model (FewTryPage *self)
{
  self->filter = gtk_custom_filter_new (passes_filter, self, NULL);
  GtkFilterListModel *filtered = gtk_filter_list_model_new (
      g_object_ref (few_trials_get_list (self->trials)), g_object_ref (GTK_FILTER (self->filter)));
  GtkSorter *sorter = gtk_column_view_get_sorter (self->table);
  GtkSortListModel *sorted =
      gtk_sort_list_model_new (G_LIST_MODEL (filtered), sorter ? g_object_ref (sorter) : NULL);
  gtk_sort_list_model_set_incremental (sorted, TRUE);
  return G_LIST_MODEL (sorted);
}

static void
few_try_page_set_session (FewPage *page, FewSession *session, FewThumbnails *thumbnails)
{
  FewTryPage *self = FEW_TRY_PAGE (page);
  self->session = g_object_ref (session);
  self->trials = few_session_get_trials (session);
  self->view = few_session_get_view (session);
  self->tally = few_tally_new (self->trials);
  few_large_picture_set_session (self->image, session, IMAGE_SIDE);
  few_promise_bar_set_view (self->parts.promise, self->view);
  few_try_look_set_session (self->parts.look, session, self->image);
  few_try_columns_add (self->table, thumbnails);
  self->selection = gtk_multi_selection_new (create_model (self));
  gtk_column_view_set_model (self->table, GTK_SELECTION_MODEL (self->selection));
  gtk_drop_down_set_model (self->show, few_tally_get_entries (self->tally));
  gtk_drop_down_set_model (self->classes,
                           few_examples_get_classes (few_session_get_examples (session)));
  g_signal_connect_swapped (self->selection, "selection-changed", G_CALLBACK (selection_changed_cb),
                            self);
  g_signal_connect_swapped (self->selection, "items-changed", G_CALLBACK (items_changed_cb), self);
  g_signal_connect_swapped (self->trials, "changed", G_CALLBACK (trials_changed_cb), self);
  trials_changed_cb (self);
}

static void
few_try_page_set_width (FewPage *page, int width)
{
  FewTryPage *self = FEW_TRY_PAGE (page);
  gboolean narrow = width < NARROW;
  if (self->fitted && narrow == self->narrow) /* a person may have moved the handle since */
    return;
  self->fitted = TRUE;
  self->narrow = narrow;
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->paned),
                                  narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  few_split_put (self->paned, narrow ? TABLE_HEIGHT : TABLE_WIDTH);
}

static void
few_try_page_take (FewPage *page, const char *const *paths, gboolean pasted G_GNUC_UNUSED)
{
  few_trials_try (few_session_get_trials (FEW_TRY_PAGE (page)->session), paths);
}

static void
few_try_page_iface_init (FewPageInterface *iface)
{
  iface->name = "try";
  iface->title = N_ ("Try");
  iface->icon_name = "image-x-generic-symbolic";
  iface->has_alpha = TRUE;
  iface->build = few_try_page_build;
  iface->set_session = few_try_page_set_session;
  iface->set_width = few_try_page_set_width;
  iface->take = few_try_page_take;
}

GListModel *
few_try_page_get_model (FewTryPage *self)
{
  g_return_val_if_fail (FEW_IS_TRY_PAGE (self), NULL);
  return G_LIST_MODEL (self->selection);
}

GPtrArray *
few_try_page_get_chosen (FewTryPage *self)
{
  g_return_val_if_fail (FEW_IS_TRY_PAGE (self), NULL);
  return few_chosen_get (GTK_SELECTION_MODEL (self->selection));
}

void
few_try_page_set_progress (FewTryPage *self, guint done, guint total)
{
  g_return_if_fail (FEW_IS_TRY_PAGE (self));
  self->done = done;
  self->total = total;
  update_working (self);
}

void
few_try_page_set_job (FewTryPage *self, GCancellable *job)
{
  g_return_if_fail (FEW_IS_TRY_PAGE (self));
  g_set_object (&self->job, job);
}

GCancellable *
few_try_page_get_job (FewTryPage *self)
{
  g_return_val_if_fail (FEW_IS_TRY_PAGE (self), NULL);
  return self->job;
}
