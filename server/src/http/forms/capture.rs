//! The form of the page `/channels/{id}/capture`.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, Request, State},
    response::Response,
};
use weir_app::capture::{Asked, BudgetAsked};
use weir_domain::{
    CaseError, ChannelId,
    capture::{CaptureMode, ChannelPolicy, FULL_PER_CENT, check_budget},
};

use super::act::{Fields, Next, act};
use crate::http::{
    site::Site,
    visit::{Visit, Who},
};

/// `POST /channels/{id}/capture`: what gives something up is asked once more.
pub async fn set(
    site: State<Site>,
    visit: Extension<Visit>,
    who: Extension<Who>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let channel: ChannelId = id.parse().map_err(|_| gone())?;
        let seen = policy_of(fields.exact("seen")).ok_or_else(|| CaseError::Invalid {
            what: "The form does not say which policy it changes.".into(),
            what_to_do: "Open the page again and send its form.".into(),
        })?;
        let policy = read(&fields)?;
        policy.check().map_err(|what| CaseError::Invalid { what, what_to_do: "Choose otherwise.".into() })?;
        let gives_up = policy.gives_up(&seen);
        // Whoever was asked about another policy was not asked about this one.
        if !gives_up.is_empty() && policy_of(fields.exact("sure")) != Some(policy) {
            let asked = Arc::new(Asked { policy, gives_up });
            return Ok(Next::Told { told: asked, fields: fields.into_pairs(), wrong: false });
        }
        match site.cases.capture.set(&caller, channel, Some(&seen), &policy).await? {
            true => Ok(Next::Go(format!("/channels/{channel}/capture?done=set"))),
            false => Err(gone()),
        }
    })
    .await
}

/// `POST /capture`: the store's budget. One that channels have to give way for is asked once more.
pub async fn budget(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let bytes = limit(fields.text("budget"))?;
        check_budget(bytes).map_err(|what| CaseError::Invalid { what, what_to_do: "Give another number.".into() })?;
        let seen = limit(fields.exact("seen"))?;
        let used = site.cases.capture.budget_standing(&caller).await?.used;
        let short =
            |n: u64| used.is_some_and(|used| u128::from(used) * 100 >= u128::from(n) * u128::from(FULL_PER_CENT));
        // Whoever was asked about another one was not asked about this one.
        let sure = !fields.exact("sure").is_empty() && limit(fields.exact("sure")).ok() == Some(bytes);
        if let Some(bytes) = bytes.filter(|n| short(*n) && !sure) {
            let asked = Arc::new(BudgetAsked { bytes, used: used.unwrap_or(0) });
            return Ok(Next::Told { told: asked, fields: fields.into_pairs(), wrong: false });
        }
        site.cases.capture.set_budget(&caller, Some(seen), bytes).await?;
        Ok(Next::Go("/capture?done=budget".into()))
    })
    .await
}

fn gone() -> CaseError {
    CaseError::Conflict {
        what: "There is no such channel, or your grants don't reach it.".into(),
        what_to_do: "The page Capture lists those there are.".into(),
    }
}

fn policy_of(text: &str) -> Option<ChannelPolicy> {
    serde_json::from_str(text).ok()
}

fn read(fields: &Fields) -> Result<ChannelPolicy, CaseError> {
    let days = |name: &str| {
        fields.text(name).parse::<i16>().map_err(|_| CaseError::Invalid {
            what: "The form does not say for how long.".into(),
            what_to_do: "Choose a number of days for payloads and one for metadata.".into(),
        })
    };
    let mode = match fields.text("mode") {
        "sampled" => CaptureMode::Sampled { per_mille: per_mille(fields.text("sample"))? },
        word => CaptureMode::parse(word, None).ok_or_else(|| CaseError::Invalid {
            what: "The form does not say what is kept.".into(),
            what_to_do: "Choose one of its ways.".into(),
        })?,
    };
    Ok(ChannelPolicy {
        mode,
        payload_days: days("payload_days")?,
        metadata_days: days("metadata_days")?,
        payload_limit: limit(fields.text("limit"))?,
        turn: fields.text("turn").parse().map_err(|_| CaseError::Invalid {
            what: "The form does not say when the channel gives way.".into(),
            what_to_do: "Choose a turn from 1 to 9.".into(),
        })?,
        erase_on_tombstone: fields.text("tombstones") == "erase",
    })
}

