/* SPDX-License-Identifier: MIT */
/* Test pictures that two methods see differently, with thumbnails. */
#include "pages/compare/few-disagreements.h"
#include "widgets/few-drop-down.h"
#include "widgets/few-beside.h"
#include <glib/gi18n.h>
#include <string.h>

enum { MOST_SHOWN = 60 };

struct _FewDisagreements
{
  GtkWidget parent;
  FewSession *session;
  FewExamples *examples; /* the session's */
  FewComparison *comparison; /* the session's */
  FewThumbnails *thumbnails;
  GtkWidget *box;
  GtkDropDown *first, *second;
  GtkLabel *summary;
  GtkFlowBox *pictures;
  GArray *methods;    /* guint: those that the drop-downs list */
  GPtrArray *wanted;  /* FewPicture whose thumbnails were asked for */
  guint count;
  gboolean filling;
};

G_DEFINE_FINAL_TYPE (FewDisagreements, few_disagreements, GTK_TYPE_WIDGET)

static void
clear_pictures (FewDisagreements *self)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->pictures))))
    gtk_flow_box_remove (self->pictures, child);
  for (guint i = 0; i < self->wanted->len; i++)
    few_thumbnails_unwant (self->thumbnails, self->wanted->pdata[i]);
  g_ptr_array_set_size (self->wanted, 0);
}

static GtkWidget *
make_caption (const char *text, gboolean right)
{
  g_autofree char *marked = g_strdup_printf ("%s %s", right ? "✓" : "✗", text);
  GtkWidget *label = gtk_label_new (marked);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 14);
  gtk_widget_add_css_class (label, "caption");
  gtk_widget_add_css_class (label, right ? "right" : "wrong");
  return label;
}

/* ---- answers: of its one class each, or of any number of labels */

/* What a picture is. */
static const guint32 *
get_truth (const FewCompared *one, guint i, guint *n)
{
  *n = 1;
  return one->sets ? few_label_sets_get (one->sets, i, n) : one->labels + i;
}

/* What the method says. */
static const guint32 *
get_answer (const FewCompared *one, guint i, guint *n)
{
  *n = 1;
  return one->sets ? few_label_sets_get (one->said, i, n) : one->result->predicted + i;
}

static gboolean
is_same (const guint32 *a, guint n_a, const guint32 *b, guint n_b)
{
  return n_a == n_b && (n_a == 0 || memcmp (a, b, n_a * sizeof *a) == 0);
}

static gboolean
is_right (const FewCompared *one, guint i)
{
  guint n;
  guint n_true;
  const guint32 *said = get_answer (one, i, &n);
  const guint32 *labels = get_truth (one, i, &n_true);
  return is_same (said, n, labels, n_true);
}

static gboolean
do_agree (const FewCompared *a, const FewCompared *b, guint i)
{
  guint n_a;
  guint n_b;
  const guint32 *first = get_answer (a, i, &n_a);
  const guint32 *second = get_answer (b, i, &n_b);
  return is_same (first, n_a, second, n_b);
}

/* Whether it ran and says something of each picture. */
static gboolean
has_answers (const FewCompared *one)
{
  return one && one->result && one->n > 0
         && (one->sets ? one->said != NULL : one->result->predicted != NULL);
}

/* "cat, dog" */
static char *
name_classes (FewDisagreements *self, const guint32 *labels, guint n)
{
  if (n == 0)
    return g_strdup (_ ("no label"));
  GString *names = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (
        names, "%s%s", i ? ", " : "",
        few_class_get_name (few_comparison_get_class (self->comparison, labels[i])));
  return g_string_free (names, FALSE);
}

static char *
name_answer (FewDisagreements *self, const FewCompared *one, guint i)
{
  guint n;
  const guint32 *labels = get_answer (one, i, &n);
  return name_classes (self, labels, n);
}

/* ---- pictures */

