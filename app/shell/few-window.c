/* SPDX-License-Identifier: MIT */
/* Wires the rooms: pages get the session, the bars around them show what it says. */
#include <config.h>
#include "shell/few-window.h"
#include "base/few-settings.h"
#include "base/few-turns.h"
#include "document/few-document-actions.h"
#include "export/few-export-actions.h"
#include "export/few-table-actions.h"
#include "models/few-model-actions.h"
#include "shell/few-announcer.h"
#include "shell/few-header.h"
#include "shell/few-import-bar.h"
#include "shell/few-notices.h"
#include "shell/few-pages.h"
#include "shell/few-side-handle.h"
#include "shell/few-switcher.h"
#include "shell/few-unsaved.h"
#include "shell/few-welcome.h"
#include "widgets/few-actions.h"
#include "widgets/few-alpha-bar.h"
#include "widgets/few-drop.h"
#include "widgets/few-paste.h"
#include "widgets/few-picture-actions.h"
#include "widgets/few-toasts.h"
#include <glib/gi18n.h>

enum { NARROW = 620 };

struct _FewWindow
{
  AdwApplicationWindow parent;
  FewSession *session;
  FewDocument *document;
  FewModels *models;
  FewAnnouncer *announcer;
  FewThumbnails *thumbnails;
  FewPages *pages;
  gboolean closing;
  AdwFlap *flap;
  FewSideHandle *side_handle;
  AdwToastOverlay *toasts;
  AdwViewStack *stack;
  AdwViewSwitcherTitle *title;
  AdwViewSwitcherBar *switcher_bar;
  GtkStack *content;
  FewAlphaBar *alpha_bar;
  FewImportBar *import_bar;
  GtkRevealer *alpha_revealer;
  FewNotices *notices;
  FewWelcome *welcome;
  GMenu *recent;
  GtkWidget *sidebar_button, *folder_button, *export_button;
  guint tick, poll; /* the frame that comes; what it asks for, once it is drawn */
};

G_DEFINE_FINAL_TYPE (FewWindow, few_window, ADW_TYPE_APPLICATION_WINDOW)

enum { PROP_MODELS = 1, N_PROPERTIES };
static GParamSpec *properties[N_PROPERTIES];

FewSession *
few_window_get_session (FewWindow *self)
{
  g_return_val_if_fail (FEW_IS_WINDOW (self), NULL);
  return self->session;
}

FewDocument *
few_window_get_document (FewWindow *self)
{
  g_return_val_if_fail (FEW_IS_WINDOW (self), NULL);
  return self->document;
}

FewThumbnails *
few_window_get_thumbnails (FewWindow *self)
{
  g_return_val_if_fail (FEW_IS_WINDOW (self), NULL);
  return self->thumbnails;
}

/* ---- pages */

static gboolean
shows_pages (FewWindow *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->content), "pages") == 0;
}

const char *
few_window_get_page (FewWindow *self)
{
  g_return_val_if_fail (FEW_IS_WINDOW (self), NULL);
  return shows_pages (self) ? adw_view_stack_get_visible_child_name (self->stack) : "welcome";
}

FewPage *
few_window_find_page (FewWindow *self, const char *name)
{
  g_return_val_if_fail (FEW_IS_WINDOW (self) && name != NULL, NULL);
  return self->pages ? few_pages_find (self->pages, name) : NULL;
}

guint
few_window_count_pages (FewWindow *self)
{
  g_return_val_if_fail (FEW_IS_WINDOW (self), 0);
  return few_pages_count_made (self->pages);
}

gboolean
few_window_has_all_pages (FewWindow *self)
{
  g_return_val_if_fail (FEW_IS_WINDOW (self), FALSE);
  return few_pages_are_all_made (self->pages);
}

/* NULL: the welcome. */
static FewPage *
get_visible_page (GtkWindow *window)
{
  return few_window_find_page (FEW_WINDOW (window), few_window_get_page (FEW_WINDOW (window)));
}

/* Below the pages where the title has no room for it; the welcome page has nothing to switch. */
static void
switcher_moved_cb (FewWindow *self)
{
  adw_view_switcher_bar_set_reveal (self->switcher_bar,
                                    shows_pages (self)
                                        && adw_view_switcher_title_get_title_visible (self->title));
}

