//! Events: find one, read it, follow new ones. The address holds all of the view ([`Place`]).

mod api;
#[cfg(feature = "ssr")]
mod asked;
mod hex;
mod listed;
mod place;
mod range;
#[cfg(test)]
mod sample;
mod tail;
pub mod visible;

pub use api::{EventsDetail, EventsList, events_detail, events_list};
pub use listed::Listed;
pub use place::{Part, Place, Tab, encode};

use leptos::prelude::*;
#[component]
pub fn Events() -> impl IntoView {
    view! { <h1>"Events"</h1> }
}
#[component]
pub fn EventPage() -> impl IntoView {
    view! { <h1>"Event"</h1> }
}
