/* SPDX-License-Identifier: MIT */
/* What the run in view comes to, in one sentence. */
#pragma once
#include "session/few-session.h"

G_BEGIN_DECLS
/* With a snapshot in view. Free with g_free. */
char *few_inspect_words (FewSession *session);
G_END_DECLS
