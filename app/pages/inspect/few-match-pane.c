/* SPDX-License-Identifier: MIT */
/* Two pictures with marks, and words beside them. */
#include "pages/inspect/few-match-pane.h"
#include "widgets/few-large-picture.h"
#include <glib/gi18n.h>

/* WIDTH, HEIGHT: of a picture on screen; SIDE: of what is decoded for it */
enum { MOST = 5, WIDTH = 170, HEIGHT = 150, SIDE = 600, WORDS = 34 };
enum { NARROW_WIDTH = 130, NARROW_HEIGHT = 100 };

struct _FewMatchPane
{
  GtkWidget parent;
  FewSession *session;
  FewView *view; /* the session's */
  FewMatching *matching;
  FewPicture *picture;
  GPtrArray *alike; /* FewPicture, the most alike first */
  GArray *cosines;  /* float, theirs */
  guint at;         /* of them in view */
  GtkWidget *box;
  FewLargePicture *images[2];
  GtkLabel *name, *told;
  GtkWidget *before, *after;
};

G_DEFINE_FINAL_TYPE (FewMatchPane, few_match_pane, GTK_TYPE_WIDGET)

FewPicture *
few_match_pane_get_other (FewMatchPane *self)
{
  g_return_val_if_fail (FEW_IS_MATCH_PANE (self), NULL);
  return self->at < self->alike->len ? self->alike->pdata[self->at] : NULL;
}

/* Where a place of the grid is, in shares of the picture's sides. */
static FewMark
place_of (const FewHeatInfo *info, guint place, guint number)
{
  double width = info->width / info->columns;
  double height = info->height / info->rows;
  guint row = place / info->columns;
  return (FewMark) { .left = info->left + place % info->columns * width,
                     .top = info->top + row * height,
                     .width = width,
                     .height = height,
                     .number = number };
}

static void
show_marks (FewMatchPane *self, GArray *matches, const FewHeatInfo info[2])
{
  FewMark marks[2][FEW_MATCHES];
  guint n = matches ? MIN (matches->len, FEW_MATCHES) : 0;
  for (guint i = 0; i < n; i++)
    {
      const FewMatch *match = &g_array_index (matches, FewMatch, i);
      marks[0][i] = place_of (&info[0], match->one, i + 1);
      marks[1][i] = place_of (&info[1], match->other, i + 1);
    }
  for (guint side = 0; side < 2; side++)
    few_large_picture_set_marks (self->images[side], marks[side], n);
}

static char *
describe_matches (FewMatchPane *self, GArray *matches)
{
  const char *problem = few_matching_get_problem (self->matching);
  if (problem)
    return g_strdup (problem);
  if (few_matching_is_asking (self->matching))
    return g_strdup (_ ("Looking…"));
  if (!matches)
    return g_strdup ("");
  if (matches->len == 0)
    return g_strdup (_ ("No two patches are each other’s nearest: they are alike as wholes."));
  GString *text = g_string_new (NULL);
  g_string_append_printf (
      text,
      ngettext (
          "%u pair of patches whose contributions to the features are most alike:",
          "%u pairs of patches whose contributions to the features are most alike:", matches->len),
      matches->len);
  for (guint i = 0; i < matches->len; i++)
    g_string_append_printf (text, i ? " · %u: %.2f" : " %u: %.2f", i + 1,
                            (double) g_array_index (matches, FewMatch, i).cosine);
  return g_string_free (text, FALSE);
}

static void
matches_changed_cb (FewMatchPane *self)
{
  FewHeatInfo info[2];
  GArray *matches = few_matching_get (self->matching, &info[0], &info[1]);
  g_autofree char *text = describe_matches (self, matches);
  gtk_label_set_text (self->told, text);
  show_marks (self, matches, info);
}

