//! What is captured of channels, and what they cost: pages that the server draws.

mod budget;
mod detail;
mod form;
mod list;
mod missing;
mod words;

pub use budget::BudgetAsked;
pub(crate) use detail::detail;
pub use form::Asked;
pub(crate) use list::{list, of_source};
pub(crate) use missing::missing;
