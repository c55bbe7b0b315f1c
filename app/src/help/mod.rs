//! Help inside the console, and the page for addresses that lead nowhere.

mod connect;
mod guarantee;
mod not_found;
mod page;

pub(crate) use connect::HowToConnect;
pub use not_found::NotFound;
pub use page::Help;
