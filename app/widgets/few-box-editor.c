/* SPDX-License-Identifier: MIT */
/* What the pointer takes hold of is an edge, a corner, the box, or nothing yet. */
#include "widgets/few-box-editor.h"
#include <glib/gi18n.h>
#include <math.h>

/* Pixels around an edge that are the edge, and a box that was not meant. */
enum { GRIP = 12, LEAST = 6 };

enum { HOLD_LEFT = 1, HOLD_RIGHT = 2, HOLD_TOP = 4, HOLD_BOTTOM = 8, HOLD_ALL = 15 };

struct _FewBoxEditor
{
  GtkWidget parent;
  FewLargePicture *target;
  FewCrop crop;
  /* while it is dragged, in shares of the picture: left, top, right, bottom */
  double start[4];
  guint hold; /* 0: a new one is drawn */
};

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FewBoxEditor, few_box_editor, GTK_TYPE_WIDGET)

/* ---- the box */

static void
describe (FewBoxEditor *self)
{
  double box[4];
  few_crop_box (&self->crop, box);
  g_autofree char *text =
      few_crop_is_whole (&self->crop)
          ? g_strdup (_ ("No box is drawn"))
          /* Translators: percent of the picture's sides */
          : g_strdup_printf (_ ("%.0f %% from the left, %.0f %% from the top, %.0f %% wide, "
                                "%.0f %% high"),
                             100 * box[0], 100 * box[1], 100 * box[2], 100 * box[3]);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
}

static void
take_crop (FewBoxEditor *self, const FewCrop *crop)
{
  if (few_crop_is_equal (&self->crop, crop))
    return;
  self->crop = *crop;
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signals[CHANGED], 0);
}

/* edges [4]: left, top, right, bottom in any order of each pair. */
static void
take_edges (FewBoxEditor *self, const double edges[4])
{
  FewCrop crop;
  double left = MIN (edges[0], edges[2]);
  double top = MIN (edges[1], edges[3]);
  if (few_crop_clip (&crop, left, top, fabs (edges[2] - edges[0]), fabs (edges[3] - edges[1])))
    take_crop (self, &crop);
}

static void
get_edges (FewBoxEditor *self, double edges[4])
{
  few_crop_box (&self->crop, edges);
  edges[2] += edges[0];
  edges[3] += edges[1];
}

void
few_box_editor_set_crop (FewBoxEditor *self, const FewCrop *crop)
{
  g_return_if_fail (FEW_IS_BOX_EDITOR (self) && crop);
  take_crop (self, crop);
}

void
few_box_editor_clear (FewBoxEditor *self)
{
  static const FewCrop none;
  g_return_if_fail (FEW_IS_BOX_EDITOR (self));
  take_crop (self, &none);
}

const FewCrop *
few_box_editor_get_crop (FewBoxEditor *self)
{
  g_return_val_if_fail (FEW_IS_BOX_EDITOR (self), NULL);
  return &self->crop;
}

/* ---- the pointer */

/* What is at that place; 0: nothing. */
static guint
find_hold (FewBoxEditor *self, const graphene_rect_t *frame, double x, double y)
{
  double edges[4];
  guint hold = 0;
  if (few_crop_is_whole (&self->crop))
    return 0;
  get_edges (self, edges);
  double width = (double) frame->size.width;
  double height = (double) frame->size.height;
  double at[4] = { (double) frame->origin.x + edges[0] * width,
                   (double) frame->origin.y + edges[1] * height,
                   (double) frame->origin.x + edges[2] * width,
                   (double) frame->origin.y + edges[3] * height };
  if (x < at[0] - GRIP || x > at[2] + GRIP || y < at[1] - GRIP || y > at[3] + GRIP)
    return 0;
  if (fabs (x - at[2]) <= GRIP)
    hold |= HOLD_RIGHT;
  else if (fabs (x - at[0]) <= GRIP)
    hold |= HOLD_LEFT;
  if (fabs (y - at[3]) <= GRIP)
    hold |= HOLD_BOTTOM;
  else if (fabs (y - at[1]) <= GRIP)
    hold |= HOLD_TOP;
  return hold ? hold : HOLD_ALL;
}

