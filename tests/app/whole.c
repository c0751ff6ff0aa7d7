/* SPDX-License-Identifier: MIT */
/* As the labels have laid out their words. */
#include "whole.h"
#include "widgets/few-typed-row.h"
#include "world.h"
#include <adwaita.h>

/* WORD: so many letters of a writing without spaces are no more than one word; CHOICES: of a list
 * that has more, those are a person's own */
enum { WORD = 8, HANGUL = 8, HANGUL_IN_ROW = 4, CHOICES = 12, FRAMES = 3 };

static gboolean
is_spaceless (gunichar c)
{
  return g_unichar_iswide (c) && g_unichar_get_script (c) != G_UNICODE_SCRIPT_HANGUL;
}

/* What is wider has no line of its own in the narrowest window. */
static gboolean
is_too_wide (GtkWidget *label, const char *run, gssize length)
{
  enum { ROOM = 260 };
  g_autofree char *word = g_strndup (run, (gsize) length);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (label, word);
  int width;
  pango_layout_get_pixel_size (layout, &width, NULL);
  return width > ROOM;
}

/* The letters without a space around the place where a line ends, in bytes. */
static glong
find_run (const char *text, const char *end, const char **run)
{
  const char *first = end;
  const char *last = end;
  while (first > text && first[-1] != ' ')
    first--;
  while (*last && *last != ' ')
    last++;
  *run = first;
  return last - first;
}

static gboolean
breaks_word (GtkWidget *label, const char *text, const char *end)
{
  const char *run;
  if (end == text || !*end)
    return FALSE;
  gunichar before = g_utf8_get_char (g_utf8_prev_char (end));
  gunichar after = g_utf8_get_char (end);
  if (!g_unichar_isalnum (before) || !g_unichar_isalnum (after))
    return FALSE;
  glong length = find_run (text, end, &run);
  if (is_spaceless (before) && is_spaceless (after))
    return g_utf8_strlen (run, length) <= WORD;
  return !is_too_wide (label, run, length);
}

static gboolean
keeps_words (GtkLabel *label)
{
  PangoLayout *layout = gtk_label_get_layout (label);
  const char *text = pango_layout_get_text (layout);
  int n = pango_layout_get_line_count (layout);
  for (int i = 0; i < n; i++)
    {
      PangoLayoutLine *line = pango_layout_get_line_readonly (layout, i);
      if (breaks_word (GTK_WIDGET (label), text, text + line->start_index + line->length))
        return FALSE;
    }
  return TRUE;
}

/* Beyond its own edges there are no letters to see. */
static gboolean
is_inside (GtkLabel *label)
{
  int width, height;
  pango_layout_get_pixel_size (gtk_label_get_layout (label), &width, &height);
  return width <= gtk_widget_get_width (GTK_WIDGET (label)) + 1;
}

static gboolean
is_whole (GtkLabel *label, gboolean words, const char *where, guint percent)
{
  gboolean cut = pango_layout_is_ellipsized (gtk_label_get_layout (label)) || !is_inside (label);
  gboolean broken = words && !keeps_words (label);
  if (cut || broken)
    g_test_message ("%s: “%s” is %s at %u %%", where, gtk_label_get_text (label),
                    cut ? "cut" : "broken", percent);
  return !cut && !broken;
}

static gboolean
look_at_labels (GtkWidget *widget, gboolean words, const char *where, guint percent)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget))
    return is_whole (GTK_LABEL (widget), words, where, percent);
  gboolean whole = TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    whole &= look_at_labels (child, words, where, percent);
  return whole;
}

gboolean
whole_labels (GtkWidget *root, const char *where, guint percent)
{
  return look_at_labels (root, FALSE, where, percent);
}

/* What stands beside them may be a value that is as long as it is. */
static gboolean
is_title (GtkWidget *widget)
{
  return gtk_widget_has_css_class (widget, "title")
         || gtk_widget_has_css_class (widget, "subtitle");
}

gboolean
whole_rows (GtkWidget *root, const char *where, guint percent)
{
  if (ADW_IS_ENTRY_ROW (root) || FEW_IS_TYPED_ROW (root))
    return look_at_labels (root, FALSE, where, percent);
  if (GTK_IS_LABEL (root) && gtk_widget_get_mapped (root) && is_title (root)
      && gtk_widget_get_ancestor (root, ADW_TYPE_PREFERENCES_ROW))
    return is_whole (GTK_LABEL (root), FALSE, where, percent);
  gboolean whole = TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child))
    whole &= whole_rows (child, where, percent);
  return whole;
}

static gboolean
is_hangul (gunichar c)
{
  return g_unichar_get_script (c) == G_UNICODE_SCRIPT_HANGUL;
}

