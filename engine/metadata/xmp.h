/* SPDX-License-Identifier: MIT */
/* XMP in memory, by gexiv2. xmp-missing.c stands in its place in a build without: each function
 * that makes one fails with the same sentence. Names are Exiv2's: "Xmp.dc.subject". */
#pragma once
#include <glib.h>

typedef struct FewXmp FewXmp;

gboolean few_xmp_available (GError **error);
/* Exiv2's XMP has global state: what opens files holds this until it has freed them. */
GMutex *few_xmp_turn (void);
/* `text` is the whole of a sidecar that few_sidecar_check let pass, or NULL: none yet. */
FewXmp *few_xmp_new (const char *text, gsize length, const char *name, GError **error);
/* That of a picture. */
FewXmp *few_xmp_open (const char *picture, GError **error);
void few_xmp_free (FewXmp *xmp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewXmp, few_xmp_free)

/* The values of a list; empty where there is none. Free with g_strfreev. */
char **few_xmp_get_list (FewXmp *xmp, const char *tag);
/* Whether what stands in the list has more to it than values (qualifiers, structures). */
gboolean few_xmp_has_members (FewXmp *xmp, const char *tag);
/* NULL or an empty list takes the tag away. */
gboolean few_xmp_set_list (FewXmp *xmp, const char *tag, const char *const *values, GError **error);
/* One value; NULL where there is none. Free with g_free. */
char *few_xmp_get_text (FewXmp *xmp, const char *tag);
gboolean few_xmp_set_text (FewXmp *xmp, const char *tag, const char *value, GError **error);
/* Begins a bag of structures, whose members few_xmp_set_text then sets ("TAG[1]/few:Member"). What
 * was there goes. */
gboolean few_xmp_begin_bag (FewXmp *xmp, const char *tag, GError **error);
void few_xmp_remove (FewXmp *xmp, const char *tag);
void few_xmp_remove_bag (FewXmp *xmp, const char *tag);
/* The text of a sidecar. */
char *few_xmp_to_sidecar (FewXmp *xmp, GError **error);
/* Into a picture, in place: for a copy. */
gboolean few_xmp_save (FewXmp *xmp, const char *picture, GError **error);
