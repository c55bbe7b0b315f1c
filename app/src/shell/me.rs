use crate::{Failure, access::sign_in_path};
use leptos::prelude::*;
use weir_domain::{ErrorKind, access::Permission, catalog};

/// Who is signed in. A resource, so reading it belongs inside a `Suspense` or an effect.
#[derive(Clone, Copy)]
pub struct Me(Resource<Result<catalog::Me, Failure>>);

impl Me {
    pub(super) fn provide() -> Self {
        let me = Self(Resource::new(|| (), |()| crate::access::api::me()));
        provide_context(me);
        Effect::new(move |_| {
            if let Some(Err(Failure(e))) = me.0.get()
                && e.kind == ErrorKind::SignedOut
            {
                let here = format!("{}{}", location_pathname().unwrap_or_default(), location_query());
                // Leaving can only fail where there is no page to leave.
                let _ = location().set_href(&sign_in_path(Some(&here)));
            }
        });
        me
    }

    pub fn resource(self) -> Resource<Result<catalog::Me, Failure>> {
        self.0
    }

    /// `false` while that is not known.
    pub fn may(self, permission: Permission) -> bool {
        let wanted = permission.as_str();
        self.0.with(|me| matches!(me, Some(Ok(me)) if me.permissions.iter().any(|p| p == wanted)))
    }
}

fn location_query() -> String {
    location().search().unwrap_or_default()
}

/// Who is signed in.
pub fn use_me() -> Me {
    use_context::<Me>().unwrap_or_else(Me::provide)
}
