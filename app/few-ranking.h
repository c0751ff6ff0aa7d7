/* A list model whose whole order is given at once; it says "changed" only when the order did. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS
#define FEW_TYPE_RANKING (few_ranking_get_type ())
G_DECLARE_FINAL_TYPE (FewRanking, few_ranking, FEW, RANKING, GObject)

FewRanking *few_ranking_new (GType item_type);
/* Takes over an array of objects, each owned (free function g_object_unref). */
void few_ranking_take (FewRanking *self, GPtrArray *items);
G_END_DECLS
