/* SPDX-License-Identifier: MIT */
/* What the next run would learn from and how long that takes, said in a label. It is drawn as the
 * run would draw it, which takes a while with many pictures: in a turn of its own, and once however
 * often it is asked for. The UI thread only. */
#pragma once
#include "session/few-session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS
typedef struct FewOutlook FewOutlook;

/* Both live longer. Free with few_outlook_free. */
FewOutlook *few_outlook_new (FewSession *session, GtkLabel *label);
void few_outlook_free (FewOutlook *outlook);
/* A run began or ended: what it took is noted. */
void few_outlook_follow (FewOutlook *outlook);
/* It may be another one. */
void few_outlook_update (FewOutlook *outlook);
G_END_DECLS
