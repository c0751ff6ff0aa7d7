/* SPDX-License-Identifier: MIT */
/* Asks the worker which labels may be wrong, and does what a person says to each. */
#include "pages/examples/few-check-window.h"
#include "base/few-percent.h"
#include "widgets/few-dialog.h"
#include "widgets/few-tile.h"
#include <glib/gi18n.h>

enum { WIDTH = 640, HEIGHT = 560 };

struct _FewCheckWindow
{
  AdwWindow parent;
  FewSession *session;
  FewExamples *examples; /* the session's */
  GtkStack *stack;
  AdwStatusPage *status;
  GtkLabel *what;
  GtkWidget *buttons;
  GListStore *pictures;
  GHashTable *doubts;   /* picture's id → FewDoubt, of the last answer */
  GPtrArray *classes;   /* FewClass, as the question numbers them */
  GtkSingleSelection *selection;
  guint ticket;         /* 0: nothing is awaited */
  gboolean deciding;    /* what changes is this window's doing */
};

G_DEFINE_FINAL_TYPE (FewCheckWindow, few_check_window, ADW_TYPE_WINDOW)

static const FewDoubt *
get_doubt (FewCheckWindow *self, FewPicture *picture)
{
  return picture && self->doubts
             ? g_hash_table_lookup (self->doubts, GUINT_TO_POINTER (few_picture_get_id (picture)))
             : NULL;
}

static void
selected_cb (FewCheckWindow *self)
{
  FewPicture *picture = gtk_single_selection_get_selected_item (self->selection);
  const FewDoubt *doubt = get_doubt (self, picture);
  gboolean empty = g_list_model_get_n_items (G_LIST_MODEL (self->pictures)) == 0;
  gtk_widget_set_sensitive (self->buttons, doubt != NULL);
  gtk_stack_set_visible_child_name (self->stack, empty ? "status" : "list");
  adw_status_page_set_title (self->status,
                             self->ticket ? _ ("Checking Labels…") : _ ("No Label Looks Wrong"));
  if (!doubt)
    {
      gtk_label_set_text (self->what, "");
      return;
    }
  g_autofree char *own = few_percent (doubt->p_own, 0);
  g_autofree char *other = few_percent (doubt->p_suggested, 0);
  /* Translators: a file, its class, a percentage, the suggested class, a percentage */
  g_autofree char *text = g_strdup_printf (
      _ ("%s is labelled “%s” (%s) and looks like “%s” (%s)."), few_picture_get_name (picture),
      few_class_get_name (few_picture_get_class (picture)), own,
      few_class_get_name (self->classes->pdata[doubt->suggested]), other);
  gtk_label_set_text (self->what, text);
}

static void
ask (FewCheckWindow *self)
{
  g_auto (FewRoll) roll = { 0 };
  FewDesk *desk = few_session_get_desk (self->session);
  few_examples_call (self->examples, &roll);
  g_clear_pointer (&self->doubts, g_hash_table_unref);
  g_clear_pointer (&self->classes, g_ptr_array_unref);
  self->classes = g_ptr_array_ref (roll.classes);
  self->ticket = few_desk_take_ticket (desk);
  few_worker_check (few_desk_get_worker (desk), self->ticket, &roll.prompts, &roll.pictures);
  selected_cb (self);
}

/* Those that nobody has said to be right. */
static void
list_doubts (FewCheckWindow *self, const GArray *doubts)
{
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func (g_object_unref);
  self->doubts = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  for (guint i = 0; i < doubts->len; i++)
    {
      const FewDoubt *doubt = &g_array_index (doubts, FewDoubt, i);
      FewPicture *picture = few_examples_get_picture (self->examples, doubt->picture);
      if (!picture || few_picture_is_confirmed (picture))
        continue;
      g_hash_table_insert (self->doubts, GUINT_TO_POINTER (doubt->picture),
                           g_memdup2 (doubt, sizeof *doubt));
      g_ptr_array_add (pictures, g_object_ref (picture));
    }
  g_list_store_splice (self->pictures, 0, g_list_model_get_n_items (G_LIST_MODEL (self->pictures)),
                       pictures->pdata, pictures->len);
}

