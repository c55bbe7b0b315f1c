//! Names as `text`, which can't hold NUL. Only the *name* gives way; an event's own bytes stay in its block as they came.

/// Longest name kept, in bytes: beyond this it could not be indexed.
const LONGEST: usize = 512;

/// NUL becomes U+FFFD; what is too long is cut at a character and ends in `…`.
pub(crate) fn storable(name: &str) -> String {
    cut(&name.replace('\0', "\u{fffd}"), LONGEST)
}

/// Free text for a person (reasons, errors): bounded, and without NUL.
pub(crate) fn storable_text(text: &str) -> String {
    cut(&text.replace('\0', "\u{fffd}"), 4096)
}

pub(crate) fn cut(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let mut end = longest - '…'.len_utf8();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded_and_hold_no_nul() {
        assert_eq!(storable("order.placed"), "order.placed");
        assert_eq!(storable("a\0b"), "a\u{fffd}b");
        let long = "é".repeat(400);
        let kept = storable(&long);
        assert!(kept.len() <= LONGEST && kept.ends_with("é…"), "{}", kept.len());
        assert!(storable(&"\0".repeat(400)).len() <= LONGEST);
    }
}