/* What can be used. */
static void
update_header (FewWindow *self)
{
  int width, height; /* both: GTK 4.8 writes through either */
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  FewPage *page = get_visible_page (GTK_WINDOW (self));
  gboolean has_classes = page && few_page_has_classes (page);
  gtk_widget_set_visible (self->sidebar_button, has_classes);
  adw_flap_set_fold_policy (self->flap, width < NARROW ? ADW_FLAP_FOLD_POLICY_ALWAYS
                                                       : ADW_FLAP_FOLD_POLICY_AUTO);
  if (adw_flap_get_flap (self->flap))
    gtk_widget_set_visible (adw_flap_get_flap (self->flap), has_classes);
  gtk_widget_set_visible (GTK_WIDGET (self->side_handle), has_classes);
  /* the menu has it, too */
  gtk_widget_set_visible (self->export_button, shows_pages (self) && width >= NARROW);
  few_header_fit (self->folder_button, width < NARROW);
}

static void
update_alpha_bar (FewWindow *self)
{
  FewPage *page = get_visible_page (GTK_WINDOW (self));
  gboolean has_alpha = few_view_has_alpha (few_session_get_view (self->session));
  gtk_revealer_set_reveal_child (self->alpha_revealer,
                                 page && few_page_has_alpha (page) && has_alpha);
}

static void
page_changed_cb (FewWindow *self)
{
  update_alpha_bar (self);
  update_header (self);
  few_toasts_fit (self->toasts);
  if (gtk_revealer_get_reveal_child (self->alpha_revealer))
    few_alpha_bar_focus (self->alpha_bar);
}

/* The frame's width decides, not a guess at the screen's. */
static void
width_changed_cb (FewWindow *self)
{
  int width, height; /* both: GTK 4.8 writes through either */
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  few_pages_set_width (self->pages, width);
  few_switcher_fit (self->switcher_bar);
  update_header (self);
}

static void
show_page_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewWindow *self = FEW_WINDOW (few_actions_get_window (user));
  adw_view_stack_set_visible_child_name (self->stack, g_variant_get_string (parameter, NULL));
}

/* The page in view, or else the one of examples. */
static void
take_cb (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  FewWindow *self = FEW_WINDOW (few_actions_get_window (user));
  FewPage *page = get_visible_page (GTK_WINDOW (self));
  g_autofree const char **paths = NULL;
  gboolean pasted;
  g_variant_get (parameter, "(^a&sb)", &paths, &pasted);
  if (!page || !few_page_take (page, paths, pasted))
    few_page_take (few_pages_get_first (self->pages), paths, pasted);
}

static void
dropped_cb (GtkWidget *window, const char *const *paths, gpointer user)
{
  gtk_widget_activate_action (window, "win.take", "(^asb)", paths, FALSE);
}

/* ---- what the session says */

static void
stop_polling (FewWindow *self)
{
  if (self->tick)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
  g_clear_handle_id (&self->poll, g_source_remove);
}

static gboolean
poll_cb (gpointer user)
{
  FewWindow *self = user;
  self->poll = 0;
  if (!few_runs_poll (few_session_get_runs (self->session)))
    stop_polling (self);
  return G_SOURCE_REMOVE;
}

/* In a turn of its own: what is new is not made ready and drawn at once. */
static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user)
{
  FewWindow *self = FEW_WINDOW (widget);
  if (!self->poll)
    self->poll = g_idle_add_full (G_PRIORITY_DEFAULT, poll_cb, self, NULL);
  return G_SOURCE_CONTINUE;
}

static void
training_cb (FewWindow *self)
{
  if (!self->tick)
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick_cb, NULL, NULL);
}

static void
show_session (gpointer user)
{
  FewWindow *self = user;
  FewExamples *examples = few_session_get_examples (self->session);
  gboolean empty = few_gallery_is_empty (few_examples_get_gallery (examples));
  gtk_stack_set_visible_child_name (self->content, empty ? "welcome" : "pages");
  adw_view_switcher_title_set_view_switcher_enabled (self->title, !empty);
  switcher_moved_cb (self);
  update_header (self);
  update_alpha_bar (self);
  few_welcome_update (self->welcome, self->session);
  few_notices_update (self->notices, self->session);
}