static void
desk_event_cb (FewCheckWindow *self, const FewEvent *event)
{
  if (event->kind != FEW_EVENT_CHECKED || event->id != self->ticket)
    return;
  self->ticket = 0;
  g_list_store_remove_all (self->pictures);
  if (event->doubts)
    list_doubts (self, event->doubts);
  selected_cb (self);
  adw_status_page_set_description (self->status, event->error ? event->error->message : NULL);
}

/* Undone, or changed elsewhere. */
static void
content_cb (FewCheckWindow *self)
{
  if (!self->deciding)
    ask (self);
}

/* ---- what a person says */

typedef enum { ACCEPT, KEEP, EXCLUDE } Verdict;

static void
decide (FewCheckWindow *self, Verdict verdict)
{
  g_autoptr (FewPicture) picture = NULL;
  g_set_object (&picture, gtk_single_selection_get_selected_item (self->selection));
  const FewDoubt *doubt = get_doubt (self, picture);
  guint position;
  if (!doubt)
    return;
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  g_ptr_array_add (one, picture);
  self->deciding = TRUE;
  if (verdict == ACCEPT)
    few_examples_move (self->examples, one, self->classes->pdata[doubt->suggested]);
  else if (verdict == EXCLUDE)
    few_examples_set_excluded (self->examples, one, TRUE);
  else
    few_examples_confirm (self->examples, one);
  self->deciding = FALSE;
  if (g_list_store_find (self->pictures, picture, &position))
    g_list_store_remove (self->pictures, position);
  selected_cb (self);
}

void
few_check_window_accept (FewCheckWindow *self)
{
  g_return_if_fail (FEW_IS_CHECK_WINDOW (self));
  decide (self, ACCEPT);
}

void
few_check_window_keep (FewCheckWindow *self)
{
  g_return_if_fail (FEW_IS_CHECK_WINDOW (self));
  decide (self, KEEP);
}

void
few_check_window_exclude (FewCheckWindow *self)
{
  g_return_if_fail (FEW_IS_CHECK_WINDOW (self));
  decide (self, EXCLUDE);
}

/* From the last one to the first. */
void
few_check_window_go_on (FewCheckWindow *self)
{
  g_return_if_fail (FEW_IS_CHECK_WINDOW (self));
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->pictures));
  guint at = gtk_single_selection_get_selected (self->selection);
  if (n > 0)
    gtk_single_selection_set_selected (self->selection, at + 1 < n ? at + 1 : 0);
}

static gboolean
key_pressed_cb (FewCheckWindow *self, guint key, guint code G_GNUC_UNUSED, GdkModifierType state)
{
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));
  gboolean control = (state & GDK_CONTROL_MASK) != 0;
  if (control && key == GDK_KEY_z && parent)
    gtk_widget_activate_action (GTK_WIDGET (parent), "win.undo", NULL);
  else if (!control && (key == GDK_KEY_a || key == GDK_KEY_A))
    few_check_window_accept (self);
  else if (!control && (key == GDK_KEY_k || key == GDK_KEY_K))
    few_check_window_keep (self);
  else if (!control && (key == GDK_KEY_e || key == GDK_KEY_E))
    few_check_window_exclude (self);
  else if (!control && (key == GDK_KEY_n || key == GDK_KEY_N))
    few_check_window_go_on (self);
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

/* ---- life */

static void
few_check_window_dispose (GObject *object)
{
  FewCheckWindow *self = FEW_CHECK_WINDOW (object);
  if (self->session)
    {
      g_signal_handlers_disconnect_by_data (few_session_get_desk (self->session), self);
      g_signal_handlers_disconnect_by_data (self->examples, self);
    }
  g_clear_pointer (&self->doubts, g_hash_table_unref);
  g_clear_pointer (&self->classes, g_ptr_array_unref);
  if (self->selection)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  g_clear_object (&self->selection);
  g_clear_object (&self->pictures);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (few_check_window_parent_class)->dispose (object);
}

static void
few_check_window_class_init (FewCheckWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_check_window_dispose;
}

typedef void (*Answer) (FewCheckWindow *self);