/* Where a line ends in a word of no more than `most` letters. */
static gboolean
breaks_hangul (const char *text, const char *end, glong most)
{
  const char *run;
  if (end == text || !*end || end[-1] == '\n')
    return FALSE;
  gunichar before = g_utf8_get_char (g_utf8_prev_char (end));
  gunichar after = g_utf8_get_char (end);
  if (g_unichar_isspace (before) || g_unichar_isspace (after)
      || (!is_hangul (before) && !is_hangul (after)))
    return FALSE;
  glong length = find_run (text, end, &run);
  return g_utf8_strlen (run, length) <= most;
}

static gboolean
keeps_hangul (GtkLabel *label, const char *where, guint percent)
{
  PangoLayout *layout = gtk_label_get_layout (label);
  const char *text = pango_layout_get_text (layout);
  gboolean row = gtk_widget_get_ancestor (GTK_WIDGET (label), ADW_TYPE_ACTION_ROW) != NULL;
  glong most = row ? HANGUL_IN_ROW : HANGUL;
  int n = gtk_label_get_wrap (label) ? pango_layout_get_line_count (layout) : 0;
  for (int i = 0; i < n; i++)
    {
      PangoLayoutLine *line = pango_layout_get_line_readonly (layout, i);
      if (!breaks_hangul (text, text + line->start_index + line->length, most))
        continue;
      g_test_message ("%s: “%s” is broken in a word at %u %%", where, text, percent);
      return FALSE;
    }
  return TRUE;
}

gboolean
whole_hangul (GtkWidget *root, const char *where, guint percent)
{
  if (GTK_IS_LABEL (root) && gtk_widget_get_mapped (root))
    return keeps_hangul (GTK_LABEL (root), where, percent);
  gboolean whole = TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child))
    whole &= whole_hangul (child, where, percent);
  return whole;
}

static gboolean
is_choice (GtkWidget *widget)
{
  return GTK_IS_DROP_DOWN (widget) || ADW_IS_COMBO_ROW (widget);
}

/* The part of a list that is in view while it has not dropped down. */
static GtkWidget *
get_face (GtkWidget *list)
{
  if (GTK_IS_DROP_DOWN (list))
    return gtk_widget_get_first_child (list);
  return world_find_widget (list, GTK_TYPE_LIST_VIEW);
}

gboolean
whole_buttons (GtkWidget *root, const char *where, guint percent)
{
  if (GTK_IS_BUTTON (root) || GTK_IS_MENU_BUTTON (root))
    return look_at_labels (root, TRUE, where, percent);
  gboolean whole = TRUE;
  if (ADW_IS_COMBO_ROW (root) && get_face (root))
    whole = look_at_labels (get_face (root), TRUE, where, percent);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child))
    if (!GTK_IS_POPOVER (child))
      whole &= whole_buttons (child, where, percent);
  return whole;
}

static void
collect_lists (GtkWidget *widget, GPtrArray *lists)
{
  if (is_choice (widget) && gtk_widget_get_mapped (widget) && gtk_widget_is_sensitive (widget))
    g_ptr_array_add (lists, g_object_ref (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    collect_lists (child, lists);
}

static int
measure (GtkWidget *widget)
{
  int least;
  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  return least;
}

static gboolean
try_choices (GtkWidget *root, GtkWidget *list, const char *where, guint percent)
{
  GListModel *model;
  guint before;
  g_object_get (list, "model", &model, "selected", &before, NULL);
  guint n = model ? g_list_model_get_n_items (model) : 0;
  int width = measure (root);
  gboolean whole = TRUE;
  for (guint i = 0; n <= CHOICES && i < n && gtk_widget_get_mapped (list); i++)
    {
      g_object_set (list, "selected", i, NULL);
      world_wait_for_frames (root, FRAMES);
      whole &=
          !gtk_widget_get_mapped (list) || look_at_labels (get_face (list), TRUE, where, percent);
      if (measure (root) > MAX (width, 360))
        {
          g_test_message ("%s: choice %u of %s wants %d pixels at %u %%", where, i,
                          gtk_widget_get_name (list), measure (root), percent);
          whole = FALSE;
        }
    }
  if (n <= CHOICES)
    g_object_set (list, "selected", before, NULL);
  world_wait_for_frames (root, FRAMES);
  g_clear_object (&model);
  return whole;
}

gboolean
whole_choices (GtkWidget *root, const char *where, guint percent)
{
  g_autoptr (GPtrArray) lists = g_ptr_array_new_with_free_func (g_object_unref);
  gboolean whole = TRUE;
  collect_lists (root, lists);
  for (guint i = 0; i < lists->len; i++)
    whole &= try_choices (root, lists->pdata[i], where, percent);
  return whole;
}
