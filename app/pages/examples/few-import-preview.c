/* SPDX-License-Identifier: MIT */
/* A message dialog: what there is, what is wrong with it, and to which class it goes. */
#include "pages/examples/few-import-preview.h"
#include "widgets/few-drop-down.h"
#include <glib/gi18n.h>

enum { MOST_NAMES = 4, MOST_LISTED = 12, MOST_REASONS = 3 };

struct _FewImportPreview
{
  AdwMessageDialog parent;
  FewImport *import;
  GListModel *known; /* classes of the project */
  guint number;
  char *folder; /* whose pictures may be asked about one by one; NULL: none */
  GtkWidget *own, *own_row, *join_row, *none, *test, *training, *boxes, *several;
  GtkLabel *own_label;
  GtkCheckButton *join;
  GtkEntry *name;
  GtkDropDown *classes;
};

G_DEFINE_FINAL_TYPE (FewImportPreview, few_import_preview, ADW_TYPE_MESSAGE_DIALOG)

/* ---- words */

/* "a, b, c, d, …" */
static char *
join_names (const GPtrArray *names)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < MIN (names->len, MOST_NAMES); i++)
    g_string_append_printf (text, "%s%s", i ? ", " : "", (const char *) names->pdata[i]);
  if (names->len > MOST_NAMES)
    g_string_append (text, ", …");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* "a (3), b (12), …" */
static char *
join_counts (const FewPlan *plan)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < MIN (plan->classes->len, MOST_LISTED); i++)
    g_string_append_printf (text, "%s%s (%u)", i ? ", " : "",
                            (const char *) plan->classes->pdata[i],
                            g_array_index (plan->counts, guint, i));
  if (plan->classes->len > MOST_LISTED)
    g_string_append (text, ", …");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
count_pictures (guint n)
{
  return g_strdup_printf (ngettext ("%u picture", "%u pictures", n), n);
}

/* "12 pictures", "12 parts of 4 pictures", "3 pictures and 12 parts of 4 pictures" */
static char *
count_what_comes (const FewPlan *plan)
{
  g_autofree char *whole = count_pictures (plan->pictures - plan->parts);
  g_autofree char *files = count_pictures (plan->files);
  g_autofree char *parts =
      /* Translators: "4 pictures" */
      g_strdup_printf (ngettext ("%u part of %s", "%u parts of %s", plan->parts), plan->parts,
                       files);
  if (plan->parts == 0)
    return g_steal_pointer (&whole);
  if (plan->parts == plan->pictures)
    return g_steal_pointer (&parts);
  /* Translators: "3 pictures", "12 parts of 4 pictures" */
  return g_strdup_printf (_ ("%s and %s"), whole, parts);
}

/* Parts are what is added, not the pictures that they are of. */
static char *
write_heading (const FewPlan *plan)
{
  guint whole = plan->pictures - plan->parts;
  if (plan->pictures == 0 && plan->labelled > 0)
    return g_strdup_printf (ngettext ("Label %u Picture?", "Label %u Pictures?", plan->labelled),
                            plan->labelled);
  g_autofree char *files =
      /* Translators: in a title: parts of that many */
      g_strdup_printf (ngettext ("%u Picture", "%u Pictures", plan->files), plan->files);
  if (plan->parts == 0)
    return g_strdup_printf (ngettext ("Add %u Picture?", "Add %u Pictures?", whole), whole);
  if (whole == 0)
    /* Translators: "4 Pictures" */
    return g_strdup_printf (ngettext ("Add %u Part of %s?", "Add %u Parts of %s?", plan->parts),
                            plan->parts, files);
  g_autofree char *parts =
      /* Translators: in a title: "4 Pictures" */
      g_strdup_printf (ngettext ("%u Part of %s", "%u Parts of %s", plan->parts), plan->parts,
                       files);
  /* Translators: "12 Parts of 4 Pictures" */
  return g_strdup_printf (ngettext ("Add %u Picture and %s?", "Add %u Pictures and %s?", whole),
                          whole, parts);
}

/* Where the pictures go. */
static char *
describe_classes (const FewPlan *plan, FewClass *target)
{
  guint made = plan->into_new;
  g_autofree char *what = count_what_comes (plan);
  /* Translators: what pictures become */
  g_autofree char *new = g_strdup_printf (ngettext ("%u new class", "%u new classes", made), made);
  g_autofree char *old = g_strdup_printf (
      /* Translators: what pictures join */
      ngettext ("%u existing class", "%u existing classes", plan->into_old), plan->into_old);
  if (target)
    /* Translators: "12 pictures", a class */
    return g_strdup_printf (_ ("%s for “%s”."), what, few_class_get_name (target));
  if (made > 0 && plan->into_old > 0)
    /* Translators: "12 pictures", "2 new classes", "3 existing classes" */
    return g_strdup_printf (_ ("%s for %s and %s."), what, new, old);
  /* Translators: "12 pictures", "2 new classes" or "3 existing classes" */
  return g_strdup_printf (_ ("%s for %s."), what, made ? new : old);
}

