//! What is read of brokers beside capture: an event whose bytes are not stored, a search in a channel, how far what is
//! stored was compared, what lies before capture, and content that was not kept. Pages, and parts of live ones.

mod backfill;
mod content;
mod event;
mod search;
mod verified;

pub(crate) use backfill::backfill;
pub(crate) use content::content;
pub(crate) use event::event;
pub(crate) use search::search;
pub(crate) use verified::verified;
