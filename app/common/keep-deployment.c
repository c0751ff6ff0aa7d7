/* SPDX-License-Identifier: MIT */
/* Whether what somebody says of a camera's place and clock can be written into a Camtrap DP. */
#include "common/keep.h"
#include <glib/gi18n.h>
#include <string.h>

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
    return _ ("a Camtrap DP tells where the camera stood: latitude from -90 to 90.");
  if (!(d->longitude >= -180 && d->longitude <= 180))
    return _ ("a Camtrap DP tells where the camera stood: longitude from -180 to 180.");
  if (!d->zone || !is_zone (d->zone))
    return _ (
        "a Camtrap DP tells times with their zone, which cameras do not know: zone=+02:00, or "
        "Z.");
  if ((d->start && !is_time (d->start)) || (d->end && !is_time (d->end)))
    return _ ("start and end are written as 2026-05-01T12:00:00.");
  return NULL;
}
