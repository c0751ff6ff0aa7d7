/* SPDX-License-Identifier: MIT */
/* A thumbnail, its caption and its badge; tiles out of sight follow later. */
#include "widgets/few-tile.h"
#include "base/few-settings.h"
#include "widgets/few-band.h"
#include "widgets/few-class-dot.h"
#include "widgets/few-drag-icon.h"
#include "widgets/few-file-list.h"
#include "widgets/few-line.h"
#include "widgets/few-page.h"
#include "widgets/few-picture-words.h"
#include "widgets/few-ranking.h"
#include "widgets/few-still.h"
#include "widgets/few-tile-words.h"
#include "widgets/few-zoom.h"
#include <glib/gi18n.h>

struct _FewTile
{
  GtkWidget parent;
  FewExamples *examples;
  FewView *view; /* NULL: without predictions */
  FewThumbnails *thumbnails;
  FewPicture *picture;
  FewSlot *slot;  /* or NULL */
  GtkListItem *item; /* that it is the child of; borrowed */
  gboolean behind; /* what it shows is out of date */
  gboolean missing; /* its file was not there when it was last looked for */
  gboolean gone; /* from the project; what was learned of it is still in view */
  GListModel *headed; /* of its grid, where the first picture of a class names it; NULL: none */
  GtkWidget *heading;
  GtkWidget *image;
  GtkWidget *caption;
  GtkWidget *badge;
  gulong texture_handler;
  gulong state_handler;
  gulong slot_handler;
};

G_DEFINE_FINAL_TYPE (FewTile, few_tile, GTK_TYPE_WIDGET)

static void
update_caption (FewTile *self)
{
  g_autofree char *text = NULL;
  g_autofree char *spoken = NULL;
  gboolean right = TRUE;
  if (!self->picture)
    return;
  gboolean several = few_examples_is_several (self->examples);
  int row = self->view ? few_view_get_row (self->view, self->picture) : -1;
  if (row >= 0)
    right = few_tile_words_of_answer (self->view, self->picture, (guint) row, &text, &spoken);
  else
    few_tile_words_of_example (self->examples, self->picture, &text, &spoken);
  /* a line each: however large the letters, neither the arrow nor the number is what is cut */
  few_line_set_lines (FEW_LINE (self->caption), self->view || several ? 2 : 1);
  few_line_set_text (FEW_LINE (self->caption), text,
                     row >= 0 || several ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_MIDDLE);
  if (right)
    gtk_widget_remove_css_class (self->caption, "mistaken");
  else
    gtk_widget_add_css_class (self->caption, "mistaken");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  /* what has the focus is around the tile, and has no name of its own */
  GtkWidget *around = self->item ? gtk_widget_get_parent (GTK_WIDGET (self)) : NULL;
  if (around)
    gtk_accessible_update_property (GTK_ACCESSIBLE (around), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                    -1);
}

/* ---- headings */

static gboolean
begins_class (FewTile *self)
{
  guint position = gtk_list_item_get_position (self->item);
  if (position == 0 || position == GTK_INVALID_LIST_POSITION)
    return TRUE;
  g_autoptr (FewPicture) before = g_list_model_get_item (self->headed, position - 1);
  return !before || few_picture_get_class (before) != few_picture_get_class (self->picture);
}

/* They lie class by class: one class alone needs no heading. */
static gboolean
has_several_classes (GListModel *pictures)
{
  guint n = g_list_model_get_n_items (pictures);
  g_autoptr (FewPicture) first = g_list_model_get_item (pictures, 0);
  g_autoptr (FewPicture) last = n > 0 ? g_list_model_get_item (pictures, n - 1) : NULL;
  return first && last && few_picture_get_class (first) != few_picture_get_class (last);
}

/* On the first picture of its class. */
static void
update_heading (FewTile *self)
{
  gboolean headed = self->headed && self->item && self->picture
                    && !few_examples_is_several (self->examples); /* each lies there once */
  FewClass *klass = headed ? few_picture_get_class (self->picture) : NULL;
  gboolean shown = klass && has_several_classes (self->headed) && begins_class (self);
  if (shown)
    few_class_dot_write (GTK_LABEL (self->heading), klass);
  gtk_widget_set_visible (self->heading, shown);
}

void
few_tiles_update_headings (GtkGridView *grid)
{
  g_return_if_fail (GTK_IS_GRID_VIEW (grid));
  for (GtkWidget *item = gtk_widget_get_first_child (GTK_WIDGET (grid)); item;
       item = gtk_widget_get_next_sibling (item))
    if (FEW_IS_TILE (gtk_widget_get_first_child (item)))
      update_heading (FEW_TILE (gtk_widget_get_first_child (item)));
}

