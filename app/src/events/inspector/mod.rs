//! The inspector: one event, read as far as it can be read. In the drawer beside the list, and on
//! the event's own page.

mod details;
mod drawer;
mod foot;
mod head;
mod headers;
mod kept_away;
mod panel;
mod payload;
mod raw;
mod spot;
mod tree;

pub(super) use drawer::drawer;
pub(super) use kept_away::not_there;
pub(super) use panel::inspector;
pub(super) use spot::Spot;
