/* SPDX-License-Identifier: MIT */
/* A table of pictures that are tried and what is said of each, the chosen one in detail. */
#include "pages/try/few-try-page.h"
#include "pages/try/few-refusal-words.h"
#include "widgets/few-columns.h"
#include "widgets/few-large-picture.h"
#include "widgets/few-top-classes.h"
#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* NARROW: below this width of the window, the detail stands below the table */
enum { TOP = 8, IMAGE_SIDE = 640, NARROW = 860 };

struct _FewTryPage
{
  GtkWidget parent;
  FewSession *session;
  FewTrials *trials; /* the session's */
  FewView *view; /* the session's */
  GtkStack *stack;
  GtkSearchEntry *search;
  GtkDropDown *show, *none, *classes;
  GtkPaned *paned;
  GtkWidget *table_scroller, *correction;
  GtkColumnView *table;
  GtkBox *detail;
  FewLargePicture *image;
  GtkLabel *answer, *may_be, *file, *threshold;
  GtkRevealer *working;
  GtkProgressBar *progress;
  FewTopClasses *top;
  GtkCustomFilter *filter;
  GtkSingleSelection *selection;
  FewTrial *shown; /* in detail */
  guint done, total; /* of what else is under way */
};

static void few_try_page_iface_init (FewPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FewTryPage, few_try_page, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (FEW_TYPE_PAGE, few_try_page_iface_init))

/* The shares of known pictures that shall stay known, as the list names them. */
static const double KEEPS[] = { 1, .99, .95, .9 };

/* ---- the table */

enum { COLUMN_FILE, COLUMN_ANSWER, COLUMN_COSINE, COLUMN_PROBABILITY, N_COLUMNS };

static char *
cell_text (gpointer trial, guint column)
{
  float value =
      column == COLUMN_COSINE ? few_trial_get_cosine (trial) : few_trial_get_probability (trial);
  if (column == COLUMN_FILE)
    return g_strdup (few_picture_get_name (few_trial_get_picture (trial)));
  if (column == COLUMN_ANSWER)
    return g_strdup (few_trial_get_answer (trial));
  if (!isfinite (value))
    return g_strdup ("");
  return column == COLUMN_COSINE ? g_strdup_printf ("%.3f", value)
                                 : g_strdup_printf ("%.1f %%", 100 * value);
}

static int
compare_trials (gpointer a, gpointer b, guint column)
{
  switch (column)
    {
    case COLUMN_FILE:
      return g_utf8_collate (few_picture_get_name (few_trial_get_picture (a)),
                             few_picture_get_name (few_trial_get_picture (b)));
    case COLUMN_ANSWER:
      return g_utf8_collate (few_trial_get_answer (a), few_trial_get_answer (b));
    case COLUMN_COSINE:
      return few_columns_compare_numbers (few_trial_get_cosine (a), few_trial_get_cosine (b));
    default:
      return few_columns_compare_numbers (few_trial_get_probability (a),
                                          few_trial_get_probability (b));
    }
}

static void
add_columns (FewTryPage *self)
{
  const char *const titles[] = { _ ("File"), _ ("Class"), _ ("Score"), _ ("Probability") };
  for (guint i = 0; i < N_COLUMNS; i++)
    few_columns_add (self->table, i,
                     &(FewColumn) { titles[i], i >= COLUMN_COSINE, i < COLUMN_COSINE,
                                    i == COLUMN_FILE ? PANGO_ELLIPSIZE_MIDDLE : PANGO_ELLIPSIZE_END,
                                    cell_text, compare_trials, "notify::answer" });
}

static gboolean
passes_filter (gpointer item, gpointer user)
{
  FewTryPage *self = user;
  FewTrial *trial = item;
  guint show = gtk_drop_down_get_selected (self->show);
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search));
  if (show == 1 && (few_trial_get_class (trial) || !few_trial_get_snapshot (trial, NULL)))
    return FALSE;
  if (show == 2 && !few_trial_get_reason (trial))
    return FALSE;
  if (!*text)
    return TRUE;
  g_autofree char *words = g_strconcat (few_picture_get_name (few_trial_get_picture (trial)), "\n",
                                        few_trial_get_answer (trial), NULL);
  g_autofree char *folded = g_utf8_casefold (words, -1);
  g_autofree char *wanted = g_utf8_casefold (text, -1);
  return strstr (folded, wanted) != NULL;
}

