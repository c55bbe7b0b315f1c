//! The forms of the pages `/links` and `/links/templates`.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Request, State},
    response::Response,
};
use weir_app::links::{TemplatePreview, frozen};
use weir_cases::links::add::TemplateDraft;
use weir_domain::{CaseError, TemplateId, access::Caller, events::EventFilter, links::LinkTemplate};

use super::act::{Fields, Next, act};
use crate::http::{
    site::Site,
    visit::{Visit, Who},
};

/// Of the newest events so many are looked through for one that a template is for.
const NEWEST: u32 = 200;
/// And so many of those are read.
const TRIED: usize = 10;

/// `POST /links`
pub async fn keep(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let address = frozen(fields.exact("address"), site.cases.events.now())?;
        let id = site.cases.links.keep(&caller, address).await?;
        Ok(format!("/links/{}", id.0))
    })
    .await
}

/// `POST /links/templates`
pub async fn template(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let draft = draft(&fields);
        if fields.text("act") == "preview" {
            let template = site.cases.links.read_draft(&draft)?;
            let told = Arc::new(preview(&site, &caller, template).await?);
            return Ok(Next::Told { told, fields: fields.into_pairs(), wrong: false });
        }
        site.cases.links.add(&caller, &draft).await?;
        Ok(Next::Go("/links/templates?done=added".into()))
    })
    .await
}

/// `POST /links/templates/remove`
pub async fn remove(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        match site.cases.links.remove(&caller, &TemplateId(fields.text("id").to_owned())).await? {
            true => Ok("/links/templates?done=removed".to_owned()),
            false => Err(CaseError::Conflict {
                what: "There is no such template: it may have been removed already.".into(),
                what_to_do: "The list shows those there are.".into(),
            }),
        }
    })
    .await
}

fn draft(fields: &Fields) -> TemplateDraft {
    let text = |name: &str| fields.text(name).to_owned();
    TemplateDraft { name: text("name"), field: text("field"), channels: text("channels"), target: text("target") }
}

/// Of the newest events of its channels the first that it makes a link of, or else the newest.
async fn preview(site: &Site, caller: &Caller, template: LinkTemplate) -> Result<TemplatePreview, CaseError> {
    let newest = site.cases.events.list(caller, EventFilter::default(), None, NEWEST).await?;
    let fitting = newest.rows.iter().filter(|row| row.absent.is_none() && template.is_for(&row.channel_name));
    let ids: Vec<_> = fitting.map(|row| row.id).take(TRIED).collect();
    for id in &ids {
        let links = site.cases.events.links_by(caller, template.clone(), *id).await?.unwrap_or_default();
        if !links.is_empty() {
            return Ok(TemplatePreview { event: Some(*id), links });
        }
    }
    Ok(TemplatePreview { event: ids.first().copied(), links: Vec::new() })
}
