/* SPDX-License-Identifier: MIT */
/* What can be done with the pictures that are chosen, where they are. */
#include "widgets/few-picture-menu.h"
#include "base/few-menu-label.h"
#include "widgets/few-label-menu.h"
#include "widgets/few-page.h"
#include "widgets/few-popup.h"
#include "widgets/few-tab.h"
#include "widgets/few-tile.h"
#include <glib/gi18n.h>

/* What is chosen on the widget's page gets the label, or loses it. */
static void
toggled_cb (FewClass *klass, gpointer widget)
{
  FewExamples *examples = g_object_get_data (widget, "few-examples");
  guint position;
  if (g_list_store_find (G_LIST_STORE (few_examples_get_classes (examples)), klass, &position))
    gtk_widget_activate_action (widget, "win.reassign", "i", (int) position + 1);
}

static GMenuModel *
create_labels (GtkWidget *widget, FewExamples *examples)
{
  GtkWidget *page = gtk_widget_get_ancestor (widget, FEW_TYPE_PAGE);
  g_autoptr (GPtrArray) chosen = page ? few_page_get_chosen (FEW_PAGE (page)) : g_ptr_array_new ();
  return few_label_menu_create (widget, few_examples_get_classes (examples), chosen, toggled_cb,
                                G_OBJECT (widget));
}

static GMenuModel *
create_classes (FewExamples *examples)
{
  GMenu *menu = g_menu_new ();
  GListModel *classes = few_examples_get_classes (examples);
  for (guint i = 0; i < g_list_model_get_n_items (classes); i++)
    {
      g_autoptr (FewClass) klass = g_list_model_get_item (classes, i);
      g_autoptr (GMenuItem) item = g_menu_item_new (NULL, NULL);
      g_autofree char *label = few_menu_label (few_class_get_name (klass));
      g_menu_item_set_label (item, label);
      g_menu_item_set_action_and_target (item, "win.reassign", "i", (int) i + 1);
      g_menu_append_item (menu, item);
    }
  return G_MENU_MODEL (menu);
}

static void
append_moves (GMenu *menu, FewExamples *examples)
{
  if (g_list_model_get_n_items (few_examples_get_classes (examples)) <= FEW_LABEL_MENU_MOST)
    {
      g_autoptr (GMenuModel) classes = create_classes (examples);
      g_menu_append_submenu (menu, _ ("_Move To"), classes);
    }
  g_menu_append (menu, _ ("Move to _Class…"), "win.move-to");
}

/* What they are for. */
static GMenuModel *
create_uses (void)
{
  GMenu *menu = g_menu_new ();
  g_menu_append (menu, _ ("_Examples to Learn From"), "win.use-pictures('learn')");
  g_menu_append (menu, _ ("_Test Pictures"), "win.use-pictures('test')");
  g_menu_append (menu, _ ("_None of These"), "win.use-pictures('none')");
  return G_MENU_MODEL (menu);
}

/* Further examples of the same picture. */
static GMenuModel *
create_tiles (void)
{
  GMenu *menu = g_menu_new ();
  /* Translators: so many tiles side by side and above one another */
  g_menu_append (menu, _ ("_2 × 2"), "win.split-pictures(2)");
  g_menu_append (menu, _ ("_3 × 3"), "win.split-pictures(3)");
  g_menu_append (menu, _ ("_4 × 4"), "win.split-pictures(4)");
  return G_MENU_MODEL (menu);
}

static void
append_section (GMenu *menu, GMenu *section)
{
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
  g_object_unref (section);
}

static GMenuModel *
create_menu (GtkWidget *widget, FewExamples *examples)
{
  GMenu *menu = g_menu_new ();
  GMenu *class = g_menu_new ();
  GMenu *file = g_menu_new ();
  if (few_examples_is_several (examples))
    {
      g_autoptr (GMenuModel) labels = create_labels (widget, examples);
      g_menu_append_submenu (class, _ ("_Labels"), labels);
    }
  else
    append_moves (class, examples);
  g_autoptr (GMenuModel) uses = create_uses ();
  g_menu_append_submenu (class, _ ("_Use As"), uses);
  g_autoptr (GMenuModel) tiles = create_tiles ();
  g_menu_append_submenu (class, _ ("Split into _Tiles"), tiles);
  g_menu_append (class, _ ("_Exclude or Include"), "win.exclude");
  g_menu_append (class, _ ("_Remove from Project"), "win.remove");
  g_menu_append (file, _ ("_View"), "win.view-picture");
  g_menu_append (file, _ ("_Open With Its Program"), "win.open-pictures");
  g_menu_append (file, _ ("_Show in Files"), "win.show-in-files");
  g_menu_append (file, _ ("_Copy"), "win.copy-pictures");
  append_section (menu, class);
  append_section (menu, file);
  return G_MENU_MODEL (menu);
}

static gboolean
popup (GtkWidget *grid, FewTile *tile, FewExamples *examples)
{
  graphene_rect_t bounds;
  graphene_point_t center;
  few_tile_choose (tile);
  g_autoptr (GMenuModel) menu = create_menu (grid, examples);
  if (!gtk_widget_compute_bounds (GTK_WIDGET (tile), grid, &bounds))
    return FALSE;
  graphene_rect_get_center (&bounds, &center);
  few_popup (grid, menu, center.x, center.y);
  return TRUE;
}

/* The tile that has the focus, or lies there. */
static FewTile *
find_tile (GtkWidget *grid, double x, double y)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (grid));
  GtkWidget *picked = x < 0 ? focus : gtk_widget_pick (grid, x, y, GTK_PICK_DEFAULT);
  GtkWidget *tile = picked ? gtk_widget_get_ancestor (picked, FEW_TYPE_TILE) : NULL;
  if (!tile && x < 0 && focus)
    tile = gtk_widget_get_first_child (focus); /* what has the focus is around it */
  return FEW_IS_TILE (tile) ? FEW_TILE (tile) : NULL;
}

static gboolean
asked_cb (GtkWidget *grid, double x, double y, gpointer examples)
{
  FewTile *tile = find_tile (grid, x, y);
  return tile && popup (grid, tile, examples);
}

void
few_picture_menu_install (GtkGridView *grid, FewExamples *examples)
{
  g_return_if_fail (GTK_IS_GRID_VIEW (grid));
  g_return_if_fail (FEW_IS_EXAMPLES (examples));
  g_object_set_data_full (G_OBJECT (grid), "few-examples", g_object_ref (examples), g_object_unref);
  few_popup_install (GTK_WIDGET (grid), asked_cb, examples);
  few_tab_install (GTK_WIDGET (grid));
}

static void
create_popup (GtkMenuButton *button, gpointer examples)
{
  g_autoptr (GMenuModel) menu = create_menu (GTK_WIDGET (button), examples);
  gtk_menu_button_set_menu_model (button, menu);
}

void
few_picture_menu_attach (GtkMenuButton *button, FewExamples *examples)
{
  g_return_if_fail (GTK_IS_MENU_BUTTON (button));
  g_return_if_fail (FEW_IS_EXAMPLES (examples));
  g_object_set_data_full (G_OBJECT (button), "few-examples", g_object_ref (examples),
                          g_object_unref);
  gtk_menu_button_set_create_popup_func (button, create_popup, g_object_ref (examples),
                                         g_object_unref);
}
