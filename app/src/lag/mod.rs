//! Consumer groups: who is behind, is it getting better, and when is it too late? Drawn by the server; `js/lag.js` keeps
//! what is open up to date.

#[cfg(feature = "ssr")]
mod chart;
#[cfg(feature = "ssr")]
mod group;
#[cfg(feature = "ssr")]
mod heat;
#[cfg(feature = "ssr")]
mod list;
#[cfg(feature = "ssr")]
mod words;

#[cfg(feature = "ssr")]
pub(crate) use group::group;
#[cfg(feature = "ssr")]
pub(crate) use list::list;
