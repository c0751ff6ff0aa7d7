/* SPDX-License-Identifier: MIT */
#include <config.h>
#include "shell/few-window.h"
#include "widgets/few-alpha-bar.h"
#include "pages/train/few-train-page.h"
#include "base/few-settings.h"
#include <glib/gi18n.h>

enum { NARROW = 620 };

struct _FewWindow
{
  AdwApplicationWindow parent;
  FewSession *session;
  FewDocument *document;
  gboolean closing;
  FewThumbnails *thumbnails;
  AdwFlap *flap;
  AdwToastOverlay *toasts;
  AdwViewStack *pages;
  AdwViewSwitcherTitle *title;
  AdwViewSwitcherBar *switcher_bar;
  GtkStack *content;
  GtkListBox *class_list;
  FewExamplesPage *examples;
  FewTrainPage *train;
  FewInspectPage *inspect;
  FewTryPage *try_page;
  FewComparePage *compare;
  FewAlphaBar *alpha_bar;
  GtkRevealer *alpha_revealer, *import_revealer, *refused_revealer;
  GtkProgressBar *import_progress;
  GtkLabel *import_label, *refused_label;
  AdwStatusPage *welcome;
  GtkRevealer *missing_revealer;
  GtkLabel *missing_label;
  GMenu *recent;
  GtkListBox *recent_list;
  GtkWidget *export_button;
  guint tick;
  gint64 import_started;
  gint64 training_since, comparing_since, reading_since; /* 0: no such work */
  guint import_done_at_start;
};

G_DEFINE_FINAL_TYPE (FewWindow, few_window, ADW_TYPE_APPLICATION_WINDOW)

/* ---- small things the other files use */

FewSession *
few_window_get_session (FewWindow *self)
{
  return self->session;
}

FewDocument *
few_window_get_document (FewWindow *self)
{
  return self->document;
}

FewExamplesPage *
few_window_get_examples (FewWindow *self)
{
  return self->examples;
}

FewInspectPage *
few_window_get_inspect (FewWindow *self)
{
  return self->inspect;
}

FewComparePage *
few_window_get_compare (FewWindow *self)
{
  return self->compare;
}

FewTryPage *
few_window_get_try (FewWindow *self)
{
  return self->try_page;
}

FewThumbnails *
few_window_get_thumbnails (FewWindow *self)
{
  return self->thumbnails;
}

/* A toast's own title is one line and cuts what is longer: an error would lose what to do. NULL
 * when `text` fits. A toast is as high as its contents at their natural width, so that this must
 * be what the window has room for. */
static GtkWidget *
wrapped_title (FewWindow *self, const char *text, gboolean with_button)
{
  enum { BESIDE_TITLE = 110, BUTTON = 90, LEAST_CHARS = 24, MOST_CHARS = 80 };
  GtkWidget *label = g_object_ref_sink (gtk_label_new (text));
  gtk_widget_add_css_class (label, "heading");
  g_autoptr (PangoLayout) line = gtk_widget_create_pango_layout (label, text);
  PangoFontMetrics *metrics =
      pango_context_get_metrics (gtk_widget_get_pango_context (label), NULL, NULL);
  int width = gtk_widget_get_width (GTK_WIDGET (self->toasts));
  int needed;
  int character = MAX (PANGO_PIXELS (pango_font_metrics_get_approximate_char_width (metrics)), 1);
  int chars = CLAMP ((width - BESIDE_TITLE - (with_button ? BUTTON : 0)) / character, LEAST_CHARS,
                     MOST_CHARS);
  pango_font_metrics_unref (metrics);
  pango_layout_get_pixel_size (line, &needed, NULL);
  if (needed <= chars * character)
    {
      g_object_unref (label);
      return NULL;
    }
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (label), chars);
  return label;
}

static gboolean
say_when_shown (GtkWidget *widget, GdkFrameClock *clock G_GNUC_UNUSED, gpointer text)
{
  FewWindow *self = FEW_WINDOW (widget);
  if (gtk_widget_get_width (GTK_WIDGET (self->toasts)) == 0)
    return G_SOURCE_CONTINUE;
  few_window_say (self, text, FALSE);
  return G_SOURCE_REMOVE;
}

