/* SPDX-License-Identifier: MIT */
/* In the place of xmp.c where gexiv2 was not there when this was built. */
#include "metadata/xmp.h"
#include "base/error.h"

gboolean
few_xmp_available (GError **error)
{
  few_fail (error, UNSUPPORTED,
            "This Fewshot was built without gexiv2, which reads and writes the metadata of "
            "pictures: install libgexiv2-dev and build it again.");
  return FALSE;
}

FewXmp *
few_xmp_new (const char *text, gsize length, const char *name, GError **error)
{
  few_xmp_available (error);
  return NULL;
}

FewXmp *
few_xmp_open (const char *picture, GError **error)
{
  few_xmp_available (error);
  return NULL;
}

/* Nothing below is reached: there is no FewXmp. */
void
few_xmp_free (FewXmp *xmp)
{
}

char **
few_xmp_get_list (FewXmp *xmp, const char *tag)
{
  return g_new0 (char *, 1);
}

gboolean
few_xmp_has_members (FewXmp *xmp, const char *tag)
{
  return FALSE;
}

gboolean
few_xmp_set_list (FewXmp *xmp, const char *tag, const char *const *values, GError **error)
{
  return few_xmp_available (error);
}

char *
few_xmp_get_text (FewXmp *xmp, const char *tag)
{
  return NULL;
}

gboolean
few_xmp_set_text (FewXmp *xmp, const char *tag, const char *value, GError **error)
{
  return few_xmp_available (error);
}

gboolean
few_xmp_begin_bag (FewXmp *xmp, const char *tag, GError **error)
{
  return few_xmp_available (error);
}

void
few_xmp_remove (FewXmp *xmp, const char *tag)
{
}

void
few_xmp_remove_bag (FewXmp *xmp, const char *tag)
{
}

char *
few_xmp_to_sidecar (FewXmp *xmp, GError **error)
{
  few_xmp_available (error);
  return NULL;
}

gboolean
few_xmp_save (FewXmp *xmp, const char *picture, GError **error)
{
  return few_xmp_available (error);
}
