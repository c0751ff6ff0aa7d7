/* SPDX-License-Identifier: MIT */
/* What is no longer wanted when it is decoded is dropped. */
#include "widgets/few-large-picture.h"

struct _FewLargePicture
{
  GtkWidget parent;
  GtkPicture *picture;
  FewDecodeBudget *budget;
  guint side;
  GCancellable *decoding; /* NULL: nothing is */
  GdkTexture *heat;       /* over the picture; NULL: none */
  FewHeatInfo heat_info;
  GArray *marks;          /* FewMark */
  char *name;             /* the picture's */
  gboolean whole;
  void (*shown) (gpointer user); /* NULL: nobody asks */
  gpointer shown_user;
};

G_DEFINE_FINAL_TYPE (FewLargePicture, few_large_picture, GTK_TYPE_WIDGET)

typedef struct
{
  char *path;
  FewDecodeBudget *budget;
  guint side, width, height;
} Decode;

static void
decode_free (gpointer data)
{
  Decode *job = data;
  few_decode_budget_unref (job->budget);
  g_free (job->path);
  g_free (job);
}

static void
decode_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Decode *job = data;
  GError *error = NULL;
  guint8 *rgba =
      few_thumbnail (job->path, job->side, job->budget, &job->width, &job->height, &error);
  if (rgba)
    g_task_return_pointer (task, rgba, g_free);
  else
    g_task_return_error (task, error);
}

static void
decoded_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  FewLargePicture *self = FEW_LARGE_PICTURE (source);
  const Decode *job = g_task_get_task_data (G_TASK (result));
  guint8 *rgba = g_task_propagate_pointer (G_TASK (result), NULL);
  if (!rgba)
    return; /* refused, or another one is shown by now */
  g_autoptr (GBytes) bytes = g_bytes_new_take (rgba, (gsize) job->width * job->height * 4);
  g_autoptr (GdkTexture) texture = gdk_memory_texture_new (
      (int) job->width, (int) job->height, GDK_MEMORY_R8G8B8A8, bytes, (gsize) job->width * 4);
  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (texture));
  if (self->shown)
    self->shown (self->shown_user);
}

/* Where the picture is, which keeps its shape in the middle. */
static graphene_rect_t
frame_of (FewLargePicture *self, GdkPaintable *shown)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  double height = gtk_widget_get_height (GTK_WIDGET (self));
  double ratio = gdk_paintable_get_intrinsic_aspect_ratio (shown);
  double w = MIN (width, height * ratio);
  double h = w / ratio;
  return GRAPHENE_RECT_INIT ((float) ((width - w) / 2), (float) ((height - h) / 2), (float) w,
                             (float) h);
}

/* Lengths are shares of the picture's sides. */
static graphene_rect_t
part_of (const graphene_rect_t *frame, double left, double top, double width, double height)
{
  double w = (double) frame->size.width;
  double h = (double) frame->size.height;
  return GRAPHENE_RECT_INIT (frame->origin.x + (float) (left * w),
                             frame->origin.y + (float) (top * h), (float) (width * w),
                             (float) (height * h));
}

/* A frame, and its number on a plate of the same colour in the corner. */
static void
draw_mark (FewLargePicture *self, GtkSnapshot *snapshot, const graphene_rect_t *frame,
           const FewMark *mark)
{
  static const GdkRGBA colours[] = { { .78f, .30f, 0, 1 },
                                     { .1f, .37f, .71f, 1 },
                                     { .10f, .45f, .27f, 1 },
                                     { .57f, .25f, .67f, 1 },
                                     { .75f, .11f, .16f, 1 } };
  static const GdkRGBA white = { 1, 1, 1, 1 };
  const GdkRGBA *colour = &colours[(mark->number - 1) % G_N_ELEMENTS (colours)];
  g_autofree char *text = g_strdup_printf ("%u", mark->number);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  graphene_rect_t place = part_of (frame, mark->left, mark->top, mark->width, mark->height);
  GskRoundedRect outline;
  int width, height;
  pango_layout_get_pixel_size (layout, &width, &height);
  gsk_rounded_rect_init_from_rect (&outline, &place, 2);
  gtk_snapshot_append_border (snapshot, &outline, (const float[]) { 2, 2, 2, 2 },
                              (const GdkRGBA[]) { *colour, *colour, *colour, *colour });
  gtk_snapshot_append_color (
      snapshot, colour,
      &GRAPHENE_RECT_INIT (place.origin.x, place.origin.y, (float) width + 6, (float) height));
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (place.origin.x + 3, place.origin.y));
  gtk_snapshot_append_layout (snapshot, layout, &white);
  gtk_snapshot_restore (snapshot);
}

/* The heat map and the marks over what is seen of the picture. */
static void
few_large_picture_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FewLargePicture *self = FEW_LARGE_PICTURE (widget);
  GdkPaintable *shown = gtk_picture_get_paintable (self->picture);
  GTK_WIDGET_CLASS (few_large_picture_parent_class)->snapshot (widget, snapshot);
  if (!shown || (!self->heat && self->marks->len == 0))
    return;
  const FewHeatInfo *info = &self->heat_info;
  graphene_rect_t frame = frame_of (self, shown);
  graphene_rect_t place = part_of (&frame, info->left, info->top, info->width, info->height);
  gtk_snapshot_push_clip (snapshot, &frame);
  if (self->heat)
    gtk_snapshot_append_texture (snapshot, self->heat, &place);
  for (guint i = 0; i < self->marks->len; i++)
    draw_mark (self, snapshot, &frame, &g_array_index (self->marks, FewMark, i));
  gtk_snapshot_pop (snapshot);
}

