/* SPDX-License-Identifier: MIT */
/* The door to the formats that answers are kept in. */
#include "common/keep-private.h"
#include <stdio.h>
#include <string.h>

const char *
few_keep_format_name (FewKeepFormat format)
{
  static const char *const names[] = { "timelapse", "camtrap-dp", "coco" };
  return format < FEW_KEEP_FORMATS ? names[format] : NULL;
}

/* ---- deployments */

static gboolean
is_time (const char *text)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, zone);
  return time && strlen (text) == 19;
}

static gboolean
is_zone (const char *zone)
{
  if (g_str_equal (zone, "Z"))
    return TRUE;
  gboolean shaped = strlen (zone) == 6 && strchr ("+-", zone[0]) && zone[3] == ':'
                    && g_ascii_isdigit (zone[1]) && g_ascii_isdigit (zone[2])
                    && g_ascii_isdigit (zone[4]) && g_ascii_isdigit (zone[5]);
  return shaped && g_ascii_strtoll (zone + 1, NULL, 10) < 15 && zone[4] < '6';
}

const char *
few_deployment_check (const FewDeployment *deployment)
{
  const FewDeployment *d = deployment;
  if (!(d->latitude >= -90 && d->latitude <= 90))
    return "a Camtrap DP tells where the camera stood: latitude from -90 to 90.";
  if (!(d->longitude >= -180 && d->longitude <= 180))
    return "a Camtrap DP tells where the camera stood: longitude from -180 to 180.";
  if (!d->zone || !is_zone (d->zone))
    return "a Camtrap DP tells times with their zone, which cameras do not know: zone=+02:00, or "
           "Z.";
  if ((d->start && !is_time (d->start)) || (d->end && !is_time (d->end)))
    return "start and end are written as 2026-05-01T12:00:00.";
  return NULL;
}

/* ---- life */

FewKeeper *
few_keeper_new (const FewKeepOptions *options, GError **error)
{
  static const FewKeepKind *const kinds[] = { &few_keep_timelapse, &few_keep_camtrap,
                                              &few_keep_coco };
  g_return_val_if_fail (options && options->output && options->classes, NULL);
  g_return_val_if_fail (options->format < FEW_KEEP_FORMATS, NULL);
  g_autoptr (FewKeeper) keeper = g_new0 (FewKeeper, 1);
  g_autofree char *whole = g_canonicalize_filename (options->output, NULL);
  gboolean folder = options->format == FEW_KEEP_CAMTRAP;
  keeper->options = *options;
  keeper->kind = kinds[options->format];
  keeper->folder = folder ? g_strdup (whole) : g_path_get_dirname (whole);
  keeper->seen = g_new0 (guint8, g_strv_length ((char **) options->classes) + 1);
  for (guint i = 0; i < FEW_KEEP_FILES; i++)
    keeper->text[i] = g_string_new (NULL);
  return keeper->kind->begin (keeper, error) ? g_steal_pointer (&keeper) : NULL;
}

gboolean
few_keeper_add (FewKeeper *keeper, const FewKeptAnswer *answer, GError **error)
{
  g_return_val_if_fail (keeper && answer && answer->path, FALSE);
  g_return_val_if_fail (answer->error || answer->n > 0, FALSE);
  return keeper->kind->add (keeper, answer, error);
}

gboolean
few_keeper_finish (FewKeeper *keeper, guint64 *left_out, GError **error)
{
  g_return_val_if_fail (keeper, FALSE);
  if (!keeper->kind->finish (keeper, error))
    return FALSE;
  if (left_out)
    *left_out = keeper->left_out;
  for (guint i = 0; i < FEW_KEEP_FILES; i++)
    if (keeper->files[i] && !few_atomic_file_commit (keeper->files[i], error))
      return FALSE;
  return TRUE;
}

void
few_keeper_free (FewKeeper *keeper)
{
  for (guint i = 0; i < FEW_KEEP_FILES; i++)
    {
      g_clear_pointer (&keeper->files[i], few_atomic_file_free);
      g_string_free (keeper->text[i], TRUE);
    }
  if (keeper->second)
    fclose (keeper->second);
  g_free (keeper->folder);
  g_free (keeper->seen);
  g_free (keeper);
}
