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
typedef enum {
  FEW_MAP_PLANE,      /* of most variance: what lies far apart is unlike */
  FEW_MAP_NEIGHBOURS, /* what lies close together is alike; how far groups are apart says little */
} FewMapKind;

typedef struct
{
  FewMapKind kind;
  guint n;
  const guint32 *ids; /* [n] */
  double share[FEW_MAP_AXES]; /* PLANE: of the variance, along each axis */
  double divergence; /* NEIGHBOURS: at α = 0, in nats */
  float low[FEW_MAP_AXES], high[FEW_MAP_AXES]; /* of every point at every α */
} FewMapInfo;

/* The plane of most variance (PCA) of the normalised features f [n, D] and adapted features a
 * [n, D] together. */
FEW_API FewMap *few_map_new (const float *f, const float *a, const guint32 *ids, guint n, guint d,
                             GCancellable *cancellable, GError **error);
/* done of total; `first`, NULL but once: a map of what is known at α = 0 before the rest is, to be
 * referenced by who keeps it. */
typedef void (*FewMapTell) (gpointer user, guint done, guint total, FewMap *first);
/* t-SNE of the same, in the place of α = 0 (van der Maaten, JMLR 2014), and of larger α from there
 * on, so that pictures move with α and do not jump. Always the same for the same features. tell may
 * be NULL. */
FEW_API FewMap *few_map_new_neighbours (const float *f, const float *a, const guint32 *ids, guint n,
                                        guint d, FewMapTell tell, gpointer user,
                                        GCancellable *cancellable, GError **error);
FEW_API const FewMapInfo *few_map_info (const FewMap *map);
/* points [n, 2] at α. Pure, any thread. */
FEW_API void few_map_points (const FewMap *map, double alpha, float *points);

G_END_DECLS
