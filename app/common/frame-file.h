/* SPDX-License-Identifier: MIT */
/* A frame as a picture file of its own, and the folders that such files go to. Any thread. */
#pragma once
#include "common/frame-exif.h"

G_BEGIN_DECLS
/* “Fewshot” among the user's pictures; where there is no such folder, among the program's data.
 * Free with g_free. */
char *few_pictures_folder (void);
/* Where the frames of a video go unless somebody says otherwise: “NAME frames” beside it, or, where
 * nothing can be written there, in few_pictures_folder. Free with g_free. */
char *few_video_folder (const char *video);

/* rgb [height, width, 3] as FOLDER/NAME.jpg, whole or not at all. Where a file of that name holds
 * just that, it is the one, and *there (may be NULL) is counted; where it holds something else, a
 * number is added. Makes the folder. The path; free with g_free. */
char *few_frame_write (const guint8 *rgb, guint width, guint height, const char *folder,
                       const char *name, const FewFrameSource *source, guint *there,
                       GError **error);
G_END_DECLS