static void
append_line (GString *text, char *line)
{
  g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", line);
  g_free (line);
}

static void
append_reasons (GString *text, const FewPlan *plan)
{
  for (guint i = 0; i < MIN (plan->reasons->len, MOST_REASONS); i++)
    g_string_append_printf (text, "\n%s", (const char *) plan->reasons->pdata[i]);
  if (plan->reasons->len > MOST_REASONS)
    g_string_append (text, "\n…");
}

/* What a split becomes that a file of labels says. */
static char *
describe_listed_split (const FewPlan *plan)
{
  if (plan->testing == 0)
    return g_strdup (_ ("The file says what is for training and what for validation. Here all "
                        "become examples, and Train draws by itself what it chooses by."));
  return g_strdup_printf (ngettext ("The file says what is for testing: %u picture is measured on "
                                    "and never learned from.",
                                    "The file says what is for testing: %u pictures are measured "
                                    "on and never learned from.",
                                    plan->testing),
                          plan->testing);
}

/* What the folders of a split become. */
static char *
describe_split (const FewPlan *plan)
{
  if (plan->listed)
    return describe_listed_split (plan);
  if (plan->testing == 0)
    return g_strdup (_ ("Its folders say what is for training and what for validation. Here all "
                        "become examples, and Train draws by itself what it chooses by."));
  return g_strdup_printf (ngettext ("Its folders say what is for training and what for testing: "
                                    "%u test picture is measured on and never learned from.",
                                    "Its folders say what is for training and what for testing: "
                                    "%u test pictures are measured on and never learned from.",
                                    plan->testing),
                          plan->testing);
}

char *
few_import_preview_describe (const FewPlan *plan, FewClass *target)
{
  g_return_val_if_fail (plan, NULL);
  g_autofree char *first = describe_classes (plan, target);
  g_autofree char *names = join_names (plan->refused);
  gboolean comes = plan->pictures > 0 || plan->labelled == 0;
  g_autoptr (GString) text = g_string_new (comes ? first : NULL);
  if (plan->labelled > 0)
    append_line (text,
                 g_strdup_printf (ngettext ("%u picture of the project gets labels that it has "
                                            "not; it keeps those that it has.",
                                            "%u pictures of the project get labels that they have "
                                            "not; they keep those that they have.",
                                            plan->labelled),
                                  plan->labelled));
  if (plan->known > plan->labelled)
    append_line (text, g_strdup_printf (ngettext ("%u is in the project already.",
                                                  "%u are in the project already.", plan->known),
                                        plan->known));
  if (plan->refused->len > 0)
    append_line (
        text, g_strdup_printf (
                           /* Translators: how many; names of files */
                  ngettext ("%u file is not a picture and is left out: %s.",
                            "%u files are not pictures and are left out: %s.", plan->refused->len),
                  plan->refused->len, names));
  if (plan->several > 0)
    append_line (text,
                 g_strdup_printf (ngettext ("%u picture has several labels.",
                                            "%u pictures have several labels.", plan->several),
                                  plan->several));
  if (plan->has_roles)
    append_line (text, describe_split (plan));
  append_reasons (text, plan);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* ---- the answer */

static FewClass *
get_joined (FewImportPreview *self)
{
  return gtk_check_button_get_active (self->join) ? gtk_drop_down_get_selected_item (self->classes)
                                                  : NULL;
}

static gboolean
is_checked (GtkWidget *button)
{
  return gtk_check_button_get_active (GTK_CHECK_BUTTON (button));
}

/* Whether pictures have any number of labels, now or once they are added. */
static gboolean
takes_any (FewImportPreview *self)
{
  return few_import_is_several (self->import) || is_checked (self->several);
}

/* A box is of one class: with all their labels it is the pictures that are meant. */
static gboolean
has_boxes (FewImportPreview *self)
{
  return is_checked (self->boxes) && !is_checked (self->several);
}

/* What is of no class is not tested on, where a picture has one. */
static void
none_toggled_cb (FewImportPreview *self)
{
  gtk_widget_set_sensitive (self->test, !is_checked (self->none) || takes_any (self));
}

static void
few_import_preview_response (AdwMessageDialog *dialog, const char *response)
{
  FewImportPreview *self = FEW_IMPORT_PREVIEW (dialog);
  guint number = self->number;
  self->number = 0;
  if (number == 0)
    return;
  if (g_str_equal (response, "add"))
    few_import_land (
        self->import, number,
        &(FewDecision) { .into = get_joined (self),
                         .name = gtk_editable_get_text (GTK_EDITABLE (self->name)),
                         .training_only = is_checked (self->training),
                         .none = is_checked (self->none),
                         .test = is_checked (self->test) && gtk_widget_get_sensitive (self->test),
                         .boxes = has_boxes (self),
                         .several = is_checked (self->several) });
  else
    few_import_discard (self->import, number);
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));
  if (parent && g_str_equal (response, "label"))
    gtk_widget_activate_action (GTK_WIDGET (parent), "win.label-next-path", "s", self->folder);
}