static void
drag_begin_cb (FewBoxEditor *self, double x, double y, GtkGestureDrag *drag)
{
  graphene_rect_t frame;
  if (!few_large_picture_get_frame (self->target, &frame))
    {
      gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->hold = find_hold (self, &frame, x, y);
  get_edges (self, self->start);
  if (self->hold != 0)
    return;
  self->start[0] = self->start[2] =
      CLAMP ((x - (double) frame.origin.x) / (double) frame.size.width, 0, 1);
  self->start[1] = self->start[3] =
      CLAMP ((y - (double) frame.origin.y) / (double) frame.size.height, 0, 1);
}

/* As far as the picture goes. */
static void
move_edges (double edges[4], guint hold, double by_x, double by_y)
{
  if (hold == HOLD_ALL)
    {
      by_x = CLAMP (by_x, -edges[0], 1 - edges[2]);
      by_y = CLAMP (by_y, -edges[1], 1 - edges[3]);
    }
  const double by[4] = { hold & HOLD_LEFT ? by_x : 0, hold & HOLD_TOP ? by_y : 0,
                         hold & HOLD_RIGHT ? by_x : 0, hold & HOLD_BOTTOM ? by_y : 0 };
  for (guint i = 0; i < 4; i++)
    edges[i] = CLAMP (edges[i] + by[i], 0, 1);
}

static void
drag_update_cb (FewBoxEditor *self, double x, double y)
{
  graphene_rect_t frame;
  if (!few_large_picture_get_frame (self->target, &frame))
    return;
  double edges[4] = { self->start[0], self->start[1], self->start[2], self->start[3] };
  guint hold = self->hold ? self->hold : HOLD_RIGHT | HOLD_BOTTOM;
  if (self->hold == 0 && fabs (x) < LEAST && fabs (y) < LEAST)
    return;
  move_edges (edges, hold, x / (double) frame.size.width, y / (double) frame.size.height);
  take_edges (self, edges);
}

static void
motion_cb (FewBoxEditor *self, double x, double y)
{
  static const char *const names[HOLD_ALL + 1] = {
    [HOLD_LEFT] = "w-resize",
    [HOLD_RIGHT] = "e-resize",
    [HOLD_TOP] = "n-resize",
    [HOLD_BOTTOM] = "s-resize",
    [HOLD_LEFT | HOLD_TOP] = "nw-resize",
    [HOLD_RIGHT | HOLD_TOP] = "ne-resize",
    [HOLD_LEFT | HOLD_BOTTOM] = "sw-resize",
    [HOLD_RIGHT | HOLD_BOTTOM] = "se-resize",
    [HOLD_ALL] = "move",
  };
  graphene_rect_t frame;
  if (!few_large_picture_get_frame (self->target, &frame))
    return;
  guint hold = find_hold (self, &frame, x, y);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), hold ? names[hold] : "crosshair");
}

/* ---- keys */

/* Arrows move it, with Shift its lower right corner; with Control a tenth as far. The first one
 * draws a box in the middle. */
static gboolean
move_by_key (FewBoxEditor *self, int x, int y, GdkModifierType state)
{
  double step = state & GDK_CONTROL_MASK ? .001 : .01;
  double edges[4] = { .25, .25, .75, .75 };
  if (!few_crop_is_whole (&self->crop))
    {
      get_edges (self, edges);
      move_edges (edges, state & GDK_SHIFT_MASK ? HOLD_RIGHT | HOLD_BOTTOM : HOLD_ALL, x * step,
                  y * step);
    }
  if (edges[2] - edges[0] >= step / 2 && edges[3] - edges[1] >= step / 2)
    take_edges (self, edges);
  return TRUE;
}

static gboolean
key_pressed_cb (FewBoxEditor *self, guint key, guint code G_GNUC_UNUSED, GdkModifierType state)
{
  if (key == GDK_KEY_Left || key == GDK_KEY_KP_Left)
    return move_by_key (self, -1, 0, state);
  if (key == GDK_KEY_Right || key == GDK_KEY_KP_Right)
    return move_by_key (self, 1, 0, state);
  if (key == GDK_KEY_Up || key == GDK_KEY_KP_Up)
    return move_by_key (self, 0, -1, state);
  if (key == GDK_KEY_Down || key == GDK_KEY_KP_Down)
    return move_by_key (self, 0, 1, state);
  gboolean clears = key == GDK_KEY_Escape || key == GDK_KEY_Delete || key == GDK_KEY_BackSpace;
  if (!clears || few_crop_is_whole (&self->crop))
    return FALSE;
  few_box_editor_clear (self);
  return TRUE;
}

/* ---- how it looks */

