/* SPDX-License-Identifier: MIT */
/* Two threads one after the other: what the videos are, and their pictures. */
#include "widgets/few-video-dialog.h"
#include "base/few-parts.h"
#include "common/frame-file.h"
#include "common/video.h"
#include "widgets/few-dialog.h"
#include <glib/gi18n.h>
#include <math.h>

enum { TICK = 100 }; /* ms */

/* What a thread is given, and what it has come to. */
typedef struct
{
  GStrv videos;
  FewVideoOptions options;
  GArray *abouts;   /* FewVideoAbout; seconds NAN: it cannot be read */
  GPtrArray *paths; /* char *: pictures */
  GPtrArray *problems; /* char *: sentences */
  int taken, seconds; /* atomic; of the video under way */
  int at;             /* likewise: which one that is */
} Job;

struct _FewVideoDialog
{
  AdwWindow parent;
  GtkStack *stack;
  GtkLabel *text, *place, *pace;
  GtkCheckButton *every, *changes;
  GtkSpinButton *interval;
  GtkWidget *begin;
  GtkProgressBar *progress;
  GStrv videos;
  GArray *abouts; /* NULL: not known yet */
  GPtrArray *problems;
  GTask *task;    /* NULL: nothing is under way */
  GCancellable *cancellable;
  guint ticking;
  FewPathsFunc done; /* NULL: it was told */
  gpointer user;
  GDestroyNotify free_user;
};

G_DEFINE_FINAL_TYPE (FewVideoDialog, few_video_dialog, ADW_TYPE_WINDOW)

static void
job_free (gpointer data)
{
  Job *job = data;
  g_strfreev (job->videos);
  g_array_unref (job->abouts);
  g_ptr_array_unref (job->paths);
  g_ptr_array_unref (job->problems);
  g_free (job);
}

static void
run (FewVideoDialog *self, GTaskThreadFunc work, GAsyncReadyCallback ended,
     const FewVideoOptions *options)
{
  Job *job = g_new0 (Job, 1);
  job->videos = g_strdupv (self->videos);
  job->options = *options;
  job->abouts = self->abouts ? g_array_ref (self->abouts)
                             : g_array_new (FALSE, FALSE, sizeof (FewVideoAbout));
  job->paths = g_ptr_array_new_with_free_func (g_free);
  job->problems = g_ptr_array_new_with_free_func (g_free);
  self->task = g_task_new (self, self->cancellable, ended, NULL);
  g_task_set_task_data (self->task, job, job_free);
  g_task_set_check_cancellable (self->task, FALSE);
  g_task_run_in_thread (self->task, work);
}

/* ---- what is told */

/* Once. */
static void
tell (FewVideoDialog *self, GPtrArray *paths)
{
  FewPathsFunc done = g_steal_pointer (&self->done);
  static const char *const none[] = { NULL };
  if (!done)
    return;
  if (paths)
    g_ptr_array_add (paths, NULL);
  done (self->user, paths ? (const char *const *) paths->pdata : none);
  if (self->free_user)
    self->free_user (self->user);
}

static void
get_options (FewVideoDialog *self, FewVideoOptions *options)
{
  *options = (FewVideoOptions) { .changes = gtk_check_button_get_active (self->changes),
                                 .interval = gtk_spin_button_get_value (self->interval),
                                 .most = FEW_VIDEO_MOST,
                                 .side = FEW_VIDEO_SIDE };
}

/* "0:40", "1:02:05" */
static char *
describe_length (double seconds)
{
  guint whole = (guint) lround (seconds);
  return whole < 3600 ? g_strdup_printf ("%u:%02u", whole / 60, whole % 60)
                      : g_strdup_printf ("%u:%02u:%02u", whole / 3600, whole / 60 % 60, whole % 60);
}

/* "clip.mp4 (0:40): about 40 pictures" */
static char *
describe_video (const char *path, const FewVideoAbout *about, const FewVideoOptions *options)
{
  g_autofree char *name = g_filename_display_basename (path);
  guint n = few_video_estimate (about, options);
  if (about->seconds < 0)
    /* Translators: a file */
    return g_strdup_printf (_ ("%s: it does not say how long it is"), name);
  g_autofree char *length = describe_length (about->seconds);
  if (n == 0)
    /* Translators: a file, its length, a number */
    return g_strdup_printf (_ ("%s (%s): a picture wherever it changes, %u at most"), name, length,
                            options->most);
  if (n == options->most)
    /* Translators: a file, its length, a number */
    return g_strdup_printf (_ ("%s (%s): its first %u pictures, and no more"), name, length, n);
  /* Translators: a file, its length, a number */
  return g_strdup_printf (ngettext ("%s (%s): about %u picture", "%s (%s): about %u pictures", n),
                          name, length, n);
}

