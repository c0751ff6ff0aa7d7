/* SPDX-License-Identifier: MIT */
/* The window on the fake GPU (tests/fakecuda): chip, preferences, About; a GPU that fails or is
 * full is left with a toast, and nothing is lost. */
#include "base/few-settings.h"
#include "world.h"
#include <dlfcn.h>
#include <string.h>

static void (*fail_at) (guint64 call);
static void (*set_memory) (guint64 bytes);
static guint64 (*calls) (void);
static guint (*reports) (void);

static gboolean
said (World *w, const char *words)
{
  for (guint i = 0; i < w->messages->len; i++)
    if (strstr (w->messages->pdata[i], words))
      return TRUE;
  return FALSE;
}

static const char *
device_of (World *w)
{
  return few_desk_get_model (w->desk)->device;
}

/* Everything on the GPU, and the chip says so. */
static void
test_on_gpu (void)
{
  World *w = world_new ();
  g_assert_cmpstr (device_of (w), ==, "GPU 0, Fake GPU, f16");
  world_import (w);
  world_train (w, 3);
  g_assert_nonnull (world_find_label (GTK_WIDGET (w->window), "GPU 0, Fake GPU"));
  g_assert_false (said (w, "CPU"));
  world_free (w);
}

/* No memory for pictures: they are encoded on the CPU. The toast says why, all of it, in a
 * window as narrow as a phone. */
static void
test_full (void)
{
  World *w = world_new ();
  GtkWidget *why;
  gtk_window_set_default_size (GTK_WINDOW (w->window), 360, 700);
  set_memory (1000);
  world_import (w);
  set_memory ((guint64) 1 << 30);
  WAIT (said (w, "The CPU is used instead of the GPU"));
  WAIT ((why = world_find_label (GTK_WIDGET (w->window), "The CPU is used instead of the GPU"))
        && gtk_widget_get_width (why) > 0);
  g_assert_nonnull (strstr (gtk_label_get_text (GTK_LABEL (why)), "memory"));
  g_assert_false (pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (why))));
  g_assert_true (g_str_has_prefix (device_of (w), "CPU"));
  g_assert_cmpuint (world_count_state (w, FEW_PICTURE_READY), ==, 30);
  world_train (w, 3);
  g_assert_nonnull (world_find_label (GTK_WIDGET (w->window), device_of (w)));
  world_free (w);
}

/* A call that fails in the midst of training: the run begins again on the CPU and ends. */
static void
test_failing_training (void)
{
  World *w = world_new ();
  world_import (w);
  fail_at (0);
  world_train (w, 30);
  g_assert_false (said (w, "CPU"));
  fail_at (calls () / 2);
  world_train (w, 30);
  fail_at (0);
  WAIT (said (w, "The CPU is used instead of the GPU"));
  const FewSnapshotInfo *info = few_snapshot_info (few_view_get_snapshot (w->view));
  g_assert_true (info->trained);
  g_assert_cmpuint (info->epoch, ==, 30);
  world_free (w);
}

static GtkWindow *
other_window (GType type)
{
  GListModel *windows = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);
      if (G_TYPE_CHECK_INSTANCE_TYPE (window, type))
        return window;
    }
  return NULL;
}

/* Preferences list the GPU and keep the choice; a model opened then runs there. */
static void
test_preferences (void)
{
  World *w = world_new ();
  GActionGroup *application = G_ACTION_GROUP (gtk_window_get_application (GTK_WINDOW (w->window)));
  g_action_group_activate_action (application, "about", NULL);
  GtkWindow *about = other_window (ADW_TYPE_ABOUT_WINDOW);
  WAIT (strstr (adw_about_window_get_debug_info (ADW_ABOUT_WINDOW (about)),
                "cuda:0: Fake GPU, compute capability 8.0"));
  gtk_window_destroy (about);
  g_action_group_activate_action (application, "preferences", NULL);
  GtkWindow *preferences = other_window (ADW_TYPE_PREFERENCES_WINDOW);
  GtkWidget *row;
  WAIT ((row = world_find_label (GTK_WIDGET (preferences), "Automatic takes the GPU")) != NULL);
  row = gtk_widget_get_ancestor (row, ADW_TYPE_COMBO_ROW);
  g_assert_cmpuint (g_list_model_get_n_items (adw_combo_row_get_model (ADW_COMBO_ROW (row))), ==,
                    3);
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), 1);
  g_autofree char *processor = few_settings_device ();
  g_assert_cmpstr (processor, ==, "cpu");
  gtk_window_destroy (preferences);
  World *other = world_new ();
  g_assert_true (g_str_has_prefix (device_of (other), "CPU"));
  world_free (other);
  g_settings_reset (few_settings (), "device");
  world_free (w);
}

int
main (int argc, char **argv)
{
  void *module = dlopen (g_getenv ("FEWSHOT_CUDA_MODULE"), RTLD_NOW);
  if (!module)
    g_error ("%s", dlerror ());
  *(void **) &fail_at = dlsym (module, "fakecuda_fail_at");
  *(void **) &set_memory = dlsym (module, "fakecuda_set_memory");
  *(void **) &calls = dlsym (module, "fakecuda_calls");
  *(void **) &reports = dlsym (module, "fakecuda_reports");
  world_begin (&argc, &argv);
  g_test_add_func ("/gpu/on-gpu", test_on_gpu);
  g_test_add_func ("/gpu/full", test_full);
  g_test_add_func ("/gpu/failing-training", test_failing_training);
  g_test_add_func ("/gpu/preferences", test_preferences);
  int status = g_test_run ();
  g_assert_cmpuint (reports (), ==, 0);
  return status;
}
