use crate::Failure;
use leptos::{prelude::*, server_fn::codec::GetUrl};
use weir_domain::access::people::{AccountShown, SessionShown};

/// One's own name and rights, and what one asked for.
#[server(name = AccessAccount, prefix = "/api", endpoint = "access/account", input = GetUrl)]
pub async fn account() -> Result<AccountShown, Failure> {
    let cx = crate::request_context()?;
    cx.told(cx.cases.access.account(&cx.caller()?).await)
}

/// Where one is signed in.
#[server(name = AccessSessions, prefix = "/api", endpoint = "access/sessions", input = GetUrl)]
pub async fn sessions() -> Result<Vec<SessionShown>, Failure> {
    let cx = crate::request_context()?;
    cx.told(cx.cases.access.sessions(&cx.caller()?).await)
}
