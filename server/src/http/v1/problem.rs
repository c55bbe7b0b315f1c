//! What went wrong, for programs: problem details (RFC 9457). Every error under `/api/v1` is made here.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_domain::{AppError, CaseError, ErrorKind};

use super::kinds::{
    CONFLICT, INTERNAL, INVALID, KINDS, Kind, NO_TOKEN, NOT_ALLOWED, NOT_FOUND, SESSIONS_ONLY, TOO_MANY, UNAVAILABLE,
};
use crate::http::{answer, visit::Visit};

pub const CONTENT_TYPE: &str = "application/problem+json";
/// Begins every `type`. A name, not an address: it is the same wherever Weir is installed.
const URN: &str = "urn:weir:error:";
/// Seconds after which a database that was away is worth another try.
const AGAIN: u32 = 5;

/// Problem details (RFC 9457) with what to do about it.
// As an answer it has no body yet: `written` puts it there, with the request's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// What kind of problem it is; compare this, not the words.
    #[serde(rename = "type")]
    #[schema(example = "urn:weir:error:not_allowed")]
    pub kind: String,
    /// The kind in words.
    #[schema(example = "Not allowed")]
    pub title: String,
    /// HTTP's status once more.
    #[schema(example = 403)]
    pub status: u16,
    /// What happened, to what.
    #[schema(example = "This needs the permission events.key.")]
    pub detail: String,
    /// What to do next.
    #[schema(example = "Use a token with the role support or architect, or ask an administrator for it.")]
    pub what_to_do: String,
    /// Under which the server's log knows the request.
    pub request_id: String,
    /// The permission that is missing, for `not_allowed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "events.key")]
    pub needs: Option<String>,
    /// The roles that have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// Seconds to wait, as in `Retry-After`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

impl Problem {
    pub fn new(kind: Kind, detail: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self {
            kind: format!("{URN}{}", kind.code),
            title: kind.title.to_owned(),
            status: kind.status,
            detail: detail.into(),
            what_to_do: what_to_do.into(),
            request_id: String::new(),
            needs: None,
            roles: None,
            retry_after: None,
        }
    }

    /// The one place that knows what a use case's refusal is in HTTP. What people must not see is logged.
    pub fn of(error: CaseError, request_id: &str) -> Self {
        answer::log_under(&error, request_id);
        match error {
            CaseError::SignedOut => Self::no_token("The token is unknown, expired or revoked."),
            CaseError::SessionsOnly => Self { kind: urn(SESSIONS_ONLY), ..Self::of_app(error.into(), SESSIONS_ONLY) },
            CaseError::NotAllowed { needs, roles } => Self {
                needs: Some(needs.to_owned()),
                roles: Some(roles.iter().map(|r| (*r).to_owned()).collect()),
                ..Self::new(
                    NOT_ALLOWED,
                    format!("This needs the permission {needs}."),
                    format!("Use a token with the role {}, or ask an administrator for it.", roles.join(" or ")),
                )
            },
            CaseError::TooMany { seconds } => Self::too_many("Too many attempts.", seconds),
            error => {
                let error = AppError::from(error);
                let kind = kind_of(error.kind);
                Self::of_app(error, kind)
            }
        }
    }

    /// For what was told in other words before: the gate's and the frame's own refusals.
    pub fn of_app_error(error: AppError, status: StatusCode) -> Self {
        let kind = KINDS.iter().copied().find(|k| k.status == status.as_u16()).unwrap_or_else(|| kind_of(error.kind));
        Self::of_app(error, kind)
    }

    fn of_app(error: AppError, kind: Kind) -> Self {
        let retry_after = (kind == UNAVAILABLE).then_some(AGAIN);
        Self { retry_after, ..Self::new(kind, error.message, error.what_to_do) }
    }

    pub fn no_token(detail: &str) -> Self {
        Self::new(
            NO_TOKEN,
            detail,
            "Make a token on the page /account/tokens, and send it as Authorization: Bearer weir_…",
        )
    }

    pub fn not_found(what: &str) -> Self {
        let what_to_do = "Check the id; what the token may not see is not found either.";
        Self::new(NOT_FOUND, format!("There is no such {what}, or none that you may see."), what_to_do)
    }

    pub fn too_many(detail: &str, seconds: u32) -> Self {
        let wait = seconds.max(1);
        Self { retry_after: Some(wait), ..Self::new(TOO_MANY, detail, format!("Try again in {wait} s.")) }
    }

