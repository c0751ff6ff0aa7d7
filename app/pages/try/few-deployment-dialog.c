/* SPDX-License-Identifier: MIT */
/* A message dialog with a row for each thing that a Camtrap DP has to know; it can be answered once
 * what is needed is there. */
#include "pages/try/few-deployment-dialog.h"
#include "widgets/few-typed-row.h"

struct FewPlaceTold
{
  char *id, *location, *zone, *project, *contact;
  double latitude, longitude;
};

void
few_place_told_free (FewPlaceTold *told)
{
  g_return_if_fail (told);
  g_free (told->id);
  g_free (told->location);
  g_free (told->zone);
  g_free (told->project);
  g_free (told->contact);
  g_free (told);
}

void
few_place_told_fill (const FewPlaceTold *told, FewDeployment *deployment)
{
  g_return_if_fail (told && deployment);
  *deployment = (FewDeployment) { .id = told->id,
                                  .location = told->location,
                                  .latitude = told->latitude,
                                  .longitude = told->longitude,
                                  .zone = told->zone,
                                  .project = told->project,
                                  .contact = told->contact };
}

struct _FewDeploymentDialog
{
  AdwMessageDialog parent;
  FewPlaceToldFunc answered;
  gpointer object; /* weak */
  GtkEditable *latitude, *longitude, *zone, *id, *location, *project, *contact;
};

G_DEFINE_FINAL_TYPE (FewDeploymentDialog, few_deployment_dialog, ADW_TYPE_MESSAGE_DIALOG)

/* A number with a point or a comma; FEW_PLACE_UNKNOWN where it is none. */
static double
read_number (GtkEditable *row)
{
  g_autofree char *text = g_strdup (gtk_editable_get_text (row));
  g_strdelimit (g_strstrip (text), ",", '.');
  char *end = NULL;
  double value = g_ascii_strtod (text, &end);
  return *text && end != text && !*end ? value : FEW_PLACE_UNKNOWN;
}

static FewPlaceTold *
read_rows (FewDeploymentDialog *self)
{
  FewPlaceTold *told = g_new (FewPlaceTold, 1);
  *told = (FewPlaceTold) { .id = g_strdup (gtk_editable_get_text (self->id)),
                           .location = g_strdup (gtk_editable_get_text (self->location)),
                           .zone = g_strdup (gtk_editable_get_text (self->zone)),
                           .project = g_strdup (gtk_editable_get_text (self->project)),
                           .contact = g_strdup (gtk_editable_get_text (self->contact)),
                           .latitude = read_number (self->latitude),
                           .longitude = read_number (self->longitude) };
  g_strstrip (told->zone);
  return told;
}

static void
row_changed_cb (FewDeploymentDialog *self)
{
  FewPlaceTold *told = read_rows (self);
  FewDeployment deployment;
  few_place_told_fill (told, &deployment);
  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (self), "go",
                                           !few_deployment_check (&deployment));
  few_place_told_free (told);
}

static void
few_deployment_dialog_response (AdwMessageDialog *dialog, const char *response)
{
  FewDeploymentDialog *self = FEW_DEPLOYMENT_DIALOG (dialog);
  if (g_str_equal (response, "go") && self->object)
    self->answered (self->object, read_rows (self));
}

static void
few_deployment_dialog_dispose (GObject *object)
{
  g_clear_weak_pointer (&FEW_DEPLOYMENT_DIALOG (object)->object);
  G_OBJECT_CLASS (few_deployment_dialog_parent_class)->dispose (object);
}

static void
few_deployment_dialog_class_init (FewDeploymentDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = few_deployment_dialog_dispose;
  ADW_MESSAGE_DIALOG_CLASS (klass)->response = few_deployment_dialog_response;
  g_type_ensure (FEW_TYPE_TYPED_ROW);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/fewshot/Fewshot/pages/try/few-deployment-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, FewDeploymentDialog, latitude);
  gtk_widget_class_bind_template_child (widget_class, FewDeploymentDialog, longitude);
  gtk_widget_class_bind_template_child (widget_class, FewDeploymentDialog, zone);
  gtk_widget_class_bind_template_child (widget_class, FewDeploymentDialog, id);
  gtk_widget_class_bind_template_child (widget_class, FewDeploymentDialog, location);
  gtk_widget_class_bind_template_child (widget_class, FewDeploymentDialog, project);
  gtk_widget_class_bind_template_child (widget_class, FewDeploymentDialog, contact);
  gtk_widget_class_bind_template_callback (widget_class, row_changed_cb);
}

/* The zone of this computer is likely the camera's. */
static void
few_deployment_dialog_init (FewDeploymentDialog *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *zone = g_date_time_format (now, "%:z");
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_editable_set_text (self->zone, zone);
  row_changed_cb (self);
}

GtkWindow *
few_deployment_dialog_new (GtkWindow *parent, FewPlaceToldFunc answered, gpointer object)
{
  g_return_val_if_fail (answered && G_IS_OBJECT (object), NULL);
  FewDeploymentDialog *self = g_object_new (FEW_TYPE_DEPLOYMENT_DIALOG, "transient-for", parent,
                                            "modal", TRUE, "destroy-with-parent", TRUE, NULL);
  self->answered = answered;
  g_set_weak_pointer (&self->object, object);
  return GTK_WINDOW (self);
}
