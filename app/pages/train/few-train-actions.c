/* SPDX-License-Identifier: MIT */
/* What a person can do with training and with the runs that it left. */
#include "pages/train/few-train-page.h"
#include "session/few-methods.h"
#include "widgets/few-actions.h"
#include <glib/gi18n.h>

static FewSession *
get_session (gpointer self)
{
  return few_actions_get_session (self);
}

static void
train_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_actions_activate (user, "page", g_variant_new_string ("train"));
  few_runs_train (few_session_get_runs (get_session (user)));
}

/* From Compare: the method becomes the one to train with, and learns from all pictures. */
static void
use_method_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewRuns *runs = few_session_get_runs (get_session (user));
  few_runs_set_method (runs, g_variant_get_string (parameter, NULL));
  few_actions_activate (user, "train", NULL);
}

static void
pause_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewSession *session = get_session (user);
  few_runs_set_paused (few_session_get_runs (session),
                       few_runs_get_training (few_session_get_runs (session))
                           == FEW_TRAINING_RUNNING);
}

static void
stop_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_runs_stop (few_session_get_runs (get_session (user)));
}

static void
show_run_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_runs_show (few_session_get_runs (get_session (user)),
                 (guint) g_variant_get_int32 (parameter) - 1);
}

static void
delete_run_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_runs_delete (few_session_get_runs (get_session (user)),
                   (guint) g_variant_get_int32 (parameter) - 1);
  few_actions_say_undoable (user, _ ("Run deleted"));
}

static void
update_enabled (FewActions *self)
{
  FewSession *session = few_actions_get_session (self);
  gboolean idle = few_runs_get_training (few_session_get_runs (session)) == FEW_TRAINING_IDLE;
  guint n_classes =
      g_list_model_get_n_items (few_examples_get_classes (few_session_get_examples (session)));
  const FewModelInfo *model = few_desk_get_model (few_session_get_desk (session));
  const char *method = few_method_choice_now (few_session_get_examples (session),
                                              few_runs_get_job (few_session_get_runs (session)));
  few_actions_enable (self, "train",
                      idle && n_classes >= 2 && model && few_method_choice_suits (method, model));
  few_actions_enable (self, "use-method", idle);
  few_actions_enable (self, "pause", !idle);
  few_actions_enable (self, "stop", !idle);
  few_actions_enable (self, "show-run", idle);
  few_actions_enable (self, "delete-run", idle);
}

static void
settings_changed_cb (FewActions *self)
{
  update_enabled (self);
}

void
few_train_actions_install (GActionMap *window, FewSession *session, FewPage *page)
{
  static const GActionEntry entries[] = {
    { "train", train_cb },
    { "use-method", use_method_cb, "s" },
    { "pause", pause_cb },
    { "stop", stop_cb },
    { "show-run", show_run_cb, "i" },
    { "delete-run", delete_run_cb, "i" },
  };
  static const FewKeys accels[] = {
    { "win.train", { "<Control>t" } },
    { "win.pause", { "<Control>p" } },
    { "win.stop", { "<Control>period" } },
    { "win.show-run(1)", { "<Control><Shift>1" } },
    { "win.show-run(2)", { "<Control><Shift>2" } },
    { "win.show-run(3)", { "<Control><Shift>3" } },
  };
  g_return_if_fail (FEW_IS_TRAIN_PAGE (page));
  FewActions *self = few_actions_new (FEW_TYPE_ACTIONS, window, session);
  few_actions_set_accels (accels, G_N_ELEMENTS (accels));
  few_actions_add (self, entries, G_N_ELEMENTS (entries));
  few_actions_watch (self, update_enabled);
  g_signal_connect_object (few_session_get_runs (session), "settings",
                           G_CALLBACK (settings_changed_cb), self, G_CONNECT_SWAPPED);
}
