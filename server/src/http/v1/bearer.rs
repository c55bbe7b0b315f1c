//! Who a program comes as. Cookies are not looked at under `/api/v1`, so nothing that a browser sends by itself can
//! do anything here: there is no request to forge, and no need of the check of `Origin`.

use std::sync::Arc;

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use weir_domain::{AppError, CaseError, ErrorKind, access::Caller};

use super::problem::Problem;
use crate::http::{export::Wrong, site::Site, visit::Visit};

/// The longest token that is looked at.
const LONGEST: usize = 128;
/// What a token's calls that are too many at once are told to wait.
const SOON: u32 = 1;
/// What a program is told to wait while others export.
const LATER: u32 = 10;

/// Who asks with which token, in the request's extensions once the gate has looked. Debug shows no token.
#[derive(Clone)]
pub struct Program {
    pub caller: Caller,
    pub token: Arc<str>,
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program").field("caller", &self.caller).finish_non_exhaustive()
    }
}

impl Program {
    /// A use case's answer, or its refusal as a problem.
    pub fn told<T>(&self, answer: Result<T, CaseError>) -> Result<T, Problem> {
        answer.map_err(|error| Problem::of(error, &self.caller.origin.request_id))
    }

    /// An export that has begun, or its refusal as a problem.
    pub fn begun(&self, answer: Result<Response, Wrong>) -> Result<Response, Problem> {
        match answer {
            Ok(response) => Ok(response),
            Err(Ok(busy)) if busy.kind == ErrorKind::TooMany => Err(Problem::too_many(&busy.message, LATER)),
            Err(Ok(wrong)) => Err(Problem::of_app_error(wrong, StatusCode::BAD_REQUEST)),
            Err(Err(error)) => self.told(Err(error)),
        }
    }
}

/// Lets whoever shows a good token pass, bounded in number.
pub async fn pass(site: &Site, visit: &Visit, use_case: &'static str, mut request: Request, next: Next) -> Response {
    let (token, environment) = (token(request.headers()), environment(request.uri().query()));
    let program = match program(site, visit, use_case, token, environment).await {
        Ok(program) => program,
        Err(problem) => return problem.into_response(),
    };
    // Held while the answer is made: what one token asks at once is work for the database.
    let Some(seat) = site.calls.sit(&program.token) else {
        return Problem::too_many("Too many requests with this token are under way.", SOON).into_response();
    };
    request.extensions_mut().insert(program);
    let response = next.run(request).await;
    drop(seat);
    response
}

async fn program(
    site: &Site,
    visit: &Visit,
    use_case: &'static str,
    token: Result<String, &'static str>,
    environment: Option<String>,
) -> Result<Program, Problem> {
    if let Err(why) = site.readiness.ready() {
        let away = AppError::new(ErrorKind::Unavailable, why.message(), why.what_to_do());
        return Err(Problem::of_app_error(away, StatusCode::SERVICE_UNAVAILABLE));
    }
    let token = token.map_err(Problem::no_token)?;
    let address = visit.remote_subject();
    if let Some(seconds) = site.attempts.wait(&address, &token) {
        return Err(Problem::too_many("Too many wrong tokens came from this address.", seconds));
    }
    let found = site.cases.tokens.caller(&token, environment.as_deref(), visit.origin(), use_case).await;
    match found {
        Ok(Some(caller)) => {
            site.attempts.right(&token);
            Ok(Program { caller, token: token.into() })
        }
        Ok(None) => {
            site.attempts.wrong(&address);
            Err(Problem::of(CaseError::SignedOut, &visit.request_id))
        }
        Err(error) => Err(Problem::of(error, &visit.request_id)),
    }
}

/// The token of the one `Authorization` header, or what is wrong with it.
fn token(headers: &HeaderMap) -> Result<String, &'static str> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let value = match (sent.next(), sent.next()) {
        (None, _) => return Err("The request carries no token; cookies do not count here."),
        (Some(_), Some(_)) => return Err("The request carries more than one Authorization header."),
        (Some(value), None) => value.to_str().unwrap_or_default(),
    };
    match value.trim().split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && token.len() <= LONGEST => {
            Ok(token.trim().to_owned())
        }
        _ => Err("The Authorization header is not Bearer and a token."),
    }
}

/// `env`, by name or id, as it must be known before a use case is asked. Given twice or empty it is refused where all
/// parameters are read.
fn environment(query: Option<&str>) -> Option<String> {
    let (_, value) = form_urlencoded::parse(query?.as_bytes()).find(|(k, _)| k == "env")?;
    (!value.is_empty()).then(|| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_header_of_one_kind() {
        let sent = |values: &[&str]| -> Result<String, &'static str> {
            token(&values.iter().map(|v| (header::AUTHORIZATION, v.parse().unwrap())).collect())
        };
        assert_eq!(sent(&["Bearer weir_a"]).as_deref(), Ok("weir_a"));
        assert_eq!(sent(&["bearer  weir_a "]).as_deref(), Ok("weir_a"));
        for bad in [&[][..], &["weir_a"], &["Basic YTpi"], &["Bearer a", "Bearer b"], &["Bearer"]] {
            assert!(sent(bad).is_err(), "{bad:?}");
        }
        assert!(sent(&[&format!("Bearer {}", "a".repeat(129))]).is_err());
    }
}