static void
update_text_cb (FewVideoDialog *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  FewVideoOptions options;
  gboolean any = FALSE;
  get_options (self, &options);
  gtk_widget_set_sensitive (GTK_WIDGET (self->interval), !options.changes);
  for (guint i = 0; self->abouts && i < self->abouts->len; i++)
    {
      const FewVideoAbout *about = &g_array_index (self->abouts, FewVideoAbout, i);
      if (isnan (about->seconds))
        continue;
      few_append_part (text, "\n", 1, describe_video (self->videos[i], about, &options));
      any = TRUE;
    }
  for (guint i = 0; i < self->problems->len; i++)
    few_append_part (text, "\n", 1, g_strdup (self->problems->pdata[i]));
  gtk_label_set_text (self->text, self->abouts ? text->str : _ ("The videos are looked at…"));
  gtk_widget_set_sensitive (self->begin, any);
}

/* ---- what the videos are */

static void
look_in_thread (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data,
                GCancellable *cancellable)
{
  Job *job = data;
  for (guint i = 0; job->videos[i]; i++)
    {
      g_autoptr (GError) error = NULL;
      FewVideoAbout about = { .seconds = NAN };
      if (!few_video_about (job->videos[i], &about, cancellable, &error))
        {
          about.seconds = NAN;
          g_ptr_array_add (job->problems, g_strdup (error->message));
        }
      g_array_append_val (job->abouts, about);
    }
  g_task_return_boolean (task, TRUE);
}

static void
add_problems (FewVideoDialog *self, const Job *job)
{
  for (guint i = 0; i < job->problems->len; i++)
    if (!g_ptr_array_find_with_equal_func (self->problems, job->problems->pdata[i], g_str_equal,
                                           NULL))
      g_ptr_array_add (self->problems, g_strdup (job->problems->pdata[i]));
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user G_GNUC_UNUSED)
{
  FewVideoDialog *self = FEW_VIDEO_DIALOG (source);
  const Job *job = g_task_get_task_data (G_TASK (result));
  g_clear_object (&self->task);
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  self->abouts = g_array_ref (job->abouts);
  add_problems (self, job);
  update_text_cb (self);
  gtk_widget_grab_focus (self->begin); /* which could not have it until now */
}

/* ---- pictures */

static void
passed (gpointer user, guint taken, double seconds)
{
  Job *job = user;
  g_atomic_int_set (&job->taken, (int) taken);
  g_atomic_int_set (&job->seconds, (int) seconds);
}

static void
take_in_thread (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data,
                GCancellable *cancellable)
{
  Job *job = data;
  for (guint i = 0; job->videos[i] && !g_cancellable_is_cancelled (cancellable); i++)
    {
      g_autoptr (GError) error = NULL;
      if (isnan (g_array_index (job->abouts, FewVideoAbout, i).seconds))
        continue;
      g_atomic_int_set (&job->at, (int) i);
      g_autofree char *folder = few_video_folder (job->videos[i]);
      g_autoptr (FewVideoTaken) taken =
          few_video_take (job->videos[i], folder, &job->options, passed, job, cancellable, &error);
      if (!taken || taken->problem)
        g_ptr_array_add (job->problems, g_strdup (taken ? taken->problem : error->message));
      for (guint k = 0; taken && k < taken->paths->len; k++)
        g_ptr_array_add (job->paths, g_strdup (taken->paths->pdata[k]));
    }
  g_task_return_boolean (task, TRUE);
}

static gboolean
tick_cb (gpointer user)
{
  FewVideoDialog *self = user;
  Job *job = g_task_get_task_data (self->task);
  guint at = (guint) g_atomic_int_get (&job->at);
  guint taken = (guint) g_atomic_int_get (&job->taken);
  double seconds = g_atomic_int_get (&job->seconds);
  double whole = g_array_index (self->abouts, FewVideoAbout, at).seconds;
  g_autofree char *name = g_filename_display_basename (self->videos[at]);
  g_autofree char *reached = describe_length (seconds);
  /* Translators: a file, how far into it, a number */
  g_autofree char *text =
      g_strdup_printf (ngettext ("%s: %u picture up to %s", "%s: %u pictures up to %s", taken),
                       name, taken, reached);
  gtk_label_set_text (self->pace, text);
  if (whole > 0)
    gtk_progress_bar_set_fraction (self->progress, MIN (1, seconds / whole));
  else
    gtk_progress_bar_pulse (self->progress);
  return G_SOURCE_CONTINUE;
}

/* Where the person looks next, over the window below; what came of the import would take the place
 * of a toast at once. */
static void
show_problems (GtkWindow *parent, GPtrArray *problems)
{
  if (!parent || problems->len == 0)
    return;
  g_ptr_array_add (problems, NULL);
  g_autofree char *text = g_strjoinv ("\n\n", (char **) problems->pdata);
  GtkWidget *dialog = adw_message_dialog_new (parent, NULL, text);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
taken_cb (GObject *source, GAsyncResult *result, gpointer user G_GNUC_UNUSED)
{
  FewVideoDialog *self = FEW_VIDEO_DIALOG (source);
  g_autoptr (GTask) task = g_object_ref (G_TASK (result));
  Job *job = g_task_get_task_data (task);
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));
  g_clear_handle_id (&self->ticking, g_source_remove);
  g_clear_object (&self->task);
  if (g_cancellable_is_cancelled (self->cancellable))
    return; /* it was told when the window closed */
  tell (self, job->paths);
  gtk_window_close (GTK_WINDOW (self));
  show_problems (parent, job->problems);
}

