/* SPDX-License-Identifier: MIT */
/* The language of sentences: that of the program which uses the library, once it has chosen a
 * locale and bound the domain "fewshot"; English otherwise. Formats of few_fail are looked up by
 * it: `_` is for what a format takes. */
#pragma once
#define GETTEXT_PACKAGE "fewshot"
#include <glib/gi18n-lib.h>
