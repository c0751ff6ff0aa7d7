/* SPDX-License-Identifier: MIT */
/* Slots keep their places while what they hold moves. */
#include "widgets/few-ranking.h"

struct _FewSlot
{
  GObject parent;
  FewRanking *ranking; /* NULL once it is gone */
  guint position;
  GObject *item;
};

struct _FewRanking
{
  GObject parent;
  GPtrArray *items;
  GHashTable *slots; /* position → FewSlot, borrowed: those that somebody holds */
};

enum { PROP_ITEM = 1 };
static GParamSpec *item_property;

G_DEFINE_FINAL_TYPE (FewSlot, few_slot, G_TYPE_OBJECT)

static void
few_slot_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_object (value, FEW_SLOT (object)->item);
}

static void
few_slot_dispose (GObject *object)
{
  FewSlot *self = FEW_SLOT (object);
  if (self->ranking)
    g_hash_table_remove (self->ranking->slots, GUINT_TO_POINTER (self->position));
  self->ranking = NULL;
  g_clear_object (&self->item);
  G_OBJECT_CLASS (few_slot_parent_class)->dispose (object);
}

static void
few_slot_class_init (FewSlotClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = few_slot_get_property;
  G_OBJECT_CLASS (klass)->dispose = few_slot_dispose;
  item_property = g_param_spec_object ("item", NULL, NULL, G_TYPE_OBJECT,
                                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (G_OBJECT_CLASS (klass), PROP_ITEM, item_property);
}

static void
few_slot_init (FewSlot *self)
{
}

gpointer
few_slot_get_item (FewSlot *self)
{
  g_return_val_if_fail (FEW_IS_SLOT (self), NULL);
  return self->item;
}

static GType
ranking_get_item_type (GListModel *model)
{
  return FEW_TYPE_SLOT;
}

static guint
ranking_get_n_items (GListModel *model)
{
  return FEW_RANKING (model)->items->len;
}

static gpointer
ranking_get_item (GListModel *model, guint position)
{
  FewRanking *self = FEW_RANKING (model);
  if (position >= self->items->len)
    return NULL;
  FewSlot *slot = g_hash_table_lookup (self->slots, GUINT_TO_POINTER (position));
  if (slot)
    return g_object_ref (slot);
  slot = g_object_new (FEW_TYPE_SLOT, NULL);
  slot->ranking = self;
  slot->position = position;
  slot->item = g_object_ref (self->items->pdata[position]);
  g_hash_table_insert (self->slots, GUINT_TO_POINTER (position), slot);
  return slot;
}

static void
ranking_list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = ranking_get_item_type;
  interface->get_n_items = ranking_get_n_items;
  interface->get_item = ranking_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (FewRanking, few_ranking, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, ranking_list_model_init))

static void
few_ranking_finalize (GObject *object)
{
  FewRanking *self = FEW_RANKING (object);
  GHashTableIter iter;
  gpointer slot;
  g_hash_table_iter_init (&iter, self->slots);
  while (g_hash_table_iter_next (&iter, NULL, &slot))
    FEW_SLOT (slot)->ranking = NULL;
  g_hash_table_unref (self->slots);
  g_ptr_array_unref (self->items);
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
  self->slots = g_hash_table_new (NULL, NULL);
}

FewRanking *
few_ranking_new (void)
{
  return g_object_new (FEW_TYPE_RANKING, NULL);
}

void
few_ranking_take (FewRanking *self, GPtrArray *items)
{
  g_return_if_fail (FEW_IS_RANKING (self));
  g_autoptr (GPtrArray) old = self->items;
  self->items = items;
  if (items->len != old->len)
    {
      guint common = MIN (items->len, old->len);
      g_list_model_items_changed (G_LIST_MODEL (self), common, old->len - common,
                                  items->len - common);
    }
  /* a copy: who is told may let go of slots */
  g_autoptr (GPtrArray) slots = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, self->slots);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (slots, g_object_ref (value));
  for (guint i = 0; i < slots->len; i++)
    {
      FewSlot *slot = slots->pdata[i];
      GObject *item = slot->position < items->len ? items->pdata[slot->position] : NULL;
      if (g_set_object (&slot->item, item))
        g_object_notify_by_pspec (G_OBJECT (slot), item_property);
    }
}
