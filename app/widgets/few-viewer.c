/* SPDX-License-Identifier: MIT */
/* A picture large, the facts about it, and the keys that go on, zoom and relabel. */
#include "widgets/few-viewer.h"
#include "base/few-turns.h"
#include "session/few-boxes.h"
#include "session/few-said.h"
#include "widgets/few-box-bar.h"
#include "widgets/few-dialog.h"
#include "widgets/few-drop-down.h"
#include "widgets/few-beside.h"
#include "widgets/few-label-menu.h"
#include "widgets/few-large-picture.h"
#include "widgets/few-look-bar.h"
#include "widgets/few-picture-actions.h"
#include "widgets/few-picture-words.h"
#include "widgets/few-ranking.h"
#include "widgets/few-toasts.h"
#include <glib/gi18n.h>

/* Pixels of the longer side: more than a screen has, less than a camera's. */
enum { SIDE = 3000 };

struct _FewViewer
{
  AdwWindow parent;
  FewSession *session;
  GPtrArray *pictures; /* FewPicture */
  guint at;
  FewLargePicture *image;
  GtkWidget *scroller; /* around it */
  GtkLabel *facts;
  GtkDropDown *classes; /* of one class each; otherwise the button */
  GtkMenuButton *labels;
  GtkWidget *previous, *next;
  GtkToggleButton *whole, *look;
  GtkRevealer *look_revealer;
  FewLookBar *look_bar;
  GtkToggleButton *box;
  GtkRevealer *box_revealer;
  FewBoxBar *box_bar;
  gboolean showing; /* what the drop down says is not chosen by a person */
};

G_DEFINE_FINAL_TYPE (FewViewer, few_viewer, ADW_TYPE_WINDOW)

static FewPicture *
get_picture (FewViewer *self)
{
  return self->pictures->pdata[self->at];
}

/* NULL: nothing is said of it yet. */
static char *
name_answer (FewView *view, guint row)
{
  if (few_view_is_several (view))
    return few_said_names (view, row);
  return g_strdup (
      few_class_get_name (few_view_get_class (view, few_view_get_predicted (view)[row])));
}

/* "… · recognised as nut · 3 of 24", in the order in which one asks. */
static void
update_facts (FewViewer *self)
{
  FewPicture *picture = get_picture (self);
  FewView *view = few_session_get_view (self->session);
  int row = few_view_get_row (view, picture);
  g_autofree char *path = g_filename_display_name (few_picture_get_path (picture));
  g_autoptr (GString) text = g_string_new (path);
  if (few_picture_words (picture))
    g_string_append_printf (text, " · %s", few_picture_words (picture));
  g_autofree char *answer = row >= 0 ? name_answer (view, (guint) row) : NULL;
  if (answer)
    {
      g_string_append (text, " · ");
      /* Translators: the class that a picture is taken for */
      g_string_append_printf (text, _ ("recognised as “%s”"), answer);
    }
  g_string_append (text, " · ");
  /* Translators: the third of 24 pictures */
  g_string_append_printf (text, _ ("%u of %u"), self->at + 1, self->pictures->len);
  gtk_label_set_text (self->facts, text->str);
}

static void
update_class (FewViewer *self)
{
  GListModel *classes = few_examples_get_classes (few_session_get_examples (self->session));
  guint at = GTK_INVALID_LIST_POSITION;
  g_autofree char *names = few_picture_name_classes (get_picture (self));
  gtk_label_set_text (GTK_LABEL (gtk_menu_button_get_child (self->labels)), names);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->labels), names);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->labels),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, names, -1);
  g_list_store_find (G_LIST_STORE (classes), few_picture_get_class (get_picture (self)), &at);
  self->showing = TRUE;
  gtk_drop_down_set_selected (self->classes, at);
  self->showing = FALSE;
}

static void
update_look (FewViewer *self)
{
  gboolean wanted = gtk_toggle_button_get_active (self->look);
  gtk_revealer_set_reveal_child (self->look_revealer, wanted);
  few_look_bar_set_picture (self->look_bar, wanted ? get_picture (self) : NULL);
}

/* The whole picture to draw in, or what it is. */
static void
update_box (FewViewer *self)
{
  gboolean wanted = gtk_toggle_button_get_active (self->box);
  gtk_revealer_set_reveal_child (self->box_revealer, wanted);
  few_box_bar_set_picture (self->box_bar, wanted ? get_picture (self) : NULL);
}

static void
look_toggled_cb (FewViewer *self)
{
  if (!self->session)
    return;
  if (gtk_toggle_button_get_active (self->look))
    gtk_toggle_button_set_active (self->box, FALSE); /* it looks at the part alone */
  update_look (self);
}

static void
box_toggled_cb (FewViewer *self)
{
  if (!self->session)
    return;
  if (gtk_toggle_button_get_active (self->box))
    gtk_toggle_button_set_active (self->look, FALSE);
  update_box (self);
  if (!gtk_toggle_button_get_active (self->box))
    few_large_picture_show (self->image, get_picture (self));
}

