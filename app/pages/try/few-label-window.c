/* SPDX-License-Identifier: MIT */
/* The keys that give a picture its class, and what is said of the labels so far. */
#include "pages/try/few-label-window.h"
#include "widgets/few-dialog.h"
#include "widgets/few-large-picture.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* MOST: classes that have a key of their own; SIDE: pixels of what is decoded */
enum { MOST = 9, COLUMNS = 3, SIDE = 1200 };

struct _FewLabelWindow
{
  AdwWindow parent;
  FewSession *session;
  FewExamples *examples; /* the session's */
  FewLabelling *labelling;
  FewPicture *shown; /* NULL: none */
  GtkStack *stack;
  AdwStatusPage *status;
  FewLargePicture *image;
  GtkLabel *file, *score, *advice;
  GtkGrid *classes; /* a row of three, as on a pad of numbers */
  GtkEntry *entry;
  GtkWidget *undo, *skip;
  GPtrArray *listed;  /* FewClass, in the order of their keys */
  GArray *steps;      /* guint64: of the project, those that are labels given here */
  gboolean composing; /* an input method holds what is typed */
};

G_DEFINE_FINAL_TYPE (FewLabelWindow, few_label_window, ADW_TYPE_WINDOW)

/* ---- labels */

static void
note_step (FewLabelWindow *self)
{
  guint64 step = few_session_get_step (self->session);
  g_array_append_val (self->steps, step);
}

static void
give_label (FewLabelWindow *self, FewClass *klass)
{
  few_labelling_label (self->labelling, klass);
  note_step (self);
}

static void
give_name (FewLabelWindow *self, const char *name)
{
  few_labelling_label_name (self->labelling, name);
  note_step (self);
}

/* ---- classes to choose from */

static void
take_class_cb (FewLabelWindow *self, GtkButton *button)
{
  FewClass *klass = g_object_get_data (G_OBJECT (button), "class");
  g_autofree char *name = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  g_strstrip (name);
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  if (klass)
    give_label (self, klass);
  else if (*name)
    give_name (self, name);
}

/* Of the longest name that is listed, with its key, in a button's bold letters. */
static int
measure_names (FewLabelWindow *self)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), NULL);
  PangoAttrList *bold = pango_attr_list_new ();
  int most = 1;
  pango_attr_list_insert (bold, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  pango_layout_set_attributes (layout, bold);
  pango_attr_list_unref (bold);
  for (guint i = 0; i < self->listed->len; i++)
    {
      g_autofree char *text =
          g_strdup_printf ("9  %s", few_class_get_name (self->listed->pdata[i]));
      int width;
      pango_layout_set_text (layout, text, -1);
      pango_layout_get_pixel_size (layout, &width, NULL);
      most = MAX (most, width);
    }
  return most;
}

/* As many as have room for their names. */
static int
count_columns (FewLabelWindow *self)
{
  enum { AROUND = 40, EDGES = 28 }; /* pixels: of a name in its button, of the window */
  int width, height; /* both: GTK 4.8 writes through either */
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  return CLAMP ((width - EDGES) / (measure_names (self) + AROUND), 1, COLUMNS);
}

/* klass NULL: a new one */
static void
add_button (FewLabelWindow *self, int columns, int place, const char *text, FewClass *klass)
{
  GtkWidget *button = gtk_button_new_with_label (text);
  GtkWidget *label = gtk_button_get_child (GTK_BUTTON (button));
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 24);
  gtk_widget_set_focus_on_click (button, FALSE);
  gtk_widget_set_tooltip_text (button, text); /* where it is cut short */
  if (klass)
    g_object_set_data_full (G_OBJECT (button), "class", g_object_ref (klass), g_object_unref);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (take_class_cb), self);
  gtk_widget_set_hexpand (button, TRUE);
  gtk_grid_attach (self->classes, button, klass ? place % columns : 0, place / columns + !klass,
                   klass ? 1 : columns, 1);
}

