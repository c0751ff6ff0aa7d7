/* SPDX-License-Identifier: MIT */
/* One file: its part, the head and the body of the answers that fill it, its sum at the end. */
#include "hub/transfer.h"
#include "base/hex.h"
#include "base/error.h"
#include "base/words.h"
#include "base/file.h"
#include "hub/fetched.h"
#include "hub/shelf.h"
#include <inttypes.h>
#include <fewshot/hub.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
  ERROR_PAGE = 64 << 10,     /* of an answer that is no file: read so much, no more */
  SPARE_DISK = 64 << 20,
  MOST_RETRY_AFTER = 120,
};
static const guint64 LARGEST_FILE = G_GUINT64_CONSTANT (64) << 30;

struct FewTransfer
{
  FewHubAccess access;
  const FewCatalogueEntry *entry;
  const FewCatalogueFile *file;
  char *folder, *path, *part, *url, *group;
  GKeyFile *state;
  FewHash *hash;
  int fd;
  CURL *curl;
  struct curl_slist *headers;
  guint64 done, total, received;
  gboolean began;      /* the answer's first byte was looked at */
  gboolean mismatched; /* once already */
  /* of the answer under way */
  char *etag, *linked_etag, *content_range;
  gboolean html;
  guint retry_after;
  guint64 discarded;
  GError *error;       /* why the write callback gave up */
};

/* ---- the answer's head */

static char *
read_field (const char *line, gsize length, const char *name)
{
  gsize n = strlen (name);
  if (length <= n || g_ascii_strncasecmp (line, name, n) != 0 || line[n] != ':')
    return NULL;
  return g_strstrip (g_strndup (line + n + 1, length - n - 1));
}

static size_t
take_head_line (char *line, size_t size, size_t n, void *user)
{
  FewTransfer *t = user;
  gsize length = size * n;
  char *value;
  /* of each hop; the link's own hash is told by the first alone */
  if (g_str_has_prefix (line, "HTTP/"))
    {
      g_clear_pointer (&t->etag, g_free);
      g_clear_pointer (&t->content_range, g_free);
      t->html = FALSE;
      t->retry_after = 0;
    }
  else if ((value = read_field (line, length, "etag")))
    {
      g_free (t->etag);
      t->etag = value;
    }
  else if ((value = read_field (line, length, "x-linked-etag")))
    {
      g_free (t->linked_etag);
      t->linked_etag = value;
    }
  else if ((value = read_field (line, length, "content-range")))
    {
      g_free (t->content_range);
      t->content_range = value;
    }
  else if ((value = read_field (line, length, "content-type")))
    {
      t->html = g_str_has_prefix (value, "text/html");
      g_free (value);
    }
  else if ((value = read_field (line, length, "retry-after")))
    {
      t->retry_after = (guint) MIN (g_ascii_strtoull (value, NULL, 10), MOST_RETRY_AFTER);
      g_free (value);
    }
  return length;
}

/* "…64 hex digits…" in quotes or without; NULL for another kind of tag */
static char *
read_tag_sha256 (const char *tag)
{
  g_autofree char *unquoted = g_strdelimit (g_strdup (tag ? tag : ""), "\"", ' ');
  g_autofree char *bare = g_ascii_strdown (unquoted, -1);
  g_strstrip (bare);
  return few_hex_is_sha256 (bare) ? g_steal_pointer (&bare) : NULL;
}

/* ---- its body */

static gboolean
restart_part (FewTransfer *t)
{
  t->done = 0;
  few_hash_restart (t->hash);
  if (ftruncate (t->fd, 0) == 0 && lseek (t->fd, 0, SEEK_SET) == 0)
    return TRUE;
  few_fail_errno (&t->error, t->part, FEW_FILE_WRITTEN, errno);
  return FALSE;
}

static gboolean
save_state (FewTransfer *t, GError **error)
{
  g_autofree char *path = g_build_filename (t->folder, FEW_SHELF_PART, NULL);
  return few_file_save_keys (t->state, path, error);
}

/* Before the first byte of a file is kept: where it belongs, how long it will be, whether it can
 * be what was asked for. */
