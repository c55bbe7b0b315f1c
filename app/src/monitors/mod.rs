//! Alerts and what is done about them, on a phone first; rules, outlets and maintenance windows.

mod detail;
mod list;
mod maintenance;
mod outlet_form;
mod outlets;
mod rules;
mod words;

pub(crate) use detail::detail;
pub(crate) use list::list;
pub(crate) use maintenance::maintenance;
pub(crate) use outlet_form::{edit, new};
pub(crate) use outlets::outlets;
pub(crate) use rules::rules;