void
few_video_dialog_begin (FewVideoDialog *self)
{
  g_return_if_fail (FEW_IS_VIDEO_DIALOG (self));
  FewVideoOptions options;
  if (self->task || !self->abouts)
    return;
  get_options (self, &options);
  gtk_stack_set_visible_child_name (self->stack, "working");
  gtk_widget_set_sensitive (self->begin, FALSE);
  run (self, take_in_thread, taken_cb, &options);
  self->ticking = g_timeout_add (TICK, tick_cb, self);
}

static void
begin_cb (FewVideoDialog *self)
{
  few_video_dialog_begin (self);
}

static void
cancel_cb (FewVideoDialog *self)
{
  gtk_window_close (GTK_WINDOW (self));
}

/* ---- life */

static void
few_video_dialog_dispose (GObject *object)
{
  FewVideoDialog *self = FEW_VIDEO_DIALOG (object);
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->ticking, g_source_remove);
  tell (self, NULL);
  G_OBJECT_CLASS (few_video_dialog_parent_class)->dispose (object);
}

static void
few_video_dialog_finalize (GObject *object)
{
  FewVideoDialog *self = FEW_VIDEO_DIALOG (object);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->abouts, g_array_unref);
  g_ptr_array_unref (self->problems);
  g_strfreev (self->videos);
  G_OBJECT_CLASS (few_video_dialog_parent_class)->finalize (object);
}

static void
few_video_dialog_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                          int *natural, int *minimum_baseline, int *natural_baseline)
{
  few_dialog_measure (GTK_WIDGET_CLASS (few_video_dialog_parent_class), widget, orientation,
                      for_size, minimum, natural, minimum_baseline, natural_baseline);
}

static void
few_video_dialog_class_init (FewVideoDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_video_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = few_video_dialog_finalize;
  widget_class->measure = few_video_dialog_measure;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/widgets/few-video-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, FewVideoDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, FewVideoDialog, text);
  gtk_widget_class_bind_template_child (widget_class, FewVideoDialog, place);
  gtk_widget_class_bind_template_child (widget_class, FewVideoDialog, pace);
  gtk_widget_class_bind_template_child (widget_class, FewVideoDialog, every);
  gtk_widget_class_bind_template_child (widget_class, FewVideoDialog, changes);
  gtk_widget_class_bind_template_child (widget_class, FewVideoDialog, interval);
  gtk_widget_class_bind_template_child (widget_class, FewVideoDialog, begin);
  gtk_widget_class_bind_template_child (widget_class, FewVideoDialog, progress);
  gtk_widget_class_bind_template_callback (widget_class, update_text_cb);
  gtk_widget_class_bind_template_callback (widget_class, begin_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
}

static void
few_video_dialog_init (FewVideoDialog *self)
{
  self->cancellable = g_cancellable_new ();
  self->problems = g_ptr_array_new_with_free_func (g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
}

FewVideoDialog *
few_video_dialog_new (GtkWindow *parent, const char *const *videos, FewPathsFunc done,
                      gpointer user, GDestroyNotify free_user)
{
  g_return_val_if_fail (videos && videos[0] && done, NULL);
  FewVideoDialog *self = g_object_new (FEW_TYPE_VIDEO_DIALOG, NULL);
  g_autofree char *folder = few_video_folder (videos[0]);
  g_autofree char *shown = g_filename_display_name (folder);
  /* Translators: a folder */
  g_autofree char *place = g_strdup_printf (_ ("The pictures go to %s."), shown);
  FewVideoOptions options;
  self->videos = g_strdupv ((char **) videos);
  self->done = done;
  self->user = user;
  self->free_user = free_user;
  gtk_label_set_text (self->place, place);
  few_dialog_attach (GTK_WINDOW (self), parent);
  get_options (self, &options);
  update_text_cb (self);
  run (self, look_in_thread, looked_cb, &options);
  return self;
}

void
few_video_dialog_choose (FewVideoDialog *self, double interval)
{
  g_return_if_fail (FEW_IS_VIDEO_DIALOG (self));
  gtk_check_button_set_active (interval > 0 ? self->every : self->changes, TRUE);
  if (interval > 0)
    gtk_spin_button_set_value (self->interval, interval);
}

gboolean
few_video_dialog_is_ready (FewVideoDialog *self)
{
  g_return_val_if_fail (FEW_IS_VIDEO_DIALOG (self), FALSE);
  return self->abouts != NULL;
}

const char *
few_video_dialog_get_text (FewVideoDialog *self)
{
  g_return_val_if_fail (FEW_IS_VIDEO_DIALOG (self), NULL);
  return gtk_label_get_text (self->text);
}