static gboolean
begin_body (FewTransfer *t, long status)
{
  curl_off_t length = -1;
  guint64 first = 0;
  guint64 last;
  guint64 total = 0;
  curl_easy_getinfo (t->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (status == 206)
    {
      if (!t->content_range
          || sscanf (t->content_range,
                     "bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT, &first,
                     &last, &total)
                 != 3
          || first != t->done || last >= total)
        {
          few_fail (&t->error, INPUT, "The server sent another part of %s than the one asked for.",
                    t->file->name);
          return FALSE;
        }
    }
  else
    {
      total = length > 0 ? (guint64) length : 0;
      /* the file has changed since, or the server knows no ranges */
      if (t->done > 0 && !restart_part (t))
        return FALSE;
    }
  if (t->html)
    {
      few_fail (&t->error, INPUT,
                "The server sent a web page in the place of %s. A sign-in page of the network may "
                "stand in between.",
                t->file->name);
      return FALSE;
    }
  if ((t->file->bytes && total && total != t->file->bytes) || total > LARGEST_FILE)
    {
      few_fail (&t->error, INPUT,
                "%s has %" PRIu64 " bytes on the server and should have %" PRIu64 ".",
                t->file->name, total, t->file->bytes ? t->file->bytes : LARGEST_FILE);
      return FALSE;
    }
  t->total = total ? total : t->file->bytes;
  g_key_file_set_string (t->state, t->group, "etag", t->etag ? t->etag : "");
  g_key_file_set_string (t->state, t->group, "linked-etag", t->linked_etag ? t->linked_etag : "");
  g_key_file_set_uint64 (t->state, t->group, "total", t->total);
  return save_state (t, &t->error);
}

/* safetensors begin with the length of their header and a brace. */
static gboolean
check_beginning (FewTransfer *t, const char *data, gsize size)
{
  guint64 header;
  if (t->done > 0 || size < 9 || !g_str_has_suffix (t->file->name, ".safetensors"))
    return TRUE;
  memcpy (&header, data, sizeof header);
  if (GUINT64_FROM_LE (header) < (guint64) 200 << 20 && data[8] == '{')
    return TRUE;
  const char *but = memcmp (data, "PK", 2) == 0 ? _ (" but a zip archive") : "";
  few_fail (&t->error, INPUT, "What the server sent as %s is no safetensors file%s.", t->file->name,
            data[0] == '<' ? _ (" but a web page") : but);
  return FALSE;
}

static gboolean
write_all (FewTransfer *t, const char *data, gsize size)
{
  while (size > 0)
    {
      gssize n = write (t->fd, data, size);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          few_fail_errno (&t->error, t->part, FEW_FILE_WRITTEN, errno);
          return FALSE;
        }
      data += n;
      size -= (gsize) n;
    }
  return TRUE;
}

static size_t
take_body (char *data, size_t size, size_t n, void *user)
{
  FewTransfer *t = user;
  gsize length = size * n;
  long status = 0;
  curl_easy_getinfo (t->curl, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200 && status != 206)
    return (t->discarded += length) > ERROR_PAGE ? 0 : length;
  if (!t->began && !begin_body (t, status))
    return 0;
  if ((!t->began && !check_beginning (t, data, length)))
    return 0;
  t->began = TRUE;
  if (t->done + length > (t->total ? t->total : FEW_UNTOLD_FILE))
    {
      few_fail (&t->error, INPUT, "The server sends more of %s than it announced.", t->file->name);
      return 0;
    }
  if (!write_all (t, data, length))
    return 0;
  few_hash_update (t->hash, data, length);
  t->done += length;
  t->received += length;
  return length;
}

/* ---- life */

/* Hashes what an earlier run left. */
static gboolean
read_part (FewTransfer *t, GCancellable *cancellable, GError **error)
{
  g_autofree char *buffer = g_malloc (FEW_REQUEST_BUFFER);
  gssize n;
  while ((n = read (t->fd, buffer, FEW_REQUEST_BUFFER)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          few_fail_errno (error, t->part, FEW_FILE_READ, errno);
          return FALSE;
        }
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      few_hash_update (t->hash, buffer, (gsize) n);
      t->done += (guint64) n;
    }
  return TRUE;
}

