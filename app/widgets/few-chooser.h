/* SPDX-License-Identifier: MIT */
/* Asking for files and folders. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS
typedef enum {
  FEW_CHOOSE_ANY,
  FEW_CHOOSE_PICTURES,
  FEW_CHOOSE_PROJECTS,
  FEW_CHOOSE_TO_OPEN, /* projects, and classifiers that become some */
  FEW_CHOOSE_LABELS,
  FEW_CHOOSE_ARCHIVES
} FewChooserFilter;

/* paths: at least one, all on this computer. Not called when nothing was chosen or the parent is
 * gone. */
typedef void (*FewChosenFunc) (gpointer object, const char *const *paths);

typedef struct
{
  const char *title;
  GtkFileChooserAction action;
  FewChooserFilter filter;
  gboolean several;
  const char *name; /* offered for a file to be written */
} FewChooser;

/* object: a GObject, kept until the answer, which is told to it. */
void few_choose (GtkWindow *parent, const FewChooser *chooser, FewChosenFunc chosen,
                 gpointer object);
G_END_DECLS
