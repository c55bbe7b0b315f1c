//! A page must not act as somebody else: the cookie is the browser's, and in another tab another person may have signed
//! in since. The page says with each call, form and stream whose it is (decision 22).

use weir_domain::{AppError, ErrorKind, access::Caller};

/// The field that the page's script adds to forms.
pub const FIELD: &str = "weir_person";

/// Is the page of another person than the one who is signed in? Who names none (a program) is served.
pub fn other(caller: Option<&Caller>, page_of: Option<&[u8]>) -> bool {
    let named = page_of.filter(|p| !p.is_empty());
    caller.zip(named).is_some_and(|(caller, named)| caller.person.0.to_string().as_bytes() != named)
}

/// What such a page is told.
pub fn told() -> AppError {
    AppError::new(
        ErrorKind::Outdated,
        "This browser is signed in as somebody else now.",
        "Reload to go on as them. What this page asked for was not done.",
    )
}
