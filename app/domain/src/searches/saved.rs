use crate::{CaseError, PersonId, SearchId, Timestamp};

/// Searches of one person, at most.
pub const MOST_OWN: u32 = 200;
/// Searches of others that one list shows, at most: those that were changed last.
pub const MOST_SHARED: u32 = 500;
/// Characters of a name.
pub const LONGEST_NAME: usize = 100;
/// Bytes of an address: what browsers and proxies carry without trouble.
pub const LONGEST_ADDRESS: usize = 8192;

/// The query of an address of the Events page, as that page writes it: without `?`, percent-encoded, so that a range that
/// moves with the clock stays one. Empty: every event. It gives no right: whoever opens it sees what they may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventsAddress(String);

impl EventsAddress {
    /// # Errors
    /// When it is too long, or no query at all.
    pub fn new(query: String) -> Result<Self, CaseError> {
        if query.len() > LONGEST_ADDRESS {
            return Err(CaseError::Invalid {
                what: format!("This search is longer than {LONGEST_ADDRESS} bytes as an address."),
                what_to_do: "Shorten its query; a list of keys is looked for on the page Keys from a list.".into(),
            });
        }
        if !query.bytes().all(|b| b.is_ascii_graphic() && b != b'#' && b != b'?') {
            return Err(CaseError::Invalid {
                what: "This is no address of the Events page.".into(),
                what_to_do: "Save a search from that page, or give the part of its address behind the question mark."
                    .into(),
            });
        }
        Ok(Self(query))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A search that somebody keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSearch {
    pub id: SearchId,
    pub owner: PersonId,
    /// As they are called now.
    pub owner_name: String,
    /// Its owner tells it from their others by it.
    pub name: String,
    pub address: EventsAddress,
    /// Everybody who is signed in sees it.
    pub shared: bool,
    pub made: Timestamp,
    pub changed: Timestamp,
}

/// A name as it is kept: one line, without white space around it.
///
/// # Errors
/// When nothing is left of it, or too much.
pub fn search_name(raw: &str) -> Result<String, CaseError> {
    let name = raw.trim();
    if (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(CaseError::Invalid {
        what: format!("A search's name has 1 to {LONGEST_NAME} characters on one line."),
        what_to_do: "Name it after the question that it answers.".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_have_bounds() {
        assert_eq!(search_name("  Stuck orders ").ok().as_deref(), Some("Stuck orders"));
        assert!(search_name(&"é".repeat(LONGEST_NAME)).is_ok());
        for bad in ["", "  ", "a\nb", "a\0", &"x".repeat(LONGEST_NAME + 1)] {
            assert!(matches!(search_name(bad), Err(CaseError::Invalid { .. })), "{bad:?}");
        }
        for good in ["", "q=data.amount%3E900&from=-1h", &"a".repeat(LONGEST_ADDRESS)] {
            assert_eq!(EventsAddress::new(good.to_owned()).unwrap().as_str(), good);
        }
        for bad in ["?q=a", "q=a b", "q=ü", "q=a#b", "a\n", &"a".repeat(LONGEST_ADDRESS + 1)] {
            assert!(EventsAddress::new(bad.to_owned()).is_err(), "{bad:?}");
        }
    }
}
