//! Short links to searches, where values of an event lead, and what became of an event that is gone.

mod frozen;
mod gone;
mod of_event;
mod search;
mod templates;

pub use frozen::frozen;
pub(crate) use gone::gone;
pub(crate) use of_event::of_event;
pub(crate) use search::{button, followed, link, links};
pub use templates::TemplatePreview;
pub(crate) use templates::templates;
