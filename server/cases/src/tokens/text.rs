//! The text of a token: a word by which people and secret scanners know it, and 256 random bits.

use crate::access::token;
use weir_domain::CaseError;

const PREFIX: &str = "weir_";

pub(super) fn new() -> Result<String, CaseError> {
    Ok(format!("{PREFIX}{}", token::new()?))
}

/// Could this be a token at all? What is not costs no question to the database.
pub(super) fn well_formed(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(token::well_formed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scanners_can_find_it() {
        let text = new().unwrap();
        assert!(text.starts_with("weir_") && text.len() == 48 && well_formed(&text), "{text}");
        for bad in ["", "weir_", &text[5..], &format!("{text}x"), &text.replace("weir_", "Weir_")] {
            assert!(!well_formed(bad), "{bad:?}");
        }
    }
}
