//! The forms of the page of a consumer group.

use axum::{
    Extension,
    extract::{Path, Request, State},
    response::Response,
};
use weir_app::lag::reset_wanted;
use weir_cases::lag::settings::Typed;
use weir_domain::{CaseError, GroupId, lag::ResetDone};

use super::act::{Fields, act};
use crate::http::{
    site::Site,
    visit::{Visit, Who},
};

/// `POST /lag/{id}/settings`
pub async fn settings(
    Path(id): Path<String>,
    site: State<Site>,
    visit: Extension<Visit>,
    who: Extension<Who>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, fields: Fields| async move {
        let id = group(&id)?;
        let text = |name: &str| fields.text(name).to_owned();
        let typed = Typed { expectation: text("expectation"), owner: text("owner"), note: text("note") };
        let done = site.cases.lag.settings(&caller, id, &typed).await?;
        there(done, format!("/lag/{id}?tab=settings&done=set"))
    })
    .await
}

/// `POST /lag/{id}/archive`
pub async fn archive(
    Path(id): Path<String>,
    site: State<Site>,
    visit: Extension<Visit>,
    who: Extension<Who>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, fields: Fields| async move {
        let (id, archived) = (group(&id)?, fields.text("archived") == "1");
        let done = site.cases.lag.archive(&caller, id, archived).await?;
        there(done, format!("/lag/{id}?done={}", if archived { "archived" } else { "brought_back" }))
    })
    .await
}

/// `POST /lag/{id}/reset`
pub async fn reset(
    Path(id): Path<String>,
    site: State<Site>,
    visit: Extension<Visit>,
    who: Extension<Who>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, fields: Fields| async move {
        let id = group(&id)?;
        let Some(wanted) = reset_wanted(|name| fields.text(name).to_owned())? else {
            return Err(CaseError::Invalid {
                what: "It is not said where to move to.".into(),
                what_to_do: "Choose a place and look at the preview.".into(),
            });
        };
        let seen = seen(fields.text("seen"))?;
        moved(id, site.cases.lag.reset(&caller, id, &wanted, &seen).await?, "reset")
    })
    .await
}

/// `POST /lag/{id}/undo`
pub async fn undo(
    Path(id): Path<String>,
    site: State<Site>,
    visit: Extension<Visit>,
    who: Extension<Who>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, fields: Fields| async move {
        let id = group(&id)?;
        moved(id, site.cases.lag.undo(&caller, id, fields.text("reset")).await?, "undone")
    })
    .await
}

/// `POST /lag/{id}/delete`
pub async fn delete(
    Path(id): Path<String>,
    site: State<Site>,
    visit: Extension<Visit>,
    who: Extension<Who>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, fields: Fields| async move {
        let id = group(&id)?;
        there(site.cases.lag.delete(&caller, id, fields.text("typed")).await?, format!("/lag/{id}?done=deleted"))
    })
    .await
}

fn absent() -> CaseError {
    CaseError::Conflict {
        what: "There is no such consumer group, or none that you may see.".into(),
        what_to_do: "Go back to the page Lag.".into(),
    }
}

fn group(id: &str) -> Result<GroupId, CaseError> {
    id.parse().map_err(|_| absent())
}

fn there(done: bool, address: String) -> Result<String, CaseError> {
    if done { Ok(address) } else { Err(absent()) }
}

fn moved(id: GroupId, done: Option<ResetDone>, code: &str) -> Result<String, CaseError> {
    let done = done.ok_or_else(absent)?;
    let failed = done.moves.iter().filter(|m| m.problem.is_some()).count();
    let code = match failed {
        0 => code,
        n if n == done.moves.len() => "none_moved",
        _ => "some_moved",
    };
    Ok(format!("/lag/{id}?tab=happened&done={code}"))
}

/// Where partitions stood when the plan was looked at: `0:12,1:`.
fn seen(text: &str) -> Result<Vec<(i32, Option<i64>)>, CaseError> {
    let one = |part: &str| {
        let (partition, at) = part.split_once(':')?;
        let at = if at.is_empty() { None } else { Some(at.parse().ok()?) };
        Some((partition.parse().ok()?, at))
    };
    let wrong = || CaseError::Invalid {
        what: "What you looked at did not come along.".into(),
        what_to_do: "Look at the preview again, and confirm that.".into(),
    };
    let all: Vec<_> =
        text.split(',').filter(|p| !p.is_empty()).map(|part| one(part).ok_or_else(wrong)).collect::<Result<_, _>>()?;
    if all.is_empty() { Err(wrong()) } else { Ok(all) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_looked_at_is_read() {
        assert_eq!(seen("0:12,1:,7:0").unwrap(), [(0, Some(12)), (1, None), (7, Some(0))]);
        assert!(seen("").is_err() && seen("0").is_err() && seen("a:1").is_err() && seen("0:x").is_err());
    }
}