void
few_window_say (FewWindow *self, const char *text, gboolean with_undo)
{
  enum { SECONDS = 5, SECONDS_TO_READ = 12 };
  if (gtk_widget_get_width (GTK_WIDGET (self->toasts)) == 0) /* and there is nothing to undo yet */
    {
      gtk_widget_add_tick_callback (GTK_WIDGET (self), say_when_shown, g_strdup (text), g_free);
      return;
    }
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  g_autoptr (GtkWidget) title = wrapped_title (self, text, with_undo);
  AdwToast *toast = adw_toast_new (escaped);
  adw_toast_set_timeout (toast, title ? SECONDS_TO_READ : SECONDS);
  if (title)
    adw_toast_set_custom_title (toast, title);
  if (with_undo)
    {
      adw_toast_set_button_label (toast, _ ("_Undo"));
      adw_toast_set_action_name (toast, "win.undo");
    }
  adw_toast_overlay_add_toast (self->toasts, toast);
}

void
few_window_show_page (FewWindow *self, const char *page)
{
  adw_view_stack_set_visible_child_name (self->pages, page);
}

const char *
few_window_get_page (FewWindow *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->content), "pages") == 0
             ? adw_view_stack_get_visible_child_name (self->pages)
             : "welcome";
}

/* ---- the class list */

static void
row_header (GtkListBoxRow *row, GtkListBoxRow *before, gpointer user)
{
  if (before && !gtk_list_box_row_get_header (row))
    gtk_list_box_row_set_header (row, gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
}

static gboolean
count_text (GBinding *binding, const GValue *from, GValue *to, gpointer user)
{
  g_value_take_string (to, g_strdup_printf ("%u", g_value_get_uint (from)));
  return TRUE;
}

static GtkWidget *
class_row (gpointer item, gpointer user)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *name = gtk_label_new (NULL);
  GtkWidget *count = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (name, TRUE);
  gtk_widget_add_css_class (count, "dim-label");
  gtk_widget_add_css_class (count, "numeric");
  gtk_widget_add_css_class (box, "class-row");
  gtk_box_append (GTK_BOX (box), name);
  gtk_box_append (GTK_BOX (box), count);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  g_object_bind_property (item, "name", name, "label", G_BINDING_SYNC_CREATE);
  g_object_bind_property_full (item, "count", count, "label", G_BINDING_SYNC_CREATE, count_text,
                               NULL, NULL, NULL);
  g_object_set_data_full (G_OBJECT (row), "class", g_object_ref (item), g_object_unref);
  few_window_dnd_row (row, user, item);
  return row;
}

static void
class_selected (GtkListBox *list, GtkListBoxRow *row, FewWindow *self)
{
  few_examples_page_set_class (self->examples,
                               row ? g_object_get_data (G_OBJECT (row), "class") : NULL);
  if (row && adw_flap_get_folded (self->flap))
    adw_flap_set_reveal_flap (self->flap, FALSE);
  few_window_update_actions (self);
}

void
few_window_select_class (FewWindow *self, int index)
{
  GtkListBoxRow *row = index >= 0 ? gtk_list_box_get_row_at_index (self->class_list, index) : NULL;
  if (row)
    gtk_list_box_select_row (self->class_list, row);
  else
    gtk_list_box_unselect_all (self->class_list);
  few_window_show_page (self, "examples");
}

static void
all_clicked (FewWindow *self)
{
  few_window_select_class (self, -1);
}

/* ---- what the session says */

static gboolean
tick (GtkWidget *widget, GdkFrameClock *clock, gpointer user)
{
  FewWindow *self = FEW_WINDOW (widget);
  if (few_session_poll (self->session))
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  return G_SOURCE_REMOVE;
}

/* Below the pages when the title has no room for the switcher; the welcome page has nothing to
 * switch to. */
static void
update_switcher_bar (FewWindow *self)
{
  gboolean pages = g_strcmp0 (gtk_stack_get_visible_child_name (self->content), "pages") == 0;
  adw_view_switcher_bar_set_reveal (
      self->switcher_bar, pages && adw_view_switcher_title_get_title_visible (self->title));
}