static void
add_picture (FewDisagreements *self, FewPicture *picture, const FewCompared *a,
             const FewCompared *b, guint i)
{
  GtkWidget *tile = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *image = gtk_picture_new ();
  guint n;
  const guint32 *labels = get_truth (a, i, &n);
  g_autofree char *own = name_classes (self, labels, n);
  g_autofree char *first = name_answer (self, a, i);
  g_autofree char *second = name_answer (self, b, i);
  gtk_widget_set_size_request (image, 96, 96);
  gtk_picture_set_can_shrink (GTK_PICTURE (image), TRUE);
  g_object_bind_property (picture, "texture", image, "paintable", G_BINDING_SYNC_CREATE);
  gtk_box_append (GTK_BOX (tile), image);
  gtk_box_append (GTK_BOX (tile), make_caption (first, is_right (a, i)));
  gtk_box_append (GTK_BOX (tile), make_caption (second, is_right (b, i)));
  /* Translators: file name, its class, what the first method says, what the second says */
  g_autofree char *spoken = g_strdup_printf (_ ("%s, %s: the first says %s, the second says %s"),
                                             few_picture_get_name (picture), own, first, second);
  gtk_accessible_update_property (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                  -1);
  gtk_widget_set_tooltip_text (tile, spoken);
  gtk_flow_box_append (self->pictures, tile);
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (tile)), /* has the focus */
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  few_thumbnails_want (self->thumbnails, picture);
  g_ptr_array_add (self->wanted, g_object_ref (picture));
}

typedef struct
{
  guint tests, only_first, only_second;
} Count;

/* FewCompared of the most shots' first draw by the method of that place; NULL: there is none. */
static const FewCompared *
find_compared (FewDisagreements *self, guint place)
{
  guint n;
  const guint *shots = few_comparison_get_shots (self->comparison, &n);
  if (place >= self->methods->len || n == 0)
    return NULL;
  return few_comparison_find (self->comparison, g_array_index (self->methods, guint, place),
                              shots[n - 1], 1);
}

static void
tell_count (FewDisagreements *self, const Count *count)
{
  /* Translators: disagreements, test pictures, right by the first method alone, by the second
   * alone */
  g_autofree char *text =
      g_strdup_printf (ngettext ("They differ on %u of %u test picture: the first alone is right "
                                 "on %u, the second alone on %u.",
                                 "They differ on %u of %u test pictures: the first alone is right "
                                 "on %u, the second alone on %u.",
                                 count->tests),
                       self->count, count->tests, count->only_first, count->only_second);
  g_autofree char *more = g_strdup_printf (_ ("%s Shown are the first %u."), text, MOST_SHOWN);
  gtk_label_set_text (self->summary, self->count > MOST_SHOWN ? more : text);
}

static void
show_pictures (FewDisagreements *self)
{
  const FewCompared *a = find_compared (self, gtk_drop_down_get_selected (self->first));
  const FewCompared *b = find_compared (self, gtk_drop_down_get_selected (self->second));
  Count count = { 0 };
  clear_pictures (self);
  self->count = 0;
  if (!has_answers (a) || !has_answers (b))
    return;
  for (guint i = 0; i < a->n; i++)
    {
      if (a->roles[i] != FEW_ROLE_TEST)
        continue;
      count.tests++;
      count.only_first += is_right (a, i) && !is_right (b, i);
      count.only_second += is_right (b, i) && !is_right (a, i);
      if (do_agree (a, b, i))
        continue;
      FewPicture *picture = few_examples_get_picture (self->examples, a->ids[i]);
      if (self->count++ < MOST_SHOWN && picture)
        add_picture (self, picture, a, b, i);
    }
  tell_count (self, &count);
}

static void
method_selected_cb (FewDisagreements *self)
{
  if (!self->filling)
    show_pictures (self);
}