/* In a turn of its own: the first pictures bring pages and classes into view. */
static void
session_changed_cb (FewWindow *self)
{
  few_turns_add (self, show_session);
}

static void
state_cb (FewWindow *self)
{
  few_toasts_settle (self->toasts, few_session_get_step (self->session));
}

static void
document_changed_cb (FewWindow *self)
{
  g_autofree char *title = few_document_get_title (self->document);
  /* Translators: the window's title; %s is the name of the project */
  g_autofree char *full = g_strdup_printf (_ ("%s – Fewshot"), title);
  gtk_window_set_title (GTK_WINDOW (self), full);
  adw_view_switcher_title_set_title (self->title,
                                     few_document_get_path (self->document) ? title : "Fewshot");
}

static void
recent_changed_cb (FewWindow *self)
{
  few_welcome_list_recent (self->welcome, self->recent);
}

/* ---- life */

/* What cannot be written brings the window back: it may be the last place that has it. */
static void
document_closed_cb (gpointer user, const char *problem, gboolean kept)
{
  FewWindow *self = user;
  g_autoptr (GApplication) application =
      g_object_ref (G_APPLICATION (gtk_window_get_application (user)));
  if (problem)
    {
      self->closing = FALSE;
      gtk_window_present (user);
      few_unsaved_ask_closing (user, problem, kept);
    }
  else
    gtk_window_destroy (user);
  g_application_release (application);
}

/* What is not on disk yet is written first, by a thread, while the window is out of sight. */
static gboolean
few_window_close_request (GtkWindow *window)
{
  FewWindow *self = FEW_WINDOW (window);
  if (self->closing)
    return TRUE;
  self->closing = TRUE;
  few_settings_keep_size (GTK_WINDOW (self));
  g_application_hold (G_APPLICATION (gtk_window_get_application (window)));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  few_document_close (self->document, document_closed_cb, self);
  return TRUE;
}

static char *
get_title (gpointer document)
{
  return few_document_get_title (document);
}

static void
install_actions (FewWindow *self)
{
  static const GActionEntry entries[] = { { "page", show_page_cb, "s" },
                                          { "take", take_cb, "(asb)" } };
  GActionMap *map = G_ACTION_MAP (self);
  few_actions_add (few_actions_new (FEW_TYPE_ACTIONS, map, self->session), entries,
                   G_N_ELEMENTS (entries));
  few_toasts_install (map, self->toasts);
  few_paste_install (map);
  few_picture_actions_install (map, self->session, get_visible_page);
  few_drop_add (GTK_WIDGET (self), dropped_cb, NULL, NULL);
  few_document_actions_install (map, self->session, self->document);
  few_model_actions_install (map, self->session, self->models);
  few_export_actions_install (map, self->session, get_title, G_OBJECT (self->document));
  few_table_actions_install (map, self->session);
}

static void
connect_signals (FewWindow *self)
{
  const struct
  {
    gpointer object;
    const char *name;
    GCallback handler;
  } handlers[] = {
    { few_session_get_examples (self->session), "changed", G_CALLBACK (session_changed_cb) },
    { few_session_get_missing (self->session), "searched", G_CALLBACK (session_changed_cb) },
    { few_session_get_desk (self->session), "notify::model", G_CALLBACK (session_changed_cb) },
    { few_session_get_runs (self->session), "changed", G_CALLBACK (training_cb) },
    { self->session, "message", G_CALLBACK (few_toasts_say) },
    { self->session, "state", G_CALLBACK (state_cb) },
  };
  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect_swapped (handlers[i].object, handlers[i].name, handlers[i].handler, self);
  g_signal_connect_swapped (self->document, "changed", G_CALLBACK (document_changed_cb), self);
  few_notices_set_document (self->notices, GTK_WINDOW (self), self->session, self->document);
  g_signal_connect_object (gtk_recent_manager_get_default (), "changed",
                           G_CALLBACK (recent_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "notify::default-width", G_CALLBACK (width_changed_cb), NULL);
}

static void
few_window_constructed (GObject *object)
{
  FewWindow *self = FEW_WINDOW (object);
  G_OBJECT_CLASS (few_window_parent_class)->constructed (object);
  install_actions (self);
  self->pages = few_pages_new (G_ACTION_MAP (self), self->stack, self->session, self->thumbnails);
  adw_flap_set_flap (self->flap, few_page_get_sidebar (few_pages_get_first (self->pages)));
  few_side_handle_set_side (self->side_handle, adw_flap_get_flap (self->flap));
  few_alpha_bar_set_session (self->alpha_bar, self->session);
  few_import_bar_set_session (self->import_bar, self->session);
  self->announcer = few_announcer_new (GTK_WINDOW (self), self->session, self->document);
  few_header_follow_letters (GTK_WIDGET (self), G_CALLBACK (width_changed_cb));
  few_header_follow_model (self->title, few_session_get_desk (self->session));
  connect_signals (self);
  g_autofree char *model = few_settings_model ();
  g_autofree char *device = few_settings_device ();
  if (model)
    few_session_open_model (self->session, model, device);
  width_changed_cb (self);
  page_changed_cb (self);
  document_changed_cb (self);
  recent_changed_cb (self);
  show_session (self);
}

static void
few_window_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FEW_WINDOW (object)->models = g_value_dup_object (value);
}

