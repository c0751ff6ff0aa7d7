/* SPDX-License-Identifier: MIT */
/* One of the window's pages: a widget that says what it is called and takes a session. A new page
 * is a type that implements this and a line in the window's table; pages know nothing of each
 * other. The UI thread only. */
#pragma once
#include "session/few-session.h"
#include "widgets/few-thumbnails.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
#define FEW_TYPE_PAGE (few_page_get_type ())
G_DECLARE_INTERFACE (FewPage, few_page, FEW, PAGE, GtkWidget)

struct _FewPageInterface
{
  GTypeInterface parent;
  const char *name;  /* of the page, for "win.page" */
  const char *title; /* N_ ("…") */
  const char *icon_name;
  gboolean has_alpha; /* the α bar stands below it */
  gboolean has_classes; /* the list of classes beside it says what it shows */
  /* Makes one more of its parts; FALSE: it has all. NULL: the template has them. Every part is
   * there before set_session. */
  gboolean (*build) (FewPage *self);
  /* Once, before the page is shown. */
  void (*set_session) (FewPage *self, FewSession *session, FewThumbnails *thumbnails);

  /* These may be NULL. */
  /* The window's width has changed. */
  void (*set_width) (FewPage *self, int width);
  /* What stands beside all pages; the page keeps it. */
  GtkWidget *(*get_sidebar) (FewPage *self);
  /* Pictures and folders that were pasted, or dropped on the window. NULL: they become examples. */
  void (*take) (FewPage *self, const char *const *paths, gboolean pasted);
  /* FewPicture *, owned: the examples that are chosen on this page. NULL: it shows none. */
  GPtrArray *(*get_chosen) (FewPage *self);
  /* Opens the viewer on the first that is chosen. NULL with get_chosen. */
  void (*view_chosen) (FewPage *self);
};

/* Of a type of page, before there is one; its class stays. */
const FewPageInterface *few_page_describe (GType type);
/* Translated. */
const char *few_page_get_title_of (const FewPageInterface *page);
gboolean few_page_has_alpha (FewPage *self);
gboolean few_page_has_classes (FewPage *self);
/* A turn of the main loop each: FALSE once it has all of its parts. */
gboolean few_page_build (FewPage *self);
void few_page_set_session (FewPage *self, FewSession *session, FewThumbnails *thumbnails);
void few_page_set_width (FewPage *self, int width);
/* NULL: none. */
GtkWidget *few_page_get_sidebar (FewPage *self);
/* FALSE: this page takes none. */
gboolean few_page_take (FewPage *self, const char *const *paths, gboolean pasted);
/* Never NULL: empty when nothing is chosen. Free with g_ptr_array_unref. */
GPtrArray *few_page_get_chosen (FewPage *self);
void few_page_view_chosen (FewPage *self);
G_END_DECLS