/* A class that is chosen is the one that is meant. */
static void
class_chosen_cb (FewImportPreview *self)
{
  gtk_check_button_set_active (self->join, TRUE);
}

static void show_plan (FewImportPreview *self);
static const FewPlan *show_words (FewImportPreview *self);

static void
several_toggled_cb (FewImportPreview *self)
{
  if (self->import && self->number)
    show_plan (self);
}

static void
boxes_toggled_cb (FewImportPreview *self)
{
  if (self->import && self->number)
    show_words (self);
}

/* ---- life */

static void
few_import_preview_dispose (GObject *object)
{
  FewImportPreview *self = FEW_IMPORT_PREVIEW (object);
  if (self->number)
    few_import_discard (self->import, self->number);
  self->number = 0;
  if (self->classes)
    g_signal_handlers_disconnect_by_data (self->classes, self); /* it chooses none as it goes */
  self->classes = NULL;
  g_clear_object (&self->known);
  g_clear_pointer (&self->folder, g_free);
  g_clear_object (&self->import);
  G_OBJECT_CLASS (few_import_preview_parent_class)->dispose (object);
}

static void
few_import_preview_class_init (FewImportPreviewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_import_preview_dispose;
  ADW_MESSAGE_DIALOG_CLASS (klass)->response = few_import_preview_response;
  g_type_ensure (FEW_TYPE_CLASS);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/examples/few-import-preview.ui");
  gtk_widget_class_bind_template_child (widget_class, FewImportPreview, own_row);
  gtk_widget_class_bind_template_child (widget_class, FewImportPreview, training);
  gtk_widget_class_bind_template_child (widget_class, FewImportPreview, boxes);
  gtk_widget_class_bind_template_child (widget_class, FewImportPreview, none);
  gtk_widget_class_bind_template_child (widget_class, FewImportPreview, test);
  gtk_widget_class_bind_template_child (widget_class, FewImportPreview, several);
  gtk_widget_class_bind_template_callback (widget_class, several_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, boxes_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, none_toggled_cb);
  gtk_widget_class_bind_template_child (widget_class, FewImportPreview, own);
  gtk_widget_class_bind_template_child (widget_class, FewImportPreview, own_label);
  gtk_widget_class_bind_template_child (widget_class, FewImportPreview, join_row);
  gtk_widget_class_bind_template_child (widget_class, FewImportPreview, join);
  gtk_widget_class_bind_template_child (widget_class, FewImportPreview, name);
  gtk_widget_class_bind_template_child (widget_class, FewImportPreview, classes);
}

static void
few_import_preview_init (FewImportPreview *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  few_drop_down_shrink (self->classes);
}

/* What becomes of the pictures where nothing else is chosen. */
static char *
describe_own (const FewPlan *plan)
{
  g_autofree char *names = plan->listed ? join_counts (plan) : join_names (plan->classes);
  if (plan->classes->len == 1)
    return g_strdup (_ ("A class of this name"));
  if (plan->listed)
    /* Translators: names of classes with how many pictures each gets */
    return g_strdup_printf (_ ("A class for each label: %s"), names);
  /* Translators: names of classes */
  return g_strdup_printf (_ ("A class for each folder: %s"), names);
}

/* One class can be named here, several have their folders'. A class that it was dropped on is the
 * one that is meant. */
static void
show_choices (FewImportPreview *self, const FewPlan *plan, gboolean others, FewClass *target)
{
  gboolean decided = target != NULL;
  gboolean none = decided && few_class_is_none (target);
  gboolean one = plan->classes->len == 1;
  gboolean split = plan->has_roles && plan->training > 0;
  g_autofree char *own = describe_own (plan);
  gtk_label_set_text (self->own_label, own);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->own), GTK_ACCESSIBLE_PROPERTY_LABEL, own,
                                  -1);
  gtk_editable_set_text (GTK_EDITABLE (self->name), one ? plan->classes->pdata[0] : "");
  gtk_widget_set_visible (GTK_WIDGET (self->name), one);
  gtk_widget_set_visible (self->own_row, !decided);
  gtk_widget_set_visible (self->join_row, !decided && others);
  gtk_widget_set_visible (self->none, !decided && plan->pictures > 0);
  gtk_widget_set_visible (self->test, (!none || takes_any (self)) && plan->pictures > 0);
  gtk_widget_set_visible (self->training, split);
}

