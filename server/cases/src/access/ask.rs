use super::{AccessCases, names};
use crate::people::words;
use weir_domain::{
    CaseError, RequestId,
    access::{Caller, Permission, Role, people::NewRequest},
    audit::{About, Facts, Field, Object},
};

pub const NAME: &str = "access/ask";

/// Characters of a reason.
pub const LONGEST_REASON: usize = 500;
const LONGEST_PATH: usize = 200;

impl AccessCases {
    /// Asks the administrators for a role; they see it on their page. `permission` is what could not be done without it,
    /// `path` where that was; either may be empty.
    pub async fn ask(
        &self,
        caller: &Caller,
        role: &str,
        permission: &str,
        path: &str,
        reason: &str,
    ) -> Result<RequestId, CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let invalid = |what: &str, to_do: &str| CaseError::Invalid { what: what.into(), what_to_do: to_do.into() };
        let role = Role::parse(role).ok_or_else(|| invalid("There is no such role.", "Choose one of the list."))?;
        if caller.roles.contains(&role) {
            return Err(invalid(
                "You have this role already.",
                "Open the page again; what was kept away is there now.",
            ));
        }
        let reason = names::text_or_say("reason", reason, LONGEST_REASON)?;
        if reason.is_empty() {
            return Err(invalid("The reason is missing.", "Say in a sentence what you need the role for."));
        }
        let permission = Permission::parse(permission).filter(|p| role.allows(*p));
        let new =
            NewRequest { person: caller.person.clone(), role, permission, path: own_path(path).to_owned(), reason };
        // The reason is read by administrators and stands nowhere else: people write what they like into it.
        let asked = Facts::new().with(Field::Asked, role.as_str());
        let about = About::object(Object::person(&caller.person, &caller.login)).change(Facts::new(), asked);
        let act = sight.trail.act(about).await?;
        act.told(self.0.requests.ask(&sight.view, &new, self.0.clock.now()).await, words).await
    }
}

/// Without its query, which may hold the key of an event; empty if it is no path of ours.
fn own_path(path: &str) -> &str {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let own = path.starts_with('/') && !path.starts_with("//") && path.len() <= LONGEST_PATH;
    if own && path.bytes().all(|b| b.is_ascii_graphic()) { path } else { "" }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn a_path_is_kept_without_what_was_searched() {
        assert_eq!(own_path("/events?key=ord-4711"), "/events");
        assert_eq!(own_path("/events/12-4711#x"), "/events/12-4711");
        for bad in
            ["", "events", "//evil.example/x", "https://evil.example", "/a b", "/a\n", &format!("/{}", "a".repeat(200))]
        {
            assert_eq!(own_path(bad), "", "{bad:?}");
        }
    }
}