/* The template's own children speak while they go: a stack changes pages. */
static void
disconnect_signals (FewWindow *self)
{
  gpointer const heard[] = { self->session,
                             self->document,
                             self->stack,
                             self->title,
                             few_session_get_examples (self->session),
                             few_session_get_missing (self->session),
                             few_session_get_desk (self->session),
                             few_session_get_runs (self->session) };
  for (guint i = 0; i < G_N_ELEMENTS (heard); i++)
    g_signal_handlers_disconnect_by_data (heard[i], self);
}

static void
few_window_dispose (GObject *object)
{
  FewWindow *self = FEW_WINDOW (object);
  stop_polling (self);
  g_clear_pointer (&self->pages, few_pages_free);
  if (self->session)
    {
      disconnect_signals (self);
      few_actions_remove (G_ACTION_MAP (self));
    }
  G_OBJECT_CLASS (few_window_parent_class)->dispose (object);
  g_clear_object (&self->announcer);
  g_clear_object (&self->document);
  g_clear_object (&self->session);
  g_clear_object (&self->models);
  g_clear_object (&self->thumbnails);
}

static void
few_window_class_init (FewWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->constructed = few_window_constructed;
  G_OBJECT_CLASS (klass)->set_property = few_window_set_property;
  G_OBJECT_CLASS (klass)->dispose = few_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = few_window_close_request;
  properties[PROP_MODELS] =
      g_param_spec_object ("models", NULL, NULL, FEW_TYPE_MODELS,
                           G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPERTIES, properties);
  g_type_ensure (FEW_TYPE_ALPHA_BAR);
  g_type_ensure (FEW_TYPE_IMPORT_BAR);
  g_type_ensure (FEW_TYPE_NOTICES);
  g_type_ensure (FEW_TYPE_SIDE_HANDLE);
  g_type_ensure (FEW_TYPE_WELCOME);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fewshot/Fewshot/shell/few-window.ui");
  gtk_widget_class_bind_template_child (widget_class, FewWindow, flap);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, side_handle);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, title);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, switcher_bar);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, content);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, alpha_bar);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, import_bar);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, alpha_revealer);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, notices);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, welcome);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, recent);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, sidebar_button);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, folder_button);
  gtk_widget_class_bind_template_child (widget_class, FewWindow, export_button);
  gtk_widget_class_bind_template_callback (widget_class, page_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, switcher_moved_cb);
}

static void
few_window_init (FewWindow *self)
{
  self->session = few_session_new ();
  self->document = few_document_new (self->session);
  self->thumbnails = few_thumbnails_new (few_session_get_decode_budget (self->session));
  gtk_widget_init_template (GTK_WIDGET (self));
  few_settings_restore_size (GTK_WINDOW (self));
  if (FEW_DEVELOPMENT)
    gtk_widget_add_css_class (GTK_WIDGET (self), "devel");
}

FewWindow *
few_window_new (AdwApplication *application, FewModels *models)
{
  g_return_val_if_fail (ADW_IS_APPLICATION (application) && FEW_IS_MODELS (models), NULL);
  return g_object_new (FEW_TYPE_WINDOW, "application", application, "models", models, NULL);
}
