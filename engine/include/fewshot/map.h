/* SPDX-License-Identifier: MIT */
/* A 2-D map of pictures that follows α. */
#pragma once
#include <fewshot/export.h>

G_BEGIN_DECLS

typedef struct FewMap FewMap;
FEW_API FewMap *few_map_ref (FewMap *map);
FEW_API void few_map_unref (FewMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FewMap, few_map_unref)

enum { FEW_MAP_AXES = 2 };
typedef struct
{
  guint n;
  const guint32 *ids;                                /* [n] */
  double share[FEW_MAP_AXES];                        /* of the variance, along each axis */
  float low[FEW_MAP_AXES], high[FEW_MAP_AXES];       /* of every point at every α */
} FewMapInfo;

/* The plane of most variance (PCA) of the normalised features f [n, D] and adapted features a
 * [n, D] together. */
FEW_API FewMap *few_map_new (const float *f, const float *a, const guint32 *ids, guint n, guint d,
                             GCancellable *cancellable, GError **error);
FEW_API const FewMapInfo *few_map_info (const FewMap *map);
/* points [n, 2] at α. Pure, any thread. */
FEW_API void few_map_points (const FewMap *map, double alpha, float *points);

G_END_DECLS