static void
update_content (FewWindow *self)
{
  gboolean empty = g_list_model_get_n_items (few_session_get_classes (self->session)) == 0;
  const FewModelInfo *model = few_session_get_model (self->session);
  gtk_stack_set_visible_child_name (self->content, empty ? "welcome" : "pages");
  adw_view_switcher_title_set_view_switcher_enabled (self->title, !empty);
  update_switcher_bar (self);
  if (few_session_is_opening (self->session))
    adw_status_page_set_description (self->welcome, _ ("Opening the model…"));
  else if (!model)
    adw_status_page_set_description (
        self->welcome, _ ("No model is open. Open the folder of a CLIP model to begin."));
  else
    adw_status_page_set_description (
        self->welcome,
        _ ("Drop one folder of example pictures per class, or a folder that holds such folders. "
           "Everything stays on this computer."));
  adw_view_switcher_title_set_subtitle (self->title, model ? model->name : "");
  guint refused = few_session_get_refused (self->session)->len;
  g_autofree char *text = g_strdup_printf (
      ngettext ("%u file was left out", "%u files were left out", refused), refused);
  gtk_label_set_text (self->refused_label, text);
  gtk_revealer_set_reveal_child (self->refused_revealer, refused > 0);
  guint missing = few_session_count_missing (self->session);
  g_autofree char *gone = g_strdup_printf (
      ngettext ("%u picture is not where it was", "%u pictures are not where they were", missing),
      missing);
  gtk_label_set_text (self->missing_label, gone);
  gtk_revealer_set_reveal_child (self->missing_revealer, missing > 0);
}

static void
document_changed (FewWindow *self)
{
  g_autofree char *title = few_document_get_title (self->document);
  /* Translators: the window's title; %s is the name of the project */
  g_autofree char *full = g_strdup_printf (_ ("%s – Fewshot"), title);
  gtk_window_set_title (GTK_WINDOW (self), full);
  adw_view_switcher_title_set_title (self->title,
                                     few_document_get_path (self->document) ? title : "Fewshot");
  few_window_document_changed (self);
}

static void
recent_changed (FewWindow *self)
{
  few_window_update_recent (self, self->recent, self->recent_list);
}

static void
session_changed (FewWindow *self)
{
  update_content (self);
  few_window_update_actions (self);
}

/* Long work ended while the person was elsewhere: the desktop says so. */
static void
announce (FewWindow *self, gint64 started, const char *text)
{
  enum { LONG = 5 }; /* seconds */
  GApplication *application = G_APPLICATION (gtk_window_get_application (GTK_WINDOW (self)));
  if (!application || !started || g_get_monotonic_time () - started < LONG * G_USEC_PER_SEC
      || gtk_window_is_active (GTK_WINDOW (self))
      || !g_settings_get_boolean (few_settings (), "notify"))
    return;
  g_autofree char *title = few_document_get_title (self->document);
  g_autoptr (GNotification) notification = g_notification_new (text);
  g_notification_set_body (notification, title);
  g_application_send_notification (application, "done", notification);
}

/* Notes when work begins, and announces its end. */
static void
watch (FewWindow *self, gboolean working, gint64 *started, const char *text)
{
  if (working && !*started)
    *started = g_get_monotonic_time ();
  if (working || !*started)
    return;
  announce (self, *started, text);
  *started = 0;
}

static void
training_changed (FewWindow *self)
{
  watch (self, few_session_get_training (self->session) != FEW_TRAINING_IDLE, &self->training_since,
         _ ("Training has ended"));
  watch (self, few_comparison_is_running (few_session_get_comparison (self->session)),
         &self->comparing_since, _ ("The comparison has ended"));
  if (!self->tick)
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick, NULL, NULL);
  few_window_update_actions (self);
}

static void
import_progress (FewSession *session, guint done, guint total, FewWindow *self)
{
  gtk_revealer_set_reveal_child (self->import_revealer, total > 0);
  watch (self, total > 0, &self->reading_since, _ ("The pictures are read"));
  if (total == 0)
    {
      self->import_started = 0;
      return;
    }
  gint64 now = g_get_monotonic_time ();
  if (!self->import_started)
    {
      self->import_started = now;
      self->import_done_at_start = done;
    }
  /* A rate only once it means something: pictures come in handfuls. */
  double seconds = (double) (now - self->import_started) / G_USEC_PER_SEC;
  double rate = (done - self->import_done_at_start) / MAX (seconds, 0.001);
  g_autofree char *text = NULL;
  if (seconds < 0.5 || rate <= 0)
    text = g_strdup_printf (_ ("Reading pictures: %u of %u"), done, total);
  else /* Translators: done, total, pictures a second, seconds left */
    text = g_strdup_printf (_ ("Reading pictures: %u of %u, %.0f a second, %.0f s left"), done,
                            total, rate, (total - done) / rate);
  gtk_progress_bar_set_fraction (self->import_progress, (double) done / total);
  gtk_label_set_text (self->import_label, text);
}

