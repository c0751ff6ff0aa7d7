/* SPDX-License-Identifier: MIT */
/* The controls of a heat map and what lays it over its picture. */
#include "widgets/few-look-bar.h"
#include "common/heat-picture.h"
#include "session/few-sight.h"
#include "widgets/few-chooser.h"
#include "widgets/few-drop-down.h"
#include "widgets/few-show-file.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

enum { RECOGNISED, OWN, FIRST_CLASS }; /* of the drop down; a picture of no class has no OWN */

struct _FewLookBar
{
  GtkWidget parent;
  FewSession *session;
  FewView *view; /* the session's */
  FewSight *look;
  FewLargePicture *target;
  FewPicture *picture; /* NULL: none */
  FewClass *nearest;   /* of a picture that is not in the project */
  GtkWidget *box;
  GtkDropDown *classes, *kinds;
  GtkWidget *scale, *low, *high, *status, *save;
  GtkWidget *show; /* in view once the map is a file */
  char *saved; /* its path */
  gboolean listing; /* what the drop down says is not chosen by a person */
};

G_DEFINE_FINAL_TYPE (FewLookBar, few_look_bar, GTK_TYPE_WIDGET)

/* ---- what is asked */

static FewSightKind
get_kind (FewLookBar *self)
{
  gboolean trained = few_view_get_classifier (self->view) != NULL;
  return trained ? (FewSightKind) gtk_drop_down_get_selected (self->kinds) : FEW_SIGHT_CLIP;
}

/* As if all were listed. */
static guint
get_choice (FewLookBar *self)
{
  guint chosen = gtk_drop_down_get_selected (self->classes);
  return self->nearest && chosen >= OWN ? chosen + 1 : chosen;
}

/* NULL while there is nothing to be asked. */
static FewClass *
get_class (FewLookBar *self)
{
  GPtrArray *classes = few_view_get_classes (self->view);
  guint chosen = get_choice (self);
  int row = self->picture ? few_view_get_row (self->view, self->picture) : -1;
  if (!self->picture || !classes)
    return NULL;
  if (chosen >= FIRST_CLASS && chosen - FIRST_CLASS < classes->len)
    return classes->pdata[chosen - FIRST_CLASS];
  if (self->nearest)
    return g_ptr_array_find (classes, self->nearest, NULL) ? self->nearest : NULL;
  if (chosen == RECOGNISED && row >= 0)
    return classes->pdata[few_view_get_predicted (self->view)[row]];
  return few_picture_get_class (self->picture);
}

static void
ask (FewLookBar *self)
{
  FewClass *klass = get_class (self);
  few_sight_ask (self->look, klass ? self->picture : NULL, klass);
}

/* ---- what is shown */

/* Where the strongest place lies, in words; map [rows, columns]. */
static const char *
name_place (const FewHeatInfo *info, const float *map)
{
  static const char *const places[3][3] = {
    { N_ ("at the top left"), N_ ("at the top"), N_ ("at the top right") },
    { N_ ("at the left"), N_ ("in the middle"), N_ ("at the right") },
    { N_ ("at the bottom left"), N_ ("at the bottom"), N_ ("at the bottom right") },
  };
  guint best = 0;
  for (guint i = 1; i < info->rows * info->columns; i++)
    if (map[i] > map[best])
      best = i;
  return _ (
      places[best / info->columns * 3 / info->rows][best % info->columns * 3 / info->columns]);
}

static char *
describe_map (FewLookBar *self, const float *map, FewSightKind kind)
{
  const char *place = name_place (few_sight_get_info (self->look), map);
  const char *klass = few_class_get_name (get_class (self));
  const char *name = few_picture_get_name (self->picture);
  if (kind == FEW_SIGHT_DIFFERENCE)
    /* Translators: a file, a class, "at the top left" */
    return g_strdup_printf (_ ("%s. For “%s”, learning added most weight %s."), name, klass, place);
  /* Translators: a file, a class, "at the top left" */
  return g_strdup_printf (_ ("%s. What speaks most for “%s” is %s."), name, klass, place);
}

static void
show_map (FewLookBar *self, FewSightKind kind)
{
  const float *map = self->picture ? few_sight_get_map (self->look, kind) : NULL;
  const FewHeatInfo *info = few_sight_get_info (self->look);
  gtk_widget_set_sensitive (self->save, map != NULL);
  if (!map)
    {
      few_large_picture_set_heat (self->target, NULL, NULL, NULL);
      return;
    }
  gsize bytes = (gsize) info->rows * info->columns * sizeof (guint32);
  guint32 *argb = g_malloc (bytes);
  few_heat_colours (map, info->rows * info->columns, kind == FEW_SIGHT_DIFFERENCE, argb);
  g_autoptr (GBytes) pixels = g_bytes_new_take (argb, bytes);
  g_autoptr (GdkTexture) texture =
      gdk_memory_texture_new ((int) info->columns, (int) info->rows, GDK_MEMORY_DEFAULT, pixels,
                              info->columns * sizeof *argb);
  g_autofree char *words = describe_map (self, map, kind);
  few_large_picture_set_heat (self->target, texture, info, words);
}

