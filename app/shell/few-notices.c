/* SPDX-License-Identifier: MIT */
/* Each bar shows itself while it has something to say. */
#include "shell/few-notices.h"
#include "shell/few-unsaved.h"
#include "widgets/few-beside.h"
#include "widgets/few-wrap.h"
#include <glib/gi18n.h>

struct _FewNotices
{
  GtkWidget parent;
  GtkWidget *box;
  GtkRevealer *refused_revealer, *missing_revealer, *unsaved_revealer;
  GtkLabel *refused_label, *missing_label, *unsaved_label;
};

G_DEFINE_FINAL_TYPE (FewNotices, few_notices, GTK_TYPE_WIDGET)

void
few_notices_update (FewNotices *self, FewSession *session)
{
  g_return_if_fail (FEW_IS_NOTICES (self) && FEW_IS_SESSION (session));
  guint refused = few_examples_get_refused (few_session_get_examples (session))->len;
  guint missing = few_missing_count (few_session_get_missing (session));
  g_autofree char *left_out = g_strdup_printf (
      ngettext ("%u file was left out", "%u files were left out", refused), refused);
  g_autofree char *gone = g_strdup_printf (
      ngettext ("%u picture is not where it was", "%u pictures are not where they were", missing),
      missing);
  gtk_label_set_text (self->refused_label, left_out);
  gtk_revealer_set_reveal_child (self->refused_revealer, refused > 0);
  gtk_label_set_text (self->missing_label, gone);
  gtk_revealer_set_reveal_child (self->missing_revealer, missing > 0);
}

void
few_notices_set_document (FewNotices *self, GtkWindow *window, FewSession *session,
                          FewDocument *document)
{
  g_return_if_fail (FEW_IS_NOTICES (self));
  few_unsaved_watch (window, document, self->unsaved_revealer, self->unsaved_label);
  few_notices_update (self, session);
}

static void
few_notices_dispose (GObject *object)
{
  g_clear_pointer (&FEW_NOTICES (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (few_notices_parent_class)->dispose (object);
}

static void
few_notices_class_init (FewNoticesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_notices_dispose;
  g_type_ensure (FEW_TYPE_BESIDE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fewshot/Fewshot/shell/few-notices.ui");
  gtk_widget_class_bind_template_child (widget_class, FewNotices, box);
  gtk_widget_class_bind_template_child (widget_class, FewNotices, refused_revealer);
  gtk_widget_class_bind_template_child (widget_class, FewNotices, missing_revealer);
  gtk_widget_class_bind_template_child (widget_class, FewNotices, unsaved_revealer);
  gtk_widget_class_bind_template_child (widget_class, FewNotices, refused_label);
  gtk_widget_class_bind_template_child (widget_class, FewNotices, missing_label);
  gtk_widget_class_bind_template_child (widget_class, FewNotices, unsaved_label);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
few_notices_init (FewNotices *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  few_wrap_buttons (GTK_WIDGET (self));
}
