//! What stands around every page: document, rail, top bar, toasts, keyboard.

#[cfg(feature = "ssr")]
mod document;
mod environments;
mod frame;
mod key_rows;
mod keyboard;
mod live_mark;
mod me;
mod preferences;
mod rail;
mod toasts;
mod topbar;
mod user_menu;

#[cfg(feature = "ssr")]
pub use document::document;
pub use frame::Shell;
#[cfg(feature = "ssr")]
pub(crate) use key_rows::{key_row, page_key_rows};
pub use keyboard::{KeyHint, Keys, PAGE_KEYS, use_keys};
pub use me::{Me, use_me};
#[cfg(feature = "ssr")]
pub(crate) use rail::Mark;
pub use toasts::{Toasts, use_toasts};
