/* SPDX-License-Identifier: MIT */
/* Where the program's own data lies: installed, or in the source tree of a build that is not
 * installed. */
#pragma once
#include <glib.h>

/* The built-in pocket model's folder, or NULL when it was not installed. $FEWSHOT_POCKET comes
 * first (tests). */
char *few_pocket_folder (void);
/* The catalogue of models that can be fetched, or NULL when it was not installed.
 * $FEWSHOT_CATALOGUE comes first (tests). */
char *few_catalogue_path (void);
/* The program that reads cameras and videos, or NULL where neither an archive, a package nor this
 * build has it. $FEWSHOT_FRAMES comes first (tests). */
char *few_frames_program (void);
/* "pocket" → the pocket model's folder; the name of a model that was fetched, or found in a
 * Hugging Face cache → its folder; anything else is returned as it is. */
char *few_model_folder (const char *name);
