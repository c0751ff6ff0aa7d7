/* SPDX-License-Identifier: MIT */
/* The first page that a person sees. */
#include <config.h>
#include "shell/few-welcome.h"
#include "document/few-recent.h"
#include "widgets/few-wrap.h"
#include <adwaita.h>
#include <glib/gi18n.h>

struct _FewWelcome
{
  GtkWidget parent;
  AdwStatusPage *page;
  GtkWidget *recent; /* the heading, too */
  GtkListBox *recent_list;
  gboolean away; /* the pages are in view */
};

G_DEFINE_FINAL_TYPE (FewWelcome, few_welcome, GTK_TYPE_WIDGET)

static const char *
describe (FewDesk *desk)
{
  if (few_desk_is_opening (desk))
    return _ ("Opening the model…");
  if (!few_desk_get_model (desk))
    return _ ("No model is open. Open the folder of a CLIP model to begin.");
  return _ ("Drop one folder of example pictures per class, or a folder that holds such folders. "
            "Everything stays on this computer.");
}

/* Not while it fades away: finding room for its lines once more would hold the pages up. */
static void
show_recent (FewWelcome *self)
{
  gboolean any = gtk_list_box_get_row_at_index (self->recent_list, 0) != NULL;
  gtk_widget_set_visible (self->recent, any && !self->away);
}

void
few_welcome_update (FewWelcome *self, FewSession *session)
{
  g_return_if_fail (FEW_IS_WELCOME (self) && FEW_IS_SESSION (session));
  GListModel *classes = few_examples_get_classes (few_session_get_examples (session));
  self->away = g_list_model_get_n_items (classes) > 0;
  show_recent (self);
  adw_status_page_set_description (self->page, describe (few_session_get_desk (session)));
}

void
few_welcome_list_recent (FewWelcome *self, GMenu *menu)
{
  g_return_if_fail (FEW_IS_WELCOME (self) && G_IS_MENU (menu));
  few_recent_fill (menu, self->recent_list);
  show_recent (self);
}

static void
few_welcome_dispose (GObject *object)
{
  FewWelcome *self = FEW_WELCOME (object);
  if (self->page)
    gtk_widget_unparent (GTK_WIDGET (self->page));
  self->page = NULL;
  G_OBJECT_CLASS (few_welcome_parent_class)->dispose (object);
}

static void
few_welcome_class_init (FewWelcomeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_welcome_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fewshot/Fewshot/shell/few-welcome.ui");
  gtk_widget_class_bind_template_child (widget_class, FewWelcome, page);
  gtk_widget_class_bind_template_child (widget_class, FewWelcome, recent);
  gtk_widget_class_bind_template_child (widget_class, FewWelcome, recent_list);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_welcome_init (FewWelcome *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  few_wrap_buttons (GTK_WIDGET (self));
  adw_status_page_set_icon_name (self->page, FEW_APP_ID);
}
