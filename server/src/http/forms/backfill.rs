//! The forms of the page `/sources/{id}/backfill`.

use axum::{
    Extension,
    extract::{Request, State},
    response::Response,
};
use weir_domain::{CaseError, ChannelId, SourceId};

use super::act::{Fields, act};
use crate::http::{
    site::Site,
    visit::{Visit, Who},
};

/// Megabytes, as the form counts them.
const MB: f64 = 1_000_000.0;

/// `POST /sources/{id}/backfill`: begins, goes on, or changes the rate.
pub async fn start(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let rate = rate(&fields)?;
        gone_on(site.cases.backfill.start(&caller, channel(&fields)?, rate).await?, "started")
    })
    .await
}

/// `POST /sources/{id}/backfill/pause`
pub async fn pause(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        gone_on(site.cases.backfill.pause(&caller, channel(&fields)?).await?, "paused")
    })
    .await
}

/// `POST /sources/{id}/backfill/stop`
pub async fn stop(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        gone_on(site.cases.backfill.stop(&caller, channel(&fields)?).await?, "stopped")
    })
    .await
}

fn channel(fields: &Fields) -> Result<ChannelId, CaseError> {
    fields.text("channel").parse().map_err(|_| CaseError::Invalid {
        what: "No channel was chosen.".into(),
        what_to_do: "Choose one of the list.".into(),
    })
}

/// What is typed is megabytes a second; whether it is within bounds, the use case says.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
pub(super) fn rate(fields: &Fields) -> Result<u64, CaseError> {
    let typed = fields.text("rate").replace(',', ".").parse::<f64>().ok().filter(|n| n.is_finite());
    typed.map(|n| (n * MB).clamp(0.0, 1e15) as u64).ok_or_else(|| CaseError::Invalid {
        what: "The rate is no number.".into(),
        what_to_do: "Write how many megabytes a second may be taken from the broker: 1, or 0.5.".into(),
    })
}

fn gone_on(source: Option<SourceId>, done: &str) -> Result<String, CaseError> {
    match source {
        Some(source) => Ok(format!("/sources/{source}/backfill?done={done}")),
        None => Err(CaseError::Conflict {
            what: "There is no such channel, or none that you may see.".into(),
            what_to_do: "The list shows those there are.".into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn megabytes_are_read_as_people_write_them() {
        let read = |text: &str| rate(&Fields::from_pairs(vec![("rate".into(), text.into())])).ok();
        assert_eq!(read("1"), Some(1_000_000));
        assert_eq!(read(" 0,5 "), Some(500_000));
        assert_eq!(read("-3"), Some(0), "refused by its bounds");
        assert_eq!(["", "x", "NaN", "inf"].map(read), [None; 4]);
        assert_eq!(read("1e300"), Some(1_000_000_000_000_000));
    }
}