/// A number with a point or a comma, in so many parts of one.
fn decimal(text: &str, parts: u64) -> Option<u64> {
    let text = text.replace(',', ".");
    let (whole, rest) = text.split_once('.').unwrap_or((text.as_str(), ""));
    let digits = |t: &str| t.len() <= 12 && t.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + rest.len() == 0 || !digits(whole) || !digits(rest) {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let (mut n, mut step) = (whole.checked_mul(parts)?, parts);
    for digit in rest.bytes() {
        step /= 10;
        if step == 0 && digit != b'0' {
            return None;
        }
        n = n.checked_add(u64::from(digit - b'0') * step)?;
    }
    Some(n)
}

fn per_mille(text: &str) -> Result<u16, CaseError> {
    let found = decimal(text.trim_end_matches('%').trim_end(), 10).and_then(|n| u16::try_from(n).ok());
    found.filter(|n| (1..=999).contains(n)).ok_or_else(|| CaseError::Invalid {
        what: "A sample is more than 0 and less than 100 %, to one decimal.".into(),
        what_to_do: "Give a number from 0.1 to 99.9.".into(),
    })
}

fn limit(text: &str) -> Result<Option<u64>, CaseError> {
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = &text[number.len()..];
    let parts = match unit.to_ascii_uppercase().as_str() {
        "" | "GB" => 1_000_000_000,
        "MB" => 1_000_000,
        "TB" => 1_000_000_000_000,
        _ => {
            return Err(CaseError::Invalid {
                what: format!("{} is no unit of a limit.", unit.chars().take(20).collect::<String>()),
                what_to_do: "Give a number of GB, or one with MB, GB or TB behind it.".into(),
            });
        }
    };
    decimal(number.trim_end(), parts).map(Some).ok_or_else(|| CaseError::Invalid {
        what: "The limit is no number of GB.".into(),
        what_to_do: "Give one such as 20 or 0.5, or leave it empty for no limit.".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields::from_pairs(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn what_is_typed_is_read_exactly() {
        let typed = [
            ("mode", "sampled"),
            ("sample", "12,5 %"),
            ("payload_days", "7"),
            ("metadata_days", "30"),
            ("limit", "0.5 GB"),
            ("turn", "1"),
            ("tombstones", "erase"),
        ];
        let read = read(&fields(&typed)).unwrap();
        let want = ChannelPolicy {
            mode: CaptureMode::Sampled { per_mille: 125 },
            payload_limit: Some(500_000_000),
            turn: 1,
            erase_on_tombstone: true,
            ..ChannelPolicy::DEFAULT
        };
        assert_eq!(read, want);
        for bad in ["", "0", "100", "12.55", "-1", "1e1", "x", "."] {
            assert!(per_mille(bad).is_err(), "{bad}");
        }
        assert_eq!(limit("").unwrap(), None);
        assert_eq!(limit("20").unwrap(), Some(20_000_000_000));
        let units = [
            ("2 TB", 2_000_000_000_000),
            ("1,5tb", 1_500_000_000_000),
            ("250 MB", 250_000_000),
            ("2gb", 2_000_000_000),
        ];
        for (typed, want) in units {
            assert_eq!(limit(typed).unwrap(), Some(want), "{typed}");
        }
        assert!(matches!(limit("2 PB"), Err(CaseError::Invalid { what, .. }) if what.starts_with("PB ")));
        for bad in ["2 GiB", "2 B", "2 GB GB", "0.0000001 MB", "twenty", "-1", "1.2.3", "GB", "99999999999999999999"] {
            assert!(limit(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_form_that_says_too_little_is_refused() {
        for typed in [
            &[("mode", "full"), ("payload_days", "7")][..],
            &[("mode", "everything"), ("payload_days", "7"), ("metadata_days", "30")],
            &[("mode", "sampled"), ("payload_days", "7"), ("metadata_days", "30")],
        ] {
            assert!(matches!(read(&fields(typed)), Err(CaseError::Invalid { .. })), "{typed:?}");
        }
    }
}
