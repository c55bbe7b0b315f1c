use crate::ui::format;
use weir_domain::capture::{CaptureMode, ChannelCapture, GivenUp, GivenUpBy};

/// "a sample of 12.5 %"
pub(super) fn mode(mode: CaptureMode) -> String {
    match mode {
        CaptureMode::Full => "everything".into(),
        CaptureMode::Metadata => "metadata".into(),
        CaptureMode::Sampled { per_mille } => format!("a sample of {} %", percent(per_mille)),
        CaptureMode::FailuresOnly => "failures only".into(),
        CaptureMode::Off => "off".into(),
    }
}

/// "12.5"; "10".
pub(super) fn percent(per_mille: u16) -> String {
    match per_mille % 10 {
        0 => (per_mille / 10).to_string(),
        tenth => format!("{}.{tenth}", per_mille / 10),
    }
}

pub(super) fn days(n: i16) -> String {
    format::count(u64::try_from(n).unwrap_or(0), "day", "days")
}

/// An estimate is marked as one.
pub(super) fn about(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| format::UNKNOWN.into(), |n| format!("≈ {}", format::bytes(n)))
}

/// What the source's owner does not let through, if that is less than the policy wants.
pub(super) fn lowered(c: &ChannelCapture) -> Option<String> {
    let effective = c.effective();
    (effective != c.policy.mode).then(|| {
        format!("Its source allows capture = \"{}\" at most, so what comes out is: {}.", c.ceiling, mode(effective))
    })
}

pub(super) fn given_up_why(g: &GivenUp) -> String {
    match g.by {
        GivenUpBy::Limit => format!("the channel may have {} of payloads", format::bytes(g.allowed)),
        GivenUpBy::Retention => {
            let days = format::count(g.allowed, "day", "days");
            format!("its payloads are kept for {days} now")
        }
        GivenUpBy::Budget => format!("the store's budget of {} was used up", format::bytes(g.allowed)),
    }
}

/// GB with as many places as it needs: what the form's field holds.
pub(super) fn gigabytes(bytes: u64) -> String {
    let (whole, rest) = (bytes / 1_000_000_000, bytes % 1_000_000_000);
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{}", format!("{rest:09}").trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_they_are_read() {
        assert_eq!([5, 10, 125, 999].map(percent), ["0.5", "1", "12.5", "99.9"]);
        assert_eq!([500_000_000, 20_000_000_000, 1].map(gigabytes), ["0.5", "20", "0.000000001"]);
    }
}
