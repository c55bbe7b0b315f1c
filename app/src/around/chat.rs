use crate::{
    events::{keyed, visible},
    ui::{TimeForm, Zone, time},
};
use weir_domain::events::EventRow;

/// Three lines for a chat: what, number with time, link. The payload stays where roles decide who sees it.
pub(super) fn lines(row: &EventRow, link: &str) -> String {
    let key = keyed::whole(&row.key).map(|key| format!(", key {}", visible::plain(&key))).unwrap_or_default();
    format!(
        "{} in {} of {}{key}\n{}, {}\n{link}",
        visible::plain(&row.event_type),
        visible::plain(&row.channel_name),
        visible::plain(&row.source_name),
        row.id,
        time::text(row.time, TimeForm::Full, Zone::Utc),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::sample;

    #[test]
    fn three_lines_whatever_stands_in_the_event() {
        let mut row = sample::row(1, 2);
        row.event_type = "order\nplaced".into();
        let text = lines(&row, "https://weir.example/events/1-2");
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.ends_with("\nhttps://weir.example/events/1-2"));
    }
}
