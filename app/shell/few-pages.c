/* SPDX-License-Identifier: MIT */
/* A table of pages, and a place in the stack for each. */
#include "shell/few-pages.h"
#include "pages/compare/few-compare-page.h"
#include "pages/examples/few-examples-page.h"
#include "pages/inspect/few-inspect-page.h"
#include "pages/train/few-train-page.h"
#include "pages/try/few-try-page.h"
#include "shell/few-side-handle.h"
#include "widgets/few-actions.h"
#include "widgets/few-menu-tooltip.h"
#include "widgets/few-warm.h"
#include <string.h>

/* In their order. Actions: by which a page is wanted before it is made, with the types of their
 * parameters; one with a state, "name=value", is changed; after ! what a new window cannot do. */
static const struct
{
  GType (*get_type) (void);
  void (*install_actions) (GActionMap *window, FewSession *session, FewPage *page);
  const char *actions;
} types[] = {
  { few_examples_page_get_type, few_examples_actions_install, "" },
  { few_train_page_get_type, few_train_actions_install,
    "!train use-method:s !pause !stop show-run:i delete-run:i" },
  { few_inspect_page_get_type, few_inspect_actions_install,
    "alpha=0.6 alpha-by:d alpha-best alpha-trained filter:i view:i map-kind:i look match:b" },
  { few_try_page_get_type, few_try_actions_install,
    "try-pictures try-folder try-path:s try-clear try-cancel try-csv try-csv-to:s try-sort "
    "try-sort-to:s try-add:i try-restore label-next label-next-path:s try-tag try-tag-to:(sb) "
    "!try-untag try-keep-timelapse try-keep-coco try-keep-camtrap try-keep-to:(ss) "
    "try-camera=false try-camera-on !try-keep-frame" },
  { few_compare_page_get_type, few_compare_actions_install,
    "!compare !stop-comparing add-method:s !comparison-table" },
};

enum { N_PAGES = G_N_ELEMENTS (types) };

struct FewPages
{
  GActionMap *window;
  FewSession *session;
  FewThumbnails *thumbnails;
  AdwBin *places[N_PAGES];
  FewPage *begun[N_PAGES]; /* their places'; NULL: not yet */
  FewPage *pages[N_PAGES]; /* those of them that have their session */
  int width;
  guint tick, making;
  guint next; /* that is made while nobody asks for it */
  FewWarm *warm; /* of that one; NULL: not yet */
  gboolean laid_out; /* that one, with the parts that it has */
  GtkEventController *keys; /* until all pages are made; NULL: they are */
};

static void
begin_page (FewPages *pages, guint i)
{
  pages->begun[i] = g_object_new (types[i].get_type (), NULL);
  adw_bin_set_child (pages->places[i], GTK_WIDGET (pages->begun[i]));
}

static FewPage *
make_page (FewPages *pages, guint i)
{
  if (pages->pages[i])
    return pages->pages[i];
  if (!pages->begun[i])
    begin_page (pages, i);
  FewPage *page = pages->pages[i] = pages->begun[i];
  while (few_page_build (page))
    ;
  few_page_set_session (page, pages->session, pages->thumbnails);
  types[i].install_actions (pages->window, pages->session, page);
  few_menu_tooltip_hush (GTK_WIDGET (page));
  if (pages->width > 0)
    few_page_set_width (page, pages->width);
  return page;
}

/* ---- who wants them by an action */

/* An action that is there before its page. */
typedef struct
{
  FewPages *pages;
  guint page;
} Promise;

static void
promise_free_cb (gpointer data, GClosure *closure G_GNUC_UNUSED)
{
  g_free (data);
}

/* The page has the action itself then, in the place of this one. */
static void
keep_promise_cb (GSimpleAction *action, GVariant *value, gpointer user)
{
  const Promise promise = *(Promise *) user;
  g_autofree char *name = g_strdup (g_action_get_name (G_ACTION (action)));
  gboolean changes = g_action_get_state_type (G_ACTION (action)) != NULL;
  make_page (promise.pages, promise.page);
  (changes ? g_action_group_change_action_state
           : g_action_group_activate_action) (G_ACTION_GROUP (promise.pages->window), name, value);
}

