/* SPDX-License-Identifier: MIT */
/* What the fake found wrong, and the switches by which tests and the environment drive it. */
#include "fake.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SHOWN_PER_KIND = 3, EXIT_STATUS = 96 };

GRecMutex fake_lock;
static guint reports;
static GHashTable *kinds;
static guint64 calls, fail_at, random_state;

static guint64
setting (const char *name, guint64 unset)
{
  const char *value = g_getenv (name);
  return value && *value ? g_ascii_strtoull (value, NULL, 10) : unset;
}

void
report (const char *kind, const char *format, ...)
{
  va_list list;
  va_start (list, format);
  g_autofree char *text = g_strdup_vprintf (format, list);
  va_end (list);
  if (!kinds)
    kinds = g_hash_table_new (g_str_hash, g_str_equal);
  guint seen = GPOINTER_TO_UINT (g_hash_table_lookup (kinds, kind));
  g_hash_table_insert (kinds, (gpointer) kind, GUINT_TO_POINTER (seen + 1));
  reports++;
  if (seen < SHOWN_PER_KIND)
    fprintf (stderr, "fakecuda: %s: %s\n", kind, text);
}

guint
report_count (void)
{
  return reports;
}

/* FAKECUDA_BROKEN=1:500: from its 500th call on, whatever cuda:1 is asked fails. */
static gboolean
is_broken (void)
{
  static guint of_device;
  const char *broken = g_getenv ("FAKECUDA_BROKEN");
  g_auto (GStrv) parts = g_strsplit (broken ? broken : "", ":", 2);
  if (!parts[0] || !parts[1] || atoi (parts[0]) != fake_device)
    return FALSE;
  return ++of_device >= (guint) atoi (parts[1]);
}

gboolean
call_fails (void)
{
  places_add ();
  return ++calls == fail_at || is_broken ();
}

guint
random_below (guint n)
{
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (guint) ((random_state >> 32) * n >> 32);
}

/* ---- for tests: dlsym on the module */

FAKE_EXPORT void fakecuda_fail_at (guint64 call);
FAKE_EXPORT guint64 fakecuda_calls (void);
FAKE_EXPORT guint fakecuda_reports (void);
FAKE_EXPORT void fakecuda_seed (guint64 seed);
FAKE_EXPORT void fakecuda_check_leaks (void);
void pinned_check (void);
void blas_check (void);

/* The call-th call from now on fails; 0: none. */
void
fakecuda_fail_at (guint64 call)
{
  FAKE_LOCKED;
  calls = 0;
  places_reset ();
  fail_at = call;
}

guint64
fakecuda_calls (void)
{
  return calls;
}

guint
fakecuda_reports (void)
{
  return reports;
}

void
fakecuda_seed (guint64 seed)
{
  FAKE_LOCKED;
  random_state = seed * 2654435761u + 88172645463325252ull;
}

/* Nothing may be left when a device has been closed. */
void
fakecuda_check_leaks (void)
{
  FAKE_LOCKED;
  if (device_in_use () > 0)
    report ("leak", "%" G_GSIZE_FORMAT " bytes of device memory", device_in_use ());
  if (streams_alive () > 0 || events_alive () > 0)
    report ("leak", "%u streams and %u events", streams_alive (), events_alive ());
  if (graphs_alive () > 0)
    report ("leak", "%u graphs", graphs_alive ());
  pinned_check ();
  blas_check ();
}

__attribute__ ((constructor)) static void
begin (void)
{
  fail_at = setting ("FAKECUDA_FAIL_AT", 0);
  fakecuda_seed (setting ("FAKECUDA_SEED", 1));
}

/* A program that exits well in spite of reports must not pass a test. */
__attribute__ ((destructor)) static void
end (void)
{
  fakecuda_check_leaks ();
  const char *path = g_getenv ("FAKECUDA_CALLS");
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT "\n", calls);
  if (path)
    g_file_set_contents (path, text, -1, NULL);
  if (reports == 0)
    return;
  fprintf (stderr, "fakecuda: %u reports\n", reports);
  fflush (NULL);
  _exit (EXIT_STATUS);
}