/* How far it is, why there is nothing, or how it was found. */
static void
show_status (FewLookBar *self)
{
  guint done, total;
  gboolean asking = few_sight_is_asking (self->look, &done, &total);
  const char *problem = few_sight_get_problem (self->look);
  gboolean known = few_sight_get_map (self->look, FEW_SIGHT_CLIP) != NULL;
  g_autofree char *progress = total > 0 ? g_strdup_printf (_ ("Looking: %u of %u"), done, total)
                                        : g_strdup (_ ("Looking…"));
  const char *text = "";
  if (problem)
    text = problem;
  else if (asking && !known)
    text = progress;
  else if (known && few_sight_get_info (self->look)->method == FEW_HEAT_PARTS)
    text = _ ("What each patch gives to the answer");
  else if (known)
    text = _ ("What the answer loses when a place is covered");
  gtk_label_set_text (GTK_LABEL (self->status), text);
}

static void
show_all (FewLookBar *self)
{
  FewSightKind kind = get_kind (self);
  gboolean difference = kind == FEW_SIGHT_DIFFERENCE;
  gtk_widget_set_visible (GTK_WIDGET (self->kinds), few_view_get_classifier (self->view) != NULL);
  gtk_label_set_text (GTK_LABEL (self->low), difference ? _ ("less weight") : _ ("nothing"));
  gtk_label_set_text (GTK_LABEL (self->high), difference ? _ ("more weight") : _ ("speaks for it"));
  gtk_widget_remove_css_class (self->scale, difference ? "look-one" : "look-two");
  gtk_widget_add_css_class (self->scale, difference ? "look-two" : "look-one");
  show_map (self, kind);
  show_status (self);
}

/* ---- what changes */

static void
choice_changed_cb (FewLookBar *self)
{
  if (self->listing || !self->session)
    return;
  ask (self);
  show_all (self);
}

/* The i-th line of the drop down. */
static const char *
name_choice (FewLookBar *self, const GPtrArray *classes, guint i)
{
  guint first = self->nearest ? OWN : FIRST_CLASS;
  if (i >= first)
    return few_class_get_name (classes->pdata[i - first]);
  return i == RECOGNISED ? _ ("Recognised Class") : _ ("Own Class");
}

static gboolean
lists_choices (FewLookBar *self, const GPtrArray *classes, guint n)
{
  GtkStringList *list = GTK_STRING_LIST (gtk_drop_down_get_model (self->classes));
  gboolean same = n == g_list_model_get_n_items (G_LIST_MODEL (list));
  for (guint i = 0; same && i < n; i++)
    same = g_str_equal (gtk_string_list_get_string (list, i), name_choice (self, classes, i));
  return same;
}

static void
list_classes (FewLookBar *self)
{
  const GPtrArray *classes = few_view_get_classes (self->view);
  if (!classes)
    return;
  guint n = classes->len + (self->nearest ? OWN : FIRST_CLASS);
  if (lists_choices (self, classes, n))
    return;
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  for (guint i = 0; i < n; i++)
    gtk_string_list_append (list, name_choice (self, classes, i));
  self->listing = TRUE;
  gtk_drop_down_set_model (self->classes, G_LIST_MODEL (list));
  self->listing = FALSE;
}

static void
lens_cb (FewLookBar *self)
{
  if (!self->picture)
    return;
  list_classes (self);
  ask (self);
  show_all (self);
}

static void
look_changed_cb (FewLookBar *self)
{
  if (self->picture)
    show_all (self);
}

static void
take_picture (FewLookBar *self, FewPicture *picture, FewClass *nearest)
{
  if (g_set_object (&self->picture, picture))
    gtk_widget_set_visible (self->show, FALSE);
  g_set_object (&self->nearest, nearest);
  if (picture)
    list_classes (self);
  ask (self);
  show_all (self);
}

void
few_look_bar_set_picture (FewLookBar *self, FewPicture *picture)
{
  g_return_if_fail (FEW_IS_LOOK_BAR (self) && self->session != NULL);
  g_return_if_fail (!picture || FEW_IS_PICTURE (picture));
  take_picture (self, picture, NULL);
}

void
few_look_bar_set_seen (FewLookBar *self, FewPicture *picture, FewClass *nearest)
{
  g_return_if_fail (FEW_IS_LOOK_BAR (self) && self->session != NULL);
  g_return_if_fail (FEW_IS_PICTURE (picture) && FEW_IS_CLASS (nearest));
  take_picture (self, picture, nearest);
}

void
few_look_bar_set_kind (FewLookBar *self, guint kind)
{
  g_return_if_fail (FEW_IS_LOOK_BAR (self) && kind < FEW_SIGHTS);
  gtk_drop_down_set_selected (self->kinds, kind);
}

/* ---- as a file */

typedef struct
{
  char *source, *target;
  FewHeatInfo info;
  float *map;
  gboolean diverging;
} Saving;

static void
saving_free (gpointer data)
{
  Saving *job = data;
  g_free (job->source);
  g_free (job->target);
  g_free (job->map);
  g_free (job);
}

