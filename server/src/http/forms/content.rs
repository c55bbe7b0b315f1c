//! The forms of the page `/channels/{id}/content`.

use axum::{
    Extension,
    extract::{Path, Request, State},
    response::Response,
};
use weir_app::events::Place;
use weir_domain::{CaseError, ChannelId};

use super::{
    act::{Fields, act},
    backfill::rate,
};
use crate::http::{
    site::Site,
    visit::{Visit, Who},
};

/// `POST /channels/{id}/content`: begins, goes on, or changes the rate.
pub async fn fill(
    Path(id): Path<String>,
    site: State<Site>,
    visit: Extension<Visit>,
    who: Extension<Who>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let channel = channel(&id)?;
        let end = |name: &str| Some(fields.text(name)).filter(|text| !text.is_empty()).map(str::to_owned);
        let place = Place { from: end("from"), to: end("to"), ..Place::default() };
        let range = place.range(site.cases.events.now())?;
        let filled = site.cases.backfill.fill_content(&caller, channel, range, rate(&fields)?).await?;
        gone_on(channel, filled, "started")
    })
    .await
}

/// `POST /channels/{id}/content/pause`
pub async fn pause(
    Path(id): Path<String>,
    site: State<Site>,
    visit: Extension<Visit>,
    who: Extension<Who>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, _: Fields| async move {
        let channel = channel(&id)?;
        gone_on(channel, site.cases.backfill.pause_content(&caller, channel).await?, "paused")
    })
    .await
}

/// `POST /channels/{id}/content/stop`
pub async fn stop(
    Path(id): Path<String>,
    site: State<Site>,
    visit: Extension<Visit>,
    who: Extension<Who>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, _: Fields| async move {
        let channel = channel(&id)?;
        gone_on(channel, site.cases.backfill.stop_content(&caller, channel).await?, "stopped")
    })
    .await
}

fn absent() -> CaseError {
    CaseError::Conflict {
        what: "There is no such channel, or none that you may see.".into(),
        what_to_do: "Go back to the page that led here.".into(),
    }
}

fn channel(id: &str) -> Result<ChannelId, CaseError> {
    id.parse().map_err(|_| absent())
}

fn gone_on(channel: ChannelId, done: Option<()>, code: &str) -> Result<String, CaseError> {
    done.map(|()| format!("/channels/{channel}/content?done={code}")).ok_or_else(absent)
}
