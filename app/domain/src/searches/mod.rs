//! Searches that people keep under a name, for themselves or for everybody.

mod port;
mod saved;

pub use port::{NewSearch, SavedSearches, SearchChange, SearchChanged, SearchKept};
pub use saved::{EventsAddress, LONGEST_ADDRESS, LONGEST_NAME, MOST_OWN, MOST_SHARED, SavedSearch, search_name};
