//! What a search finds as a table: columns that one chooses, sorted by one of them. Drawn step by step: the page's script
//! (`js/found.js`) puts one after the other into the Events page, and a page of its own works without it.

mod cells;
mod chooser;
mod head;
mod offsets;
mod page;
mod shown;
mod sorted;

pub(crate) use chooser::chooser;
pub(crate) use offsets::offsets;
pub(crate) use page::table;
pub use shown::TableShown;