FewTransfer *
few_transfer_new (const FewHubAccess *access, FewHasher *hasher, const FewCatalogueEntry *entry,
                  const FewCatalogueFile *file, const char *folder, GKeyFile *state,
                  GCancellable *cancellable, GError **error)
{
  FewTransfer *t = g_new0 (FewTransfer, 1);
  t->access = *access;
  t->entry = entry;
  t->file = file;
  t->folder = g_strdup (folder);
  t->state = g_key_file_ref (state);
  t->path = g_build_filename (folder, file->name, NULL);
  t->part = g_strconcat (t->path, ".part", NULL);
  t->group = g_strconcat ("file ", file->name, NULL);
  t->url = g_strdup_printf ("%s/%s/resolve/%s/%s", access->endpoint, entry->repository,
                            entry->revision, file->name);
  t->hash = few_hash_new (hasher);
  t->fd = few_file_open_to_write (t->part, O_RDWR | O_CREAT, 0666, error);
  if (t->fd < 0 || !read_part (t, cancellable, error))
    g_clear_pointer (&t, few_transfer_free);
  else
    t->total = g_key_file_get_uint64 (state, t->group, "total", NULL);
  return t;
}

void
few_transfer_stop (FewTransfer *t)
{
  if (t->curl)
    curl_easy_cleanup (t->curl);
  t->curl = NULL;
  g_clear_pointer (&t->headers, curl_slist_free_all);
}

void
few_transfer_free (FewTransfer *t)
{
  few_transfer_stop (t);
  if (t->fd >= 0)
    close (t->fd);
  few_hash_free (t->hash);
  g_clear_pointer (&t->state, g_key_file_unref);
  g_clear_error (&t->error);
  g_free (t->etag);
  g_free (t->linked_etag);
  g_free (t->content_range);
  g_free (t->folder);
  g_free (t->path);
  g_free (t->part);
  g_free (t->url);
  g_free (t->group);
  g_free (t);
}

static gboolean
check_room (FewTransfer *t, GError **error)
{
  struct statvfs info;
  guint64 wanted = few_transfer_total (t);
  if (wanted == 0)
    wanted = t->entry->about;
  wanted = wanted > t->done ? wanted - t->done : 0;
  if (statvfs (t->folder, &info) != 0)
    return TRUE; /* writing will tell */
  guint64 free_bytes = (guint64) info.f_bavail * info.f_frsize;
  if (free_bytes >= wanted + SPARE_DISK)
    return TRUE;
  few_fail (error, LIMIT,
            "There is not enough room in %s: %" PRIu64 " MB are wanted, %" PRIu64 " MB are free.",
            t->folder, (wanted + SPARE_DISK) >> 20, free_bytes >> 20);
  return FALSE;
}

