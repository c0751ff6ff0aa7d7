/* SPDX-License-Identifier: MIT */
/* The page of examples. */
#include "pages/examples/few-examples-page.h"
#include "base/few-settings.h"
#include "pages/examples/few-check-window.h"
#include "pages/examples/few-class-list.h"
#include "pages/examples/few-examples-model.h"
#include "pages/examples/few-same-prompts.h"
#include "pages/examples/few-show-returned.h"
#include "pages/examples/few-split-line.h"
#include "widgets/few-beside.h"
#include "widgets/few-chosen.h"
#include "widgets/few-gradual.h"
#include "widgets/few-picture-menu.h"
#include "widgets/few-tile.h"
#include "widgets/few-use-words.h"
#include "widgets/few-viewer.h"
#include "widgets/few-wrap.h"
#include "widgets/few-zoom.h"
#include <adwaita.h>
#include <glib/gi18n.h>

struct _FewExamplesPage
{
  GtkWidget parent;
  FewSession *session;
  FewExamples *examples; /* the session's */
  FewImport *import; /* the session's */
  FewView *view; /* the session's */
  FewThumbnails *thumbnails; /* the window's */
  FewDesk *desk; /* the session's */
  FewClass *klass;
  GtkWidget *class_list, *box;
  GtkStack *stack;
  GtkRevealer *editor;
  GtkLabel *alike, *unread, *facts;
  FewSplitLine *split;
  GtkEntry *name, *prompt;
  GtkWidget *bar, *chosen, *train;
  GtkButton *move;
  GtkGridView *grid;
  FewExamplesModel *model;
  int width; /* the window's */
  GtkMultiSelection *selection;
};

enum { PROP_SHOWN_CLASS = 1, N_PROPERTIES };
static GParamSpec *properties[N_PROPERTIES];

static void few_examples_page_iface_init (FewPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FewExamplesPage, few_examples_page, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (FEW_TYPE_PAGE, few_examples_page_iface_init))

/* The class in view, unless it stands for pictures that have none: those have no name to edit. */
static FewClass *
get_named_class (FewExamplesPage *self)
{
  return self->klass && !few_class_is_none (self->klass) ? self->klass : NULL;
}

static gboolean
shows_picture (FewPicture *picture, gpointer user)
{
  FewExamplesPage *self = user;
  return few_picture_get_state (picture) != FEW_PICTURE_REFUSED
         && (!self->klass || few_picture_has_class (picture, self->klass));
}

/* All classes, one after the other; of one, or where pictures are of several, as they came. */
static guint
rank_picture (FewPicture *picture, gpointer user)
{
  FewExamplesPage *self = user;
  FewClass *klass = few_picture_get_class (picture);
  gboolean ranked = klass && !self->klass && !few_examples_is_several (self->examples);
  return ranked ? few_class_get_id (klass) : 0;
}

static void
update_stack (FewExamplesPage *self)
{
  gboolean empty = g_list_model_get_n_items (G_LIST_MODEL (self->selection)) == 0;
  const char *nothing = self->klass ? "empty-class" : "empty";
  gtk_stack_set_visible_child_name (self->stack, empty ? nothing : "grid");
}

/* What can be done with what is chosen; or what there is, and the way on. */
static void
update_bar_cb (FewExamplesPage *self)
{
  guint selected = few_chosen_count (GTK_SELECTION_MODEL (self->selection));
  guint classes = g_list_model_get_n_items (few_examples_get_classes (self->examples));
  guint pictures = few_examples_count_labelled (self->examples);
  g_autofree char *of_pictures =
      g_strdup_printf (ngettext ("%u picture", "%u pictures", pictures), pictures);
  /* Translators: "12 pictures in 3 classes" */
  g_autofree char *all = g_strdup_printf (ngettext ("%s in %u class", "%s in %u classes", classes),
                                          of_pictures, classes);
  g_autofree char *some =
      g_strdup_printf (ngettext ("%u picture chosen", "%u pictures chosen", selected), selected);
  g_autofree char *uses = few_use_words (self->examples);
  g_autofree char *facts = g_strjoin (", ", all, uses, NULL);
  gtk_label_set_text (self->facts, selected ? some : facts);
  gtk_widget_set_visible (self->chosen, selected > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->split), selected == 0);
  gtk_widget_set_visible (self->train, selected == 0);
  gtk_widget_set_visible (self->bar, pictures > 0 || uses);
}