/* Those whose name begins so come before those that hold it; those that are equal before both. */
static guint
rank_class (FewClass *klass, const char *wanted)
{
  enum { EQUAL, BEGINS, HOLDS, OTHER };
  g_autofree char *name = g_utf8_casefold (few_class_get_name (klass), -1);
  if (g_str_equal (name, wanted))
    return EQUAL;
  if (g_str_has_prefix (name, wanted))
    return BEGINS;
  return strstr (name, wanted) ? HOLDS : OTHER;
}

/* Fills `listed`; whether one has just that name. */
static gboolean
find_classes (FewLabelWindow *self, const char *text)
{
  GListModel *classes = few_examples_get_classes (self->examples);
  g_autofree char *wanted = g_utf8_casefold (text, -1);
  gboolean equal = FALSE;
  g_ptr_array_set_size (self->listed, 0);
  for (guint rank = 0; rank < 3; rank++)
    for (guint k = 0; k < g_list_model_get_n_items (classes) && self->listed->len < MOST; k++)
      {
        g_autoptr (FewClass) klass = g_list_model_get_item (classes, k);
        if (rank_class (klass, wanted) != rank)
          continue;
        equal = equal || rank == 0;
        g_ptr_array_add (self->listed, g_object_ref (klass));
      }
  return equal;
}

static void
list_classes_cb (FewLabelWindow *self)
{
  g_autofree char *text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  GtkWidget *child;
  g_strstrip (text);
  if (!self->session)
    return;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->classes))))
    gtk_grid_remove (self->classes, child);
  gboolean equal = find_classes (self, text);
  int columns = count_columns (self);
  for (guint i = 0; i < self->listed->len; i++)
    {
      FewClass *klass = self->listed->pdata[i];
      const char *name = few_class_get_name (klass);
      g_autofree char *numbered = g_strdup_printf ("%u  %s", i + 1, name);
      add_button (self, columns, (int) i, *text ? name : numbered, klass);
    }
  /* Translators: a class that there is not yet */
  g_autofree char *made = g_strdup_printf (_ ("New Class “%s”"), text);
  if (*text && !equal)
    add_button (self, columns, (int) self->listed->len, made, NULL);
}

/* What is first of the list, which is a new class where no class has what was typed. */
static void
take_first_cb (FewLabelWindow *self)
{
  GtkWidget *first = gtk_widget_get_first_child (GTK_WIDGET (self->classes));
  g_autofree char *text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  if (first && *g_strstrip (text))
    take_class_cb (self, GTK_BUTTON (first));
}

void
few_label_window_type (FewLabelWindow *self, const char *text)
{
  g_return_if_fail (FEW_IS_LABEL_WINDOW (self));
  g_return_if_fail (text != NULL);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  take_first_cb (self);
}

/* ---- what is shown */

static void
show_score (FewLabelWindow *self)
{
  const FewLabelScore *score = few_labelling_get_score (self->labelling);
  const FewLabelGain *end = few_labelling_get_end (self->labelling);
  gtk_widget_set_visible (GTK_WIDGET (self->advice), end != NULL);
  if (!score || score->n_told == 0)
    {
      gtk_label_set_text (
          self->score,
          _ ("Label two pictures of two classes to see how well they are told apart."));
      return;
    }
  /* Translators: a percentage, pictures, the ends of its 95 % interval */
  g_autofree char *text = g_strdup_printf (
      ngettext ("Cross-validated: %.1f %% of %u picture right (%.1f–%.1f).",
                "Cross-validated: %.1f %% of %u pictures right (%.1f–%.1f).", score->n_told),
      100 * score->accuracy, score->n_told, 100 * score->low, 100 * score->high);
  gtk_label_set_text (self->score, text);
  if (!end)
    return;
  /* Translators: a number of pictures */
  g_autofree char *advice = g_strdup_printf (
      ngettext ("The last labels made no difference that %u picture could show: its loss, held "
                "out, fell by no more than chance. More of the same will hardly help; pictures "
                "unlike these may.",
                "The last labels made no difference that %u pictures could show: their loss, held "
                "out, fell by no more than chance. More of the same will hardly help; pictures "
                "unlike these may.",
                end->n),
      end->n);
  gtk_label_set_text (self->advice, advice);
}