static void
imported (FewSession *session, guint classes, guint pictures, FewWindow *self)
{
  g_autofree char *what =
      g_strdup_printf (ngettext ("%u picture", "%u pictures", pictures), pictures);
  /* Translators: "12 pictures added to 3 classes" */
  g_autofree char *text = g_strdup_printf (
      ngettext ("%s added to %u class", "%s added to %u classes", classes), what, classes);
  few_window_say (self, text, FALSE);
}

static void
message (FewSession *session, const char *text, FewWindow *self)
{
  few_window_say (self, text, FALSE);
}

static void
exported (FewSession *session, const char *path, guint agree, guint total, FewWindow *self)
{
  few_window_exported (self, path, agree, total);
}

static void
lens_changed (FewWindow *self)
{
  GAction *alpha = g_action_map_lookup_action (G_ACTION_MAP (self), "alpha");
  g_simple_action_set_state (G_SIMPLE_ACTION (alpha),
                             g_variant_new_double (few_session_get_alpha (self->session)));
}

static void
page_changed (FewWindow *self)
{
  const char *page = adw_view_stack_get_visible_child_name (self->pages);
  gboolean has_alpha = g_strcmp0 (page, "train") == 0 || g_strcmp0 (page, "inspect") == 0
                       || g_strcmp0 (page, "try") == 0;
  gtk_revealer_set_reveal_child (self->alpha_revealer, has_alpha);
  if (has_alpha)
    few_alpha_bar_focus (self->alpha_bar);
}

/* The frame's width decides, not a guess at the screen's. */
static void
width_changed (FewWindow *self)
{
  int width, height; /* both: GTK 4.8 writes through either */
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  few_examples_page_set_width (self->examples, width);
  few_inspect_page_set_width (self->inspect, width);
  few_inspect_page_set_narrow (self->inspect, width < NARROW + 240);
  few_try_page_set_narrow (self->try_page, width < NARROW + 240);
  gtk_widget_set_visible (self->export_button, width >= NARROW); /* the menu has it too */
}

/* ---- life */

static void
written (gpointer user)
{
  g_autoptr (GApplication) application =
      g_object_ref (G_APPLICATION (gtk_window_get_application (user)));
  gtk_window_destroy (user);
  g_application_release (application);
}

static void
remember_size (FewWindow *self)
{
  int width, height;
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  g_settings_set_boolean (few_settings (), "maximized",
                          gtk_window_is_maximized (GTK_WINDOW (self)));
  g_settings_set_int (few_settings (), "width", MAX (width, 360));
  g_settings_set_int (few_settings (), "height", MAX (height, 420));
}

