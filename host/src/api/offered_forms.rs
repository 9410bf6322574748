//! The forms that an assessment can begin with here.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::caller::Council;
use super::documented::Reads;
use super::page::Page;
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, Both, InstallationId};

/// A form that a plugin offers.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferedForm {
    #[schema(example = "whole-family")]
    form: String,
    title: Both,
    /// Of several that offer a form of one name, the one that is meant is named when it is begun.
    installation: InstallationId,
}

/// List forms
///
/// Those that an assessment can begin with: what an older version of a plugin is still kept for is not among them.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/forms", tag = "assessments", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Page<OfferedForm>, description = "Of every plugin that is active; one page"), Reads),
)]
pub async fn list_forms(State(app): State<App>, council: Council) -> Result<Json<Page<OfferedForm>>, Problem> {
    council.reader(Verb::SeeFamilies)?;
    let offered = app.workflow.offered(&council.store, None).await?;
    let form = |(installation, form): (crate::store::Installation, crate::forms::Form)| OfferedForm {
        form: form.form,
        title: form.title,
        installation: installation.id,
    };
    Ok(Json(Page::whole(offered.into_iter().map(form).collect())))
}
