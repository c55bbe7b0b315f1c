//! Short links to searches, and links from values of events to other systems.

mod port;
mod search;
mod template;

pub use port::{LinkKept, Links, NewLink, TemplateKept};
pub use search::{LINK_DAYS, MOST_LINKS, SearchLink, link_id};
pub use template::{EventLink, LONGEST_LINKED, LinkTemplate, MOST_TEMPLATES, Target, TemplateError, linked_column};
