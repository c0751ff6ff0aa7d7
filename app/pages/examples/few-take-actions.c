/* SPDX-License-Identifier: MIT */
/* Pictures by the camera: of the class in view, or of one that is chosen first. */
#include "pages/examples/few-examples-page.h"
#include "pages/examples/few-take-window.h"
#include "widgets/few-actions.h"
#include "widgets/few-class-picker.h"
#include <glib/gi18n.h>

#define FEW_TYPE_TAKE_ACTIONS (few_take_actions_get_type ())
G_DECLARE_FINAL_TYPE (FewTakeActions, few_take_actions, FEW, TAKE_ACTIONS, FewActions)

struct _FewTakeActions
{
  FewActions parent;
  FewExamplesPage *page; /* weak */
};

G_DEFINE_FINAL_TYPE (FewTakeActions, few_take_actions, FEW_TYPE_ACTIONS)

static void
take_of (FewTakeActions *self, FewClass *klass)
{
  GtkWindow *window = few_actions_get_window (FEW_ACTIONS (self));
  FewSession *session = few_actions_get_session (FEW_ACTIONS (self));
  if (window)
    gtk_window_present (GTK_WINDOW (few_take_window_new (window, session, klass)));
}

static void
class_picked_cb (FewClass *klass, gpointer user)
{
  take_of (user, klass);
}

static void
take_pictures_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
                  gpointer user)
{
  FewTakeActions *self = user;
  FewSession *session = few_actions_get_session (user);
  GListModel *classes = few_examples_get_classes (few_session_get_examples (session));
  FewClass *klass = self->page ? few_examples_page_get_class (self->page) : NULL;
  g_autoptr (FewClass) only = g_list_model_get_item (classes, 0);
  if (!klass && g_list_model_get_n_items (classes) == 1)
    klass = only;
  if (klass)
    take_of (self, klass);
  else if (only)
    few_class_picker_ask (few_actions_get_window (user), _ ("Pictures of a Class"), classes,
                          class_picked_cb, G_OBJECT (self));
  else
    few_actions_say (user, _ ("Add a class first: pictures are taken of one."));
}

static void
few_take_actions_dispose (GObject *object)
{
  g_clear_weak_pointer (&FEW_TAKE_ACTIONS (object)->page);
  G_OBJECT_CLASS (few_take_actions_parent_class)->dispose (object);
}

static void
few_take_actions_class_init (FewTakeActionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_take_actions_dispose;
}

static void
few_take_actions_init (FewTakeActions *self)
{
}

void
few_take_actions_install (GActionMap *window, FewSession *session, FewExamplesPage *page)
{
  static const GActionEntry entries[] = { { "take-pictures", take_pictures_cb } };
  static const FewKeys accels[] = { { "win.take-pictures", { "<Control><Shift>j" } } };
  FewTakeActions *self = few_actions_new (FEW_TYPE_TAKE_ACTIONS, window, session);
  g_set_weak_pointer (&self->page, page);
  few_actions_set_accels (accels, G_N_ELEMENTS (accels));
  few_actions_add (FEW_ACTIONS (self), entries, G_N_ELEMENTS (entries));
}
