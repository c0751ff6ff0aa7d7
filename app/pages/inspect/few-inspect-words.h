/* SPDX-License-Identifier: MIT */
/* What the run in view comes to, in one sentence. */
#pragma once
#include "session/few-session.h"

G_BEGIN_DECLS
/* With a snapshot in view. Free with g_free. */
char *few_inspect_words (FewSession *session);
/* A picture that is in the snapshot in view: its name, its class, what it may be. */
char *few_inspect_name_picture (FewSession *session, FewPicture *picture);
G_END_DECLS
