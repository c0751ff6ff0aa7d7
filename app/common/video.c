/* SPDX-License-Identifier: MIT */
/* Reads the records of fewshot-frames one after the other, with an end to all patience. */
#include "common/video.h"
#include "common/frame-file.h"
#include "common/frames.h"
#include <errno.h>
#include <fewshot.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SILENCE = 30000 }; /* ms without a word: it hangs */

typedef struct
{
  GSubprocess *process;
  int fd; /* the process's */
  GCancellable *cancellable;
  char *shown; /* the file */
  FewFramesHead head;
  guint8 *data; /* what came with it */
  gsize room;
  gboolean heard; /* anything at all */
} Reader;

static void
reader_clear (Reader *reader)
{
  if (reader->process)
    g_subprocess_force_exit (reader->process);
  g_clear_object (&reader->process);
  g_free (reader->shown);
  g_free (reader->data);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

/* ---- records */

static void
fail_broken (const Reader *reader, GError **error)
{
  /* Translators: a file */
  g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT,
               _ ("%s broke the decoder, or made it hang: it is damaged, or not what it says."),
               reader->shown);
}

/* Its output has ended: so has it, or it is made to. */
static void
fail_ended (const Reader *reader, GError **error)
{
  g_subprocess_force_exit (reader->process);
  g_subprocess_wait (reader->process, NULL, NULL);
  if (reader->heard || !few_frames_lacks_libraries (reader->process, error))
    fail_broken (reader, error);
}

static gboolean
wait_for_data (Reader *reader, GError **error)
{
  GPollFD fds[2] = { { .fd = reader->fd, .events = G_IO_IN } };
  gboolean watched = g_cancellable_make_pollfd (reader->cancellable, &fds[1]);
  int ready = g_poll (fds, watched ? 2 : 1, SILENCE);
  if (watched)
    g_cancellable_release_fd (reader->cancellable);
  if (g_cancellable_set_error_if_cancelled (reader->cancellable, error))
    return FALSE;
  if (ready > 0 || (ready < 0 && errno == EINTR))
    return TRUE;
  fail_broken (reader, error);
  return FALSE;
}

static gboolean
read_all (Reader *reader, gpointer out, gsize size, GError **error)
{
  for (guint8 *at = out; size > 0;)
    {
      if (!wait_for_data (reader, error))
        return FALSE;
      gssize n = read (reader->fd, at, size);
      if (n < 0 && (errno == EINTR || errno == EAGAIN))
        continue;
      if (n <= 0)
        {
          fail_ended (reader, error);
          return FALSE;
        }
      reader->heard = TRUE;
      at += n;
      size -= (gsize) n;
    }
  return TRUE;
}

/* The next record; FALSE also where it is a problem, which is the error then. */
static gboolean
read_record (Reader *reader, GError **error)
{
  if (!read_all (reader, &reader->head, sizeof reader->head, error))
    return FALSE;
  if (!few_frames_check (&reader->head))
    {
      fail_broken (reader, error);
      return FALSE;
    }
  if (reader->room < (gsize) reader->head.length + 1)
    {
      reader->room = (gsize) reader->head.length + 1;
      reader->data = g_realloc (reader->data, reader->room);
    }
  if (!read_all (reader, reader->data, reader->head.length, error))
    return FALSE;
  if (reader->head.kind != FEW_FRAMES_PROBLEM)
    return TRUE;
  reader->data[reader->head.length] = 0;
  few_frames_fail (&reader->head, (const char *) reader->data, reader->shown, error);
  return FALSE;
}

/* ---- the file */

/* Neither a pipe nor a device is waited for. */
static gboolean
check_file (const char *path, GStatBuf *info, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  if (g_stat (path, info) != 0)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                 _ ("%s could not be opened: %s."), shown, g_strerror (errno));
  else if (!S_ISREG (info->st_mode))
    g_set_error (error, FEW_ERROR, FEW_ERROR_INPUT, _ ("%s is not a regular file."), shown);
  else
    return TRUE;
  return FALSE;
}