/* Lists the methods that have run with the most shots. */
static void
comparison_changed_cb (FewDisagreements *self)
{
  FewComparison *comparison = self->comparison;
  guint n;
  guint before = self->methods->len;
  const guint *shots = few_comparison_get_shots (comparison, &n);
  g_autoptr (GArray) methods = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint m = 0; n > 0 && m < few_comparison_get_n_methods (comparison); m++)
    {
      const FewCompared *one = few_comparison_find (comparison, m, shots[n - 1], 1);
      if (has_answers (one))
        g_array_append_val (methods, m);
    }
  gtk_widget_set_visible (GTK_WIDGET (self), methods->len > 1);
  if (methods->len == before)
    return; /* methods are only ever added to a run, or all taken away */
  g_array_set_size (self->methods, 0);
  g_array_append_vals (self->methods, methods->data, methods->len);
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);
  for (guint i = 0; i < methods->len; i++)
    gtk_string_list_append (
        titles, few_comparison_get_title (comparison, g_array_index (methods, guint, i)));
  self->filling = TRUE;
  gtk_drop_down_set_model (self->first, G_LIST_MODEL (titles));
  gtk_drop_down_set_model (self->second, G_LIST_MODEL (titles));
  if (methods->len > 1)
    gtk_drop_down_set_selected (self->second, methods->len - 1);
  self->filling = FALSE;
  show_pictures (self);
}

static void
few_disagreements_dispose (GObject *object)
{
  FewDisagreements *self = FEW_DISAGREEMENTS (object);
  if (self->session)
    {
      g_signal_handlers_disconnect_by_data (self->comparison, self);
      clear_pictures (self);
    }
  g_clear_object (&self->session);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (few_disagreements_parent_class)->dispose (object);
  g_clear_object (&self->thumbnails);
}

static void
few_disagreements_finalize (GObject *object)
{
  FewDisagreements *self = FEW_DISAGREEMENTS (object);
  g_array_unref (self->methods);
  g_ptr_array_unref (self->wanted);
  G_OBJECT_CLASS (few_disagreements_parent_class)->finalize (object);
}

static void
few_disagreements_class_init (FewDisagreementsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_disagreements_dispose;
  G_OBJECT_CLASS (klass)->finalize = few_disagreements_finalize;
  g_type_ensure (FEW_TYPE_BESIDE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/compare/few-disagreements.ui");
  gtk_widget_class_bind_template_child (widget_class, FewDisagreements, box);
  gtk_widget_class_bind_template_child (widget_class, FewDisagreements, first);
  gtk_widget_class_bind_template_child (widget_class, FewDisagreements, second);
  gtk_widget_class_bind_template_child (widget_class, FewDisagreements, summary);
  gtk_widget_class_bind_template_child (widget_class, FewDisagreements, pictures);
  gtk_widget_class_bind_template_callback (widget_class, method_selected_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_disagreements_init (FewDisagreements *self)
{
  self->methods = g_array_new (FALSE, FALSE, sizeof (guint));
  self->wanted = g_ptr_array_new_with_free_func (g_object_unref);
  gtk_widget_init_template (GTK_WIDGET (self));
  few_drop_down_shrink (self->first);
  few_drop_down_shrink (self->second);
}

void
few_disagreements_set_session (FewDisagreements *self, FewSession *session,
                               FewThumbnails *thumbnails)
{
  g_return_if_fail (FEW_IS_DISAGREEMENTS (self));
  self->session = g_object_ref (session);
  self->examples = few_session_get_examples (session);
  self->comparison = few_session_get_comparison (session);
  self->thumbnails = g_object_ref (thumbnails);
  g_signal_connect_swapped (self->comparison, "changed", G_CALLBACK (comparison_changed_cb), self);
  comparison_changed_cb (self);
}

guint
few_disagreements_get_count (FewDisagreements *self)
{
  g_return_val_if_fail (FEW_IS_DISAGREEMENTS (self), 0);
  return self->count;
}
