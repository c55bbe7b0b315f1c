use std::{any::Any, sync::Arc};
use weir_domain::AppError;

/// What a form left that was sent to the page now drawn as the answer: what was typed, without secrets, and what is
/// wrong; or, carried out, what it shows this once.
#[derive(Clone, Default)]
pub struct Echo {
    pub fields: Vec<(String, String)>,
    pub failure: Option<AppError>,
    /// A secret that was just made and that this answer alone shows.
    pub once: Option<String>,
    /// What was found out, as the page that holds the form knows it.
    pub told: Option<Arc<dyn Any + Send + Sync>>,
}

impl std::fmt::Debug for Echo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Echo").field("failure", &self.failure).finish_non_exhaustive()
    }
}

impl Echo {
    /// Of the present request; empty if no form was sent.
    pub fn here() -> Self {
        leptos::prelude::use_context().unwrap_or_default()
    }

    /// What was typed into a field, if the form was sent with it.
    pub fn typed(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// What was found out, if it is of this type.
    pub fn told<T: Any>(&self) -> Option<&T> {
        self.told.as_ref()?.downcast_ref()
    }

    /// Every value of a field that may stand several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}
