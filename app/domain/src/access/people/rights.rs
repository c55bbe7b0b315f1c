use crate::access::{Grant, Role};

/// Grants of one person, at most.
pub const MOST_GRANTS: usize = 100;
/// Bytes of a channel pattern, at most. The longest names that brokers allow are about as long (AMQP: 255 bytes).
pub const LONGEST_PATTERN: usize = 255;

/// What a person is given: roles, and where they hold. Only [`Rights::new`] makes one, so it is checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rights {
    roles: Vec<Role>,
    grants: Vec<Grant>,
}

/// What is wrong with roles or grants that somebody typed. `row` counts from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RightsError {
    #[error("there is no role {0:?}")]
    UnknownRole(String),
    #[error("more than {MOST_GRANTS} grants")]
    TooMany,
    #[error("grant {row} names no channel")]
    NoPattern { row: usize },
    #[error("the pattern of grant {row} is longer than {LONGEST_PATTERN} bytes")]
    LongPattern { row: usize },
    #[error("the pattern of grant {row} holds a line end or another control character")]
    ControlInPattern { row: usize },
}

impl Rights {
    /// Roles by name, in any order and number. Grants that stand twice are one; patterns are trimmed.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn new<'a>(
        roles: impl IntoIterator<Item = &'a str>,
        grants: impl IntoIterator<Item = Grant>,
    ) -> Result<Self, RightsError> {
        let mut known = Vec::new();
        for name in roles {
            known.push(Role::parse(name).ok_or_else(|| RightsError::UnknownRole(name.chars().take(40).collect()))?);
        }
        known.sort_unstable();
        known.dedup();
        let mut checked: Vec<Grant> = Vec::new();
        for (row, grant) in (1..).zip(grants) {
            let pattern = grant.channel_pattern.trim();
            if pattern.is_empty() {
                return Err(RightsError::NoPattern { row });
            }
            if pattern.len() > LONGEST_PATTERN {
                return Err(RightsError::LongPattern { row });
            }
            if pattern.contains(char::is_control) {
                return Err(RightsError::ControlInPattern { row });
            }
            let grant = Grant { channel_pattern: pattern.to_owned(), ..grant };
            if checked.contains(&grant) {
                continue;
            }
            if checked.len() == MOST_GRANTS {
                return Err(RightsError::TooMany);
            }
            checked.push(grant);
        }
        Ok(Self { roles: known, grants: checked })
    }

    pub fn roles(&self) -> &[Role] {
        &self.roles
    }
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// Does this hold a role or a grant that is not among those? Then it is more, or may be.
    pub fn adds_to(&self, roles: &[Role], grants: &[Grant]) -> bool {
        self.roles.iter().any(|r| !roles.contains(r)) || self.grants.iter().any(|g| !grants.contains(g))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EnvironmentId, SourceId};

    fn on(pattern: &str) -> Grant {
        Grant { channel_pattern: pattern.into(), ..Grant::everything() }
    }

    #[test]
    fn what_stands_twice_is_one_and_patterns_are_trimmed() {
        let rights = Rights::new(["support", "viewer", "support"], [on(" order.* "), on("order.*"), on("*")]).unwrap();
        assert_eq!(rights.roles(), [Role::Viewer, Role::Support]);
        assert_eq!(rights.grants(), [on("order.*"), on("*")]);
        assert_eq!(Rights::new([], []), Ok(Rights::default()));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_row() {
        let long = "a".repeat(LONGEST_PATTERN + 1);
        for (grants, want) in [
            (vec![on("a"), on("  ")], RightsError::NoPattern { row: 2 }),
            (vec![on(&long)], RightsError::LongPattern { row: 1 }),
            (vec![on("a\nb")], RightsError::ControlInPattern { row: 1 }),
            (vec![on("a\0")], RightsError::ControlInPattern { row: 1 }),
            ((0..=MOST_GRANTS).map(|n| on(&n.to_string())).collect(), RightsError::TooMany),
        ] {
            assert_eq!(Rights::new([], grants), Err(want));
        }
        assert!(Rights::new([], [on(&long[1..])]).is_ok());
        assert!(Rights::new([], (0..MOST_GRANTS).map(|n| on(&n.to_string()))).is_ok());
        for unknown in ["", "root", "Admin", "admin "] {
            assert_eq!(Rights::new([unknown], []), Err(RightsError::UnknownRole(unknown.into())));
        }
    }

    #[test]
    fn more_is_told_from_less() {
        let (roles, grants) = ([Role::Admin, Role::Viewer], [Grant::everything()]);
        let of = |roles: &[&str], grants: &[Grant]| Rights::new(roles.iter().copied(), grants.to_vec()).unwrap();
        assert!(!of(&["admin"], &[]).adds_to(&roles, &grants));
        assert!(!of(&["viewer", "admin"], &grants).adds_to(&roles, &grants));
        assert!(of(&["support"], &[]).adds_to(&roles, &grants));
        // A narrower grant than one that stands is no more, but nobody has to prove that to change their own.
        assert!(of(&[], &[on("order.*")]).adds_to(&roles, &grants));
        let elsewhere = Grant { environment: Some(EnvironmentId(1)), source: Some(SourceId(2)), ..on("*") };
        assert!(of(&[], &[elsewhere]).adds_to(&roles, &grants));
    }
}
