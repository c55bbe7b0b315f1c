use crate::Failure;
use leptos::{prelude::*, server_fn::codec::GetUrl};
use weir_domain::catalog;

/// Who is signed in, and which environments there are.
#[server(name = AccessMe, prefix = "/api", endpoint = "access/me", input = GetUrl)]
pub async fn me() -> Result<catalog::Me, Failure> {
    let cx = crate::request_context()?;
    cx.told(cx.cases.access.me(&cx.caller()?).await)
}
