use crate::{
    events::{End, Place, Tab},
    table::TableShown,
    ui::Zone,
};
use weir_domain::{
    CaseError,
    searches::{EventsAddress, LONGEST_ADDRESS},
};

/// What an address of the Events page asks for, as it is kept: without an open event or a page further back. A range that
/// moves with the clock stays one.
///
/// # Errors
/// When it asks for what that page could not understand.
pub fn address_of(query: &str) -> Result<EventsAddress, CaseError> {
    if query.len() > LONGEST_ADDRESS {
        // Told in the words for it, whatever of it would be left.
        return EventsAddress::new(query.to_owned());
    }
    let query = query.trim();
    // A whole address; in a bare query a `?` is a letter like others.
    let whole = ["/", "?", "http://", "https://"].iter().any(|begin| query.starts_with(begin));
    let query = query.split_once('?').filter(|_| whole).map_or(query, |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    let place = Place::parse(query);
    if let Some(Err(CaseError::Invalid { what, .. })) = place.q.as_deref().map(weir_cases::events::readable) {
        let what_to_do = "Correct it on the Events page, and save it from there.".into();
        return Err(CaseError::Invalid { what, what_to_do });
    }
    for end in [&place.from, &place.to].into_iter().flatten() {
        if End::parse(end).is_none() {
            return Err(CaseError::Invalid {
                what: "An end of the time range is no time.".into(),
                what_to_do: "Write it like 2026-11-22T14:30:00Z or -1h; times are in UTC.".into(),
            });
        }
    }
    let shown = TableShown::parse(query)?.query();
    let place = Place { sel: None, before: None, page: 0, tab: Tab::default(), ..place }.query();
    EventsAddress::new(format!("{place}{shown}").trim_start_matches('&').to_owned())
}

/// What an address asks for, a line each.
pub(crate) fn words(address: &EventsAddress) -> Vec<(&'static str, String)> {
    let place = Place::parse(address.as_str());
    let shown = TableShown::parse(address.as_str()).unwrap_or_default();
    let range = (place.from.is_some() || place.to.is_some())
        .then(|| crate::events::range_words(place.from.as_deref(), place.to.as_deref(), Zone::Utc));
    let named = [
        ("query", place.q),
        ("key", place.key),
        ("source", place.source),
        ("channel", place.channel),
        ("type", place.event_type),
        ("time", range),
        ("environment", place.env.map(|id| format!("#{id}"))),
        ("follows", place.tail.then(|| "live".to_owned())),
        ("columns", Some(TableShown::written(&shown.columns)).filter(|text| !text.is_empty())),
        ("order", shown.oldest_first.then(|| "oldest first".to_owned())),
        ("sorted by", shown.sort.map(|sort| sort.text())),
    ];
    let words: Vec<_> = named.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    if words.is_empty() { vec![("every event", String::new())] } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(query: &str) -> String {
        address_of(query).map(|a| a.as_str().to_owned()).unwrap_or_else(|e| format!("{e:?}"))
    }

    #[test]
    fn what_is_kept_is_the_question_and_not_where_one_stood() {
        let asked = "env=2&q=type:payment.failed%20data.amount%3E900&from=-1h";
        let full = format!("/events?{asked}&before=5.1-2&page=3&sel=12-4711&tab=raw&unknown=1");
        assert_eq!(kept(&full), asked);
        assert_eq!(kept(asked), asked);
        let table = format!("{asked}&columns=time%2Cdata.amount&sort=-data.amount&density=compact");
        assert_eq!(kept(&format!("{table}&sel=12-4711")), table);
        assert_eq!(kept("?columns=key"), "columns=key");
        assert_eq!(
            (kept(""), kept("/events"), kept("?key=ord+1#x")),
            (String::new(), String::new(), "key=ord%201".into())
        );
        let words = words(&address_of(asked).unwrap());
        let want = [("query", "type:payment.failed data.amount>900"), ("time", "Last 1 h"), ("environment", "#2")];
        assert_eq!(words, want.map(|(name, value)| (name, value.to_owned())));
    }

    #[test]
    fn what_could_not_be_read_is_not_kept() {
        for bad in [
            "q=%28",
            "columns=a%20b",
            "from=yesterday",
            "to=x",
            &format!("q={}", "a".repeat(9000)),
            &"unknown".repeat(2000),
        ] {
            assert!(matches!(address_of(bad), Err(CaseError::Invalid { .. })), "{bad}");
        }
    }
}