/* What is no longer shown is no longer chosen, which the selection does not tell. */
static void
shown_changed_cb (FewExamplesPage *self)
{
  update_stack (self);
  if (gtk_widget_get_visible (self->chosen))
    update_bar_cb (self);
}

/* Unless somebody is typing there. */
static void
show_text (GtkEntry *entry, const char *text)
{
  if (!gtk_widget_has_focus (GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (entry)))))
    gtk_editable_set_text (GTK_EDITABLE (entry), text ? text : "");
}

/* Beside the names: whether the model can read what stands for the class. */
static void
show_unread_cb (FewExamplesPage *self)
{
  const FewModelInfo *model = self->session ? few_desk_get_model (self->desk) : NULL;
  g_autofree char *text = few_unread_words (model, get_named_class (self));
  gtk_label_set_text (self->unread, text ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->unread), text != NULL);
}

static void
show_texts (FewExamplesPage *self)
{
  show_unread_cb (self);
  if (!self->klass)
    return;
  show_text (self->name, few_class_get_name (self->klass));
  show_text (self->prompt, few_class_get_prompt (self->klass));
  gtk_entry_set_placeholder_text (self->prompt, few_examples_get_template (self->examples));
  gtk_widget_remove_css_class (GTK_WIDGET (self->name), "error");
}

static void
examples_changed_cb (FewExamplesPage *self)
{
  show_texts (self);
  few_examples_model_update (self->model); /* pictures may have moved, or are none */
  FewClass *named = get_named_class (self);
  GListStore *classes = G_LIST_STORE (few_examples_get_classes (self->examples));
  if (named && !g_list_store_find (classes, named, NULL))
    few_examples_page_set_class (self, NULL);
  update_stack (self);
  update_bar_cb (self);
  few_several_name_button (self->move, self->examples);
}

/* While a run is under way the texts stay as they were. */
static void
snapshot_cb (FewExamplesPage *self)
{
  FewSnapshot *snapshot = few_view_get_snapshot (self->view);
  const FewSnapshotInfo *info = snapshot ? few_snapshot_info (snapshot) : NULL;
  if (info && info->trained && info->epoch < info->epochs)
    return;
  g_autofree char *text = few_same_prompts_words (self->view);
  gtk_label_set_text (self->alike, text ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->alike), text != NULL);
}

/* The class in view may be one that was just removed. */
static gboolean
can_edit (FewExamplesPage *self)
{
  return self->klass
         && g_list_store_find (G_LIST_STORE (few_examples_get_classes (self->examples)),
                               self->klass, NULL);
}

/* FALSE: another class has that name, or it is none. */
static gboolean
apply_name (FewExamplesPage *self)
{
  return !can_edit (self)
         || few_examples_rename_class (self->examples, self->klass,
                                       gtk_editable_get_text (GTK_EDITABLE (self->name)));
}

static void
apply_prompt (FewExamplesPage *self)
{
  if (can_edit (self))
    few_examples_set_prompt (self->examples, self->klass,
                             gtk_editable_get_text (GTK_EDITABLE (self->prompt)));
}

static void
name_activated_cb (FewExamplesPage *self)
{
  if (apply_name (self))
    gtk_widget_remove_css_class (GTK_WIDGET (self->name), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->name), "error");
}

static void
prompt_activated_cb (FewExamplesPage *self)
{
  apply_prompt (self);
}

/* What was typed counts without Enter, too. A name that cannot be goes back to what it was. */
static void
name_left_cb (FewExamplesPage *self)
{
  if (apply_name (self))
    return;
  g_autofree char *text = g_strdup_printf (
      /* Translators: a name, twice */
      _ ("“%s” is the name of another class, or is none: this one is still “%s”."),
      gtk_editable_get_text (GTK_EDITABLE (self->name)), few_class_get_name (self->klass));
  few_session_say (self->session, text);
  gtk_editable_set_text (GTK_EDITABLE (self->name), few_class_get_name (self->klass));
  gtk_widget_remove_css_class (GTK_WIDGET (self->name), "error");
}

static void
prompt_left_cb (FewExamplesPage *self)
{
  apply_prompt (self);
}

static void
watch_focus (FewExamplesPage *self, GtkEntry *entry, GCallback left)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();
  g_signal_connect_swapped (focus, "leave", left, self);
  gtk_widget_add_controller (GTK_WIDGET (entry), focus);
}

static void
view_at_cb (FewExamplesPage *self, guint position)
{
  few_viewer_open (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->session,
                   G_LIST_MODEL (self->selection), position);
}

static void
zoomed_cb (FewExamplesPage *self)
{
  few_tiles_fit (self->grid, self->width);
}

