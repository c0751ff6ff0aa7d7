/* SPDX-License-Identifier: MIT */
/* The page of examples. */
#include "pages/examples/few-examples-page.h"
#include "pages/examples/few-class-list.h"
#include "pages/examples/few-same-prompts.h"
#include "widgets/few-tile.h"
#include <adwaita.h>
#include <glib/gi18n.h>

struct _FewExamplesPage
{
  GtkWidget parent;
  FewSession *session;
  FewExamples *examples; /* the session's */
  FewImport *import; /* the session's */
  FewView *view; /* the session's */
  FewDesk *desk; /* the session's */
  FewClass *klass;
  GtkWidget *class_list;
  GtkWidget *box;
  GtkStack *stack;
  GtkRevealer *editor;
  GtkLabel *alike, *unread;
  GtkEntry *name, *prompt;
  GtkGridView *grid;
  GtkCustomFilter *filter;
  GtkMultiSelection *selection;
};

enum { PROP_SHOWN_CLASS = 1, N_PROPERTIES };
static GParamSpec *properties[N_PROPERTIES];

static void few_examples_page_iface_init (FewPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FewExamplesPage, few_examples_page, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (FEW_TYPE_PAGE, few_examples_page_iface_init))

static gboolean
shows_picture (gpointer item, gpointer user)
{
  FewExamplesPage *self = user;
  return !self->klass || few_picture_get_class (item) == self->klass;
}

static void
update_stack (FewExamplesPage *self)
{
  gboolean empty = g_list_model_get_n_items (G_LIST_MODEL (self->selection)) == 0;
  gtk_stack_set_visible_child_name (self->stack, empty ? "empty" : "grid");
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
show_unread (FewExamplesPage *self)
{
  const FewModelInfo *model = self->session ? few_desk_get_model (self->desk) : NULL;
  const char *prompt = self->klass ? few_class_get_prompt (self->klass) : NULL;
  const char *text = NULL;
  if (self->klass)
    text = prompt && *prompt ? prompt : few_class_get_name (self->klass);
  gboolean unread = model && text && !few_model_reads (model, text);
  if (unread)
    {
      g_autofree char *label =
          g_strdup_printf (_ ("%s has hardly seen a word in the script of “%s”: the name is of no "
                              "use to it. Give the "
                              "class a prompt in English, or choose a model of many languages."),
                           model->name, text);
      gtk_label_set_text (self->unread, label);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->unread), unread);
}

static void
show_texts (FewExamplesPage *self)
{
  show_unread (self);
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
  if (self->klass)
    {
      /* pictures may have moved */
      gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
      GListModel *classes = few_examples_get_classes (self->examples);
      if (!g_list_store_find (G_LIST_STORE (classes), self->klass, NULL))
        few_examples_page_set_class (self, NULL);
    }
  update_stack (self);
}

/* While a run is under way the texts stay as they were. */
static void
snapshot_cb (FewExamplesPage *self)
{
  FewSnapshot *snapshot = few_view_get_snapshot (self->view);
  const FewSnapshotInfo *info = snapshot ? few_snapshot_info (snapshot) : NULL;
  guint first, second;
  if (info && info->trained && info->epoch < info->epochs)
    return;
  gboolean found = snapshot && few_same_prompts_find (snapshot, &first, &second);
  if (found)
    {
      g_autofree char *text = g_strdup_printf (
          _ ("“%s” and “%s” have the same prompt once it is cut into the model's tokens: CLIP "
             "cannot tell them apart by their names. Give one of them a prompt of its own."),
          few_class_get_name (few_view_get_class (self->view, first)),
          few_class_get_name (few_view_get_class (self->view, second)));
      gtk_label_set_text (self->alike, text);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->alike), found);
}

static void
name_activated_cb (FewExamplesPage *self)
{
  if (!self->klass)
    return;
  const char *name = gtk_editable_get_text (GTK_EDITABLE (self->name));
  if (few_examples_rename_class (self->examples, self->klass, name))
    gtk_widget_remove_css_class (GTK_WIDGET (self->name), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->name), "error");
}

static void
prompt_activated_cb (FewExamplesPage *self)
{
  if (self->klass)
    few_examples_set_prompt (self->examples, self->klass,
                             gtk_editable_get_text (GTK_EDITABLE (self->prompt)));
}

