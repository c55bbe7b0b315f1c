use crate::Failure;
use leptos::{prelude::*, server_fn::codec::GetUrl};
use weir_domain::{EnvironmentId, catalog::Completions};

/// At most 20 channels, sources, event types and keys for what has been typed. `channel:`, `source:`,
/// `type:` and `key:` ask for one kind.
#[server(name = CatalogComplete, prefix = "/api", endpoint = "catalog/complete", input = GetUrl)]
pub async fn catalog_complete(
    #[server(default)] env: Option<EnvironmentId>,
    #[server(default)] text: String,
) -> Result<Completions, Failure> {
    let ctx = crate::request_context()?;
    ctx.told(ctx.cases.catalog.complete(&ctx.caller_in(env)?, &text).await)
}
