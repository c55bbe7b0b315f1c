//! An old page must not talk past a new server (decision 24): the bundle says with each call which build it is of.

use axum::response::Response;
use weir_domain::{AppError, ErrorKind};

use super::{
    answer::{self, Reader},
    site::Site,
    visit::Visit,
};

/// What the caller of another build is told. Who names none (a program) is served.
pub fn refused(site: &Site, visit: &Visit, build: Option<&[u8]>) -> Option<Response> {
    build.filter(|b| *b != site.bundle.build_id.as_bytes())?;
    let outdated = AppError::new(
        ErrorKind::Outdated,
        "Weir was updated while this page was open.",
        "Reload the page when you have finished what you are typing.",
    );
    Some(answer::app_error(outdated, Reader::Program, visit, None))
}
