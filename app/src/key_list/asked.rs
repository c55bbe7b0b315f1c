use crate::events::End;
use weir_cases::events::Wanted;
use weir_domain::{
    CaseError, Timestamp,
    events::{KeyList, TimeRange},
};

/// What the form holds, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub keys: String,
    pub source: String,
    pub channel: String,
    /// `-7d`: since then; empty for all that is stored.
    pub since: String,
}

impl Asked {
    /// From a form's fields; the keys as they are, the others trimmed.
    pub fn read<'a>(field: impl Fn(&str) -> Option<&'a str>) -> Self {
        let text = |name: &str| field(name).unwrap_or_default().trim().to_owned();
        Self {
            keys: field("keys").unwrap_or_default().to_owned(),
            source: text("source"),
            channel: text("channel"),
            since: text("since"),
        }
    }

    /// # Errors
    /// What is wrong with the list or the time.
    pub fn question(&self, now: Timestamp) -> Result<(KeyList, Wanted), CaseError> {
        let list = KeyList::read(&self.keys)?;
        let from = match self.since.as_str() {
            "" => None,
            since => Some(End::parse(since).ok_or_else(no_time)?.at(now)),
        };
        let given = |text: &String| Some(text.clone()).filter(|t| !t.is_empty());
        let (source, channel) = (given(&self.source), given(&self.channel));
        let range = TimeRange { from, to: None };
        Ok((list, Wanted { source, channel, range, ids_are_marked: true, ..Wanted::default() }))
    }
}

fn no_time() -> CaseError {
    CaseError::Invalid {
        what: "Since when to look can't be read.".into(),
        what_to_do: "Choose one of the times that the form offers.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_becomes_a_question() {
        let now = Timestamp(1_795_357_928_000_000);
        let fields = [("keys", " ord-1\r\nord-2 "), ("source", " shop "), ("channel", ""), ("since", "-1h")];
        let asked = Asked::read(|name| fields.iter().find(|(n, _)| *n == name).map(|(_, v)| *v));
        assert_eq!(asked.keys, " ord-1\r\nord-2 ", "nothing of what was pasted is lost");
        let (list, wanted) = asked.question(now).unwrap();
        assert_eq!(list.keys(), ["ord-1", "ord-2"]);
        assert_eq!((wanted.source.as_deref(), wanted.channel), (Some("shop"), None));
        assert_eq!(wanted.range, TimeRange { from: Some(now.plus_secs(-3600)), to: None });
        assert!(Asked { since: "x".into(), ..asked.clone() }.question(now).is_err());
        assert!(Asked { keys: ",".into(), ..asked }.question(now).is_err());
    }
}
