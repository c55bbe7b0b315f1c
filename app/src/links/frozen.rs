use crate::{events::Place, searches::address_of, table::TableShown};
use weir_domain::{CaseError, Timestamp, searches::EventsAddress};

/// What an address of the Events page asks for at `now`, for a link that finds the same tomorrow: ends of time that move
/// with the clock stand still, and no live tail goes on.
///
/// # Errors
/// When it asks for what that page could not understand.
pub fn frozen(query: &str, now: Timestamp) -> Result<EventsAddress, CaseError> {
    let kept = address_of(query)?;
    let place = Place::parse(kept.as_str());
    let range = place.range(now)?;
    let shown = TableShown::parse(kept.as_str())?.query();
    let place = place.frozen(range, now).query();
    EventsAddress::new(format!("{place}{shown}").trim_start_matches('&').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_357_928_000_000);

    #[test]
    fn nothing_moves_with_the_clock_any_more() {
        let asked =
            "env=2&q=type:payment.failed&from=-1h&tail=1&sel=12-4711&columns=time%2Cdata.amount&sort=-data.amount";
        let kept = frozen(asked, NOW).unwrap();
        assert_eq!(
            kept.as_str(),
            "env=2&q=type:payment.failed&from=2026-11-22T13:32:08.000Z&to=2026-11-22T14:32:08.000Z\
             &columns=time%2Cdata.amount&sort=-data.amount"
        );
        // Frozen once, it stays; so one search has one link.
        assert_eq!(frozen(kept.as_str(), NOW.plus_secs(3600)).unwrap(), kept);
        assert_eq!(frozen("", NOW).unwrap().as_str(), "to=2026-11-22T14:32:08.000Z");
        for bad in ["q=%28", "from=yesterday", "from=2026-11-22&to=2026-11-21"] {
            assert!(frozen(bad, NOW).is_err(), "{bad}");
        }
    }
}
