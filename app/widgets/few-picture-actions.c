/* SPDX-License-Identifier: MIT */
/* Keys and menus act on what is seen: a mistake can be relabelled where it is found. */
#include "widgets/few-picture-actions.h"
#include "session/few-tiling.h"
#include "widgets/few-actions.h"
#include "widgets/few-class-picker.h"
#include "widgets/few-file-list.h"
#include "widgets/few-label-menu.h"
#include "widgets/few-show-file.h"
#include "widgets/few-toasts.h"
#include "widgets/few-zoom.h"
#include <glib/gi18n.h>

#define FEW_TYPE_PICTURE_ACTIONS (few_picture_actions_get_type ())
G_DECLARE_FINAL_TYPE (FewPictureActions, few_picture_actions, FEW, PICTURE_ACTIONS, FewActions)

struct _FewPictureActions
{
  FewActions parent;
  FewVisiblePageFunc get_page;
  FewTiling *tiling; /* NULL: no tiles are on their way */
};

G_DEFINE_FINAL_TYPE (FewPictureActions, few_picture_actions, FEW_TYPE_ACTIONS)

static FewExamples *
get_examples (gpointer self)
{
  return few_session_get_examples (few_actions_get_session (self));
}

/* FewPicture *, owned; NULL when nothing is chosen. */
static GPtrArray *
get_chosen (FewPictureActions *self)
{
  GtkWindow *window = few_actions_get_window (FEW_ACTIONS (self));
  FewPage *page = window ? self->get_page (window) : NULL;
  g_autoptr (GPtrArray) chosen = page ? few_page_get_chosen (page) : NULL;
  return chosen && chosen->len ? g_steal_pointer (&chosen) : NULL;
}

/* ---- in the project */

static char *
describe_use (FewUse use, guint n)
{
  if (use == FEW_USE_TEST)
    return g_strdup_printf (
        ngettext ("%u picture is for testing", "%u pictures are for testing", n), n);
  if (use == FEW_USE_NONE)
    return g_strdup_printf (
        ngettext ("%u picture is none of these", "%u pictures are none of these", n), n);
  return g_strdup_printf (
      ngettext ("%u picture is learned from", "%u pictures are learned from", n), n);
}

static char *
describe_move (FewClass *klass, guint n)
{
  return g_strdup_printf (ngettext ("%u picture moved to “%s”", "%u pictures moved to “%s”", n), n,
                          few_class_get_name (klass));
}

static char *
describe_label (FewClass *klass, guint n, gboolean has)
{
  /* Translators: how many, a label */
  return g_strdup_printf (
      has ? ngettext ("%u picture labelled “%s”", "%u pictures labelled “%s”", n)
          : ngettext ("%u picture no longer labelled “%s”", "%u pictures no longer labelled “%s”",
                      n),
      n, few_class_get_name (klass));
}

void
few_picture_actions_toggle (GtkWindow *window, FewSession *session, GPtrArray *pictures,
                            FewClass *klass)
{
  g_return_if_fail (FEW_IS_SESSION (session) && FEW_IS_CLASS (klass));
  g_return_if_fail (pictures);
  FewExamples *examples = few_session_get_examples (session);
  gboolean takes = few_examples_is_several (examples) && few_label_menu_all_have (pictures, klass);
  if (!takes)
    {
      few_picture_actions_move (window, session, pictures, klass);
      return;
    }
  few_examples_label (examples, pictures, klass, FALSE);
  g_autofree char *text = describe_label (klass, pictures->len, FALSE);
  few_toasts_say_undoable (window, text, few_session_get_step (session));
}

/* Those that are not of the class already. One whose file was replaced is said to be of it anew. */
static GPtrArray *
get_moved (GPtrArray *pictures, FewClass *klass)
{
  GPtrArray *moved = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < pictures->len; i++)
    if (!few_picture_has_class (pictures->pdata[i], klass)
        || few_picture_is_replaced (pictures->pdata[i]))
      g_ptr_array_add (moved, g_object_ref (pictures->pdata[i]));
  return moved;
}

void
few_picture_actions_move (GtkWindow *window, FewSession *session, GPtrArray *pictures,
                          FewClass *klass)
{
  g_return_if_fail (FEW_IS_SESSION (session) && FEW_IS_CLASS (klass));
  g_return_if_fail (pictures);
  FewExamples *examples = few_session_get_examples (session);
  g_autoptr (GPtrArray) moved = get_moved (pictures, klass);
  g_autofree char *text = NULL;
  if (moved->len == 0)
    {
      few_toasts_say (window, _ ("Nothing to change: they are that already."));
      return;
    }
  if (few_class_is_none (klass))
    {
      few_examples_set_use (examples, moved, FEW_USE_NONE);
      text = describe_use (FEW_USE_NONE, moved->len);
    }
  else
    {
      few_examples_label (examples, moved, klass, TRUE);
      text = few_examples_is_several (examples) ? describe_label (klass, moved->len, TRUE)
                                                : describe_move (klass, moved->len);
    }
  few_toasts_say_undoable (window, text, few_session_get_step (session));
}

