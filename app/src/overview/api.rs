use crate::Failure;
use leptos::{prelude::*, server_fn::codec::GetUrl};
use weir_domain::{EnvironmentId, overview::Summary};

/// The figures of the first page, for one environment or all.
#[server(name = OverviewSummary, prefix = "/api", endpoint = "overview/summary", input = GetUrl)]
pub async fn summary(env: Option<EnvironmentId>) -> Result<Summary, Failure> {
    let cx = crate::request_context()?;
    cx.told(cx.cases.overview.summary(&cx.caller_in(env)?).await)
}