/* "name", "name:type" or "name=state", after ! what cannot be done in a new window. */
static GSimpleAction *
create_action (const char *words)
{
  gboolean enabled = *words != '!';
  g_auto (GStrv) parts = g_strsplit_set (enabled ? words : words + 1, ":=", 2);
  GSimpleAction *action;
  if (strchr (words, '='))
    action = g_simple_action_new_stateful (parts[0], NULL,
                                           g_variant_parse (NULL, parts[1], NULL, NULL, NULL));
  else
    action = g_simple_action_new (parts[0], parts[1] ? G_VARIANT_TYPE (parts[1]) : NULL);
  g_simple_action_set_enabled (action, enabled);
  return action;
}

static void
promise_actions (FewPages *pages, guint i)
{
  g_auto (GStrv) actions = g_strsplit (types[i].actions, " ", -1);
  for (guint a = 0; actions[a] && *actions[a]; a++)
    {
      g_autoptr (GSimpleAction) action = create_action (actions[a]);
      gboolean changes = g_action_get_state_type (G_ACTION (action)) != NULL;
      Promise *promise = g_new (Promise, 1);
      *promise = (Promise) { pages, i };
      g_signal_connect_data (action, changes ? "change-state" : "activate",
                             G_CALLBACK (keep_promise_cb), promise, promise_free_cb, 0);
      g_action_map_add_action (pages->window, G_ACTION (action));
    }
}

/* Their keys are known once they are made: whoever presses some before, will have them. */
static gboolean
key_cb (FewPages *pages)
{
  for (guint i = 0; i < N_PAGES; i++)
    make_page (pages, i);
  return GDK_EVENT_PROPAGATE;
}

