/* SPDX-License-Identifier: MIT */
/* JSON a value at a time, in place: for files of tens of megabytes (vocabularies), of which a tree
 * would take ten times the room. Strict, and no deeper than 64. */
#pragma once
#include <glib.h>

/* Reading stops at the first fault: from then on every function says FALSE. */
typedef struct
{
  const char *at, *end;
  guint depth;
  const char *fault; /* a sentence's end, or NULL */
} FewJsonScan;

void few_json_scan_init (FewJsonScan *scan, const char *data, gsize length);
/* The character that the next value begins with; 0 at the end. */
char few_json_scan_peek (FewJsonScan *scan);
/* Into an object ('{') or an array ('['). */
gboolean few_json_scan_enter (FewJsonScan *scan, char open);
/* Whether another member or element follows; leaves the object or array where none does. */
gboolean few_json_scan_more (FewJsonScan *scan);
/* A string without its quotes and escapes, valid UTF-8; it may hold zero bytes. */
gboolean few_json_scan_string (FewJsonScan *scan, GString *out);
/* A member's name and the colon. */
gboolean few_json_scan_key (FewJsonScan *scan, GString *out);
gboolean few_json_scan_number (FewJsonScan *scan, double *out);
/* Past a value of any kind, whose nesting alone is checked. */
gboolean few_json_scan_skip (FewJsonScan *scan);
/* Nothing but white space is left. */
gboolean few_json_scan_finish (FewJsonScan *scan);
