/* SPDX-License-Identifier: MIT */
/* Inside FewMap: either a plane that pictures are projected on, or layouts between which they move.
 */
#pragma once
#include <fewshot/map.h>

struct FewMap
{
  gatomicrefcount refs;
  FewMapInfo info;
  /* FEW_MAP_PLANE */
  float *pa, *pf; /* [N, 2] */
  float *aa, *ff, *af; /* [N] */
  double pm[FEW_MAP_AXES];
  /* FEW_MAP_NEIGHBOURS: at α = 0 … 1 in equal steps */
  guint n_frames;
  float *frames; /* [n_frames, N, 2] */
};

/* Without room for points. */
FewMap *few_map_alloc (FewMapKind kind, const guint32 *ids, guint n, GError **error);
/* points [n, 2] widen what the map covers. */
void few_map_cover (FewMap *map, const float *points);
