//! Help inside the console, and the page for addresses that lead nowhere. Both are drawn by the server alone.

#[cfg(feature = "ssr")]
mod alerts;
#[cfg(feature = "ssr")]
mod audit;
#[cfg(feature = "ssr")]
mod connect;
#[cfg(feature = "ssr")]
mod erasure;
#[cfg(feature = "ssr")]
mod export;
#[cfg(feature = "ssr")]
mod expressions;
#[cfg(feature = "ssr")]
mod guarantee;
mod how;
#[cfg(feature = "ssr")]
mod lag;
#[cfg(feature = "ssr")]
mod not_found;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod query;
#[cfg(feature = "ssr")]
mod roles;
#[cfg(feature = "ssr")]
mod search;

#[cfg(feature = "ssr")]
pub(crate) use expressions::expressions;
pub(crate) use how::HowToConnect;
#[cfg(feature = "ssr")]
pub(crate) use not_found::not_found;
#[cfg(feature = "ssr")]
pub(crate) use page::help;
