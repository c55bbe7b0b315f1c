//! Erasures: the list, the form that asks for one, and the page of one.

mod detail;
mod list;
mod new;
mod words;

pub(crate) use detail::detail;
pub(crate) use list::list;
pub(crate) use new::new;
