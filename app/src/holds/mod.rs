//! Legal holds: the list, and the form that places one.

mod new;
mod page;

pub(crate) use new::new;
pub(crate) use page::page;