void
few_large_picture_set_marks (FewLargePicture *self, const FewMark *marks, guint n)
{
  g_return_if_fail (FEW_IS_LARGE_PICTURE (self) && (n == 0 || marks));
  g_array_set_size (self->marks, 0);
  g_array_append_vals (self->marks, marks, n);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

guint
few_large_picture_count_marks (FewLargePicture *self)
{
  g_return_val_if_fail (FEW_IS_LARGE_PICTURE (self), 0);
  return self->marks->len;
}

/* GtkPicture makes a description of it alone, and is else called after its type. */
static void
call_picture (FewLargePicture *self, const char *text)
{
  gtk_picture_set_alternative_text (self->picture, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->picture), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text, -1);
}

void
few_large_picture_set_heat (FewLargePicture *self, GdkTexture *heat, const FewHeatInfo *info,
                            const char *description)
{
  g_return_if_fail (FEW_IS_LARGE_PICTURE (self));
  g_return_if_fail (!heat || (GDK_IS_TEXTURE (heat) && info && description));
  g_set_object (&self->heat, heat);
  if (heat)
    self->heat_info = *info;
  call_picture (self, heat ? description : self->name);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

GdkTexture *
few_large_picture_get_heat (FewLargePicture *self)
{
  g_return_val_if_fail (FEW_IS_LARGE_PICTURE (self), NULL);
  return self->heat;
}

static void
stop_decoding (FewLargePicture *self)
{
  if (self->decoding)
    g_cancellable_cancel (self->decoding);
  g_clear_object (&self->decoding);
}

void
few_large_picture_show (FewLargePicture *self, FewPicture *picture)
{
  g_return_if_fail (FEW_IS_LARGE_PICTURE (self));
  g_return_if_fail (!picture || FEW_IS_PICTURE (picture));
  stop_decoding (self);
  gtk_picture_set_paintable (self->picture, NULL);
  g_clear_object (&self->heat);
  g_array_set_size (self->marks, 0);
  if (!picture)
    return;
  Decode *job = g_new0 (Decode, 1);
  job->path =
      g_strdup (self->whole ? few_picture_get_path (picture) : few_picture_get_address (picture));
  job->budget = few_decode_budget_ref (self->budget);
  job->side = self->side;
  self->decoding = g_cancellable_new ();
  g_free (self->name);
  self->name = g_strdup (few_picture_get_name (picture));
  call_picture (self, self->name);
  g_autoptr (GTask) task = g_task_new (self, self->decoding, decoded_cb, NULL);
  g_task_set_task_data (task, job, decode_free);
  g_task_run_in_thread (task, decode_in_thread);
}

void
few_large_picture_set_whole (FewLargePicture *self, gboolean whole)
{
  g_return_if_fail (FEW_IS_LARGE_PICTURE (self));
  self->whole = whole;
}

void
few_large_picture_set_shown (FewLargePicture *self, void (*shown) (gpointer user), gpointer user)
{
  g_return_if_fail (FEW_IS_LARGE_PICTURE (self));
  self->shown = shown;
  self->shown_user = user;
}

gboolean
few_large_picture_get_frame (FewLargePicture *self, graphene_rect_t *frame)
{
  g_return_val_if_fail (FEW_IS_LARGE_PICTURE (self) && frame, FALSE);
  GdkPaintable *shown = gtk_picture_get_paintable (self->picture);
  if (shown)
    *frame = frame_of (self, shown);
  return shown != NULL;
}

void
few_large_picture_set_fits (FewLargePicture *self, gboolean fits)
{
  g_return_if_fail (FEW_IS_LARGE_PICTURE (self));
  gtk_picture_set_can_shrink (self->picture, fits);
}

void
few_large_picture_set_session (FewLargePicture *self, FewSession *session, guint side)
{
  g_return_if_fail (FEW_IS_LARGE_PICTURE (self) && FEW_IS_SESSION (session));
  g_return_if_fail (!self->budget && side > 0);
  self->budget = few_decode_budget_ref (few_session_get_decode_budget (session));
  self->side = side;
}

static void
few_large_picture_dispose (GObject *object)
{
  FewLargePicture *self = FEW_LARGE_PICTURE (object);
  stop_decoding (self);
  g_clear_pointer (&self->budget, few_decode_budget_unref);
  g_clear_object (&self->heat);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->marks, g_array_unref);
  if (self->picture)
    gtk_widget_unparent (GTK_WIDGET (self->picture));
  self->picture = NULL;
  G_OBJECT_CLASS (few_large_picture_parent_class)->dispose (object);
}

static void
few_large_picture_class_init (FewLargePictureClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = few_large_picture_dispose;
  GTK_WIDGET_CLASS (klass)->snapshot = few_large_picture_snapshot;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
few_large_picture_init (FewLargePicture *self)
{
  self->marks = g_array_new (FALSE, FALSE, sizeof (FewMark));
  self->picture = GTK_PICTURE (gtk_picture_new ());
  gtk_widget_set_parent (GTK_WIDGET (self->picture), GTK_WIDGET (self));
}
