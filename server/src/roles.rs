//! What one process does of the work (decision 16). Any number of processes may do the same: taps share the sources,
//! engines take turns, and web processes hold nothing of their own.

use clap::ValueEnum;

/// A part of the work, as `--roles` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// The console.
    Web,
    /// Reading from the sources.
    Tap,
    /// Upkeep of the store and everything else in the background.
    Engine,
}

/// The roles of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles {
    pub web: bool,
    pub tap: bool,
    pub engine: bool,
}

impl Roles {
    pub const ALL: Self = Self { web: true, tap: true, engine: true };
    pub const TAP: Self = Self { web: false, tap: true, engine: false };

    /// None named: all of them.
    pub fn of(named: &[Role]) -> Self {
        if named.is_empty() {
            return Self::ALL;
        }
        let has = |role| named.contains(&role);
        Self { web: has(Role::Web), tap: has(Role::Tap), engine: has(Role::Engine) }
    }
}

impl std::fmt::Display for Roles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let named = [(self.web, "web"), (self.tap, "tap"), (self.engine, "engine")];
        f.write_str(&named.iter().filter(|(has, _)| *has).map(|(_, name)| *name).collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_named_is_all() {
        assert_eq!(Roles::of(&[]), Roles::ALL);
        assert_eq!(Roles::of(&[Role::Tap]), Roles::TAP);
        assert_eq!(Roles::of(&[Role::Engine, Role::Web]).to_string(), "web,engine");
    }
}
