//! Help inside the console, and the page for addresses that lead nowhere.

mod guarantee;
mod not_found;
mod page;

pub use not_found::NotFound;
pub use page::Help;