static void
draw_outside (GtkSnapshot *snapshot, const graphene_rect_t *frame, const graphene_rect_t *box)
{
  static const GdkRGBA shade = { 0, 0, 0, .55f };
  float right = box->origin.x + box->size.width;
  float bottom = box->origin.y + box->size.height;
  const graphene_rect_t around[] = {
    GRAPHENE_RECT_INIT (frame->origin.x, frame->origin.y, frame->size.width,
                        box->origin.y - frame->origin.y),
    GRAPHENE_RECT_INIT (frame->origin.x, bottom, frame->size.width,
                        frame->origin.y + frame->size.height - bottom),
    GRAPHENE_RECT_INIT (frame->origin.x, box->origin.y, box->origin.x - frame->origin.x,
                        box->size.height),
    GRAPHENE_RECT_INIT (right, box->origin.y, frame->origin.x + frame->size.width - right,
                        box->size.height),
  };
  for (guint i = 0; i < G_N_ELEMENTS (around); i++)
    gtk_snapshot_append_color (snapshot, &shade, &around[i]);
}

/* White within black, so that it is seen on any picture. */
static void
draw_line (GtkSnapshot *snapshot, const graphene_rect_t *box, float inset, float width,
           const GdkRGBA *colour)
{
  graphene_rect_t rect;
  GskRoundedRect outline;
  graphene_rect_inset_r (box, inset, inset, &rect);
  gsk_rounded_rect_init_from_rect (&outline, &rect, 0);
  gtk_snapshot_append_border (snapshot, &outline, (const float[]) { width, width, width, width },
                              (const GdkRGBA[]) { *colour, *colour, *colour, *colour });
}

static void
draw_grips (GtkSnapshot *snapshot, const graphene_rect_t *box)
{
  const float side = 10;
  static const GdkRGBA black = { 0, 0, 0, 1 };
  static const GdkRGBA white = { 1, 1, 1, 1 };
  for (guint i = 0; i < 9; i++)
    {
      guint row = i / 3;
      float x = box->origin.x + box->size.width * (float) (i % 3) / 2;
      float y = box->origin.y + box->size.height * (float) row / 2;
      graphene_rect_t grip = GRAPHENE_RECT_INIT (x - side / 2, y - side / 2, side, side);
      if (i == 4)
        continue; /* the middle */
      gtk_snapshot_append_color (snapshot, &white, &grip);
      draw_line (snapshot, &grip, 0, 1, &black);
    }
}

static void
few_box_editor_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  static const GdkRGBA black = { 0, 0, 0, 1 };
  static const GdkRGBA white = { 1, 1, 1, 1 };
  FewBoxEditor *self = FEW_BOX_EDITOR (widget);
  graphene_rect_t frame;
  double edges[4];
  if (!self->target || few_crop_is_whole (&self->crop)
      || !few_large_picture_get_frame (self->target, &frame))
    return;
  get_edges (self, edges);
  graphene_rect_t box = GRAPHENE_RECT_INIT (frame.origin.x + (float) edges[0] * frame.size.width,
                                            frame.origin.y + (float) edges[1] * frame.size.height,
                                            (float) (edges[2] - edges[0]) * frame.size.width,
                                            (float) (edges[3] - edges[1]) * frame.size.height);
  /* between pixels the parts of the shade would leave lines where they meet */
  graphene_rect_round_extents (&box, &box);
  draw_outside (snapshot, &frame, &box);
  draw_line (snapshot, &box, -1, 4, &black);
  draw_line (snapshot, &box, 0, 2, &white);
  if (gtk_widget_has_focus (widget))
    draw_grips (snapshot, &box);
}

static void
focus_cb (FewBoxEditor *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- life */

static void
shown_cb (gpointer user)
{
  gtk_widget_queue_draw (user);
}

void
few_box_editor_set_target (FewBoxEditor *self, FewLargePicture *target)
{
  g_return_if_fail (FEW_IS_BOX_EDITOR (self) && FEW_IS_LARGE_PICTURE (target) && !self->target);
  self->target = g_object_ref (target);
  few_large_picture_set_shown (target, shown_cb, self);
}

static void
few_box_editor_dispose (GObject *object)
{
  FewBoxEditor *self = FEW_BOX_EDITOR (object);
  if (self->target)
    few_large_picture_set_shown (self->target, NULL, NULL);
  g_clear_object (&self->target);
  G_OBJECT_CLASS (few_box_editor_parent_class)->dispose (object);
}

static void
few_box_editor_class_init (FewBoxEditorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_box_editor_dispose;
  GTK_WIDGET_CLASS (klass)->snapshot = few_box_editor_snapshot;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
  signals[CHANGED] = g_signal_new ("changed", FEW_TYPE_BOX_EDITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
few_box_editor_init (FewBoxEditor *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  gtk_widget_set_focusable (widget, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Box in the picture"), -1);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  g_signal_connect (self, "notify::has-focus", G_CALLBACK (focus_cb), NULL);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (widget, motion);
  gtk_widget_add_controller (widget, keys);
  describe (self);
}
