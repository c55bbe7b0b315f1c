use super::Permission::{self, *};

/// What a use case asks of its caller before anything is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Named exceptions: log-in, first set-up, health, static files.
    Public,
    SignedIn,
    Needs(Permission),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Query,
    Command,
    Stream,
}

/// One entry per use case. Routes, server functions and streams are mounted by `name`; the access
/// test walks what is mounted and fails on a name that is not here (decision 12).
#[derive(Debug, Clone, Copy)]
pub struct UseCase {
    pub name: &'static str,
    pub access: Access,
    pub kind: Kind,
}

const fn case(name: &'static str, access: Access, kind: Kind) -> UseCase {
    UseCase { name, access, kind }
}

pub const USE_CASES: &[UseCase] = &[
    case("access/log_in", Access::Public, Kind::Command),
    case("access/log_out", Access::SignedIn, Kind::Command),
    case("access/set_up", Access::Public, Kind::Command),
    case("access/me", Access::SignedIn, Kind::Query),
    case("catalog/environments", Access::SignedIn, Kind::Query),
    case("catalog/complete", Access::Needs(CatalogSee), Kind::Query),
    case("overview/summary", Access::Needs(SourcesSee), Kind::Query),
    case("overview/live", Access::Needs(SourcesSee), Kind::Stream),
    case("events/list", Access::Needs(EventsExist), Kind::Query),
    case("events/detail", Access::Needs(EventsExist), Kind::Query),
    case("events/payload", Access::Needs(EventsPayload), Kind::Query),
    case("events/tail", Access::Needs(EventsExist), Kind::Stream),
    case("sources/list", Access::Needs(SourcesSee), Kind::Query),
    case("sources/detail", Access::Needs(SourcesSee), Kind::Query),
    case("sources/pause", Access::Needs(SourcesPause), Kind::Command),
    case("sources/resume", Access::Needs(SourcesPause), Kind::Command),
];

/// Looks a use case up by name.
pub fn use_case(name: &str) -> Option<&'static UseCase> {
    USE_CASES.iter().find(|u| u.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_formed_slice_act() {
        for (i, u) in USE_CASES.iter().enumerate() {
            assert!(u.name.split('/').count() == 2, "{}", u.name);
            assert!(USE_CASES[..i].iter().all(|o| o.name != u.name), "{} twice", u.name);
        }
    }
}
