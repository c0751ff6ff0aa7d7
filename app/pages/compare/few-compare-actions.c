/* SPDX-License-Identifier: MIT */
/* What a person can do with the comparison of methods. */
#include "pages/compare/few-compare-page.h"
#include "widgets/few-actions.h"

static FewSession *
get_session (gpointer self)
{
  return few_actions_get_session (self);
}

static void
compare_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_actions_activate (user, "page", g_variant_new_string ("compare"));
  few_comparison_run (few_session_get_comparison (get_session (user)));
}

static void
stop_comparing_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  few_comparison_stop (few_session_get_comparison (get_session (user)));
}

static void
add_method_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  g_autoptr (GError) error = NULL;
  if (!few_comparison_add_method (few_session_get_comparison (get_session (user)),
                                  g_variant_get_string (parameter, NULL), &error))
    few_actions_say (user, error->message);
}

static void
update_enabled (FewActions *self)
{
  FewSession *session = few_actions_get_session (self);
  gboolean comparing = few_comparison_is_running (few_session_get_comparison (session));
  guint n_classes =
      g_list_model_get_n_items (few_examples_get_classes (few_session_get_examples (session)));
  few_actions_enable (self, "compare",
                      !comparing && n_classes >= 2
                          && few_desk_get_model (few_session_get_desk (session)));
  few_actions_enable (self, "stop-comparing", comparing);
}

void
few_compare_actions_install (GActionMap *window, FewSession *session, FewPage *page)
{
  static const GActionEntry entries[] = {
    { "compare", compare_cb },
    { "stop-comparing", stop_comparing_cb },
    { "add-method", add_method_cb, "s" },
  };
  static const FewKeys accels[] = {
    { "win.compare", { "<Control>k" } },
    { "win.stop-comparing", { "<Control><Shift>k" } },
  };
  g_return_if_fail (FEW_IS_COMPARE_PAGE (page));
  FewActions *self = few_actions_new (FEW_TYPE_ACTIONS, window, session);
  few_actions_set_accels (accels, G_N_ELEMENTS (accels));
  few_actions_add (self, entries, G_N_ELEMENTS (entries));
  few_actions_watch (self, update_enabled);
}
