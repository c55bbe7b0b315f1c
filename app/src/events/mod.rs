//! Events: find one, read it, follow new ones. The address holds all of the view ([`Place`]).

#[cfg(feature = "ssr")]
mod api;
#[cfg(feature = "ssr")]
mod asked;
mod completeness;
mod drop_menu;
mod empty;
mod facets;
mod filter_bar;
mod filter_fields;
mod form;
mod hex;
mod inspector;
#[cfg(feature = "ssr")]
pub(crate) mod keyed;
#[cfg(not(feature = "ssr"))]
mod keyed;
mod keys;
mod list;
mod listed;
mod live_tail;
mod page;
mod permalink;
mod place;
mod range;
mod range_menu;
#[cfg(feature = "ssr")]
mod resolve;
mod row;
#[cfg(test)]
pub(crate) mod sample;
mod state;
mod tail;
mod tail_bar;
pub mod visible;

#[cfg(feature = "ssr")]
pub use api::{EventsDetail, EventsList, events_detail, events_list};
#[cfg(feature = "ssr")]
pub(crate) use asked::question;
#[cfg(feature = "ssr")]
pub(crate) use completeness::{Completeness, completeness};
pub use listed::Listed;
pub use page::Events;
pub use permalink::EventPage;
pub use place::{Part, Place, Tab, encode, numbered};
#[cfg(feature = "ssr")]
pub(crate) use place::{cursor_text, decode};
#[cfg(feature = "ssr")]
pub(crate) use range::{End, absolute_text, field_value, words as range_words};
#[cfg(feature = "ssr")]
pub(crate) use row::marks;
#[cfg(feature = "ssr")]
pub(crate) use visible::{carried, line};
