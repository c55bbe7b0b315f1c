//! "Did you mean".

/// The known word nearest to what was written, if it is near enough to be a slip.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    known
        .into_iter()
        .map(|k| (strsim::damerau_levenshtein(&written, &k.to_lowercase()), k))
        // Up to a third of the word may be wrong.
        .filter(|(distance, k)| *distance <= (k.chars().count().max(written.chars().count()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, k)| k)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let known = ["channels", "capture", "catch_up_bytes_per_s"];
        assert_eq!(nearest("chanels", known), Some("channels"));
        assert_eq!(nearest("Capture", known), Some("capture"));
        assert_eq!(nearest("catchup_bytes_per_s", known), Some("catch_up_bytes_per_s"));
        assert_eq!(nearest("password", known), None);
        assert_eq!(nearest("", known), None);
    }
}