static void
hear_keys (FewPages *pages)
{
  pages->keys = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (pages->keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (pages->keys, "key-pressed", G_CALLBACK (key_cb), pages);
  gtk_widget_add_controller (GTK_WIDGET (pages->window), pages->keys);
}

static void
stop_hearing (FewPages *pages)
{
  if (pages->keys)
    gtk_widget_remove_controller (GTK_WIDGET (pages->window), pages->keys);
  pages->keys = NULL;
}

/* ---- those that nobody has asked for yet */

/* One more of its parts, or its session. */
static void
make_part (FewPages *pages, guint i)
{
  pages->laid_out = FALSE;
  if (!pages->begun[i])
    begin_page (pages, i);
  else if (!few_page_build (pages->begun[i]))
    make_page (pages, i);
}

/* The styles and letters of a page that was never in view are found while nobody waits for it. */
static gboolean
warm_page (FewPages *pages, guint i)
{
  if (!pages->warm)
    pages->warm = few_warm_new (GTK_WIDGET (pages->places[i]));
  if (few_warm_go_on (pages->warm))
    return TRUE;
  g_clear_pointer (&pages->warm, few_warm_free);
  return FALSE;
}

/* What all pages are in. */
static GtkWidget *
find_flap (FewPages *pages)
{
  return gtk_widget_get_ancestor (GTK_WIDGET (pages->places[0]), ADW_TYPE_FLAP);
}

/* What the list of classes will take, whether or not it is in view. */
static int
measure_side (GtkWidget *side)
{
  int asked, needed;
  gtk_widget_get_size_request (side, &asked, NULL);
  gtk_layout_manager_measure (gtk_widget_get_layout_manager (side), side,
                              GTK_ORIENTATION_HORIZONTAL, -1, NULL, &needed, NULL, NULL);
  return MAX (asked, needed) + FEW_SIDE_HANDLE_ROOM;
}

/* In the room of the flap, which has no size of its own before it is in view, but for what stands
 * beside. */
static void
lay_out (GtkWidget *flap, GtkWidget *widget, int beside)
{
  GtkWidget *room = gtk_widget_get_parent (flap);
  few_warm_lay_out (widget, gtk_widget_get_width (room) - beside, gtk_widget_get_height (room));
}

/* Then it is laid out where it will be: the classes stand beside some pages. */
static void
lay_out_page (FewPages *pages, guint i)
{
  GtkWidget *flap = find_flap (pages);
  gboolean has_side = few_page_describe (types[i].get_type ())->has_classes
                      && !adw_flap_get_folded (ADW_FLAP (flap));
  int beside = has_side ? measure_side (few_page_get_sidebar (pages->pages[0])) : 0;
  lay_out (flap, GTK_WIDGET (pages->places[i]), beside);
  pages->laid_out = TRUE;
}

/* A page takes several turns: each of its parts, which is measured and laid out before the next. */
static gboolean
make_next_cb (gpointer data)
{
  FewPages *pages = data;
  guint i = pages->next;
  if (pages->begun[i] && !pages->laid_out)
    {
      if (!warm_page (pages, i))
        lay_out_page (pages, i);
    }
  else if (!pages->pages[i])
    make_part (pages, i);
  else
    {
      pages->next++;
      pages->laid_out = FALSE;
    }
  if (pages->next < N_PAGES)
    return G_SOURCE_CONTINUE;
  lay_out (find_flap (pages), find_flap (pages), 0);
  stop_hearing (pages);
  pages->making = 0;
  return G_SOURCE_REMOVE;
}

/* The first frame is under way: what is idle comes after it. */
static gboolean
tick_cb (GtkWidget *window G_GNUC_UNUSED, GdkFrameClock *clock G_GNUC_UNUSED, gpointer data)
{
  FewPages *pages = data;
  pages->tick = 0;
  pages->making = g_idle_add (make_next_cb, pages);
  return G_SOURCE_REMOVE;
}

/* ---- life */

/* "win.page('…')" by Alt and the page's number. */
static void
set_accel (const char *name, guint number)
{
  g_autofree char *action = g_strdup_printf ("win.page('%s')", name);
  g_autofree char *key = g_strdup_printf ("<Alt>%u", number);
  few_actions_set_accels (&(FewKeys) { action, { key } }, 1);
}

FewPages *
few_pages_new (GActionMap *window, AdwViewStack *stack, FewSession *session,
               FewThumbnails *thumbnails)
{
  g_return_val_if_fail (GTK_IS_WINDOW (window) && ADW_IS_VIEW_STACK (stack), NULL);
  g_return_val_if_fail (FEW_IS_SESSION (session) && FEW_IS_THUMBNAILS (thumbnails), NULL);
  FewPages *pages = g_new0 (FewPages, 1);
  pages->window = window;
  pages->session = session;
  pages->thumbnails = thumbnails;
  for (guint i = 0; i < N_PAGES; i++)
    {
      const FewPageInterface *page = few_page_describe (types[i].get_type ());
      pages->places[i] = ADW_BIN (adw_bin_new ());
      adw_view_stack_add_titled_with_icon (stack, GTK_WIDGET (pages->places[i]), page->name,
                                           few_page_get_title_of (page), page->icon_name);
      set_accel (page->name, i + 1);
      promise_actions (pages, i);
    }
  hear_keys (pages);
  make_page (pages, 0);
  pages->tick = gtk_widget_add_tick_callback (GTK_WIDGET (window), tick_cb, pages, NULL);
  return pages;
}

void
few_pages_free (FewPages *pages)
{
  g_return_if_fail (pages != NULL);
  if (pages->tick)
    gtk_widget_remove_tick_callback (GTK_WIDGET (pages->window), pages->tick);
  g_clear_handle_id (&pages->making, g_source_remove);
  g_clear_pointer (&pages->warm, few_warm_free);
  stop_hearing (pages);
  g_free (pages);
}

FewPage *
few_pages_find (FewPages *pages, const char *name)
{
  g_return_val_if_fail (pages != NULL && name != NULL, NULL);
  for (guint i = 0; i < N_PAGES; i++)
    if (g_str_equal (few_page_describe (types[i].get_type ())->name, name))
      return make_page (pages, i);
  return NULL;
}

FewPage *
few_pages_get_first (FewPages *pages)
{
  g_return_val_if_fail (pages != NULL, NULL);
  return make_page (pages, 0);
}

guint
few_pages_count_made (FewPages *pages)
{
  guint n = 0;
  g_return_val_if_fail (pages != NULL, 0);
  for (guint i = 0; i < N_PAGES; i++)
    n += pages->pages[i] != NULL;
  return n;
}

gboolean
few_pages_are_all_made (FewPages *pages)
{
  return few_pages_count_made (pages) == N_PAGES;
}

void
few_pages_set_width (FewPages *pages, int width)
{
  g_return_if_fail (pages != NULL);
  pages->width = width;
  for (guint i = 0; i < N_PAGES; i++)
    if (pages->pages[i])
      few_page_set_width (pages->pages[i], width);
}
