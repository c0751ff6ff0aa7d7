/* SPDX-License-Identifier: MIT */
/* What cells say and how they sort, and which columns go where a window is narrow or letters are
 * large. */
#include "pages/try/few-try-columns.h"
#include "base/few-percent.h"
#include "base/few-turns.h"
#include "session/few-trial.h"
#include "widgets/few-columns.h"
#include "widgets/few-thumb.h"
#include <glib/gi18n.h>
#include <math.h>

/* PADDING: of a cell, both sides; LETTERS: of a name that shall be whole */
enum { THUMB_SIDE = 36, PADDING = 18, LETTERS = 10 };
enum { COLUMN_FILE, COLUMN_ANSWER, COLUMN_COSINE, COLUMN_PROBABILITY, N_COLUMNS };

/* What refused a picture is its score; the probability would be that of a class which it is not. */
static float
probability_of (gpointer trial)
{
  return few_trial_get_class (trial) ? few_trial_get_probability (trial) : NAN;
}

/* Why a file cannot be read is told of the one that is chosen: here it would be a path, cut off. */
static const char *
answer_of (gpointer trial)
{
  return few_trial_get_reason (trial) ? _ ("Unreadable") : few_trial_get_answer (trial);
}

static char *
cell_text (gpointer trial, guint column)
{
  float value = column == COLUMN_COSINE ? few_trial_get_cosine (trial) : probability_of (trial);
  if (column == COLUMN_FILE)
    return g_strdup (few_picture_get_name (few_trial_get_picture (trial)));
  if (column == COLUMN_ANSWER)
    return g_strdup (answer_of (trial));
  if (!isfinite (value))
    return g_strdup ("");
  return column == COLUMN_COSINE ? g_strdup_printf ("%.3f", value) : few_percent (value, 1);
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
      return g_utf8_collate (answer_of (a), answer_of (b));
    case COLUMN_COSINE:
      return few_columns_compare_numbers (few_trial_get_cosine (a), few_trial_get_cosine (b));
    default:
      return few_columns_compare_numbers (probability_of (a), probability_of (b));
    }
}

static FewPicture *
get_picture (gpointer trial)
{
  return few_trial_get_picture (trial);
}

/* ---- how many there is room for */

static int
measure_words (GtkWidget *view, const char *words)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (view, words);
  int width;
  pango_layout_get_pixel_size (layout, &width, NULL);
  return width + PADDING;
}

static int
measure_letters (GtkWidget *view)
{
  g_autofree char *letters = g_strnfill (LETTERS, 'n');
  return measure_words (view, letters);
}

/* Of a picture, its answer and its probability. */
static int
measure_least (GtkWidget *view)
{
  return THUMB_SIDE + PADDING + measure_letters (view) + measure_words (view, _ ("Probability"));
}

/* The file's name stands below the picture that is chosen, too, and the score is for experts. A
 * long word for probability makes room for the answer: its numbers have a sign for percent. */
static void
fit_columns (gpointer user)
{
  GtkColumnView *view = user;
  GtkAdjustment *across = gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (view));
  int room = (int) gtk_adjustment_get_page_size (across);
  int least = measure_least (user);
  int all = least + measure_letters (user) + measure_words (user, _ ("Score"));
  for (guint i = 0; i < N_COLUMNS; i++)
    {
      g_autoptr (GtkColumnViewColumn) column =
          g_list_model_get_item (gtk_column_view_get_columns (view), i + 1);
      if (i == COLUMN_FILE || i == COLUMN_COSINE)
        gtk_column_view_column_set_visible (column, room >= all);
      if (i == COLUMN_PROBABILITY)
        gtk_column_view_column_set_title (column, room >= least ? _ ("Probability") : "%");
    }
}

/* Columns come and go once the view has been laid out. */
static void
room_changed_cb (GtkColumnView *view)
{
  GtkAdjustment *across = gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (view));
  if (gtk_adjustment_get_page_size (across) > 0)
    few_turns_add (view, fit_columns);
}

void
few_try_columns_add (GtkColumnView *view, FewThumbnails *thumbnails)
{
  g_return_if_fail (GTK_IS_COLUMN_VIEW (view) && FEW_IS_THUMBNAILS (thumbnails));
  const char *const titles[] = { _ ("File"), _ ("Class"), _ ("Score"), _ ("Probability") };
  for (guint i = 0; i < N_COLUMNS; i++)
    few_columns_add (view, i,
                     &(FewColumn) { titles[i], i >= COLUMN_COSINE, i < COLUMN_COSINE,
                                    i == COLUMN_FILE ? PANGO_ELLIPSIZE_MIDDLE : PANGO_ELLIPSIZE_END,
                                    cell_text, compare_trials, "notify::answer" });
  few_thumb_add_column (view, thumbnails, THUMB_SIDE, get_picture);
  GtkAdjustment *across = gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (view));
  g_signal_connect_object (across, "changed", G_CALLBACK (room_changed_cb), view,
                           G_CONNECT_SWAPPED);
}
