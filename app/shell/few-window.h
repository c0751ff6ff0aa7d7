/* SPDX-License-Identifier: MIT */
/* The window: class list at the side, pages, the α bar, drops, and an action for everything a
 * person can do. */
#pragma once
#include "pages/compare/few-compare-page.h"
#include "document/few-document.h"
#include "pages/examples/few-examples-page.h"
#include "pages/inspect/few-inspect-page.h"
#include "session/few-session.h"
#include "pages/try/few-try-page.h"
#include <adwaita.h>

G_BEGIN_DECLS
#define FEW_TYPE_WINDOW (few_window_get_type ())
G_DECLARE_FINAL_TYPE (FewWindow, few_window, FEW, WINDOW, AdwApplicationWindow)

FewWindow *few_window_new (AdwApplication *application);
FewSession *few_window_get_session (FewWindow *self);
FewDocument *few_window_get_document (FewWindow *self);
FewExamplesPage *few_window_get_examples (FewWindow *self);
FewInspectPage *few_window_get_inspect (FewWindow *self);
FewComparePage *few_window_get_compare (FewWindow *self);
FewTryPage *few_window_get_try (FewWindow *self);
FewThumbnails *few_window_get_thumbnails (FewWindow *self);
/* A toast; with_undo offers to undo what was just done. */
void few_window_say (FewWindow *self, const char *text, gboolean with_undo);
/* "examples", "train", "inspect", "try", "compare" */
void few_window_show_page (FewWindow *self, const char *page);
const char *few_window_get_page (FewWindow *self);

/* By its place in the list; −1: all classes. */
void few_window_select_class (FewWindow *self, int index);

/* few-window-actions.c */
void few_window_install_bindings (GtkWidgetClass *klass);
void few_window_actions_init (FewWindow *self);
/* Enables and disables by the session's state. */
void few_window_update_actions (FewWindow *self);
/* few-window-project.c */
void few_window_project_init (FewWindow *self);
void few_window_document_changed (FewWindow *self);
void few_window_open (FewWindow *self, const char *path);
/* Recent projects as menu items and, on the welcome page, as rows. */
void few_window_update_recent (FewWindow *self, GMenu *menu, GtkListBox *box);
/* few-window-models.c */
void few_window_models_init (FewWindow *self);
void few_window_models_watch (FewWindow *self);
void few_window_models_closed (FewWindow *self);
/* few-window-dnd.c */
void few_window_dnd_init (FewWindow *self);
/* The local paths of a GdkFileList, dropped or pasted; free with g_strfreev. */
char **few_window_paths_of (const GValue *files);
/* A drop on a class's row joins that class. */
void few_window_dnd_row (GtkWidget *row, FewWindow *self, FewClass *klass);
/* few-window-try.c */
void few_window_try_init (FewWindow *self);
/* few-window-tables.c */
void few_window_tables_init (FewWindow *self);
/* few-window-export.c */
/* Asks where to; `name` is what is offered. */
void few_window_export (FewWindow *self, const char *name);
/* .safetensors, .onnx: the adapter; .html, .csv: a report */
void few_window_export_to (FewWindow *self, const char *path);
void few_window_exported (FewWindow *self, const char *path, guint agree, guint total);
G_END_DECLS