static void
show_other (FewMatchPane *self)
{
  FewPicture *other = self->picture ? few_match_pane_get_other (self) : NULL;
  gtk_widget_set_sensitive (self->before, other && self->at > 0);
  gtk_widget_set_sensitive (self->after, other && self->at + 1 < self->alike->len);
  few_large_picture_show (self->images[1], other);
  few_matching_ask (self->matching, other ? self->picture : NULL, other);
  if (!other)
    {
      gtk_label_set_text (self->name, "");
      return;
    }
  g_autofree char *classes = few_picture_name_classes (other);
  /* Translators: which of how many; a training picture's file, its class, a cosine */
  g_autofree char *name =
      g_strdup_printf (_ ("%u of %u most alike: %s, %s, cosine %.3f"), self->at + 1,
                       self->alike->len, few_picture_get_name (other), classes,
                       (double) g_array_index (self->cosines, float, self->at));
  gtk_label_set_text (self->name, name);
}

static void
nearest_cb (FewMatchPane *self, GArray *near)
{
  FewExamples *examples = few_session_get_examples (self->session);
  if (!self->picture)
    return;
  g_ptr_array_set_size (self->alike, 0);
  g_array_set_size (self->cosines, 0);
  for (guint i = 0; i < near->len && self->alike->len < MOST; i++)
    {
      const FewNear *one = &g_array_index (near, FewNear, i);
      FewPicture *picture = few_examples_get_picture (examples, one->id);
      if (!picture)
        continue;
      g_ptr_array_add (self->alike, g_object_ref (picture));
      g_array_append_val (self->cosines, one->cosine);
    }
  self->at = 0;
  show_other (self);
}

void
few_match_pane_step (FewMatchPane *self, int by)
{
  g_return_if_fail (FEW_IS_MATCH_PANE (self));
  int at = (int) self->at + by;
  if (at < 0 || at >= (int) self->alike->len)
    return;
  self->at = (guint) at;
  show_other (self);
}

static void
before_cb (FewMatchPane *self)
{
  few_match_pane_step (self, -1);
}

static void
after_cb (FewMatchPane *self)
{
  few_match_pane_step (self, 1);
}

gboolean
few_match_pane_serves (FewSession *session)
{
  const FewModelInfo *model = few_desk_get_model (few_session_get_desk (session));
  return model && model->tells_parts;
}

void
few_match_pane_set_picture (FewMatchPane *self, FewPicture *picture)
{
  g_return_if_fail (FEW_IS_MATCH_PANE (self) && self->session != NULL);
  g_return_if_fail (!picture || FEW_IS_PICTURE (picture));
  if (picture != self->picture && few_view_is_live (self->view))
    picture = NULL; /* nothing answers before the run has ended */
  if (!g_set_object (&self->picture, picture))
    return;
  g_ptr_array_set_size (self->alike, 0);
  few_large_picture_show (self->images[0], picture);
  show_other (self);
  if (picture)
    few_view_request_nearest (self->view, picture, MOST);
}

void
few_match_pane_set_narrow (FewMatchPane *self, gboolean narrow)
{
  g_return_if_fail (FEW_IS_MATCH_PANE (self));
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->box),
                                  narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  for (guint side = 0; side < 2; side++)
    gtk_widget_set_size_request (GTK_WIDGET (self->images[side]), narrow ? NARROW_WIDTH : WIDTH,
                                 narrow ? NARROW_HEIGHT : HEIGHT);
}

const char *
few_match_pane_get_text (FewMatchPane *self)
{
  g_return_val_if_fail (FEW_IS_MATCH_PANE (self), NULL);
  return gtk_label_get_text (self->told);
}

FewMatching *
few_match_pane_get_matching (FewMatchPane *self)
{
  g_return_val_if_fail (FEW_IS_MATCH_PANE (self), NULL);
  return self->matching;
}

/* ---- life */

/* Another model finds others near it, and other parts that match. */
static void
renew_cb (FewMatchPane *self)
{
  if (self->picture && !few_view_is_live (self->view))
    few_view_request_nearest (self->view, self->picture, MOST);
}