static void
remove_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  g_autoptr (GPtrArray) pictures = get_chosen (user);
  if (!pictures)
    return;
  g_autofree char *text = g_strdup_printf (
      ngettext ("%u picture removed", "%u pictures removed", pictures->len), pictures->len);
  few_examples_remove_pictures (get_examples (user), pictures);
  few_actions_say_undoable (user, text);
}

/* Excludes what is chosen, or includes it when all of it is excluded. */
static void
exclude_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  g_autoptr (GPtrArray) pictures = get_chosen (user);
  gboolean all = TRUE;
  if (!pictures)
    return;
  for (guint i = 0; i < pictures->len; i++)
    all = all && few_picture_is_excluded (pictures->pdata[i]);
  few_examples_set_excluded (get_examples (user), pictures, !all);
  g_autofree char *text = g_strdup_printf (
      all ? ngettext ("%u picture takes part again", "%u pictures take part again", pictures->len)
          : ngettext ("%u picture excluded", "%u pictures excluded", pictures->len),
      pictures->len);
  few_actions_say_undoable (user, text);
}

/* Those that have no class keep none until they are moved to one; where a picture may do without,
 * it is learned from or tested on like any other. */
static gboolean
is_changed (FewPicture *picture, FewUse use, gboolean several)
{
  FewUse now = few_picture_get_use (picture);
  if (several && use != FEW_USE_NONE)
    return few_picture_is_test (picture) != (use == FEW_USE_TEST);
  return now != use && now != FEW_USE_NONE;
}

static GPtrArray *
get_changed (FewPictureActions *self, FewUse use)
{
  GPtrArray *changed = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) chosen = get_chosen (self);
  gboolean several = few_examples_is_several (get_examples (self));
  for (guint i = 0; chosen && i < chosen->len; i++)
    if (is_changed (chosen->pdata[i], use, several))
      g_ptr_array_add (changed, g_object_ref (chosen->pdata[i]));
  return changed;
}

static FewUse
read_use (const char *name)
{
  if (g_str_equal (name, "test"))
    return FEW_USE_TEST;
  return g_str_equal (name, "none") ? FEW_USE_NONE : FEW_USE_LEARN;
}

static void
use_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewUse use = read_use (g_variant_get_string (parameter, NULL));
  g_autoptr (GPtrArray) pictures = get_changed (user, use);
  if (pictures->len == 0)
    {
      few_actions_say (user, few_examples_is_several (get_examples (user))
                                 ? _ ("Nothing to change: they are that already.")
                                 : _ ("Nothing to change: a picture of none of these first has to "
                                      "be moved to a class."));
      return;
    }
  few_examples_set_use (get_examples (user), pictures, use);
  g_autofree char *text = describe_use (use, pictures->len);
  few_actions_say_undoable (user, text);
}

static void
tiled_cb (guint came, gpointer user)
{
  FewPictureActions *self = user;
  gboolean undone = few_tiling_was_undone (self->tiling);
  g_clear_pointer (&self->tiling, few_tiling_free);
  g_autofree char *text =
      g_strdup_printf (ngettext ("%u tile added", "%u tiles added", came), came);
  if (came > 0)
    few_actions_say_undoable (user, text);
  else if (!undone)
    few_actions_say (user, _ ("These tiles are in the project already."));
}

static void
split_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  enum { MOST = 16 };
  int n = g_variant_get_int32 (parameter);
  g_autoptr (GPtrArray) pictures = get_chosen (user);
  if (!pictures || n < 2 || n > MOST)
    return;
  FewPictureActions *self = user;
  if (self->tiling)
    few_actions_say (user, _ ("Tiles of other pictures are still being added."));
  else
    self->tiling = few_tiling_new (get_examples (user), pictures, (guint) n, tiled_cb, user);
}

static void
class_picked_cb (FewClass *klass, gpointer user)
{
  g_autoptr (GPtrArray) pictures = get_chosen (user);
  if (pictures)
    few_picture_actions_toggle (few_actions_get_window (user), few_actions_get_session (user),
                                pictures, klass);
}

static void
reassign_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewExamples *examples = get_examples (user);
  g_autoptr (FewClass) klass = g_list_model_get_item (few_examples_get_classes (examples),
                                                      (guint) g_variant_get_int32 (parameter) - 1);
  if (klass)
    class_picked_cb (klass, user);
}

