/* SPDX-License-Identifier: MIT */
/* What the window asks of a page, with what holds for pages that do not answer. */
#include "widgets/few-page.h"
#include "widgets/few-videos.h"
#include <glib/gi18n.h>

G_DEFINE_INTERFACE (FewPage, few_page, GTK_TYPE_WIDGET)

static void
few_page_default_init (FewPageInterface *iface)
{
}

const FewPageInterface *
few_page_describe (GType type)
{
  g_return_val_if_fail (g_type_is_a (type, FEW_TYPE_PAGE), NULL);
  return g_type_interface_peek (g_type_class_ref (type), FEW_TYPE_PAGE);
}

const char *
few_page_get_title_of (const FewPageInterface *page)
{
  g_return_val_if_fail (page != NULL, NULL);
  return _ (page->title);
}

gboolean
few_page_has_alpha (FewPage *self)
{
  g_return_val_if_fail (FEW_IS_PAGE (self), FALSE);
  return FEW_PAGE_GET_IFACE (self)->has_alpha;
}

gboolean
few_page_has_classes (FewPage *self)
{
  g_return_val_if_fail (FEW_IS_PAGE (self), FALSE);
  return FEW_PAGE_GET_IFACE (self)->has_classes;
}

gboolean
few_page_build (FewPage *self)
{
  g_return_val_if_fail (FEW_IS_PAGE (self), FALSE);
  FewPageInterface *iface = FEW_PAGE_GET_IFACE (self);
  return iface->build && iface->build (self);
}

void
few_page_set_session (FewPage *self, FewSession *session, FewThumbnails *thumbnails)
{
  g_return_if_fail (FEW_IS_PAGE (self));
  g_return_if_fail (FEW_IS_SESSION (session));
  g_return_if_fail (FEW_IS_THUMBNAILS (thumbnails));
  FEW_PAGE_GET_IFACE (self)->set_session (self, session, thumbnails);
}

void
few_page_set_width (FewPage *self, int width)
{
  g_return_if_fail (FEW_IS_PAGE (self));
  if (FEW_PAGE_GET_IFACE (self)->set_width)
    FEW_PAGE_GET_IFACE (self)->set_width (self, width);
}

GtkWidget *
few_page_get_sidebar (FewPage *self)
{
  g_return_val_if_fail (FEW_IS_PAGE (self), NULL);
  FewPageInterface *iface = FEW_PAGE_GET_IFACE (self);
  return iface->get_sidebar ? iface->get_sidebar (self) : NULL;
}

typedef struct
{
  FewPage *page;
  gboolean pasted;
} Taking;

static void
taking_free (gpointer data)
{
  Taking *taking = data;
  g_object_unref (taking->page);
  g_free (taking);
}

/* Unless its window has gone meanwhile. */
static void
resolved_cb (gpointer user, const char *const *paths)
{
  const Taking *taking = user;
  if (gtk_widget_get_root (GTK_WIDGET (taking->page)))
    FEW_PAGE_GET_IFACE (taking->page)->take (taking->page, paths, taking->pasted);
}

gboolean
few_page_take (FewPage *self, const char *const *paths, gboolean pasted)
{
  g_return_val_if_fail (FEW_IS_PAGE (self), FALSE);
  g_return_val_if_fail (paths, FALSE);
  if (!FEW_PAGE_GET_IFACE (self)->take)
    return FALSE;
  Taking *taking = g_new (Taking, 1);
  *taking = (Taking) { g_object_ref (self), pasted };
  few_videos_resolve (GTK_WIDGET (self), paths, resolved_cb, taking, taking_free);
  return TRUE;
}

GPtrArray *
few_page_get_chosen (FewPage *self)
{
  g_return_val_if_fail (FEW_IS_PAGE (self), NULL);
  if (!FEW_PAGE_GET_IFACE (self)->get_chosen)
    return g_ptr_array_new_with_free_func (g_object_unref);
  return FEW_PAGE_GET_IFACE (self)->get_chosen (self);
}

void
few_page_view_chosen (FewPage *self)
{
  g_return_if_fail (FEW_IS_PAGE (self));
  if (FEW_PAGE_GET_IFACE (self)->view_chosen)
    FEW_PAGE_GET_IFACE (self)->view_chosen (self);
}
