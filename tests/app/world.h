/* SPDX-License-Identifier: MIT */
/* A window with pictures in it, as tests of the window begin. */
#pragma once
#include "pages/examples/few-import-preview.h"
#include "shell/few-application.h"
#include "shell/few-window.h"

#define WAIT(condition)                                                                            \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gint64 until = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;                                  \
    while (!(condition))                                                                           \
      {                                                                                            \
        if (g_get_monotonic_time () > until)                                                       \
          g_error ("waited in vain for %s", #condition);                                           \
        g_main_context_iteration (NULL, FALSE);                                                    \
        g_usleep (300);                                                                            \
      }                                                                                            \
  }                                                                                                \
  G_STMT_END

typedef struct
{
  FewWindow *window;
  FewSession *session;
  /* the session's */
  FewExamples *examples;
  FewDesk *desk;
  FewImport *import;
  FewMissing *missing;
  FewView *view;
  FewRuns *runs;
  FewTrials *trials;
  char *folder;
  guint exported, agree, total;
  GPtrArray *messages;
} World;

/* One for all tests; not unique on its bus. */
void world_begin (int *argc, char ***argv);
/* Dark plain pictures and light striped ones, a text file, an empty file, and one picture twice. */
void world_write_pictures (const char *folder);
World *world_new (void);
void world_free (World *w);
/* A path in a window of its own, which the world is at from then on. Who calls it keeps a copy of
 * the world, destroys that window and puts the copy back. */
void world_open (World *w, const char *path);
void world_drop (GtkWidget *widget, const char *path);
/* The same of any boxed value, for the target that takes its type. */
void world_drop_boxed (GtkWidget *widget, GType type, gconstpointer boxed);
/* The first widget of a type, and of a style class unless NULL. */
GtkWidget *world_find_styled (GtkWidget *root, GType type, const char *style);
GtkWidget *world_find_widget (GtkWidget *root, GType type);
/* The window of that type that is in view, or NULL. */
GtkWidget *world_find_window (GType type);
/* The toast in view, or NULL. */
GtkWidget *world_find_toast (World *w);
/* The first label below root that says so, and whether there is one; below NULL there is none. */
GtkWidget *world_find_label (GtkWidget *root, const char *words);
gboolean world_says (GtkWidget *root, const char *words);
/* A key, for the widget's controllers up to the one that takes it; whether one does. */
gboolean world_press (GtkWidget *widget, guint key, GdkModifierType state);
/* Until its window has drawn so many more. */
void world_wait_for_frames (GtkWidget *widget, guint n);
/* The project as it would be saved; free with g_free. */
char *world_get_json (World *w);
/* The one at that place; borrowed. */
FewPicture *world_get_picture (World *w, guint position);
guint world_count_pictures (World *w);
/* What the tiles of Examples show, and which of them are chosen. */
GtkSelectionModel *world_find_tiles (World *w);
/* What is kept by each picture that changes is what a walk through all of them finds. */
void world_assert_counted (World *w);
guint world_count_state (World *w, FewPictureState state);
void world_act (World *w, const char *name, const char *format, ...);
gboolean world_enabled (World *w, const char *name);
/* Whether n pictures were dropped on Try and all are answered or refused. */
gboolean world_has_tried (World *w, guint n);
/* How many pictures the class of that name has; 0: there is none. */
guint world_count_class (World *w, const char *name);
/* That of the picture's name; borrowed. */
FewTrial *world_find_trial (World *w, const char *name);
/* The dialog that says what a drop will do, or NULL; its answer, after which it is gone; whether
 * its sentences hold these words. */
FewImportPreview *world_find_preview (void);
void world_answer_preview (const char *response);
gboolean world_preview_says (const char *words);
/* The pictures of write_pictures, dropped and encoded. */
void world_import (World *w);
/* Pictures 00.png … with a file of their labels, whose path is returned: red where the first bit of
 * the number is set, green by the second, so that one is of both, of one or of none. */
char *world_write_labelled (const char *folder, guint n);
/* They, taken in as pictures with any number of labels, and encoded. */
void world_import_labelled (World *w, guint n);
/* The settings of the next run, by another value of one of them. */
void world_set_epochs (World *w, guint epochs);
void world_train (World *w, guint epochs);
/* By a method, as FewTrainJob.method. */
void world_learn (World *w, const char *method);