static void
zoomed_cb (FewTile *self)
{
  int side = few_zoom_get_side ();
  gtk_widget_set_size_request (self->image, side, side);
}

static void
texture_changed_cb (FewTile *self)
{
  few_still_set_texture (FEW_STILL (self->image), few_picture_get_texture (self->picture));
}

/* NULL: nothing is to be said of it. */
static const char *
get_words (FewTile *self)
{
  return self->gone ? _ ("Removed from the project") : few_picture_words (self->picture);
}

/* Asked for when it is wanted: setting the text of each tile would ask the X server where the
 * pointer is, each time. */
static gboolean
few_tile_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  FewTile *self = FEW_TILE (widget);
  const char *words = self->picture ? get_words (self) : NULL;
  if (self->picture)
    gtk_tooltip_set_text (tooltip, words ? words : few_picture_get_path (self->picture));
  return self->picture != NULL;
}

static gboolean
is_gone (FewTile *self)
{
  return !few_examples_get_picture (self->examples, few_picture_get_id (self->picture));
}

/* Most tiles have none, and a style that is set is found anew, whatever it was before. */
static void
show_mark (FewTile *self)
{
  const char *mark = self->gone ? "user-trash-symbolic" : few_picture_mark (self->picture);
  const char *words = get_words (self);
  gboolean off = self->gone || few_picture_is_off (self->picture);
  const char *const styles[] = { off ? "badge" : "mark", NULL };
  if (mark)
    {
      gtk_widget_set_css_classes (self->badge, (const char **) styles);
      gtk_image_set_from_icon_name (GTK_IMAGE (self->badge), mark);
    }
  gtk_widget_set_visible (self->badge, mark != NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  words ? words : "", -1);
}

static void
state_changed_cb (FewTile *self)
{
  gboolean missing = few_picture_is_missing (self->picture);
  self->gone = is_gone (self);
  gboolean out = self->gone || few_picture_is_excluded (self->picture)
                 || few_picture_get_state (self->picture) >= FEW_PICTURE_DUPLICATE;
  gboolean replaced = few_picture_is_replaced (self->picture);
  show_mark (self);
  if ((self->missing && !missing) || (replaced && !few_picture_get_texture (self->picture)))
    few_thumbnails_want (self->thumbnails, self->picture); /* it is another file */
  self->missing = missing;
  gtk_widget_set_opacity (self->image, out ? .4 : 1);
  update_caption (self);
}

static void
changed_cb (FewTile *self)
{
  if (self->picture && self->gone != is_gone (self))
    state_changed_cb (self);
  else
    update_caption (self);
  update_heading (self);
}

static void
set_picture (FewTile *self, FewPicture *picture)
{
  if (self->picture)
    {
      g_clear_signal_handler (&self->texture_handler, self->picture);
      g_clear_signal_handler (&self->state_handler, self->picture);
      few_thumbnails_unwant (self->thumbnails, self->picture);
      few_still_set_texture (FEW_STILL (self->image), NULL);
    }
  g_set_object (&self->picture, picture);
  if (!picture)
    return;
  self->texture_handler =
      g_signal_connect_swapped (picture, "notify::texture", G_CALLBACK (texture_changed_cb), self);
  self->state_handler =
      g_signal_connect_swapped (picture, "notify::state", G_CALLBACK (state_changed_cb), self);
  self->missing = FALSE;
  few_thumbnails_want (self->thumbnails, picture);
  texture_changed_cb (self);
  state_changed_cb (self);
  update_heading (self);
}

/* A grid view keeps hundreds of tiles ready around the few in sight; only those need to follow α
 * at once. */
static gboolean
is_in_sight (FewTile *self)
{
  GtkWidget *grid = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_GRID_VIEW);
  graphene_rect_t bounds;
  return grid && gtk_widget_get_mapped (GTK_WIDGET (self))
         && gtk_widget_compute_bounds (GTK_WIDGET (self), grid, &bounds)
         && bounds.origin.y + bounds.size.height >= 0
         && bounds.origin.y <= (float) gtk_widget_get_height (grid);
}

static void
catch_up_tile (FewTile *self)
{
  self->behind = FALSE;
  if (self->slot && few_slot_get_item (self->slot) != self->picture)
    set_picture (self, few_slot_get_item (self->slot));
  else
    update_caption (self);
}

