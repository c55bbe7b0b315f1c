//! Consumer groups: who is behind, is it getting better, and when is it too late? Drawn by the server; `js/lag.js` keeps
//! what is open up to date.

mod chart;
mod group;
mod heat;
mod list;
mod reset;
mod words;

pub(crate) use group::group;
pub(crate) use list::list;
pub(crate) use reset::reset;
pub use reset::wanted as reset_wanted;
