#include "few-ranking.h"
#include <string.h>

struct _FewRanking
{
  GObject parent;
  GType item_type;
  GPtrArray *items;
};

static GType
get_item_type (GListModel *model)
{
  return FEW_RANKING (model)->item_type;
}

static guint
get_n_items (GListModel *model)
{
  return FEW_RANKING (model)->items->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GPtrArray *items = FEW_RANKING (model)->items;
  return position < items->len ? g_object_ref (items->pdata[position]) : NULL;
}

static void
list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (FewRanking, few_ranking, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
few_ranking_finalize (GObject *object)
{
  g_ptr_array_unref (FEW_RANKING (object)->items);
  G_OBJECT_CLASS (few_ranking_parent_class)->finalize (object);
}

static void
few_ranking_class_init (FewRankingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = few_ranking_finalize;
}

static void
few_ranking_init (FewRanking *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
}

FewRanking *
few_ranking_new (GType item_type)
{
  FewRanking *self = g_object_new (FEW_TYPE_RANKING, NULL);
  self->item_type = item_type;
  return self;
}

void
few_ranking_take (FewRanking *self, GPtrArray *items)
{
  GPtrArray *old = self->items;
  guint head = 0, tail = 0, shorter = MIN (old->len, items->len);
  while (head < shorter && old->pdata[head] == items->pdata[head])
    head++;
  while (tail < shorter - head && old->pdata[old->len - 1 - tail] == items->pdata[items->len - 1 - tail])
    tail++;
  guint removed = old->len - head - tail, added = items->len - head - tail;
  self->items = items;
  if (removed || added)
    g_list_model_items_changed (G_LIST_MODEL (self), head, removed, added);
  g_ptr_array_unref (old);
}
