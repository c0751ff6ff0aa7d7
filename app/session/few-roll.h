/* SPDX-License-Identifier: MIT */
/* Who takes part: classes and pictures as the worker takes them. */
#pragma once
#include "session/few-picture.h"
#include <fewshot.h>
#include <gio/gio.h>

G_BEGIN_DECLS
/* Pictures that take part, in the order of the list; classes likewise. Arrays are owned; strings
 * are borrowed from the classes and pictures and last until one of them changes. */
typedef struct
{
  FewPrompts prompts;
  FewLabelled pictures;
  GPtrArray *classes; /* FewClass, as they are numbered */
} FewRoll;

/* classes: of FewClass; pictures: of FewPicture, each of one of these classes, or, where `several`
 * is TRUE, of any number; template_text is borrowed. Clear with few_roll_clear. */
void few_roll_call (FewRoll *roll, GListModel *classes, const GPtrArray *pictures,
                    const char *template_text, gboolean several);
/* The classes alone, whatever pictures there are: none is looked at. */
void few_roll_call_classes (FewRoll *roll, GListModel *classes, const char *template_text);
void few_roll_clear (FewRoll *roll);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FewRoll, few_roll_clear)
G_END_DECLS
