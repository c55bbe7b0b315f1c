//! The forms of the pages `/erasures` and `/holds`.

use axum::{
    Extension,
    extract::{Path, Request, State},
    response::Response,
};
use chrono::{NaiveDate, NaiveDateTime};
use weir_cases::holds::place::Wanted;
use weir_domain::{
    CaseError, ErasureId, HoldId, Timestamp,
    erasures::{Subject, SubjectKind},
    events::TimeRange,
};

use super::act::{Fields, act};
use crate::http::{
    site::Site,
    visit::{Visit, Who},
};

type At<T> = Extension<T>;

/// `POST /erasures/new`
pub async fn ask(site: State<Site>, visit: At<Visit>, who: At<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let kind = SubjectKind::parse(fields.text("kind")).ok_or_else(|| {
            invalid("It is not said what is to be erased.", "Choose a key, a value or single events.")
        })?;
        // A key counts as it was typed, but for the line end that a text area adds.
        let subject = Subject::read(kind, fields.exact("subject").trim_end_matches(['\r', '\n']))?;
        let channels: Vec<String> = lines(fields.text("channels"));
        let id = site.cases.erasures.ask(&caller, &subject, &channels, fields.text("reason")).await?;
        Ok(format!("/erasures/{}?done=asked", id.0))
    })
    .await
}

/// `POST /erasures/{id}/approve`
pub async fn approve(
    site: State<Site>,
    visit: At<Visit>,
    who: At<Who>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, _| async move {
        let id = ErasureId(id);
        there(site.cases.erasures.approve(&caller, &id).await?, &id, "approved")
    })
    .await
}

/// `POST /erasures/{id}/decline`
pub async fn decline(
    site: State<Site>,
    visit: At<Visit>,
    who: At<Who>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let id = ErasureId(id);
        there(site.cases.erasures.decline(&caller, &id, fields.text("word")).await?, &id, "declined")
    })
    .await
}

/// `POST /erasures/{id}/withdraw`
pub async fn withdraw(
    site: State<Site>,
    visit: At<Visit>,
    who: At<Who>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, _| async move {
        let id = ErasureId(id);
        there(site.cases.erasures.withdraw(&caller, &id).await?, &id, "withdrawn")
    })
    .await
}

/// `POST /holds/new`
pub async fn place(site: State<Site>, visit: At<Visit>, who: At<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let what = fields.exact("what").trim_end_matches(['\r', '\n']);
        let wanted = match fields.text("kind") {
            "channel" => Wanted::Channel { name: what.trim().to_owned(), range: range(&fields)? },
            "key" => Wanted::Key(what.to_owned()),
            "events" => Wanted::Events(what.to_owned()),
            _ => {
                return Err(invalid("It is not said what is to be held.", "Choose a channel, a key or single events."));
            }
        };
        let ends = day(fields.text("ends"))?;
        site.cases.holds.place(&caller, fields.text("name"), &wanted, fields.text("reason"), ends).await?;
        Ok("/holds?done=placed".to_owned())
    })
    .await
}

/// `POST /holds/end`
pub async fn end(site: State<Site>, visit: At<Visit>, who: At<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        match site.cases.holds.end(&caller, &HoldId(fields.text("id").to_owned())).await? {
            true => Ok("/holds?done=ended".to_owned()),
            false => Err(CaseError::Conflict {
                what: "There is no such hold.".into(),
                what_to_do: "The list shows those there are.".into(),
            }),
        }
    })
    .await
}

fn there(done: bool, id: &ErasureId, code: &str) -> Result<String, CaseError> {
    match done {
        true => Ok(format!("/erasures/{}?done={code}", id.0)),
        false => Err(CaseError::Conflict {
            what: "There is no such erasure.".into(),
            what_to_do: "The list shows those there are.".into(),
        }),
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn range(fields: &Fields) -> Result<TimeRange, CaseError> {
    let at = |name: &str| match fields.text(name) {
        "" => Ok(None),
        text => moment(text).map(Some),
    };
    TimeRange::new(at("from")?, at("to")?)
        .map_err(|_| invalid("The range ends before it begins.", "Put the earlier time first."))
}

/// What a `datetime-local` field sends, in UTC.
pub(super) fn moment(text: &str) -> Result<Timestamp, CaseError> {
    ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|at| Timestamp(at.and_utc().timestamp_micros()))
        .ok_or_else(|| invalid("A time can't be read.", "Write it like 2026-11-22T14:30, in UTC."))
}

/// The end of a day, in UTC.
fn day(text: &str) -> Result<Timestamp, CaseError> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .and_then(|day| day.succ_opt()?.and_hms_opt(0, 0, 0))
        .map(|at| Timestamp(at.and_utc().timestamp_micros()))
        .ok_or_else(|| invalid("The day can't be read.", "Write it like 2027-11-22."))
}

pub(super) fn invalid(what: &str, what_to_do: &str) -> CaseError {
    CaseError::Invalid { what: what.into(), what_to_do: what_to_do.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_fields_send_them() {
        assert_eq!(moment("2026-11-22T14:30").unwrap(), moment("2026-11-22T14:30:00").unwrap());
        assert_eq!(day("2026-11-22").unwrap(), moment("2026-11-23T00:00").unwrap(), "all of the day is held");
        for bad in ["", "tomorrow", "2026-13-01", "999999-01-01"] {
            assert!(moment(bad).is_err() && day(bad).is_err(), "{bad:?}");
        }
    }
}