static void
show_status (FewLabelWindow *self)
{
  guint done, total;
  gboolean choosing = few_labelling_is_choosing (self->labelling, &done, &total);
  const char *problem = few_labelling_get_problem (self->labelling);
  guint given = few_labelling_count_given (self->labelling);
  g_autofree char *progress =
      total > 0 ? g_strdup_printf (_ ("%u of %u pictures are read."), done, total) : NULL;
  g_autofree char *labelled = g_strdup_printf (
      ngettext ("%u picture was labelled.", "%u pictures were labelled.", given), given);
  const char *ended = problem ? problem : labelled;
  adw_status_page_set_title (self->status,
                             choosing ? _ ("Choosing Pictures…") : _ ("No Picture Is Left"));
  adw_status_page_set_description (self->status, choosing ? progress : ended);
}

static void
labelling_changed_cb (FewLabelWindow *self)
{
  FewPicture *picture = few_labelling_get_picture (self->labelling);
  gtk_widget_set_sensitive (self->undo, few_labelling_count_given (self->labelling) > 0);
  gtk_widget_set_sensitive (self->skip, picture != NULL);
  gtk_stack_set_visible_child_name (self->stack, picture ? "picture" : "status");
  show_score (self);
  show_status (self);
  if (!picture)
    {
      g_clear_object (&self->shown);
      return;
    }
  guint left = few_labelling_count_left (self->labelling);
  /* Translators: a file, a number of pictures */
  g_autofree char *file = g_strdup_printf (ngettext ("%s · %u is left", "%s · %u are left", left),
                                           few_picture_get_name (picture), left);
  gtk_label_set_text (self->file, file);
  if (!g_set_object (&self->shown, picture))
    return;
  few_large_picture_show (self->image, picture);
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

/* ---- keys */

/* A label alone: something else may have been done since, in the project's window. */
static void
undo_cb (FewLabelWindow *self)
{
  guint64 step = few_session_get_step (self->session);
  guint i = self->steps->len;
  while (i > 0 && g_array_index (self->steps, guint64, i - 1) != step)
    i--;
  if (i > 0)
    few_session_undo (self->session);
  else
    gtk_widget_error_bell (GTK_WIDGET (self));
}

static void
skip_cb (FewLabelWindow *self)
{
  few_labelling_skip (self->labelling);
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

static void
take_key (FewLabelWindow *self, guint number)
{
  g_autoptr (FewClass) klass = g_object_ref (self->listed->pdata[number]);
  give_label (self, klass);
}

/* While nothing is typed. */
static gboolean
take_plain_key (FewLabelWindow *self, guint key)
{
  guint number = key >= GDK_KEY_KP_1 && key <= GDK_KEY_KP_9 ? key - GDK_KEY_KP_1 : key - GDK_KEY_1;
  if (number < self->listed->len && few_labelling_get_picture (self->labelling))
    take_key (self, number);
  else if (key == GDK_KEY_space)
    skip_cb (self);
  else if (key == GDK_KEY_BackSpace)
    undo_cb (self);
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

static gboolean
key_pressed_cb (FewLabelWindow *self, guint key, guint code G_GNUC_UNUSED, GdkModifierType state)
{
  const guint others = GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK;
  gboolean typing = self->composing || *gtk_editable_get_text (GTK_EDITABLE (self->entry)) != '\0';
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  gboolean in_entry = focus && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->entry));
  if ((state & others) == GDK_CONTROL_MASK && key == GDK_KEY_z && !typing)
    {
      undo_cb (self);
      return GDK_EVENT_STOP;
    }
  if ((state & others) || typing || (key == GDK_KEY_space && !in_entry))
    return GDK_EVENT_PROPAGATE;
  return take_plain_key (self, key);
}

static void
preedit_changed_cb (FewLabelWindow *self, const char *preedit)
{
  self->composing = *preedit != '\0';
}

/* ---- life */

static void
few_label_window_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                          int *natural, int *minimum_baseline, int *natural_baseline)
{
  few_dialog_measure (GTK_WIDGET_CLASS (few_label_window_parent_class), widget, orientation,
                      for_size, minimum, natural, minimum_baseline, natural_baseline);
}

