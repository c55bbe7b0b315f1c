//! Pages that the server draws alone. Lists to look things up in, forms and texts need no code in the browser: the
//! bundle holds one view for all of them, which shows what the server drew. They are written as views like any other,
//! under `ssr` only, and each draws what its use cases answer.
//!
//! Their forms are plain: `POST` to the page's own address, answered with a redirect, or with the same page that holds
//! what was typed and says what is wrong ([`Echo`]).

#[cfg(feature = "ssr")]
mod address;
#[cfg(feature = "ssr")]
mod draw;
#[cfg(feature = "ssr")]
mod echo;
mod page;
#[cfg(feature = "ssr")]
mod parts;

#[cfg(feature = "ssr")]
pub use address::Address;
#[cfg(feature = "ssr")]
pub use draw::{DrawnAt, PATHS, SHORT_LINK, drawn, page};
#[cfg(feature = "ssr")]
pub use echo::Echo;
pub(crate) use page::Drawn;
#[cfg(feature = "ssr")]
pub use page::DrawnPage;
#[cfg(feature = "ssr")]
pub use parts::{copied, done, failure, head, not_known, one_of, time};