static gboolean
begin (Reader *reader, const char *path, const char *const *arguments, GCancellable *cancellable,
       GStatBuf *info, GError **error)
{
  reader->shown = g_filename_display_basename (path);
  reader->cancellable = cancellable;
  if (!check_file (path, info, error))
    return FALSE;
  reader->process = few_frames_spawn (arguments, -1, error);
  if (!reader->process)
    return FALSE;
  GInputStream *stream = g_subprocess_get_stdout_pipe (reader->process);
  reader->fd = g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (stream));
  return TRUE;
}

static void
take_about (const Reader *reader, FewVideoAbout *about)
{
  about->seconds = reader->head.time < 0 ? -1 : (double) reader->head.time / 1e9;
  about->width = reader->head.width;
  about->height = reader->head.height;
}

gboolean
few_video_about (const char *path, FewVideoAbout *about, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (path && about, FALSE);
  g_auto (Reader) reader = { 0 };
  GStatBuf info;
  if (!begin (&reader, path, (const char *const[]) { "about", path, NULL }, cancellable, &info,
              error)
      || !read_record (&reader, error))
    return FALSE;
  if (reader.head.kind != FEW_FRAMES_ABOUT)
    {
      fail_broken (&reader, error);
      return FALSE;
    }
  take_about (&reader, about);
  return TRUE;
}

guint
few_video_estimate (const FewVideoAbout *about, const FewVideoOptions *options)
{
  g_return_val_if_fail (about && options, 0);
  if (about->seconds < 0 || options->changes || options->interval <= 0)
    return 0;
  return (guint) CLAMP (ceil (about->seconds / options->interval), 1, options->most);
}

/* What tells this video from others whatever it is called: its size, beginning and end. */
static char *
make_serial (const char *path, const GStatBuf *info)
{
  enum { PART = 1 << 20 };
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, (guint64) info->st_size);
  g_autofree guchar *part = g_malloc (PART);
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  g_checksum_update (sum, (const guchar *) size, -1);
  for (guint i = 0; fd >= 0 && i < 2; i++)
    {
      gssize n = pread (fd, part, PART, i ? MAX (0, info->st_size - PART) : 0);
      if (n > 0)
        g_checksum_update (sum, part, n);
    }
  if (fd >= 0)
    close (fd);
  return g_strndup (g_checksum_get_string (sum), 16);
}

/* ---- pictures */

typedef struct
{
  const char *folder;
  char *stem; /* of the names */
  guint most;
  FewFrameSource source;
  FewVideoTaken *taken;
  GPtrArray *written; /* char *: what was not there */
} Writer;

static gboolean
write_frame (Writer *writer, const Reader *reader, GError **error)
{
  double seconds = (double) reader->head.time / 1e9;
  g_autofree char *name = g_strdup_printf ("%s %05u.%03us", writer->stem, (guint) seconds,
                                           (guint) (reader->head.time / 1000000 % 1000));
  g_autofree char *description = g_strdup_printf ("%s, %.3f s", reader->shown, seconds);
  guint before = writer->taken->there;
  writer->source.description = description;
  char *path =
      few_frame_write (reader->data, reader->head.width, reader->head.height, writer->folder, name,
                       &writer->source, &writer->taken->there, error);
  if (!path)
    return FALSE;
  g_ptr_array_add (writer->taken->paths, path);
  if (writer->taken->there == before)
    g_ptr_array_add (writer->written, path);
  return TRUE;
}

/* A file whose end is missing ends before it said that it would. */
static void
note_cut (FewVideoTaken *taken, const Reader *reader, double passed, double seconds)
{
  if (taken->more || seconds < 0 || passed > seconds - MAX (2, .1 * seconds))
    return;
  /* Translators: a file, seconds */
  taken->problem =
      g_strdup_printf (_ ("%s says that it is %.0f s long and ends after %.0f s: it is "
                          "cut off, or damaged there."),
                       reader->shown, seconds, passed);
}

