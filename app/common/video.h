/* SPDX-License-Identifier: MIT */
/* Pictures of a video file, decoded by fewshot-frames. Any thread; each call waits. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS
typedef struct
{
  double seconds; /* −1: it does not say */
  guint width, height;
} FewVideoAbout;

enum { FEW_VIDEO_MOST = 1000, FEW_VIDEO_SIDE = 1280 };

typedef struct
{
  gboolean changes; /* where the picture changes, or else: */
  double interval;  /* seconds */
  guint most;       /* pictures */
  guint side;       /* pixels of the longer side at most */
} FewVideoOptions;

typedef struct
{
  GPtrArray *paths; /* char *: the pictures, in the video's order */
  guint there;      /* of them, those that were there already */
  gboolean more;    /* there would have been more than `most` */
  char *problem;    /* NULL, or a sentence: why the video was not read to its end */
} FewVideoTaken;

/* Where it is, seconds into it, from time to time. */
typedef void (*FewVideoFunc) (gpointer user, guint taken, double seconds);

gboolean few_video_about (const char *path, FewVideoAbout *about, GCancellable *cancellable,
                          GError **error);
/* How many pictures that will be, about; 0: that cannot be told. */
guint few_video_estimate (const FewVideoAbout *about, const FewVideoOptions *options);
/* Into a folder, which is made. What was taken before something went wrong stays, with the problem
 * in words; NULL where there is nothing. Cancelled, what this call wrote goes again. */
FewVideoTaken *few_video_take (const char *path, const char *folder, const FewVideoOptions *options,
                               FewVideoFunc func, gpointer user, GCancellable *cancellable,
                               GError **error);
void few_video_taken_free (FewVideoTaken *taken);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewVideoTaken, few_video_taken_free)
G_END_DECLS