/* Whose grid it is has them catch up once they are ranked. */
static void
lens_cb (FewTile *self)
{
  self->behind = TRUE;
}

static void
outdated_cb (FewTile *self)
{
  self->behind = TRUE;
  if (is_in_sight (self))
    catch_up_tile (self);
}

void
few_tiles_catch_up (GtkGridView *grid)
{
  for (GtkWidget *item = gtk_widget_get_first_child (GTK_WIDGET (grid)); item;
       item = gtk_widget_get_next_sibling (item))
    {
      GtkWidget *tile = gtk_widget_get_first_child (item);
      if (FEW_IS_TILE (tile) && FEW_TILE (tile)->behind && is_in_sight (FEW_TILE (tile)))
        catch_up_tile (FEW_TILE (tile));
    }
}

static void
set_slot (FewTile *self, FewSlot *slot)
{
  if (self->slot)
    g_clear_signal_handler (&self->slot_handler, self->slot);
  g_set_object (&self->slot, slot);
  if (slot)
    self->slot_handler =
        g_signal_connect_swapped (slot, "notify::item", G_CALLBACK (outdated_cb), self);
}

/* ---- chosen and dragged */

FewPicture *
few_tile_get_picture (FewTile *self)
{
  g_return_val_if_fail (FEW_IS_TILE (self), NULL);
  return self->picture;
}

void
few_tile_choose (FewTile *self)
{
  g_return_if_fail (FEW_IS_TILE (self));
  if (self->item && !gtk_list_item_get_selected (self->item))
    gtk_widget_activate_action (GTK_WIDGET (self), "list.select-item", "(ubb)",
                                gtk_list_item_get_position (self->item), FALSE, FALSE);
}

/* All that is chosen goes along when one of it is dragged: to a class as pictures, to other
 * programs as files. */
static GdkContentProvider *
prepare_drag_cb (GtkDragSource *source, double x, double y, gpointer user)
{
  FewTile *self = user;
  GtkWidget *page = gtk_widget_get_ancestor (GTK_WIDGET (self), FEW_TYPE_PAGE);
  if (!self->picture || !page)
    return NULL;
  few_tile_choose (self);
  g_autoptr (GPtrArray) chosen = few_page_get_chosen (FEW_PAGE (page));
  if (chosen->len == 0)
    return NULL;
  GdkContentProvider *both[] = { gdk_content_provider_new_typed (G_TYPE_PTR_ARRAY, chosen),
                                 few_file_list_create_content (chosen) };
  return gdk_content_provider_new_union (both, G_N_ELEMENTS (both));
}

static void
begin_drag_cb (GtkDragSource *source, GdkDrag *drag, gpointer user)
{
  FewTile *self = user;
  GtkWidget *page = gtk_widget_get_ancestor (GTK_WIDGET (self), FEW_TYPE_PAGE);
  g_autoptr (GPtrArray) chosen = few_page_get_chosen (FEW_PAGE (page));
  few_band_take_away (GTK_WIDGET (self));
  few_drag_icon_show (drag, few_picture_get_texture (self->picture), chosen->len);
}

static void
add_drag_source (FewTile *self)
{
  GtkDragSource *source = gtk_drag_source_new ();
  gtk_drag_source_set_actions (source, GDK_ACTION_COPY);
  g_signal_connect (source, "prepare", G_CALLBACK (prepare_drag_cb), self);
  g_signal_connect (source, "drag-begin", G_CALLBACK (begin_drag_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (source));
}

static void
few_tile_dispose (GObject *object)
{
  FewTile *self = FEW_TILE (object);
  set_slot (self, NULL);
  set_picture (self, NULL);
  if (self->view)
    g_signal_handlers_disconnect_by_data (self->view, self);
  if (self->examples)
    g_signal_handlers_disconnect_by_data (self->examples, self);
  g_clear_object (&self->view);
  g_clear_object (&self->examples);
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (few_tile_parent_class)->dispose (object);
  g_clear_object (&self->thumbnails);
}

static void
few_tile_class_init (FewTileClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_tile_dispose;
  GTK_WIDGET_CLASS (klass)->query_tooltip = few_tile_query_tooltip;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "tile");
}

