/* SPDX-License-Identifier: MIT */
/* A table of pages, and a place in the stack for each. */
#include "shell/few-pages.h"
#include "pages/compare/few-compare-page.h"
#include "pages/examples/few-examples-page.h"
#include "pages/inspect/few-inspect-page.h"
#include "pages/train/few-train-page.h"
#include "pages/try/few-try-page.h"
#include "widgets/few-actions.h"

/* In their order. */
static const struct
{
  GType (*get_type) (void);
  void (*install_actions) (GActionMap *window, FewSession *session, FewPage *page);
} types[] = {
  { few_examples_page_get_type, few_examples_actions_install },
  { few_train_page_get_type, few_train_actions_install },
  { few_inspect_page_get_type, few_inspect_actions_install },
  { few_try_page_get_type, few_try_actions_install },
  { few_compare_page_get_type, few_compare_actions_install },
};

enum { N_PAGES = G_N_ELEMENTS (types) };

struct FewPages
{
  GActionMap *window;
  FewSession *session;
  FewThumbnails *thumbnails;
  AdwBin *places[N_PAGES];
  FewPage *pages[N_PAGES]; /* their places'; NULL: not made yet */
  int width;
  guint tick, making;
};

static FewPage *
make_page (FewPages *pages, guint i)
{
  if (pages->pages[i])
    return pages->pages[i];
  FewPage *page = pages->pages[i] = g_object_new (types[i].get_type (), NULL);
  adw_bin_set_child (pages->places[i], GTK_WIDGET (page));
  few_page_set_session (page, pages->session, pages->thumbnails);
  types[i].install_actions (pages->window, pages->session, page);
  if (pages->width > 0)
    few_page_set_width (page, pages->width);
  return page;
}

/* ---- those that nobody has asked for yet */

static gboolean
make_next_cb (gpointer data)
{
  FewPages *pages = data;
  guint i = 0;
  while (i < N_PAGES && pages->pages[i])
    i++;
  if (i < N_PAGES)
    make_page (pages, i);
  if (i + 1 < N_PAGES)
    return G_SOURCE_CONTINUE;
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
    }
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
