use crate::{
    Failure,
    access::sign_in_again,
    ui::once::effect,
    wire::{self, Loaded, Question},
};
use leptos::prelude::*;
use weir_domain::{ErrorKind, access::Permission, catalog};

/// Who is signed in, and what they may.
#[derive(Clone, Copy)]
pub struct Me(Loaded);

impl Me {
    pub(super) fn provide() -> Self {
        let me = Self(wire::load(|| Question::Me));
        provide_context(me);
        effect(move || {
            if let Some(Err(Failure(e))) = me.0.get::<catalog::Me>()
                && e.kind == ErrorKind::SignedOut
            {
                sign_in_again();
            }
        });
        me
    }

    /// Draws a part of the page that needs to know; nothing where it can't be known.
    pub(crate) fn show(self, ready: impl Fn(catalog::Me) -> AnyView + Send + Sync + 'static) -> AnyView {
        wire::show_or(self.0, || ().into_any(), ready, |_, _| ().into_any())
    }

    /// `false` while that is not known. For effects.
    pub fn may(self, permission: Permission) -> bool {
        let wanted = permission.as_str();
        matches!(self.0.get::<catalog::Me>(), Some(Ok(me)) if me.permissions.iter().any(|p| p == wanted))
    }
}

/// Who is signed in.
pub fn use_me() -> Me {
    use_context::<Me>().unwrap_or_else(Me::provide)
}
