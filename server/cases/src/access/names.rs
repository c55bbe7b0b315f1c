//! What a log-in name, a name and a password may be.

use weir_domain::CaseError;

const LOGIN: std::ops::RangeInclusive<usize> = 2..=64;
const NAME: std::ops::RangeInclusive<usize> = 1..=120;
/// Characters, NIST SP 800-63B-4 asks for 8 with and 15 without a second factor.
const SHORTEST_PASSWORD: usize = 12;
/// Bytes: hashing must not become a way to keep the server busy.
const LONGEST_PASSWORD: usize = 1024;

/// One person, one spelling: names are compared trimmed and in lower case.
pub(super) fn login(raw: &str) -> Option<String> {
    let login = raw.trim().to_ascii_lowercase();
    let known = |b: u8| b.is_ascii_alphanumeric() || b"._-+@".contains(&b);
    (LOGIN.contains(&login.len()) && login.bytes().all(known)).then_some(login)
}

pub(super) fn login_or_say(raw: &str) -> Result<String, CaseError> {
    login(raw).ok_or_else(|| CaseError::Invalid {
        what: "This can't be a log-in name.".into(),
        what_to_do: "Use 2 to 64 letters, digits or . _ - + @, for example mara or mara@example.org.".into(),
    })
}

pub(super) fn name_or_say(raw: &str) -> Result<String, CaseError> {
    let name = raw.trim();
    if NAME.contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(CaseError::Invalid {
        what: "This can't be a name.".into(),
        what_to_do: "Use 1 to 120 characters on one line.".into(),
    })
}

pub(super) fn new_password_or_say(password: &str, login: &str) -> Result<(), CaseError> {
    let wrong =
        |what: &str, what_to_do: &str| Err(CaseError::Invalid { what: what.into(), what_to_do: what_to_do.into() });
    if password.chars().count() < SHORTEST_PASSWORD {
        return wrong("The password is too short.", "Use at least 12 characters; a sentence is good.");
    }
    if !hashable(password) {
        return wrong("The password is too long.", "Use at most 1,024 bytes.");
    }
    if password.to_lowercase().contains(login) && password.chars().count() < login.len() + SHORTEST_PASSWORD {
        return wrong("The password is little more than the log-in name.", "Choose another one.");
    }
    let first = password.chars().next();
    if password.chars().all(|c| Some(c) == first) {
        return wrong("The password is one character repeated.", "Choose another one.");
    }
    Ok(())
}

pub(super) fn hashable(password: &str) -> bool {
    password.len() <= LONGEST_PASSWORD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_in_names() {
        for (raw, want) in [
            (" Mara ", Some("mara")),
            ("mara@example.org", Some("mara@example.org")),
            ("a", None),
            ("", None),
            ("two words", None),
            ("jos\u{e9}", None),
            ("a\0b", None),
        ] {
            assert_eq!(login(raw).as_deref(), want, "{raw:?}");
        }
        assert_eq!(login(&"a".repeat(64)).unwrap().len(), 64);
        assert_eq!(login(&"a".repeat(65)), None);
    }

    #[test]
    fn passwords() {
        for (password, good) in [
            ("elevenchars", false),
            ("twelve chars", true),
            ("zwölf Zeichen", true),
            ("aaaaaaaaaaaaaaaa", false),
            ("mara-12345678", false),
            ("mara and a long sentence", true),
        ] {
            assert_eq!(new_password_or_say(password, "mara").is_ok(), good, "{password}");
        }
        assert!(new_password_or_say(&"ab".repeat(512), "mara").is_ok());
        assert!(new_password_or_say(&"ab".repeat(513), "mara").is_err());
    }
}