static void
few_tile_init (FewTile *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *overlay = gtk_overlay_new ();
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  self->image = few_still_new ();
  self->badge = gtk_image_new ();
  gtk_widget_add_css_class (self->badge, "badge");
  gtk_widget_set_halign (self->badge, GTK_ALIGN_END);
  gtk_widget_set_valign (self->badge, GTK_ALIGN_END);
  gtk_widget_hide (self->badge);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), self->image);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->badge);
  self->caption = few_line_new (.5, 3, 15);
  gtk_widget_add_css_class (self->caption, "caption");
  self->heading = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->heading, "heading");
  gtk_widget_set_halign (self->heading, GTK_ALIGN_START);
  gtk_widget_set_valign (self->heading, GTK_ALIGN_START);
  gtk_label_set_ellipsize (GTK_LABEL (self->heading), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (self->heading), 15);
  gtk_widget_hide (self->heading);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->heading);
  gtk_box_append (GTK_BOX (box), overlay);
  gtk_box_append (GTK_BOX (box), self->caption);
  gtk_widget_set_parent (box, GTK_WIDGET (self));
  add_drag_source (self);
  zoomed_cb (self);
  g_signal_connect_object (few_settings (), "changed::tile-side", G_CALLBACK (zoomed_cb), self,
                           G_CONNECT_SWAPPED);
}

static GtkWidget *
create_tile (FewSession *session, FewThumbnails *thumbnails, gboolean predictions)
{
  g_return_val_if_fail (FEW_IS_SESSION (session) && FEW_IS_THUMBNAILS (thumbnails), NULL);
  FewTile *self = g_object_new (FEW_TYPE_TILE, NULL);
  self->examples = g_object_ref (few_session_get_examples (session));
  self->view = predictions ? g_object_ref (few_session_get_view (session)) : NULL;
  self->thumbnails = g_object_ref (thumbnails);
  if (self->view)
    g_signal_connect_swapped (self->view, "lens", G_CALLBACK (lens_cb), self);
  g_signal_connect_swapped (self->examples, "changed", G_CALLBACK (changed_cb), self);
  return GTK_WIDGET (self);
}

typedef struct
{
  FewSession *session;
  FewThumbnails *thumbnails;
  gboolean predictions;
  GListModel *headed; /* borrowed; NULL: no headings */
} Factory;

static void
setup_tile_cb (GtkListItemFactory *factory, GtkListItem *item, Factory *f)
{
  gtk_list_item_set_child (item, create_tile (f->session, f->thumbnails, f->predictions));
}

static void
bind_tile_cb (GtkListItemFactory *factory, GtkListItem *item, Factory *f)
{
  FewTile *tile = FEW_TILE (gtk_list_item_get_child (item));
  gpointer object = gtk_list_item_get_item (item);
  tile->item = item;
  tile->headed = f->headed;
  set_slot (tile, FEW_IS_SLOT (object) ? object : NULL);
  set_picture (tile, tile->slot ? few_slot_get_item (tile->slot) : object);
}

static void
unbind_tile_cb (GtkListItemFactory *factory, GtkListItem *item, Factory *f)
{
  FewTile *tile = FEW_TILE (gtk_list_item_get_child (item));
  tile->item = NULL;
  set_slot (tile, NULL);
  set_picture (tile, NULL);
}

static void
factory_free_cb (gpointer data, GClosure *closure G_GNUC_UNUSED)
{
  Factory *f = data;
  g_object_unref (f->session);
  g_object_unref (f->thumbnails);
  g_free (f);
}

static GtkListItemFactory *
create_factory (FewSession *session, FewThumbnails *thumbnails, gboolean predictions,
                GListModel *headed)
{
  Factory *f = g_new (Factory, 1);
  *f = (Factory) { g_object_ref (session), g_object_ref (thumbnails), predictions, headed };
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_signal_connect (factory, "setup", G_CALLBACK (setup_tile_cb), f);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_tile_cb), f);
  g_signal_connect_data (factory, "unbind", G_CALLBACK (unbind_tile_cb), f, factory_free_cb, 0);
  return factory;
}

GtkListItemFactory *
few_tile_factory (FewSession *session, FewThumbnails *thumbnails, gboolean predictions)
{
  return create_factory (session, thumbnails, predictions, NULL);
}

GtkListItemFactory *
few_tile_factory_headed (FewSession *session, FewThumbnails *thumbnails, GListModel *model)
{
  return create_factory (session, thumbnails, FALSE, model);
}

void
few_tiles_fit (GtkGridView *grid, int width)
{
  enum { AROUND = 24, LEAST = 3, MOST = 40 };
  guint columns = (guint) CLAMP (width / (few_zoom_get_side () + AROUND), LEAST, MOST);
  if (gtk_grid_view_get_max_columns (grid) != columns)
    gtk_grid_view_set_max_columns (grid, columns);
}