/* Two in a row: four do not fit where it is narrow. */
static void
add_button (FewCheckWindow *self, int place, const char *label, Answer answer)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);
  if (place == 0)
    gtk_widget_add_css_class (button, "suggested-action");
  gtk_widget_set_hexpand (button, TRUE);
  gtk_grid_attach (GTK_GRID (self->buttons), button, place % 2, place / 2, 1, 1);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (answer), self);
}

static GtkWidget *
create_bar (FewCheckWindow *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *what = gtk_label_new (NULL);
  self->what = GTK_LABEL (what);
  self->buttons = gtk_grid_new ();
  gtk_grid_set_row_spacing (GTK_GRID (self->buttons), 6);
  gtk_grid_set_column_spacing (GTK_GRID (self->buttons), 6);
  gtk_label_set_wrap (self->what, TRUE);
  gtk_label_set_wrap_mode (self->what, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->what, 0);
  gtk_widget_add_css_class (bar, "detail");
  add_button (self, 0, _ ("_Accept Suggestion (A)"), few_check_window_accept);
  add_button (self, 1, _ ("_Keep Label (K)"), few_check_window_keep);
  add_button (self, 2, _ ("_Exclude (E)"), few_check_window_exclude);
  add_button (self, 3, _ ("_Next (N)"), few_check_window_go_on);
  gtk_box_append (GTK_BOX (bar), what);
  gtk_box_append (GTK_BOX (bar), self->buttons);
  return bar;
}

static GtkWidget *
create_list (FewCheckWindow *self, FewThumbnails *thumbnails)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *grid = gtk_grid_view_new (NULL, NULL);
  g_autoptr (GtkListItemFactory) factory = few_tile_factory (self->session, thumbnails, FALSE);
  gtk_grid_view_set_factory (GTK_GRID_VIEW (grid), factory);
  gtk_grid_view_set_model (GTK_GRID_VIEW (grid), GTK_SELECTION_MODEL (self->selection));
  gtk_grid_view_set_max_columns (GTK_GRID_VIEW (grid), 12);
  gtk_accessible_update_property (GTK_ACCESSIBLE (grid), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Pictures whose label may be wrong"), -1);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), grid);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_box_append (GTK_BOX (box), create_bar (self));
  few_tiles_fit (GTK_GRID_VIEW (grid), WIDTH);
  return box;
}

static void
few_check_window_init (FewCheckWindow *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  self->pictures = g_list_store_new (FEW_TYPE_PICTURE);
  self->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->pictures)));
  self->stack = GTK_STACK (gtk_stack_new ());
  self->status = ADW_STATUS_PAGE (adw_status_page_new ());
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Possibly Wrong"));
  gtk_window_set_default_size (GTK_WINDOW (self), WIDTH, HEIGHT);
}

FewCheckWindow *
few_check_window_new (GtkWindow *parent, FewSession *session, FewThumbnails *thumbnails)
{
  g_return_val_if_fail (FEW_IS_SESSION (session), NULL);
  FewCheckWindow *self = g_object_new (FEW_TYPE_CHECK_WINDOW, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->session = g_object_ref (session);
  self->examples = few_session_get_examples (session);
  adw_status_page_set_icon_name (self->status, "edit-find-symbolic");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->status), "status");
  gtk_stack_add_named (self->stack, create_list (self, thumbnails), "list");
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));
  adw_window_set_content (ADW_WINDOW (self), box);
  few_dialog_attach (GTK_WINDOW (self), parent);
  GtkSingleSelection *selection = self->selection;
  g_signal_connect_swapped (selection, "notify::selected-item", G_CALLBACK (selected_cb), self);
  FewDesk *desk = few_session_get_desk (session);
  g_signal_connect_swapped (desk, "event", G_CALLBACK (desk_event_cb), self);
  g_signal_connect_swapped (self->examples, "content", G_CALLBACK (content_cb), self);
  ask (self);
  return self;
}

GtkSingleSelection *
few_check_window_get_model (FewCheckWindow *self)
{
  g_return_val_if_fail (FEW_IS_CHECK_WINDOW (self), NULL);
  return self->selection;
}

gboolean
few_check_window_is_waiting (FewCheckWindow *self)
{
  g_return_val_if_fail (FEW_IS_CHECK_WINDOW (self), FALSE);
  return self->ticket != 0;
}
