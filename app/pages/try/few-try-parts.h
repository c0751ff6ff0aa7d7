/* SPDX-License-Identifier: MIT */
/* The widgets of Try that have much in them, made some a turn of the main loop. */
#pragma once
#include "pages/try/few-try-look.h"
#include "pages/try/few-try-working.h"
#include "widgets/few-promise-bar.h"
#include "widgets/few-top-classes.h"

G_BEGIN_DECLS
typedef struct
{
  guint built;
  FewPromiseBar *promise;
  FewTryLook *look;
  FewTopClasses *top;
  FewTryWorking *working;
} FewTryParts;

/* Some more of them; FALSE: all are there. In `views` the camera's pane, in `content` what works,
 * the others behind what may be the answer and behind the file's name. */
gboolean few_try_parts_build (FewTryParts *parts, GtkStack *views, GtkBox *content,
                              GtkLabel *may_be, GtkLabel *file);
G_END_DECLS
