/* SPDX-License-Identifier: MIT */
/* Bytes as hexadecimal digits: how sums of files are told. */
#pragma once
#include <glib.h>

/* out [2 n + 1], in lower case */
void few_hex (const guint8 *bytes, gsize n, char *out);
/* Whether text is a SHA-256 as few_hex writes it. */
gboolean few_hex_is_sha256 (const char *text);
