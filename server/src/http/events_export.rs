//! Events as a file: all that a page of the console would show, page by page.

use axum::{
    Extension,
    extract::{RawQuery, State},
    response::Response,
};
use std::sync::Arc;
use weir_app::{events::Place, table::TableShown};
use weir_cases::{
    Recheck,
    events::{Wanted, export::MOST_EXPORTED},
};
use weir_domain::{
    AppError, CaseError, ErrorKind,
    access::Caller,
    events::{Column, PageCursor},
};

use super::{
    export::{self, Wrong, as_file, refused, turn},
    site::Site,
    v1::events::{cursor, exported::Format},
    visit::{Visit, Who},
};

/// What is exported, and how.
pub(super) struct Question {
    pub wanted: Wanted,
    pub before: Option<PageCursor>,
    pub limit: Option<u32>,
    pub format: Format,
    /// Of a table; none: the usual ones.
    pub columns: Vec<Column>,
}

/// `GET /events/export`: all that the page Events finds at the same address, whichever of its pages that is; `format` is
/// `ndjson` or `csv` (with the page's `columns`, if it has some), and `cursor` goes on where an export ended.
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
    let place = Place::parse(query);
    let range = place.range(site.cases.events.now()).map_err(Err)?;
    let given = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes()).filter(|(k, v)| k == name && !v.is_empty());
        pairs.next().map(|(_, value)| value.into_owned())
    };
    let format = given("format").map_or(Some(Format::Lines), |text| Format::parse(&text));
    let format = format.ok_or_else(|| invalid("There is no such format.", "Ask with format=ndjson or format=csv."))?;
    let before = match given("cursor") {
        Some(text) => Some(cursor::parsed(&text).ok_or_else(|| {
            invalid("The place to go on from can't be read.", "Take next from the last line of an export.")
        })?),
        None => None,
    };
    let environment = place.environment();
    let caller = Caller { environment, ..caller.clone() };
    let recheck = Arc::new(site.cases.access.recheck(token.clone(), environment, caller.origin.clone()));
    let shown = TableShown::parse(query).map_err(Err)?;
    let wanted = Wanted {
        source: place.source,
        channel: place.channel,
        event_type: place.event_type,
        key: place.key,
        range,
        query: place.q,
        oldest_first: shown.oldest_first,
        ids_are_marked: true,
    };
    let columns = shown.columns;
    let question = Question { wanted, before, limit: None, format, columns };
    Ok(as_file(answer(site, &caller, token, question, recheck).await?, format.disposition()))
}

fn invalid(what: &str, what_to_do: &str) -> Wrong {
    Ok(AppError::new(ErrorKind::Invalid, what, what_to_do))
}

/// All that answers a question; bounded in number.
pub(super) async fn answer(
    site: &Site,
    caller: &Caller,
    session: &str,
    question: Question,
    recheck: Arc<dyn Recheck>,
) -> Result<Response, Wrong> {
    let Question { wanted, before, limit, format, columns } = question;
    let seat = turn(&site.exports.events, session, "events")?;
    let most = limit.unwrap_or(MOST_EXPORTED);
    let parts = site.cases.events.export(caller, wanted, before, most, recheck).await.map_err(Err)?;
    Ok(export::answer(site, caller, seat, parts, format.form(columns)))
}
