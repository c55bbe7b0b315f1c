//! The pages on which people make sources and change them, drawn by the server alone. Their forms work without a script:
//! what belongs to a choice is shown by the choice itself (style/sources.css).

mod capture;
mod connection;
mod edit;
mod environment;
mod fields;
mod found;
mod new;
mod policy;
mod preview;
mod remove;
mod values;

pub(crate) use edit::edit;
pub(crate) use new::new;
pub(crate) use policy::policy;
pub(crate) use remove::remove;
pub use values::Told;
