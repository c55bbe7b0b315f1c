//! Consumer groups: who is behind, is it getting better, and when is it too late? Drawn by the server; `js/lag.js` keeps
//! what is open up to date.

pub(crate) mod chart;
mod group;
mod heat;
mod list;
mod reset;
pub(crate) mod words;

pub(crate) use group::{group, skew::hot_key};
pub(crate) use list::list;
pub use list::wanted as groups_wanted;
pub(crate) use reset::reset;
pub use reset::wanted as reset_wanted;