static void
few_examples_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_object (value, FEW_EXAMPLES_PAGE (object)->klass);
}

static void
few_examples_page_dispose (GObject *object)
{
  FewExamplesPage *self = FEW_EXAMPLES_PAGE (object);
  if (self->session)
    {
      g_signal_handlers_disconnect_by_data (self->desk, self);
      g_signal_handlers_disconnect_by_data (self->examples, self);
      g_signal_handlers_disconnect_by_data (self->view, self);
      g_signal_handlers_disconnect_by_data (self->class_list, self);
      g_signal_handlers_disconnect_by_data (self->selection, self);
    }
  g_clear_object (&self->class_list);
  g_clear_object (&self->session);
  g_clear_object (&self->klass);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (few_examples_page_parent_class)->dispose (object);
}

static void
few_examples_page_class_init (FewExamplesPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_examples_page_dispose;
  G_OBJECT_CLASS (klass)->get_property = few_examples_page_get_property;
  g_type_ensure (FEW_TYPE_BESIDE);
  g_type_ensure (FEW_TYPE_SPLIT_LINE);
  properties[PROP_SHOWN_CLASS] = g_param_spec_object ("shown-class", NULL, NULL, FEW_TYPE_CLASS,
                                                      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPERTIES, properties);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/examples/few-examples-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FewExamplesPage, box);
  gtk_widget_class_bind_template_child (widget_class, FewExamplesPage, stack);
  gtk_widget_class_bind_template_child (widget_class, FewExamplesPage, editor);
  gtk_widget_class_bind_template_child (widget_class, FewExamplesPage, alike);
  gtk_widget_class_bind_template_child (widget_class, FewExamplesPage, unread);
  gtk_widget_class_bind_template_child (widget_class, FewExamplesPage, name);
  gtk_widget_class_bind_template_child (widget_class, FewExamplesPage, prompt);
  gtk_widget_class_bind_template_child (widget_class, FewExamplesPage, facts);
  gtk_widget_class_bind_template_child (widget_class, FewExamplesPage, split);
  gtk_widget_class_bind_template_child (widget_class, FewExamplesPage, bar);
  gtk_widget_class_bind_template_child (widget_class, FewExamplesPage, chosen);
  gtk_widget_class_bind_template_child (widget_class, FewExamplesPage, move);
  gtk_widget_class_bind_template_child (widget_class, FewExamplesPage, train);
  gtk_widget_class_bind_template_child (widget_class, FewExamplesPage, grid);
  gtk_widget_class_bind_template_callback (widget_class, view_at_cb);
  gtk_widget_class_bind_template_callback (widget_class, name_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, prompt_activated_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_examples_page_init (FewExamplesPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  few_wrap_buttons (GTK_WIDGET (self));
  watch_focus (self, self->name, G_CALLBACK (name_left_cb));
  watch_focus (self, self->prompt, G_CALLBACK (prompt_left_cb));
}

static void
few_examples_page_set_session (FewPage *page, FewSession *session, FewThumbnails *thumbnails)
{
  FewExamplesPage *self = FEW_EXAMPLES_PAGE (page);
  self->session = g_object_ref (session);
  self->thumbnails = thumbnails;
  self->examples = few_session_get_examples (session);
  self->import = few_session_get_import (session);
  self->view = few_session_get_view (session);
  self->desk = few_session_get_desk (session);
  self->model = few_examples_model_new (self->examples,
                                        &(FewArrangement) { shows_picture, rank_picture, self });
  self->selection = gtk_multi_selection_new (
      few_gradual_new (G_LIST_MODEL (self->model), GTK_WIDGET (self->grid)));
  g_signal_connect_swapped (self->selection, "items-changed", G_CALLBACK (shown_changed_cb), self);
  g_autoptr (GtkListItemFactory) factory =
      few_tile_factory_headed (session, thumbnails, G_LIST_MODEL (self->selection));
  gtk_grid_view_set_factory (self->grid, factory);
  gtk_grid_view_set_model (self->grid, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_object (self->selection, "items-changed", /* behind the grid, which hears it */
                           G_CALLBACK (few_tiles_update_headings), self->grid, G_CONNECT_SWAPPED);
  few_picture_menu_install (self->grid, self->examples);
  few_show_returned_install (self->grid, self->model, session);
  few_zoom_install (self->grid);
  g_signal_connect_object (few_settings (), "changed::tile-side", G_CALLBACK (zoomed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->selection, "selection-changed", G_CALLBACK (update_bar_cb), self);
  self->class_list = g_object_ref_sink (few_class_list_new (session, thumbnails));
  g_signal_connect_swapped (self->class_list, "chosen", G_CALLBACK (few_examples_page_set_class),
                            self);
  g_signal_connect_swapped (self->examples, "changed", G_CALLBACK (examples_changed_cb), self);
  g_signal_connect_swapped (self->view, "snapshot", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (self->desk, "notify::model", G_CALLBACK (show_unread_cb), self);
  few_split_line_set_session (self->split, session);
  examples_changed_cb (self);
}

static void
few_examples_page_set_width (FewPage *page, int width)
{
  FewExamplesPage *self = FEW_EXAMPLES_PAGE (page);
  self->width = width;
  few_tiles_fit (self->grid, width);
}

static GtkWidget *
few_examples_page_get_sidebar (FewPage *page)
{
  return FEW_EXAMPLES_PAGE (page)->class_list;
}

static gboolean
has_folder (const char *const *paths)
{
  for (guint i = 0; paths[i]; i++)
    if (g_file_test (paths[i], G_FILE_TEST_IS_DIR))
      return TRUE;
  return FALSE;
}

/* Pictures join the class in view. What a folder is meant for where there are classes, or a picture
 * without one, is asked. */
static void
few_examples_page_take (FewPage *page, const char *const *paths, gboolean pasted)
{
  FewExamplesPage *self = FEW_EXAMPLES_PAGE (page);
  gboolean joins = pasted || !has_folder (paths);
  guint n = g_list_model_get_n_items (few_examples_get_classes (self->examples));
  few_import_propose (self->import, paths, joins ? self->klass : NULL,
                      joins ? !self->klass : n > 0);
}

static GPtrArray *
few_examples_page_get_chosen (FewPage *page)
{
  return few_chosen_get (GTK_SELECTION_MODEL (FEW_EXAMPLES_PAGE (page)->selection));
}

static void
few_examples_page_view_chosen (FewPage *page)
{
  FewExamplesPage *self = FEW_EXAMPLES_PAGE (page);
  g_autoptr (GtkBitset) set =
      gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  if (!gtk_bitset_is_empty (set))
    view_at_cb (self, gtk_bitset_get_minimum (set));
}

static void
few_examples_page_iface_init (FewPageInterface *iface)
{
  iface->name = "examples";
  iface->title = N_ ("Examples");
  iface->icon_name = "view-grid-symbolic";
  iface->has_classes = TRUE;
  iface->set_session = few_examples_page_set_session;
  iface->set_width = few_examples_page_set_width;
  iface->get_sidebar = few_examples_page_get_sidebar;
  iface->take = few_examples_page_take;
  iface->get_chosen = few_examples_page_get_chosen;
  iface->view_chosen = few_examples_page_view_chosen;
}

void
few_examples_page_set_class (FewExamplesPage *self, FewClass *klass)
{
  g_return_if_fail (FEW_IS_EXAMPLES_PAGE (self));
  g_return_if_fail (!klass || FEW_IS_CLASS (klass));
  if (klass == self->klass)
    return;
  name_left_cb (self);
  prompt_left_cb (self);
  g_set_object (&self->klass, klass);
  few_view_set_focus (self->view, get_named_class (self));
  gtk_revealer_set_reveal_child (self->editor, get_named_class (self) != NULL);
  show_texts (self);
  few_examples_model_update (self->model);
  few_tiles_update_headings (self->grid);
  update_stack (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOWN_CLASS]);
}

void
few_examples_page_select_class (FewExamplesPage *self, int index)
{
  g_return_if_fail (FEW_IS_EXAMPLES_PAGE (self));
  few_class_list_select (FEW_CLASS_LIST (self->class_list), index);
}

void
few_examples_page_edit_name (FewExamplesPage *self)
{
  g_return_if_fail (FEW_IS_EXAMPLES_PAGE (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->name));
  gtk_editable_select_region (GTK_EDITABLE (self->name), 0, -1);
}

void
few_examples_page_edit_prompt (FewExamplesPage *self)
{
  g_return_if_fail (FEW_IS_EXAMPLES_PAGE (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->prompt));
}

FewClass *
few_examples_page_get_class (FewExamplesPage *self)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES_PAGE (self), NULL);
  return self->klass;
}

GtkWindow *
few_examples_page_check (FewExamplesPage *self)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES_PAGE (self), NULL);
  GtkWindow *parent = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
  return GTK_WINDOW (few_check_window_new (parent, self->session, self->thumbnails));
}
