/* SPDX-License-Identifier: MIT */
/* CLIP-Adapter inside the image tower. */
#pragma once
#include "adapt/method.h"

/* As a method's run; the adapter stands after block number `after`, from 1. */
gboolean few_insertion_run (FewMethodRun *run, guint after, GError **error);