static void
restore_size (FewWindow *self)
{
  gtk_window_set_default_size (GTK_WINDOW (self), g_settings_get_int (few_settings (), "width"),
                               g_settings_get_int (few_settings (), "height"));
  if (g_settings_get_boolean (few_settings (), "maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
}

/* What is not on disk yet is written first, by a thread, while the window is already out of
 * sight. */
static gboolean
few_window_close_request (GtkWindow *window)
{
  FewWindow *self = FEW_WINDOW (window);
  if (self->closing)
    return TRUE;
  self->closing = TRUE;
  remember_size (self);
  g_application_hold (G_APPLICATION (gtk_window_get_application (window)));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  few_document_close (self->document, written, self);
  return TRUE;
}

static void
few_window_dispose (GObject *object)
{
  FewWindow *self = FEW_WINDOW (object);
  if (self->tick)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
  if (self->session)
    {
      /* the template's own children speak while they go: a list unselects, a stack changes pages */
      g_signal_handlers_disconnect_by_data (self->session, self);
      g_signal_handlers_disconnect_by_data (self->document, self);
      g_signal_handlers_disconnect_by_data (self->class_list, self);
      g_signal_handlers_disconnect_by_data (self->pages, self);
      g_signal_handlers_disconnect_by_data (self->title, self);
    }
  G_OBJECT_CLASS (few_window_parent_class)->dispose (object);
  g_clear_object (&self->document);
  g_clear_object (&self->session);
  g_clear_object (&self->thumbnails);
}

static void
few_window_class_init (FewWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = few_window_close_request;
  g_type_ensure (FEW_TYPE_EXAMPLES_PAGE);
  g_type_ensure (FEW_TYPE_TRAIN_PAGE);
  g_type_ensure (FEW_TYPE_INSPECT_PAGE);
  g_type_ensure (FEW_TYPE_TRY_PAGE);
  g_type_ensure (FEW_TYPE_COMPARE_PAGE);
  g_type_ensure (FEW_TYPE_ALPHA_BAR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fewshot/Fewshot/shell/few-window.ui");
  gtk_widget_class_bind_template_child (widget_class, FewWindow, flap);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, title);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, switcher_bar);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, content);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, class_list);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, examples);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, train);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, inspect);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, compare);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, try_page);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, alpha_bar);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, alpha_revealer);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, import_revealer);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, refused_revealer);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, import_progress);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, import_label);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, refused_label);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, welcome);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, missing_revealer);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, missing_label);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, recent);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, recent_list);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, export_button);
  gtk_widget_class_bind_template_callback (widget_class, class_selected);
  gtk_widget_class_bind_template_callback (widget_class, all_clicked);
  gtk_widget_class_bind_template_callback (widget_class, page_changed);
  gtk_widget_class_bind_template_callback (widget_class, update_switcher_bar);
  few_window_install_bindings (widget_class);
}

static void
few_window_init (FewWindow *self)
{
  self->session = few_session_new ();
  self->document = few_document_new (self->session);
  self->thumbnails = few_thumbnails_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  adw_status_page_set_icon_name (self->welcome, FEW_APP_ID);
  restore_size (self);
  if (FEW_DEVELOPMENT)
    gtk_widget_add_css_class (GTK_WIDGET (self), "devel");
  few_window_actions_init (self);
  few_window_project_init (self);
  few_window_try_init (self);
  few_window_tables_init (self);
  few_window_models_init (self);
  few_window_dnd_init (self);
  few_examples_page_set_session (self->examples, self->session, self->thumbnails);
  few_train_page_set_session (self->train, self->session);
  few_inspect_page_set_session (self->inspect, self->session, self->thumbnails);
  few_try_page_set_session (self->try_page, self->session);
  few_compare_page_set_session (self->compare, self->session, self->thumbnails);
  few_alpha_bar_set_session (self->alpha_bar, self->session);
  gtk_list_box_bind_model (self->class_list, few_session_get_classes (self->session), class_row,
                           self, NULL);
  gtk_list_box_set_header_func (self->class_list, row_header, NULL, NULL);
  g_signal_connect_swapped (self->session, "changed", G_CALLBACK (session_changed), self);
  g_signal_connect_swapped (self->session, "model", G_CALLBACK (session_changed), self);
  g_signal_connect_swapped (self->session, "training", G_CALLBACK (training_changed), self);
  g_signal_connect_swapped (self->session, "lens", G_CALLBACK (lens_changed), self);
  g_signal_connect_swapped (self->session, "history", G_CALLBACK (few_window_update_actions), self);
  g_signal_connect_swapped (self->document, "changed", G_CALLBACK (document_changed), self);
  g_signal_connect_object (gtk_recent_manager_get_default (), "changed",
                           G_CALLBACK (recent_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect (self->session, "progress", G_CALLBACK (import_progress), self);
  g_signal_connect (self->session, "imported", G_CALLBACK (imported), self);
  g_signal_connect (self->session, "message", G_CALLBACK (message), self);
  g_signal_connect (self->session, "exported", G_CALLBACK (exported), self);
  g_signal_connect (self, "notify::default-width", G_CALLBACK (width_changed), NULL);
  g_autofree char *model = few_settings_model ();
  if (model)
    few_session_open_model (self->session, model);
  width_changed (self);
  page_changed (self);
  document_changed (self);
  recent_changed (self);
  session_changed (self);
}

FewWindow *
few_window_new (AdwApplication *application)
{
  FewWindow *self = g_object_new (FEW_TYPE_WINDOW, "application", application, NULL);
  few_window_models_watch (self);
  return self;
}