static void
filter_changed_cb (FewTryPage *self)
{
  if (self->filter)
    gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
}

/* ---- the detail */

static void
update_threshold (FewTryPage *self)
{
  g_autofree char *text = few_refusal_words (self->trials, self->view);
  gtk_label_set_text (self->threshold, text);
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
  gtk_widget_set_visible (GTK_WIDGET (self->top), snapshot != NULL);
  gtk_widget_set_visible (self->correction, snapshot != NULL);
  if (snapshot)
    few_top_classes_set (self->top, snapshot, row, few_view_get_alpha (self->view),
                         few_trial_get_classes (trial));
  update_threshold (self);
}

static void
selection_changed_cb (FewTryPage *self)
{
  FewTrial *trial = gtk_single_selection_get_selected_item (self->selection);
  if (trial == self->shown)
    return;
  g_set_object (&self->shown, trial);
  few_large_picture_show (self->image, trial ? few_trial_get_picture (trial) : NULL);
  update_detail (self);
}

static void
keep_selected_cb (FewTryPage *self)
{
  few_trials_set_keep (
      few_session_get_trials (self->session),
      KEEPS[MIN (gtk_drop_down_get_selected (self->none), G_N_ELEMENTS (KEEPS) - 1)]);
  update_detail (self);
  filter_changed_cb (self);
}

static void
add_clicked_cb (FewTryPage *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.try-add", "i",
                              (int) gtk_drop_down_get_selected (self->classes) + 1);
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
  gtk_revealer_set_reveal_child (self->working, total > 0);
  if (total == 0)
    return;
  /* Translators: pictures done, pictures in all */
  g_autofree char *text = g_strdup_printf (_ ("%u of %u"), done, total);
  gtk_progress_bar_set_fraction (self->progress, (double) done / total);
  gtk_progress_bar_set_text (self->progress, text);
}

static void
trials_changed_cb (FewTryPage *self)
{
  guint n = g_list_model_get_n_items (few_trials_get_list (self->trials));
  gtk_stack_set_visible_child_name (self->stack, n ? "content" : "empty");
  gtk_widget_set_visible (self->table_scroller, n > 1);
  gtk_widget_set_sensitive (GTK_WIDGET (self->search), n > 1);
  /* cosines moved */
  gtk_sorter_changed (gtk_column_view_get_sorter (self->table), GTK_SORTER_CHANGE_DIFFERENT);
  update_working (self);
  update_detail (self);
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
  g_clear_object (&self->shown);
  g_clear_object (&self->session);
  if (self->stack)
    gtk_widget_unparent (GTK_WIDGET (self->stack));
  self->stack = NULL;
  g_clear_object (&self->selection);
  g_clear_object (&self->filter);
  G_OBJECT_CLASS (few_try_page_parent_class)->dispose (object);
}

static void
few_try_page_class_init (FewTryPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_try_page_dispose;
  g_type_ensure (FEW_TYPE_LARGE_PICTURE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/try/few-try-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, stack);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, search);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, show);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, paned);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, table_scroller);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, table);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, detail);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, image);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, answer);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, may_be);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, file);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, working);
  gtk_widget_class_bind_template_child (widget_class, FewTryPage, progress);
  gtk_widget_class_bind_template_callback (widget_class, filter_changed_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

/* "Wrong? [class] [Add as Example]" */
static void
add_correction (FewTryPage *self)
{
  GtkWidget *label = gtk_label_new (_ ("Wrong?"));
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("Add as _Example"));
  self->correction = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->classes = GTK_DROP_DOWN (
      gtk_drop_down_new (NULL, gtk_property_expression_new (FEW_TYPE_CLASS, NULL, "name")));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->classes), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("The class it belongs to"), -1);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (self->correction), label);
  gtk_box_append (GTK_BOX (self->correction), GTK_WIDGET (self->classes));
  gtk_box_append (GTK_BOX (self->correction), button);
  gtk_box_append (self->detail, self->correction);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (add_clicked_cb), self);
}