static void
few_match_pane_dispose (GObject *object)
{
  FewMatchPane *self = FEW_MATCH_PANE (object);
  if (self->session)
    {
      few_matching_ask (self->matching, NULL, NULL);
      g_signal_handlers_disconnect_by_data (self->matching, self);
      g_signal_handlers_disconnect_by_data (self->view, self);
    }
  g_clear_object (&self->matching);
  g_clear_object (&self->session);
  g_clear_object (&self->picture);
  g_clear_pointer (&self->alike, g_ptr_array_unref);
  g_clear_pointer (&self->cosines, g_array_unref);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (few_match_pane_parent_class)->dispose (object);
}

static void
few_match_pane_class_init (FewMatchPaneClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_match_pane_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static GtkWidget *
create_step (FewMatchPane *self, const char *icon, const char *words, GCallback stepped)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);
  gtk_widget_set_tooltip_text (button, words);
  gtk_widget_add_css_class (button, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, words,
                                  -1);
  g_signal_connect_swapped (button, "clicked", stepped, self);
  return button;
}

static GtkLabel *
create_words (void)
{
  GtkLabel *label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (label, 0);
  gtk_label_set_wrap (label, TRUE);
  gtk_label_set_width_chars (label, 12);
  gtk_label_set_max_width_chars (label, WORDS);
  gtk_widget_add_css_class (GTK_WIDGET (label), "caption");
  return label;
}

static GtkWidget *
create_side (FewMatchPane *self)
{
  GtkWidget *side = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *steps = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkLabel *hint = create_words ();
  self->before = create_step (self, "go-previous-symbolic", _ ("The one before, more alike"),
                              G_CALLBACK (before_cb));
  self->after =
      create_step (self, "go-next-symbolic", _ ("The next one, less alike"), G_CALLBACK (after_cb));
  self->name = create_words ();
  self->told = create_words ();
  gtk_label_set_text (hint,
                      _ ("Equal numbers match. It shows which patches are alike to the model, "
                         "not that they are the same thing."));
  gtk_widget_add_css_class (GTK_WIDGET (hint), "dim-label");
  gtk_box_append (GTK_BOX (steps), self->before);
  gtk_box_append (GTK_BOX (steps), self->after);
  gtk_box_append (GTK_BOX (side), steps);
  gtk_box_append (GTK_BOX (side), GTK_WIDGET (self->name));
  gtk_box_append (GTK_BOX (side), GTK_WIDGET (self->told));
  gtk_box_append (GTK_BOX (side), GTK_WIDGET (hint));
  return side;
}

static void
few_match_pane_init (FewMatchPane *self)
{
  self->alike = g_ptr_array_new_with_free_func (g_object_unref);
  self->cosines = g_array_new (FALSE, FALSE, sizeof (float));
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *pair = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  for (guint side = 0; side < 2; side++)
    {
      self->images[side] = g_object_new (FEW_TYPE_LARGE_PICTURE, NULL);
      few_large_picture_set_fits (self->images[side], TRUE);
      gtk_box_append (GTK_BOX (pair), GTK_WIDGET (self->images[side]));
    }
  gtk_box_append (GTK_BOX (self->box), pair);
  gtk_box_append (GTK_BOX (self->box), create_side (self));
  few_match_pane_set_narrow (self, FALSE);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
few_match_pane_new (void)
{
  return g_object_new (FEW_TYPE_MATCH_PANE, NULL);
}

void
few_match_pane_set_session (FewMatchPane *self, FewSession *session)
{
  g_return_if_fail (FEW_IS_MATCH_PANE (self) && FEW_IS_SESSION (session) && !self->session);
  self->session = g_object_ref (session);
  self->view = few_session_get_view (session);
  self->matching = few_matching_new (few_session_get_desk (session));
  for (guint side = 0; side < 2; side++)
    few_large_picture_set_session (self->images[side], session, SIDE);
  g_signal_connect_swapped (self->matching, "changed", G_CALLBACK (matches_changed_cb), self);
  g_signal_connect_swapped (self->view, "nearest", G_CALLBACK (nearest_cb), self);
  g_signal_connect_swapped (self->view, "snapshot", G_CALLBACK (renew_cb), self);
}