static void
save_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Saving *job = data;
  GError *error = NULL;
  g_autoptr (GBytes) png = few_heat_png (job->source, &job->info, job->map, job->diverging, &error);
  g_autoptr (FewAtomicFile) file = png ? few_atomic_file_new (job->target, &error) : NULL;
  if (file
      && few_atomic_file_write (file, g_bytes_get_data (png, NULL), g_bytes_get_size (png), &error)
      && few_atomic_file_commit (file, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
saved_cb (GObject *object, GAsyncResult *result, gpointer user)
{
  FewLookBar *self = FEW_LOOK_BAR (object);
  const Saving *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  if (!self->session)
    return;
  g_autofree char *shown = g_filename_display_basename (job->target);
  g_autofree char *said = g_strdup_printf (_ ("Saved %s."), shown);
  gboolean ok = g_task_propagate_boolean (G_TASK (result), &error);
  few_session_say (self->session, ok ? said : error->message);
  if (!ok)
    return;
  g_free (self->saved);
  self->saved = g_strdup (job->target);
  gtk_widget_set_visible (self->show, TRUE);
}

static void
show_cb (FewLookBar *self)
{
  few_show_file_in_folder (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), self->saved);
}

static void
target_chosen_cb (gpointer object, const char *const *paths)
{
  FewLookBar *self = object;
  FewSightKind kind = self->session ? get_kind (self) : FEW_SIGHT_CLIP;
  const float *map = self->picture ? few_sight_get_map (self->look, kind) : NULL;
  if (!map)
    return; /* it is another picture by now */
  Saving *job = g_new0 (Saving, 1);
  job->info = *few_sight_get_info (self->look);
  job->source = g_strdup (few_picture_get_address (self->picture));
  job->target = g_strdup (paths[0]);
  job->map = g_memdup2 (map, (gsize) job->info.rows * job->info.columns * sizeof *map);
  job->diverging = kind == FEW_SIGHT_DIFFERENCE;
  g_autoptr (GTask) task = g_task_new (self, NULL, saved_cb, NULL);
  g_task_set_task_data (task, job, saving_free);
  g_task_run_in_thread (task, save_in_thread);
}

static void
save_cb (FewLookBar *self)
{
  FewClass *klass = get_class (self);
  if (!klass)
    return;
  g_autofree char *name =
      few_heat_name (few_picture_get_name (self->picture), few_class_get_name (klass), 1);
  few_choose (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
              &(FewChooser) { .title = _ ("Save the Heat Map"),
                              .action = GTK_FILE_CHOOSER_ACTION_SAVE,
                              .name = name },
              target_chosen_cb, self);
}

/* ---- life */

static void
few_look_bar_dispose (GObject *object)
{
  FewLookBar *self = FEW_LOOK_BAR (object);
  if (self->look)
    {
      few_sight_ask (self->look, NULL, NULL);
      g_signal_handlers_disconnect_by_data (self->look, self);
      g_signal_handlers_disconnect_by_data (self->view, self);
    }
  g_clear_object (&self->look);
  g_clear_object (&self->picture);
  g_clear_object (&self->nearest);
  g_clear_object (&self->target);
  g_clear_object (&self->session);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->saved, g_free);
  G_OBJECT_CLASS (few_look_bar_parent_class)->dispose (object);
}

static void
few_look_bar_class_init (FewLookBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_look_bar_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/widgets/few-look-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, FewLookBar, box);
  gtk_widget_class_bind_template_child (widget_class, FewLookBar, classes);
  gtk_widget_class_bind_template_child (widget_class, FewLookBar, kinds);
  gtk_widget_class_bind_template_child (widget_class, FewLookBar, scale);
  gtk_widget_class_bind_template_child (widget_class, FewLookBar, low);
  gtk_widget_class_bind_template_child (widget_class, FewLookBar, high);
  gtk_widget_class_bind_template_child (widget_class, FewLookBar, status);
  gtk_widget_class_bind_template_child (widget_class, FewLookBar, save);
  gtk_widget_class_bind_template_child (widget_class, FewLookBar, show);
  gtk_widget_class_bind_template_callback (widget_class, choice_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_look_bar_init (FewLookBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  few_drop_down_shrink (self->classes);
  few_drop_down_shrink_words (self->kinds);
}

GtkWidget *
few_look_bar_new (void)
{
  return g_object_new (FEW_TYPE_LOOK_BAR, NULL);
}

void
few_look_bar_set_session (FewLookBar *self, FewSession *session, FewLargePicture *target)
{
  g_return_if_fail (FEW_IS_LOOK_BAR (self) && FEW_IS_SESSION (session));
  g_return_if_fail (FEW_IS_LARGE_PICTURE (target) && !self->session);
  self->session = g_object_ref (session);
  self->view = few_session_get_view (session);
  self->target = g_object_ref (target);
  self->look = few_sight_new (few_session_get_desk (session), few_session_get_examples (session),
                              self->view);
  g_signal_connect_swapped (self->look, "changed", G_CALLBACK (look_changed_cb), self);
  g_signal_connect_swapped (self->view, "lens", G_CALLBACK (lens_cb), self);
}
