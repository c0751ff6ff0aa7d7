/* SPDX-License-Identifier: MIT */
/* Small pictures that are part of a report's page. Any thread. */
#pragma once
#include <fewshot.h>
#include <gdk-pixbuf/gdk-pixbuf.h>

G_BEGIN_DECLS
enum { FEW_REPORT_PICTURE_SIDE = 240 };

/* What few_report_draw_picture may use to decode; free with few_decode_budget_unref. */
FewDecodeBudget *few_report_budget_new (void);
/* As base64 of a JPEG, free with g_free; NULL: it cannot be made. */
char *few_report_encode_jpeg (GdkPixbuf *pixbuf);
/* The same of a file; NULL: it cannot be read. */
char *few_report_draw_picture (const char *path, FewDecodeBudget *budget);
/* alternative: escaped. jpeg: as base64; NULL: there is none. */
void few_report_add_image (GString *page, const char *alternative, const char *jpeg);
G_END_DECLS