static void
few_label_window_dispose (GObject *object)
{
  FewLabelWindow *self = FEW_LABEL_WINDOW (object);
  if (self->labelling)
    {
      g_signal_handlers_disconnect_by_data (self->labelling, self);
      g_signal_handlers_disconnect_by_data (self->examples, self);
    }
  g_clear_object (&self->labelling);
  g_clear_object (&self->shown);
  g_clear_object (&self->session);
  g_clear_pointer (&self->listed, g_ptr_array_unref);
  g_clear_pointer (&self->steps, g_array_unref);
  G_OBJECT_CLASS (few_label_window_parent_class)->dispose (object);
}

static void
few_label_window_class_init (FewLabelWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_label_window_dispose;
  widget_class->measure = few_label_window_measure;
  g_type_ensure (FEW_TYPE_LARGE_PICTURE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/try/few-label-window.ui");
  gtk_widget_class_bind_template_child (widget_class, FewLabelWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, FewLabelWindow, status);
  gtk_widget_class_bind_template_child (widget_class, FewLabelWindow, image);
  gtk_widget_class_bind_template_child (widget_class, FewLabelWindow, file);
  gtk_widget_class_bind_template_child (widget_class, FewLabelWindow, classes);
  gtk_widget_class_bind_template_child (widget_class, FewLabelWindow, entry);
  gtk_widget_class_bind_template_child (widget_class, FewLabelWindow, undo);
  gtk_widget_class_bind_template_child (widget_class, FewLabelWindow, skip);
  gtk_widget_class_bind_template_child (widget_class, FewLabelWindow, score);
  gtk_widget_class_bind_template_child (widget_class, FewLabelWindow, advice);
  gtk_widget_class_bind_template_callback (widget_class, list_classes_cb);
  gtk_widget_class_bind_template_callback (widget_class, take_first_cb);
  gtk_widget_class_bind_template_callback (widget_class, undo_cb);
  gtk_widget_class_bind_template_callback (widget_class, skip_cb);
}

static void
few_label_window_init (FewLabelWindow *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  self->listed = g_ptr_array_new_with_free_func (g_object_unref);
  self->steps = g_array_new (FALSE, FALSE, sizeof (guint64));
  gtk_widget_init_template (GTK_WIDGET (self));
  few_large_picture_set_fits (self->image, TRUE);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  g_signal_connect (self, "notify::default-width", G_CALLBACK (list_classes_cb), NULL);
  g_signal_connect_object (gtk_settings_get_default (), "notify::gtk-xft-dpi",
                           G_CALLBACK (list_classes_cb), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_swapped (gtk_editable_get_delegate (GTK_EDITABLE (self->entry)),
                            "preedit-changed", G_CALLBACK (preedit_changed_cb), self);
}

FewLabelWindow *
few_label_window_new (GtkWindow *parent, FewSession *session)
{
  g_return_val_if_fail (FEW_IS_SESSION (session), NULL);
  FewLabelWindow *self = g_object_new (FEW_TYPE_LABEL_WINDOW, NULL);
  self->session = g_object_ref (session);
  self->examples = few_session_get_examples (session);
  self->labelling = few_labelling_new (few_session_get_desk (session), self->examples);
  few_large_picture_set_session (self->image, session, SIDE);
  few_dialog_attach (GTK_WINDOW (self), parent);
  g_signal_connect_swapped (self->labelling, "changed", G_CALLBACK (labelling_changed_cb), self);
  g_signal_connect_swapped (self->examples, "changed", G_CALLBACK (list_classes_cb), self);
  list_classes_cb (self);
  labelling_changed_cb (self);
  return self;
}

FewLabelling *
few_label_window_get_labelling (FewLabelWindow *self)
{
  g_return_val_if_fail (FEW_IS_LABEL_WINDOW (self), NULL);
  return self->labelling;
}
