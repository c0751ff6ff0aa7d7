/* SPDX-License-Identifier: MIT */
/* CLIP-Adapter inside the image tower. */
#pragma once
#include "adapt/method.h"

/* As a method's run; options->after says after which block. */
gboolean few_insertion_run (FewMethodRun *run, GError **error);