static void
show_picture (FewViewer *self, guint at)
{
  if (at >= self->pictures->len)
    return;
  self->at = at;
  const char *name = few_picture_get_name (get_picture (self));
  gtk_window_set_title (GTK_WINDOW (self), name);
  /* keys scroll it: it is what has the focus */
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scroller), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
  gtk_widget_set_sensitive (self->previous, at > 0);
  gtk_widget_set_sensitive (self->next, at + 1 < self->pictures->len);
  few_large_picture_show (self->image, get_picture (self));
  update_facts (self);
  update_class (self);
  update_look (self);
  if (gtk_toggle_button_get_active (self->box))
    update_box (self);
}

/* What is in view is the part from now on. */
static void
part_chosen_cb (FewViewer *self)
{
  FewExamples *examples = few_session_get_examples (self->session);
  const FewCrop *crop = few_box_bar_get_crop (self->box_bar);
  FewPicture *part = few_boxes_use_part (examples, get_picture (self), crop);
  if (part)
    {
      g_object_unref (self->pictures->pdata[self->at]);
      self->pictures->pdata[self->at] = g_object_ref (part);
      few_toasts_say_undoable (gtk_window_get_transient_for (GTK_WINDOW (self)),
                               few_crop_is_whole (crop) ? _ ("The whole picture is used")
                                                        : _ ("A part of the picture is used"),
                               few_session_get_step (self->session));
    }
  gtk_toggle_button_set_active (self->box, FALSE);
  show_picture (self, self->at);
}

static void
previous_cb (FewViewer *self)
{
  if (self->at > 0)
    show_picture (self, self->at - 1);
}

static void
next_cb (FewViewer *self)
{
  show_picture (self, self->at + 1);
}

static void
zoom_toggled_cb (FewViewer *self)
{
  few_large_picture_set_fits (self->image, !gtk_toggle_button_get_active (self->whole));
}

static gboolean
is_several (FewViewer *self)
{
  return few_examples_is_several (few_session_get_examples (self->session));
}

static void
choose_class (FewViewer *self, FewClass *klass)
{
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  if (!is_several (self) && klass == few_picture_get_class (get_picture (self)))
    return;
  g_ptr_array_add (one, get_picture (self));
  few_picture_actions_toggle (gtk_window_get_transient_for (GTK_WINDOW (self)), self->session, one,
                              klass);
  update_facts (self);
  update_class (self);
}

static void
move_to (FewViewer *self, guint class_index)
{
  FewExamples *examples = few_session_get_examples (self->session);
  g_autoptr (FewClass) klass =
      g_list_model_get_item (few_examples_get_classes (examples), class_index);
  if (klass)
    choose_class (self, klass);
}

static void
toggled_cb (FewClass *klass, gpointer user)
{
  choose_class (user, klass);
}

static void
create_labels (GtkMenuButton *button, gpointer user)
{
  FewViewer *self = user;
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  g_ptr_array_add (one, get_picture (self));
  g_autoptr (GMenuModel) menu = few_label_menu_create (
      GTK_WIDGET (button), few_examples_get_classes (few_session_get_examples (self->session)), one,
      toggled_cb, user);
  gtk_menu_button_set_menu_model (button, menu);
}

static void
class_selected_cb (FewViewer *self)
{
  if (!self->showing && self->session)
    move_to (self, gtk_drop_down_get_selected (self->classes));
}

/* ---- keys */

static gboolean
step_cb (GtkWidget *widget, GVariant *by, gpointer user)
{
  if (g_variant_get_int32 (by) < 0)
    previous_cb (FEW_VIEWER (widget));
  else
    next_cb (FEW_VIEWER (widget));
  return TRUE;
}

static gboolean
zoom_cb (GtkWidget *widget, GVariant *arguments, gpointer user)
{
  GtkToggleButton *whole = FEW_VIEWER (widget)->whole;
  gtk_toggle_button_set_active (whole, !gtk_toggle_button_get_active (whole));
  return TRUE;
}

static gboolean
box_cb (GtkWidget *widget, GVariant *arguments, gpointer user)
{
  GtkToggleButton *box = FEW_VIEWER (widget)->box;
  gtk_toggle_button_set_active (box, !gtk_toggle_button_get_active (box));
  return TRUE;
}

/* 1–9: the picture joins that class, or loses it where it may have several. */
static gboolean
move_cb (GtkWidget *widget, GVariant *class_number, gpointer user)
{
  move_to (FEW_VIEWER (widget), (guint) g_variant_get_int32 (class_number) - 1);
  return TRUE;
}

static void
add_bindings (GtkWidgetClass *widget_class)
{
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Left, 0, step_cb, "i", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Right, 0, step_cb, "i", 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Page_Up, 0, step_cb, "i", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Page_Down, 0, step_cb, "i", 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_z, 0, zoom_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_b, 0, box_cb, NULL);
  for (guint i = 1; i <= 9; i++)
    gtk_widget_class_add_binding (widget_class, GDK_KEY_0 + i, 0, move_cb, "i", (int) i);
}