/* Until the end is said. */
static gboolean
take_records (Reader *reader, Writer *writer, FewVideoFunc func, gpointer user, GError **error)
{
  FewVideoAbout about = { .seconds = -1 };
  double passed = 0;
  for (;;)
    {
      if (!read_record (reader, error))
        return FALSE;
      if (reader->head.kind == FEW_FRAMES_END)
        break;
      if (reader->head.kind == FEW_FRAMES_FRAME && writer->taken->paths->len == writer->most)
        {
          fail_broken (reader, error);
          return FALSE;
        }
      if (reader->head.kind == FEW_FRAMES_FRAME && !write_frame (writer, reader, error))
        return FALSE;
      if (reader->head.kind == FEW_FRAMES_ABOUT)
        take_about (reader, &about);
      else
        passed = MAX (passed, (double) reader->head.time / 1e9);
      if (func)
        func (user, writer->taken->paths->len, passed);
    }
  writer->taken->more = reader->head.code != 0;
  note_cut (writer->taken, reader, passed, about.seconds);
  return TRUE;
}

void
few_video_taken_free (FewVideoTaken *taken)
{
  g_ptr_array_unref (taken->paths);
  g_free (taken->problem);
  g_free (taken);
}

static GSubprocess *
start (Reader *reader, const char *path, const FewVideoOptions *options, GCancellable *cancellable,
       GStatBuf *info, GError **error)
{
  char interval[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *most = g_strdup_printf ("%u", options->most);
  g_autofree char *side = g_strdup_printf ("%u", MIN (options->side, FEW_FRAMES_MOST_SIDE));
  g_ascii_dtostr (interval, sizeof interval, options->interval);
  const char *const every[] = { "every", interval, most, side, path, NULL };
  const char *const changes[] = { "changes", most, side, path, NULL };
  return begin (reader, path, options->changes ? changes : every, cancellable, info, error)
             ? reader->process
             : NULL;
}

/* What stays of what was taken when something goes wrong. */
static FewVideoTaken *
settle (Writer *writer, GError *failed, GError **error)
{
  g_autoptr (FewVideoTaken) taken = g_steal_pointer (&writer->taken);
  if (g_error_matches (failed, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      for (guint i = 0; i < writer->written->len; i++)
        g_unlink (writer->written->pdata[i]);
      if (writer->written->len)
        g_rmdir (writer->folder); /* unless it holds something else */
    }
  else if (taken->paths->len > 0)
    {
      taken->problem = g_strdup (failed->message);
      g_error_free (failed);
      return g_steal_pointer (&taken);
    }
  g_propagate_error (error, failed);
  return NULL;
}

FewVideoTaken *
few_video_take (const char *path, const char *folder, const FewVideoOptions *options,
                FewVideoFunc func, gpointer user, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (path && folder && options && options->most > 0, NULL);
  g_auto (Reader) reader = { 0 };
  GError *failed = NULL;
  GStatBuf info;
  if (!start (&reader, path, options, cancellable, &info, error))
    return NULL;
  g_autofree char *stem = g_path_get_basename (path);
  g_autofree char *serial = make_serial (path, &info);
  g_autoptr (GPtrArray) written = g_ptr_array_new ();
  char *dot = strrchr (stem, '.');
  if (dot && dot != stem)
    *dot = 0;
  Writer writer = { .folder = folder,
                    .stem = stem,
                    .most = options->most,
                    .source = { .model = "video",
                                .serial = serial,
                                .time = (gint64) info.st_mtime * G_USEC_PER_SEC },
                    .taken = g_new0 (FewVideoTaken, 1),
                    .written = written };
  writer.taken->paths = g_ptr_array_new_with_free_func (g_free);
  if (!take_records (&reader, &writer, func, user, &failed))
    return settle (&writer, failed, error);
  return writer.taken;
}