    /// For what was answered without words on the way: no such address, a body that is too large, a time-out.
    pub fn of_status(status: StatusCode) -> Option<Self> {
        let known = KINDS.iter().copied().find(|k| k.status == status.as_u16());
        let kind = match known {
            Some(kind) => kind,
            None if status.is_client_error() => Kind { status: status.as_u16(), ..INVALID },
            None if status.is_server_error() => Kind { status: status.as_u16(), ..INTERNAL },
            None => return None,
        };
        let what_to_do = match kind.status {
            404 => "See /api/openapi.json for the addresses there are.",
            405 => "See /api/openapi.json for the methods of each address.",
            413 => "Send less at once; limits.body_bytes of the configuration says how much is taken.",
            504 => "Ask for less at once, or again later.",
            _ => "See /api/openapi.json for what may be asked.",
        };
        Some(Self::new(kind, kind.meaning, what_to_do))
    }
}

fn urn(kind: Kind) -> String {
    format!("{URN}{}", kind.code)
}

const fn kind_of(kind: ErrorKind) -> Kind {
    match kind {
        ErrorKind::SignedOut => NO_TOKEN,
        ErrorKind::NotAllowed => NOT_ALLOWED,
        ErrorKind::Invalid => INVALID,
        ErrorKind::Conflict | ErrorKind::Outdated => CONFLICT,
        ErrorKind::TooMany => TOO_MANY,
        ErrorKind::Unavailable => UNAVAILABLE,
        ErrorKind::Internal => INTERNAL,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == NO_TOKEN.status {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"weir\""));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the problem that an answer carries, or puts one to an error that came without words (no such address, a body
/// that is too large, a time-out). Headers stay (`Allow`, `Retry-After`).
pub fn written(mut response: Response, visit: &Visit) -> Response {
    let carried = response.extensions_mut().remove::<Problem>();
    let Some(mut problem) = carried.or_else(|| Problem::of_status(response.status())) else { return response };
    problem.request_id.clone_from(&visit.request_id);
    // Texts and numbers: they can always be written.
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    headers.remove(header::CONTENT_LENGTH);
    *response.body_mut() = Body::from(body);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::remote::Remote;

    fn visit() -> Visit {
        Visit {
            request_id: "r1".into(),
            nonce: String::new(),
            remote: Remote { address: [127, 0, 0, 1].into(), shared: false },
        }
    }

    #[tokio::test]
    async fn every_refusal_has_its_status_its_kind_and_a_way_out() {
        let invalid = || CaseError::Invalid { what: "w".into(), what_to_do: "d".into() };
        let conflict = || CaseError::Conflict { what: "w".into(), what_to_do: "d".into() };
        let not_allowed = || CaseError::NotAllowed { needs: "events.key", roles: vec!["support", "architect"] };
        let secret = "password=hunter2";
        for (error, status, code, retry) in [
            (CaseError::SignedOut, 401, "no_token", None),
            (not_allowed(), 403, "not_allowed", None),
            (CaseError::SessionsOnly, 403, "sessions_only", None),
            (invalid(), 400, "invalid", None),
            (conflict(), 409, "conflict", None),
            (CaseError::TooMany { seconds: 7 }, 429, "too_many", Some("7")),
            (CaseError::Unavailable(secret.into()), 503, "unavailable", Some("5")),
            (CaseError::Internal(secret.into()), 500, "internal", None),
        ] {
            let line = format!("{error:?}");
            let response = written(Problem::of(error, "r1").into_response(), &visit());
            assert_eq!(response.status(), status, "{line}");
            let header = |name| response.headers().get(name).map(|v| v.to_str().unwrap().to_owned());
            assert_eq!(header("content-type").as_deref(), Some("application/problem+json"), "{line}");
            assert_eq!(header("retry-after").as_deref(), retry, "{line}");
            assert_eq!(header("www-authenticate").is_some(), status == 401, "{line}");
            let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
            assert!(!String::from_utf8_lossy(&body).contains(secret), "{line}");
            let told: Problem = serde_json::from_slice(&body).unwrap();
            assert_eq!((told.kind, told.status), (format!("urn:weir:error:{code}"), status), "{line}");
            assert_eq!(told.request_id, "r1");
            assert!(!told.title.is_empty() && !told.detail.is_empty() && !told.what_to_do.is_empty(), "{line}");
            assert_eq!(told.needs.is_some(), code == "not_allowed", "{line}");
        }
    }

    #[tokio::test]
    async fn what_has_no_words_gets_them_and_keeps_its_headers() {
        let silent = (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET,HEAD")]).into_response();
        let told = written(silent, &visit());
        assert_eq!((told.status().as_u16(), told.headers()[header::ALLOW].to_str().unwrap()), (405, "GET,HEAD"));
        assert_eq!(told.headers()[header::CONTENT_TYPE], CONTENT_TYPE);
        let odd = written(StatusCode::IM_A_TEAPOT.into_response(), &visit());
        assert_eq!((odd.status().as_u16(), odd.headers()[header::CONTENT_TYPE].to_str().unwrap()), (418, CONTENT_TYPE));
        let fine = written("fine".into_response(), &visit());
        assert_eq!(fine.headers()[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    }
}
