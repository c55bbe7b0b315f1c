//! Errors as answers: JSON for calls, a page for people.

use axum::{
    Json,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use weir_domain::{AppError, CaseError, ErrorKind};

use super::{v1::Problem, visit::Visit};

/// Who reads the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    Person,
    /// The bundle, or whoever watches the process.
    Program,
    /// Of `/api/v1`.
    Rest,
}

pub const fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::SignedOut => StatusCode::UNAUTHORIZED,
        ErrorKind::NotAllowed => StatusCode::FORBIDDEN,
        ErrorKind::Invalid => StatusCode::BAD_REQUEST,
        ErrorKind::Conflict | ErrorKind::Outdated => StatusCode::CONFLICT,
        ErrorKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Logs what people must not see.
pub fn log(error: &CaseError, visit: &Visit) {
    log_under(error, &visit.request_id);
}

/// The same where only the request's id is at hand.
pub fn log_under(error: &CaseError, request_id: &str) {
    match error {
        CaseError::Internal(why) => tracing::error!(request = request_id, why, "a request failed"),
        CaseError::Unavailable(why) => tracing::warn!(request = request_id, why, "unavailable"),
        _ => {}
    }
}

/// Logs what people must not see, and answers with what they may.
pub fn case_error(error: CaseError, reader: Reader, visit: &Visit, css: Option<&str>) -> Response {
    if reader == Reader::Rest {
        return Problem::of(error, &visit.request_id).into_response();
    }
    log(&error, visit);
    app_error(error.into(), reader, visit, css)
}

/// The answer to what went wrong.
pub fn app_error(error: AppError, reader: Reader, visit: &Visit, css: Option<&str>) -> Response {
    with_status(status(error.kind), error, reader, visit, css)
}

/// The same with a status of its own.
pub fn with_status(
    status: StatusCode,
    mut error: AppError,
    reader: Reader,
    visit: &Visit,
    css: Option<&str>,
) -> Response {
    error.reference.get_or_insert_with(|| visit.request_id.clone());
    let waits = matches!(error.kind, ErrorKind::Unavailable);
    let mut response = match reader {
        Reader::Rest => return Problem::of_app_error(error, status).into_response(),
        Reader::Program => (status, Json(&error)).into_response(),
        Reader::Person => (status, Html(page(&error, css, waits))).into_response(),
    };
    if waits {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// The refusals of what lies below are bare text, or nothing at all: in words like everything else.
pub fn worded(response: Response, reader: Reader, visit: &Visit, css: Option<&str>) -> Response {
    let status = response.status();
    let bare = response.headers().get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"text/plain"));
    let error = match status {
        StatusCode::GATEWAY_TIMEOUT => AppError::new(
            ErrorKind::Internal,
            "The answer took too long.",
            "Try again; ask for a shorter time or one channel if it stays.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE if bare => AppError::new(
            ErrorKind::Invalid,
            "What was sent is larger than Weir takes.",
            "Go back: what you typed should still be there. Send less of it, or raise limits.body_bytes in weir.toml.",
        ),
        _ if bare && status.is_client_error() => AppError::new(
            ErrorKind::Invalid,
            "The server could not read this request.",
            "Check the address, or open the page again.",
        ),
        _ => return response,
    };
    with_status(status, error, reader, visit, css)
}

/// A whole page without scripts, for when the console itself can't be drawn.
fn page(error: &AppError, css: Option<&str>, again: bool) -> String {
    let style = css.map(|href| format!("<link rel=\"stylesheet\" href=\"{}\">", escape(href))).unwrap_or_default();
    let refresh = if again { "<meta http-equiv=\"refresh\" content=\"5\">" } else { "" };
    let reference = error
        .reference
        .as_deref()
        .map(|r| format!("<p class=\"small muted\">Reference <code>{}</code></p>", escape(r)))
        .unwrap_or_default();
    let ask = error
        .ask
        .as_deref()
        .map(|query| format!("<p><a href=\"/account/ask?{}\">Ask for access</a></p>", escape(query)));
    let ask = ask.unwrap_or_default();
    let (message, what_to_do) = (escape(&error.message), escape(&error.what_to_do));
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">{refresh}<title>{message} · Weir</title>{style}</head>\
         <body><main class=\"gate\" id=\"main\"><div class=\"gate__brand\">Weir</div>\
         <section class=\"panel gate__panel\"><h1 class=\"page__title\">{message}</h1><p class=\"soft\">{what_to_do}</p>\
         {ask}<p><a href=\"/\">Overview</a></p>{reference}</section></main></body></html>"
    )
}

/// Text that may stand in HTML, inside and outside of quotes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_never_made_of_what_it_tells() {
        let error = AppError {
            reference: Some("<r>".into()),
            ..AppError::new(ErrorKind::Internal, "<script>alert(1)</script>", "a & b \"c\" 'd'")
        };
        let page = page(&error, Some("/pkg/a.css"), false);
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("a &amp; b &quot;c&quot; &#39;d&#39;") && page.contains("&lt;r&gt;"), "{page}");
        assert!(!page.contains("Ask for access"));
    }

    #[test]
    fn what_a_role_would_mend_leads_to_asking_for_it() {
        let refused = AppError::from(CaseError::NotAllowed { needs: "events.payload", roles: vec!["support"] });
        let page = page(&refused, None, false);
        assert!(page.contains("href=\"/account/ask?role=support&amp;for=events.payload\""), "{page}");
    }
}
