//! What a log-in name, a name and a password may be.

use weir_domain::CaseError;

const LOGIN: std::ops::RangeInclusive<usize> = 2..=64;
const NAME: std::ops::RangeInclusive<usize> = 1..=120;
/// Characters, NIST SP 800-63B-4 asks for 8 with and 15 without a second factor.
const SHORTEST_PASSWORD: usize = 12;
/// Bytes: hashing must not become a way to keep the server busy.
const LONGEST_PASSWORD: usize = 1024;

/// One person, one spelling: names are compared trimmed and in lower case.
pub(crate) fn login(raw: &str) -> Option<String> {
    let login = raw.trim().to_ascii_lowercase();
    let known = |b: u8| b.is_ascii_alphanumeric() || b"._-+@".contains(&b);
    (LOGIN.contains(&login.len()) && login.bytes().all(known)).then_some(login)
}

/// What can be wrong with a new account, each with the code that forms and pages know it by.
struct Wrong {
    code: &'static str,
    what: &'static str,
    what_to_do: &'static str,
}

const LOGIN_WRONG: Wrong = Wrong {
    code: "login",
    what: "This can't be a log-in name.",
    what_to_do: "Use 2 to 64 letters, digits or . _ - + @, for example mara or mara@example.org.",
};
const NAME_WRONG: Wrong =
    Wrong { code: "name", what: "This can't be a name.", what_to_do: "Use 1 to 120 characters on one line." };
const SHORT: Wrong = Wrong {
    code: "password_short",
    what: "The password is too short.",
    what_to_do: "Use at least 12 characters; a sentence is good.",
};
const LONG: Wrong =
    Wrong { code: "password_long", what: "The password is too long.", what_to_do: "Use at most 1,024 bytes." };
const LIKE_LOGIN: Wrong = Wrong {
    code: "password_login",
    what: "The password is little more than the log-in name.",
    what_to_do: "Choose another one.",
};
const REPEATED: Wrong = Wrong {
    code: "password_repeated",
    what: "The password is one character repeated.",
    what_to_do: "Choose another one.",
};

impl From<Wrong> for CaseError {
    fn from(wrong: Wrong) -> Self {
        Self::Invalid { what: wrong.what.into(), what_to_do: wrong.what_to_do.into() }
    }
}

/// The code of what is wrong with a new account; `None` for every other failure.
pub fn wrong_code(error: &CaseError) -> Option<&'static str> {
    let CaseError::Invalid { what, .. } = error else { return None };
    let all = [LOGIN_WRONG, NAME_WRONG, SHORT, LONG, LIKE_LOGIN, REPEATED];
    all.into_iter().find(|w| w.what == what).map(|w| w.code)
}

pub(crate) fn login_or_say(raw: &str) -> Result<String, CaseError> {
    login(raw).ok_or_else(|| LOGIN_WRONG.into())
}

pub(crate) fn name_or_say(raw: &str) -> Result<String, CaseError> {
    let name = raw.trim();
    if NAME.contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(NAME_WRONG.into())
}

/// Free text of a form, on several lines if need be, trimmed; `what` names it. Characters are counted.
pub(crate) fn text_or_say(what: &str, raw: &str, longest: usize) -> Result<String, CaseError> {
    let text = raw.trim().replace("\r\n", "\n");
    if text.chars().count() <= longest && !text.chars().any(|c| c.is_control() && c != '\n') {
        return Ok(text);
    }
    Err(CaseError::Invalid {
        what: format!("The {what} is too long, or holds control characters."),
        what_to_do: format!("Use at most {longest} characters."),
    })
}

pub(crate) fn new_password_or_say(password: &str, login: &str) -> Result<(), CaseError> {
    let first = password.chars().next();
    let wrong = if password.chars().count() < SHORTEST_PASSWORD {
        SHORT
    } else if !hashable(password) {
        LONG
    } else if password.to_lowercase().contains(login) && password.chars().count() < login.len() + SHORTEST_PASSWORD {
        LIKE_LOGIN
    } else if password.chars().all(|c| Some(c) == first) {
        REPEATED
    } else {
        return Ok(());
    };
    Err(wrong.into())
}

pub(crate) fn hashable(password: &str) -> bool {
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
        let long = "ab".repeat(513);
        for (password, wrong) in [
            ("elevenchars", Some("password_short")),
            ("twelve chars", None),
            ("zwölf Zeichen", None),
            ("aaaaaaaaaaaaaaaa", Some("password_repeated")),
            ("mara-12345678", Some("password_login")),
            ("mara and a long sentence", None),
            (&long, Some("password_long")),
        ] {
            let said = new_password_or_say(password, "mara");
            assert_eq!(said.as_ref().err().map(wrong_code), wrong.map(Some), "{password}");
        }
        assert!(new_password_or_say(&"ab".repeat(512), "mara").is_ok());
    }
}