static void
move_to_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  g_autoptr (GPtrArray) pictures = get_chosen (user);
  gboolean several = few_examples_is_several (get_examples (user));
  if (pictures)
    few_class_picker_ask (few_actions_get_window (user),
                          several ? _ ("Give or Take a Label") : _ ("Move to a Class"),
                          few_examples_get_classes (get_examples (user)), class_picked_cb, user);
}

/* ---- their files */

static void
view_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewPictureActions *self = user;
  GtkWindow *window = few_actions_get_window (user);
  FewPage *page = window ? self->get_page (window) : NULL;
  if (page)
    few_page_view_chosen (page);
}

static void
open_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  enum { MOST = 20 }; /* windows at once */
  g_autoptr (GPtrArray) pictures = get_chosen (user);
  for (guint i = 0; pictures && i < MIN (pictures->len, MOST); i++)
    few_show_file_open (few_actions_get_window (user), few_picture_get_path (pictures->pdata[i]));
}

static void
show_in_files_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  g_autoptr (GPtrArray) pictures = get_chosen (user);
  if (pictures)
    few_show_file_in_folder (few_actions_get_window (user),
                             few_picture_get_path (pictures->pdata[0]));
}

/* Any file, by its URI: what was written just now. */
static void
show_file_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  g_autofree char *path = g_filename_from_uri (g_variant_get_string (parameter, NULL), NULL, NULL);
  if (path)
    few_show_file_in_folder (few_actions_get_window (user), path);
}

/* As files, as a file manager copies them. */
static void
copy_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  g_autoptr (GPtrArray) pictures = get_chosen (user);
  if (!pictures)
    return;
  GtkWidget *window = GTK_WIDGET (few_actions_get_window (user));
  g_autoptr (GdkContentProvider) content = few_file_list_create_content (pictures);
  gdk_clipboard_set_content (gtk_widget_get_clipboard (window), content);
  g_autofree char *text = g_strdup_printf (
      ngettext ("%u picture copied", "%u pictures copied", pictures->len), pictures->len);
  few_actions_say (user, text);
}

static void
zoom_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_zoom_step (g_variant_get_int32 (parameter));
}

/* ---- life */

static void
few_picture_actions_finalize (GObject *object)
{
  g_clear_pointer (&FEW_PICTURE_ACTIONS (object)->tiling, few_tiling_free);
  G_OBJECT_CLASS (few_picture_actions_parent_class)->finalize (object);
}

static void
few_picture_actions_class_init (FewPictureActionsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_picture_actions_finalize;
}

static void
few_picture_actions_init (FewPictureActions *self)
{
}

static const GActionEntry entries[] = {
  { "remove", remove_cb },          { "exclude", exclude_cb },
  { "reassign", reassign_cb, "i" }, { "move-to", move_to_cb },
  { "view-picture", view_cb },      { "open-pictures", open_cb },
  { "copy-pictures", copy_cb },     { "show-in-files", show_in_files_cb },
  { "zoom", zoom_cb, "i" },         { "show-file", show_file_cb, "s" },
  { "use-pictures", use_cb, "s" },  { "split-pictures", split_cb, "i" },
};

static const FewKeys bindings[] = {
  { "win.remove", { "Delete" } },
  { "win.exclude", { "x" } },
  { "win.reassign(1)", { "1" } },
  { "win.reassign(2)", { "2" } },
  { "win.reassign(3)", { "3" } },
  { "win.reassign(4)", { "4" } },
  { "win.reassign(5)", { "5" } },
  { "win.reassign(6)", { "6" } },
  { "win.reassign(7)", { "7" } },
  { "win.reassign(8)", { "8" } },
  { "win.reassign(9)", { "9" } },
  { "win.move-to", { "m" } },
  { "win.copy-pictures", { "<Control>c" } },
  { "win.zoom(1)", { "plus", "<Control>plus" } },
  { "win.zoom(1)", { "equal", "<Control>equal" } },
  { "win.zoom(1)", { "KP_Add", "<Control>KP_Add" } },
  { "win.zoom(-1)", { "minus", "<Control>minus" } },
  { "win.zoom(-1)", { "KP_Subtract", "<Control>KP_Subtract" } },
  { "win.zoom(0)", { "<Control>0", "<Control>KP_0" } },
};

void
few_picture_actions_install (GActionMap *window, FewSession *session, FewVisiblePageFunc get_page)
{
  g_return_if_fail (get_page);
  FewPictureActions *self = few_actions_new (FEW_TYPE_PICTURE_ACTIONS, window, session);
  self->get_page = get_page;
  few_actions_set_bindings (FEW_ACTIONS (self), bindings, G_N_ELEMENTS (bindings));
  few_actions_add (FEW_ACTIONS (self), entries, G_N_ELEMENTS (entries));
}