CURL *
few_transfer_start (FewTransfer *t, GError **error)
{
  g_autofree char *etag = g_key_file_get_string (t->state, t->group, "etag", NULL);
  g_autofree char *linked = g_key_file_get_string (t->state, t->group, "linked-etag", NULL);
  g_autofree char *linked_sha256 = read_tag_sha256 (linked);
  gboolean strong = etag && *etag == '"';
  gboolean known = t->file->sha256 || linked_sha256;
  if (!check_room (t, error))
    return NULL;
  /* A part whose file may have changed since is only worth going on with when that would show:
   * by its tag, or by its sum at the end. */
  if (t->done > 0 && !strong && !known && !restart_part (t))
    {
      g_propagate_error (error, g_steal_pointer (&t->error));
      return NULL;
    }
  t->curl = few_request_handle (&t->access, t->url);
  t->began = FALSE;
  t->discarded = 0;
  if (t->done > 0)
    {
      g_autofree char *range = g_strdup_printf ("%" G_GUINT64_FORMAT "-", t->done);
      g_autofree char *condition = strong ? g_strdup_printf ("If-Range: %s", etag) : NULL;
      curl_easy_setopt (t->curl, CURLOPT_RANGE, range);
      if (condition)
        t->headers = curl_slist_append (NULL, condition);
      curl_easy_setopt (t->curl, CURLOPT_HTTPHEADER, t->headers);
    }
  curl_easy_setopt (t->curl, CURLOPT_HEADERFUNCTION, take_head_line);
  curl_easy_setopt (t->curl, CURLOPT_HEADERDATA, t);
  curl_easy_setopt (t->curl, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt (t->curl, CURLOPT_WRITEDATA, t);
  return t->curl;
}

/* The whole file is in the part: its sum, then its name. */
static FewOutcome
take_part_over (FewTransfer *t, GError **error)
{
  g_autofree char *sum = few_hash_finish (t->hash);
  g_autofree char *linked = read_tag_sha256 (t->linked_etag);
  g_autofree char *tagged = read_tag_sha256 (t->etag);
  g_autofree char *kept = NULL;
  if (!linked && !tagged && !t->file->sha256) /* the answer to a part's end tells nothing new */
    {
      g_autofree char *tag = g_key_file_get_string (t->state, t->group, "linked-etag", NULL);
      kept = read_tag_sha256 (tag);
    }
  const char *sums[] = { t->file->sha256, linked, tagged, kept };
  const char *expected = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (sums) && !expected; i++)
    expected = sums[i];
  if (expected && !g_str_equal (expected, sum))
    {
      g_autofree char *aside = g_strconcat (t->path, ".damaged", NULL);
      close (t->fd);
      t->fd = -1;
      if (g_rename (t->part, aside) != 0)
        {
          few_fail_errno (error, t->part, FEW_FILE_WRITTEN, errno);
          return FEW_OUTCOME_FAILED;
        }
      t->fd = few_file_open_to_write (t->part, O_RDWR | O_CREAT, 0666, error);
      if (t->fd < 0)
        return FEW_OUTCOME_FAILED;
      t->done = 0;
      few_fail (
          error, INPUT,
          "%s arrived damaged: its SHA-256 is %.12s… and should be %.12s…. It was put aside as %s.",
          t->file->name, sum, expected, aside);
      gboolean again = !t->mismatched;
      t->mismatched = TRUE;
      return again ? FEW_OUTCOME_AGAIN : FEW_OUTCOME_FAILED;
    }
  if (!few_fetched_check (t->part, t->file->name, error))
    {
      gboolean again = !t->mismatched && restart_part (t);
      t->mismatched = TRUE;
      return again ? FEW_OUTCOME_AGAIN : FEW_OUTCOME_FAILED;
    }
  if (fsync (t->fd) != 0 || g_rename (t->part, t->path) != 0)
    {
      few_fail_errno (error, t->path, FEW_FILE_WRITTEN, errno);
      return FEW_OUTCOME_FAILED;
    }
  g_key_file_set_string (t->state, t->group, "sha256", sum);
  g_key_file_set_uint64 (t->state, t->group, "bytes", t->done);
  return save_state (t, error) ? FEW_OUTCOME_DONE : FEW_OUTCOME_FAILED;
}

FewOutcome
few_transfer_end (FewTransfer *t, CURLcode code, guint *retry_after, GError **error)
{
  long status = 0;
  FewOutcome outcome;
  curl_easy_getinfo (t->curl, CURLINFO_RESPONSE_CODE, &status);
  *retry_after = t->retry_after;
  if (t->error) /* the part may hold what cannot be trusted, or the disk is full */
    {
      gboolean disk = t->error->domain == G_FILE_ERROR; /* what is there was written as it came */
      g_propagate_error (error, g_steal_pointer (&t->error));
      outcome = FEW_OUTCOME_FAILED;
      if (!disk && !restart_part (t))
        g_clear_error (&t->error);
    }
  else if (status == 416 && t->total && t->done == t->total) /* the part was whole already */
    outcome = take_part_over (t, error);
  else if (status == 416)
    {
      few_fail (error, INPUT, "The file on the server has become shorter.");
      outcome = restart_part (t) ? FEW_OUTCOME_AGAIN : FEW_OUTCOME_FAILED;
      g_clear_error (&t->error);
    }
  else
    {
      g_autofree char *what = g_strdup_printf ("%s/%s", t->entry->repository, t->file->name);
      outcome = few_request_outcome (t->curl, code, t->url, what, t->retry_after, error);
      if (outcome == FEW_OUTCOME_DONE && t->total && t->done < t->total)
        {
          few_fail (error, INPUT, "The connection ended before the whole of %s was there.",
                    t->file->name);
          outcome = FEW_OUTCOME_AGAIN;
        }
      else if (outcome == FEW_OUTCOME_DONE && t->done == 0)
        {
          few_fail (error, INPUT, "%s is empty on the server.", what);
          outcome = FEW_OUTCOME_FAILED;
        }
      else if (outcome == FEW_OUTCOME_DONE)
        outcome = take_part_over (t, error);
    }
  few_transfer_stop (t);
  return outcome;
}

guint64
few_transfer_done (const FewTransfer *t)
{
  return t->done;
}

guint64
few_transfer_total (const FewTransfer *t)
{
  return t->total ? t->total : t->file->bytes;
}

guint64
few_transfer_received (const FewTransfer *t)
{
  return t->received;
}