/* ---- life */

static void
few_viewer_dispose (GObject *object)
{
  FewViewer *self = FEW_VIEWER (object);
  g_clear_object (&self->session);
  g_clear_pointer (&self->pictures, g_ptr_array_unref);
  G_OBJECT_CLASS (few_viewer_parent_class)->dispose (object);
}

static void
few_viewer_class_init (FewViewerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_viewer_dispose;
  g_type_ensure (FEW_TYPE_LARGE_PICTURE);
  g_type_ensure (FEW_TYPE_LOOK_BAR);
  g_type_ensure (FEW_TYPE_BOX_BAR);
  g_type_ensure (FEW_TYPE_BESIDE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fewshot/Fewshot/widgets/few-viewer.ui");
  gtk_widget_class_bind_template_child (widget_class, FewViewer, image);
  gtk_widget_class_bind_template_child (widget_class, FewViewer, scroller);
  gtk_widget_class_bind_template_child (widget_class, FewViewer, facts);
  gtk_widget_class_bind_template_child (widget_class, FewViewer, classes);
  gtk_widget_class_bind_template_child (widget_class, FewViewer, labels);
  gtk_widget_class_bind_template_child (widget_class, FewViewer, previous);
  gtk_widget_class_bind_template_child (widget_class, FewViewer, next);
  gtk_widget_class_bind_template_child (widget_class, FewViewer, whole);
  gtk_widget_class_bind_template_child (widget_class, FewViewer, look);
  gtk_widget_class_bind_template_child (widget_class, FewViewer, look_revealer);
  gtk_widget_class_bind_template_child (widget_class, FewViewer, look_bar);
  gtk_widget_class_bind_template_child (widget_class, FewViewer, box);
  gtk_widget_class_bind_template_child (widget_class, FewViewer, box_revealer);
  gtk_widget_class_bind_template_child (widget_class, FewViewer, box_bar);
  gtk_widget_class_bind_template_callback (widget_class, box_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, part_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, look_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, previous_cb);
  gtk_widget_class_bind_template_callback (widget_class, next_cb);
  gtk_widget_class_bind_template_callback (widget_class, zoom_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, class_selected_cb);
  add_bindings (widget_class);
}

static void
few_viewer_init (FewViewer *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  few_drop_down_shrink (self->classes);
  gtk_menu_button_set_create_popup_func (self->labels, create_labels, self, NULL);
}

static void
list_classes (FewViewer *self)
{
  GListModel *classes = few_examples_get_classes (few_session_get_examples (self->session));
  g_autoptr (GtkExpression) name = gtk_property_expression_new (FEW_TYPE_CLASS, NULL, "name");
  self->showing = TRUE;
  gtk_drop_down_set_expression (self->classes, name);
  gtk_drop_down_set_model (self->classes, classes);
  self->showing = FALSE;
  gtk_widget_set_visible (GTK_WIDGET (self->classes), !is_several (self));
  gtk_widget_set_visible (GTK_WIDGET (self->labels), is_several (self));
}

static GPtrArray *
copy_pictures (GListModel *model)
{
  GPtrArray *pictures = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (model, i);
      gpointer picture = FEW_IS_SLOT (item) ? few_slot_get_item (FEW_SLOT (item)) : item;
      g_ptr_array_add (pictures, g_object_ref (picture));
    }
  return pictures;
}

/* The focus is not the path's, which can be chosen from and would take the arrows. */
static void
present (gpointer window)
{
  gtk_window_set_focus (window, GTK_WIDGET (FEW_VIEWER (window)->whole));
  gtk_window_present (window);
}

/* One that was asked for in the same turn is not in view yet. */
static gboolean
is_open (GtkWindow *parent)
{
  GListModel *windows = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);
      if (FEW_IS_VIEWER (window) && gtk_window_get_transient_for (window) == parent)
        return TRUE;
    }
  return FALSE;
}

/* It comes into view once the click that asked for it is over: the tile below a window that takes
 * the pointer in between would look pressed from then on. */
void
few_viewer_open (GtkWindow *parent, FewSession *session, GListModel *pictures, guint position)
{
  g_return_if_fail (GTK_IS_WINDOW (parent) && FEW_IS_SESSION (session));
  g_return_if_fail (position < g_list_model_get_n_items (pictures));
  if (is_open (parent))
    return;
  FewViewer *self = g_object_new (FEW_TYPE_VIEWER, "modal", TRUE, NULL);
  few_dialog_attach (GTK_WINDOW (self), parent);
  self->session = g_object_ref (session);
  self->pictures = copy_pictures (pictures);
  few_large_picture_set_session (self->image, session, SIDE);
  few_look_bar_set_session (self->look_bar, session, self->image);
  few_box_bar_set_target (self->box_bar, self->image);
  list_classes (self);
  show_picture (self, position);
  few_turns_add (self, present);
}