static void
few_examples_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SHOWN_CLASS)
    g_value_set_object (value, FEW_EXAMPLES_PAGE (object)->klass);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
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
    }
  g_clear_object (&self->class_list);
  g_clear_object (&self->session);
  g_clear_object (&self->klass);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->selection);
  G_OBJECT_CLASS (few_examples_page_parent_class)->dispose (object);
}

static void
few_examples_page_class_init (FewExamplesPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_examples_page_dispose;
  G_OBJECT_CLASS (klass)->get_property = few_examples_page_get_property;
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
  gtk_widget_class_bind_template_child (widget_class, FewExamplesPage, grid);
  gtk_widget_class_bind_template_callback (widget_class, name_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, prompt_activated_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_examples_page_init (FewExamplesPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
few_examples_page_set_session (FewPage *page, FewSession *session, FewThumbnails *thumbnails)
{
  FewExamplesPage *self = FEW_EXAMPLES_PAGE (page);
  self->session = g_object_ref (session);
  self->examples = few_session_get_examples (session);
  self->import = few_session_get_import (session);
  self->view = few_session_get_view (session);
  self->desk = few_session_get_desk (session);
  self->filter = gtk_custom_filter_new (shows_picture, self, NULL);
  GtkFilterListModel *filtered = gtk_filter_list_model_new (
      g_object_ref (few_examples_get_pictures (self->examples)), GTK_FILTER (self->filter));
  self->selection = gtk_multi_selection_new (G_LIST_MODEL (filtered));
  g_autoptr (GtkListItemFactory) factory = few_tile_factory (session, thumbnails, FALSE);
  gtk_grid_view_set_factory (self->grid, factory);
  gtk_grid_view_set_model (self->grid, GTK_SELECTION_MODEL (self->selection));
  self->class_list = g_object_ref_sink (few_class_list_new (session));
  g_signal_connect_swapped (self->class_list, "chosen", G_CALLBACK (few_examples_page_set_class),
                            self);
  g_signal_connect_swapped (self->examples, "changed", G_CALLBACK (examples_changed_cb), self);
  g_signal_connect_swapped (self->view, "snapshot", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (self->desk, "notify::model", G_CALLBACK (show_texts), self);
  update_stack (self);
}

static void
few_examples_page_set_width (FewPage *page, int width)
{
  few_tiles_fit (FEW_EXAMPLES_PAGE (page)->grid, width);
}

static GtkWidget *
few_examples_page_get_sidebar (FewPage *page)
{
  return FEW_EXAMPLES_PAGE (page)->class_list;
}

/* What is pasted joins the class in view; a folder that is dropped names its own. */
static void
few_examples_page_take (FewPage *page, const char *const *paths, gboolean pasted)
{
  FewExamplesPage *self = FEW_EXAMPLES_PAGE (page);
  few_import_begin (self->import, paths, pasted ? self->klass : NULL);
}

static void
few_examples_page_iface_init (FewPageInterface *iface)
{
  iface->name = "examples";
  iface->title = N_ ("Examples");
  iface->icon_name = "view-grid-symbolic";
  iface->set_session = few_examples_page_set_session;
  iface->set_width = few_examples_page_set_width;
  iface->get_sidebar = few_examples_page_get_sidebar;
  iface->take = few_examples_page_take;
}

void
few_examples_page_set_class (FewExamplesPage *self, FewClass *klass)
{
  g_return_if_fail (FEW_IS_EXAMPLES_PAGE (self));
  g_return_if_fail (!klass || FEW_IS_CLASS (klass));
  if (!g_set_object (&self->klass, klass))
    return;
  gtk_revealer_set_reveal_child (self->editor, klass != NULL);
  show_texts (self);
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
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
}

FewClass *
few_examples_page_get_class (FewExamplesPage *self)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES_PAGE (self), NULL);
  return self->klass;
}

GPtrArray *
few_examples_page_get_selected (FewExamplesPage *self)
{
  g_return_val_if_fail (FEW_IS_EXAMPLES_PAGE (self), NULL);
  GPtrArray *pictures = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GtkBitset) set =
      gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  GtkBitsetIter iter;
  guint position;
  for (gboolean more = gtk_bitset_iter_init_first (&iter, set, &position); more;
       more = gtk_bitset_iter_next (&iter, &position))
    g_ptr_array_add (pictures, g_list_model_get_item (G_LIST_MODEL (self->selection), position));
  return pictures;
}
