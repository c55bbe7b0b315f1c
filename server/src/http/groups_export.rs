//! Consumer groups as a file: all that the page of groups shows, page by page.

use axum::{
    Extension,
    extract::{RawQuery, State},
    response::Response,
};
use std::sync::Arc;
use weir_app::{drawn::Address, lag::groups_wanted};
use weir_cases::Recheck;
use weir_domain::{AppError, CaseError, ErrorKind, access::Caller, lag::GroupsWanted};

use super::{
    export::{self, Wrong, as_file, refused, turn},
    site::Site,
    v1::lag::export::Format,
    visit::{Visit, Who},
};

/// `GET /lag/export`: all that the page `/lag` finds at the same address, whichever of its pages that is; `format` is `csv`
/// or `ndjson`.
pub async fn export(
    State(site): State<Site>,
    Extension(visit): Extension<Visit>,
    Extension(who): Extension<Who>,
    RawQuery(query): RawQuery,
) -> Response {
    match begin(&site, &who, query.as_deref().unwrap_or_default()).await {
        Ok(response) => response,
        Err(wrong) => refused(wrong, &site, &visit),
    }
}

async fn begin(site: &Site, who: &Who, query: &str) -> Result<Response, Wrong> {
    let (Some(caller), Some(token)) = (&who.caller, &who.token) else { return Err(Err(CaseError::SignedOut)) };
    let address = Address::parse(&format!("/lag?{query}"));
    let format = address.given("format").map_or(Some(Format::Table), Format::parse);
    let format = format.ok_or_else(|| {
        let what_to_do = "Ask with format=csv or format=ndjson.";
        Ok(AppError::new(ErrorKind::Invalid, "There is no such format.", what_to_do))
    })?;
    let environment = address.environment();
    let caller = Caller { environment, ..caller.clone() };
    let recheck = Arc::new(site.cases.access.recheck(token.clone(), environment, caller.origin.clone()));
    let response = answer(site, &caller, token, groups_wanted(&address), format, recheck).await?;
    Ok(as_file(response, format.disposition()))
}

/// All that answers a question.
pub(super) async fn answer(
    site: &Site,
    caller: &Caller,
    session: &str,
    wanted: GroupsWanted,
    format: Format,
    recheck: Arc<dyn Recheck>,
) -> Result<Response, Wrong> {
    let seat = turn(&site.exports.groups, session, "consumer groups")?;
    let parts = site.cases.lag.export(caller, wanted, recheck).await.map_err(Err)?;
    Ok(export::answer(site, caller, seat, parts, format.form()))
}
