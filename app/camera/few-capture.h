/* SPDX-License-Identifier: MIT */
/* What a camera shows as picture files, in “Fewshot” among the person's pictures, a folder each
 * class. A thread writes them. */
#pragma once
#include "camera/few-camera.h"

G_BEGIN_DECLS
/* Frames of one sitting before the camera have one number in their EXIF, and those that follow each
 * other soon are a burst, which no split parts. */
typedef struct FewCapture FewCapture;

/* name: of the folder; NULL: "camera". */
FewCapture *few_capture_new (const char *name);
/* What is under way is written nevertheless. */
void few_capture_free (FewCapture *capture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewCapture, few_capture_free)
const char *few_capture_get_folder (const FewCapture *capture);
/* The frame in view; FALSE: there is none. */
gboolean few_capture_take (FewCapture *capture, FewCamera *camera, GAsyncReadyCallback done,
                           GObject *object, gpointer user);
/* The path; free with g_free. NULL with a sentence. */
char *few_capture_finish (GAsyncResult *result, GError **error);
G_END_DECLS
