//! Short links to searches, and templates of links from values of events.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::{HeaderMap, Uri};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_app::links::frozen;
use weir_cases::links::add::TemplateDraft;
use weir_domain::{
    LinkId, TemplateId,
    links::{LinkTemplate, SearchLink},
};

use super::{
    asked::Asked,
    bearer::Program,
    given::{Given, Nothing},
    problem::Problem,
    shared::Time,
};
use crate::http::site::Site;

/// A search that is to have a short link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLink {
    /// An address of the Events page, or its query alone. Relative times are frozen now.
    #[schema(example = "/events?q=type:payment.failed&from=-1h", max_length = 8192)]
    pub address: String,
}

/// A short link to a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShortLink {
    #[schema(example = "3kTnQ8wRf2Lp")]
    pub id: String,
    /// To be handed on: whoever opens it signs in, and sees what they may see.
    #[schema(example = "https://weir.example/s/3kTnQ8wRf2Lp")]
    pub url: String,
    /// Where it leads: a path with its query.
    #[schema(example = "/events?q=type:payment.failed&from=2026-11-22T13:32:08.000Z&to=2026-11-22T14:32:08.000Z")]
    pub address: String,
    pub made: Time,
}

/// Values of a field become links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Template {
    #[schema(example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")]
    pub id: String,
    #[schema(example = "CRM")]
    pub name: String,
    #[schema(example = "data.orderId")]
    pub field: String,
    /// Names of channels, with `*`.
    #[schema(example = "orders.*")]
    pub channels: String,
    #[schema(example = "https://crm.example/orders/{value}")]
    pub target: String,
    pub made: Time,
}

/// All of them, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Templates {
    pub templates: Vec<Template>,
}

/// A template to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTemplate {
    /// The system that it leads to.
    #[schema(example = "CRM", min_length = 1, max_length = 60)]
    pub name: String,
    /// `key`, `header.traceparent`, or a path of the payload.
    #[schema(example = "data.orderId", min_length = 1, max_length = 512)]
    pub field: String,
    /// Names of channels, with `*`; left out: every channel.
    #[serde(default)]
    #[schema(example = "orders.*", max_length = 256)]
    pub channels: String,
    /// `https` or `http`, with one `{value}` (or `{trace_id}`, of a `traceparent`) behind the host.
    #[schema(example = "https://crm.example/orders/{value}", max_length = 1000)]
    pub target: String,
}

/// It is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TemplateDone {
    /// Of the template.
    pub id: String,
}

impl ShortLink {
    fn of(link: SearchLink, base: &str) -> Self {
        let query = link.address.as_str();
        Self {
            url: format!("{base}/s/{}", link.id.0),
            address: if query.is_empty() { "/events".to_owned() } else { format!("/events?{query}") },
            id: link.id.0,
            made: link.made.into(),
        }
    }
}

impl From<LinkTemplate> for Template {
    fn from(t: LinkTemplate) -> Self {
        Self {
            field: t.field.text(),
            target: t.target.as_str().to_owned(),
            id: t.id.0,
            name: t.name,
            channels: t.channels,
            made: t.made.into(),
        }
    }
}

/// Make a short link to a search
///
/// The same search has the same link. It lasts until nobody has opened it for 400 days, and gives no right.
#[utoipa::path(
    post,
    path = "/api/v1/links",
    operation_id = "links_keep",
    tag = "links",
    request_body = NewLink,
    responses((status = 200, description = "The link.", body = ShortLink)),
)]
pub async fn keep(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    headers: HeaderMap,
    uri: Uri,
    Given(new): Given<NewLink>,
) -> Result<Json<ShortLink>, Problem> {
    Asked::nothing(&uri)?;
    let address = program.told(frozen(&new.address, site.cases.events.now()))?;
    let id = program.told(site.cases.links.keep(&program.caller, address).await)?;
    found(&site, &program, &headers, &id).await
}

/// Tell what a short link stands for
#[utoipa::path(
    get,
    path = "/api/v1/links/{id}",
    operation_id = "links_open",
    tag = "links",
    params(("id" = String, Path, description = "The link's id.", example = "3kTnQ8wRf2Lp")),
    responses((status = 200, description = "The link.", body = ShortLink)),
)]
pub async fn open(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<ShortLink>, Problem> {
    Asked::nothing(&uri)?;
    let id = LinkId::parse(&id).ok_or_else(|| Problem::not_found("link"))?;
    found(&site, &program, &headers, &id).await
}

async fn found(site: &Site, program: &Program, headers: &HeaderMap, id: &LinkId) -> Result<Json<ShortLink>, Problem> {
    let link = program.told(site.cases.links.open(&program.caller, id).await)?;
    let link = link.ok_or_else(|| Problem::not_found("link"))?;
    Ok(Json(ShortLink::of(link, &site.origin.base(headers))))
}

/// List link templates
#[utoipa::path(
    get,
    path = "/api/v1/link-templates",
    operation_id = "links_templates",
    tag = "links",
    responses((status = 200, description = "The templates.", body = Templates)),
)]
pub async fn templates(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Json<Templates>, Problem> {
    Asked::nothing(&uri)?;
    let all = program.told(site.cases.links.templates(&program.caller).await)?;
    Ok(Json(Templates { templates: all.into_iter().map(Template::from).collect() }))
}

/// Add a link template
///
/// From then on values of its field are links for everybody who may see them.
#[utoipa::path(
    post,
    path = "/api/v1/link-templates",
    operation_id = "links_add",
    tag = "links",
    request_body = NewTemplate,
    responses((status = 200, description = "It is kept.", body = TemplateDone)),
)]
pub async fn add(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
    Given(new): Given<NewTemplate>,
) -> Result<Json<TemplateDone>, Problem> {
    Asked::nothing(&uri)?;
    let draft = TemplateDraft { name: new.name, field: new.field, channels: new.channels, target: new.target };
    let id = program.told(site.cases.links.add(&program.caller, &draft).await)?;
    Ok(Json(TemplateDone { id: id.0 }))
}

/// Remove a link template
#[utoipa::path(
    post,
    path = "/api/v1/link-templates/{id}/remove",
    operation_id = "links_remove",
    tag = "links",
    params(("id" = String, Path, description = "The template's id.", example = "0193e7a2-4c1b-7d52-a0f3-5b9e6c1d2a4f")),
    request_body = Nothing,
    responses((status = 200, description = "It is gone.", body = TemplateDone)),
)]
pub async fn remove(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    uri: Uri,
    Given(Nothing {}): Given<Nothing>,
) -> Result<Json<TemplateDone>, Problem> {
    Asked::nothing(&uri)?;
    let id = TemplateId(id);
    match program.told(site.cases.links.remove(&program.caller, &id).await)? {
        true => Ok(Json(TemplateDone { id: id.0 })),
        false => Err(Problem::not_found("template")),
    }
}