/* What a file of labels has in its pictures. */
static void
offer_boxes (FewImportPreview *self, const FewPlan *plan)
{
  g_autofree char *text = g_strdup_printf (
      ngettext ("Use the %u box in the file: it is the example, not its picture",
                "Use the %u boxes in the file: they are the examples, not their pictures",
                plan->boxes),
      plan->boxes);
  gtk_label_set_text (GTK_LABEL (gtk_check_button_get_child (GTK_CHECK_BUTTON (self->boxes))),
                      text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->boxes), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                  -1);
  gtk_widget_set_visible (self->boxes, plan->boxes > 0);
}

/* As pictures are of one class each or, where that is checked, of any number; or their boxes in
 * their place. Returns the pictures'. */
static const FewPlan *
show_words (FewImportPreview *self)
{
  const FewPlan *any = few_import_get_any_plan (self->import, self->number);
  const FewPlan *one = few_import_get_plan (self->import, self->number);
  const FewPlan *boxes = few_import_get_boxes_plan (self->import, self->number);
  const FewPlan *plan = is_checked (self->several) && any ? any : one;
  const FewPlan *comes = has_boxes (self) && boxes ? boxes : plan;
  FewClass *target = few_import_get_target (self->import, self->number);
  g_autofree char *body = few_import_preview_describe (comes, target);
  g_autofree char *heading = write_heading (comes);
  gboolean labels = comes->pictures == 0 && comes->labelled > 0;
  adw_message_dialog_set_heading (ADW_MESSAGE_DIALOG (self), heading);
  adw_message_dialog_set_response_label (ADW_MESSAGE_DIALOG (self), "add",
                                         labels ? _ ("_Label") : _ ("_Add"));
  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (self), body);
  gtk_widget_set_sensitive (self->boxes, plan == one);
  return plan;
}

static void
show_plan (FewImportPreview *self)
{
  const FewPlan *plan = show_words (self);
  FewClass *target = few_import_get_target (self->import, self->number);
  show_choices (self, plan, g_list_model_get_n_items (self->known) > 0, target);
  none_toggled_cb (self);
}

/* Labels that would be lost are kept where nothing else can be. */
static void
offer_several (FewImportPreview *self)
{
  const FewPlan *any = few_import_get_any_plan (self->import, self->number);
  const FewPlan *one = few_import_get_plan (self->import, self->number);
  gtk_widget_set_visible (self->several, any != NULL);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->several), any && one->pictures == 0);
  gtk_widget_set_sensitive (self->several, one->pictures > 0);
}

/* The class in view is what a person most likely means for pictures without a folder. */
static void
choose_class (FewImportPreview *self, GListModel *classes, FewClass *klass)
{
  guint position;
  gtk_drop_down_set_model (self->classes, classes);
  if (klass && g_list_store_find (G_LIST_STORE (classes), klass, &position))
    gtk_drop_down_set_selected (self->classes, position);
  g_signal_connect_swapped (self->classes, "notify::selected", G_CALLBACK (class_chosen_cb), self);
}

/* One folder of pictures beside classes that there are: its pictures may be of any of them. */
static void
offer_labelling (FewImportPreview *self, const FewPlan *plan, guint n_classes, FewClass *target)
{
  if (target || !plan->folder || plan->listed || plan->has_roles || plan->joined > 0
      || n_classes < 2 || few_import_is_several (self->import))
    return;
  self->folder = g_strdup (plan->folder);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (self), "label", _ ("_Label Them Next…"));
}

GtkWindow *
few_import_preview_new (GtkWindow *parent, FewSession *session, guint number, FewClass *klass)
{
  g_return_val_if_fail (FEW_IS_SESSION (session), NULL);
  FewImport *import = few_session_get_import (session);
  const FewPlan *plan = few_import_get_plan (import, number);
  g_return_val_if_fail (plan, NULL);
  FewImportPreview *self = g_object_new (FEW_TYPE_IMPORT_PREVIEW, "transient-for", parent, "modal",
                                         TRUE, "destroy-with-parent", TRUE, NULL);
  FewClass *target = few_import_get_target (import, number);
  GListModel *classes = few_examples_get_classes (few_session_get_examples (session));
  self->import = g_object_ref (import);
  self->known = g_object_ref (classes);
  self->number = number;
  offer_several (self);
  show_plan (self);
  offer_boxes (self, plan);
  choose_class (self, classes, klass);
  offer_labelling (self, plan, g_list_model_get_n_items (classes), target);
  return GTK_WINDOW (self);
}
