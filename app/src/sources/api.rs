use crate::Failure;
use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, PostUrl},
};
use weir_domain::{
    EnvironmentId, SourceId,
    sources::{SourceDetail, SourceList},
};

/// The sources of one environment, or all.
#[server(name = SourcesList, prefix = "/api", endpoint = "sources/list", input = GetUrl)]
pub async fn list(env: Option<EnvironmentId>) -> Result<SourceList, Failure> {
    let cx = crate::request_context()?;
    cx.told(cx.cases.sources.list(&cx.caller_in(env)?).await)
}

/// One source with its channels, partitions and gaps; `None` if there is none, or none that may be seen.
#[server(name = SourcesDetail, prefix = "/api", endpoint = "sources/detail", input = GetUrl)]
pub async fn detail(source: SourceId) -> Result<Option<SourceDetail>, Failure> {
    let cx = crate::request_context()?;
    cx.told(cx.cases.sources.detail(&cx.caller_in(None)?, source).await)
}

/// Stops reading within a second; positions stay. `false`: no such source.
#[server(name = SourcesPause, prefix = "/api", endpoint = "sources/pause", input = PostUrl)]
pub async fn pause(source: SourceId) -> Result<bool, Failure> {
    let cx = crate::request_context()?;
    cx.told(cx.cases.sources.pause(&cx.caller_in(None)?, source).await)
}

/// Goes on reading where it stopped. `false`: no such source.
#[server(name = SourcesResume, prefix = "/api", endpoint = "sources/resume", input = PostUrl)]
pub async fn resume(source: SourceId) -> Result<bool, Failure> {
    let cx = crate::request_context()?;
    cx.told(cx.cases.sources.resume(&cx.caller_in(None)?, source).await)
}