/* "None of these: [never]" and what that means */
static void
add_none (FewTryPage *self)
{
  const char *const names[] = { _ ("Never"),
                                /* xgettext:no-c-format */
                                _ ("Refuse 1 % of my own pictures"),
                                /* xgettext:no-c-format */
                                _ ("Refuse 5 % of my own pictures"),
                                /* xgettext:no-c-format */
                                _ ("Refuse 10 % of my own pictures"), NULL };
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *label = gtk_label_new (_ ("None of these"));
  GtkWidget *threshold = gtk_label_new (NULL);
  self->none = GTK_DROP_DOWN (gtk_drop_down_new_from_strings (names));
  gtk_drop_down_set_selected (self->none, 2);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->none), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("When a picture is none of the classes"), -1);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), GTK_WIDGET (self->none));
  gtk_box_append (self->detail, row);
  self->threshold = GTK_LABEL (threshold);
  gtk_label_set_wrap (self->threshold, TRUE);
  gtk_label_set_xalign (self->threshold, 0);
  gtk_widget_add_css_class (threshold, "dim-label");
  gtk_widget_add_css_class (threshold, "caption");
  gtk_box_append (self->detail, threshold);
  g_signal_connect_swapped (self->none, "notify::selected", G_CALLBACK (keep_selected_cb), self);
}

static void
few_try_page_init (FewTryPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->top = FEW_TOP_CLASSES (few_top_classes_new (TOP));
  gtk_box_append (self->detail, GTK_WIDGET (self->top));
  add_correction (self);
  add_none (self);
}

static void
few_try_page_set_session (FewPage *page, FewSession *session,
                          FewThumbnails *thumbnails G_GNUC_UNUSED)
{
  FewTryPage *self = FEW_TRY_PAGE (page);
  self->session = g_object_ref (session);
  self->trials = few_session_get_trials (session);
  self->view = few_session_get_view (session);
  few_large_picture_set_session (self->image, session, IMAGE_SIDE);
  add_columns (self);
  self->filter = gtk_custom_filter_new (passes_filter, self, NULL);
  GtkFilterListModel *filtered = gtk_filter_list_model_new (
      g_object_ref (few_trials_get_list (self->trials)), g_object_ref (GTK_FILTER (self->filter)));
  GtkSorter *sorter = gtk_column_view_get_sorter (self->table);
  GtkSortListModel *sorted =
      gtk_sort_list_model_new (G_LIST_MODEL (filtered), sorter ? g_object_ref (sorter) : NULL);
  gtk_sort_list_model_set_incremental (sorted, TRUE);
  self->selection = gtk_single_selection_new (G_LIST_MODEL (sorted));
  gtk_column_view_set_model (self->table, GTK_SELECTION_MODEL (self->selection));
  gtk_drop_down_set_model (self->classes,
                           few_examples_get_classes (few_session_get_examples (session)));
  g_signal_connect_swapped (self->selection, "notify::selected-item",
                            G_CALLBACK (selection_changed_cb), self);
  g_signal_connect_swapped (self->trials, "changed", G_CALLBACK (trials_changed_cb), self);
  trials_changed_cb (self);
}

static void
few_try_page_set_width (FewPage *page, int width)
{
  FewTryPage *self = FEW_TRY_PAGE (page);
  gboolean narrow = width < NARROW;
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->paned),
                                  narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  gtk_paned_set_position (self->paned, narrow ? 180 : 440);
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

FewTrial *
few_try_page_get_selected (FewTryPage *self)
{
  g_return_val_if_fail (FEW_IS_TRY_PAGE (self), NULL);
  return gtk_single_selection_get_selected_item (self->selection);
}

void
few_try_page_set_progress (FewTryPage *self, guint done, guint total)
{
  g_return_if_fail (FEW_IS_TRY_PAGE (self));
  self->done = done;
  self->total = total;
  update_working (self);
}
