use crate::access::Role;

/// What a token may: the roles it was given, as far as its person has them still.
pub fn in_both(token: &[Role], person: &[Role]) -> Vec<Role> {
    token.iter().copied().filter(|r| person.contains(r)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_above_its_person() {
        for (token, person, want) in [
            (
                &[Role::Viewer, Role::Support][..],
                &[Role::Viewer, Role::Support, Role::Admin][..],
                &[Role::Viewer, Role::Support][..],
            ),
            (&[Role::Viewer, Role::Support], &[Role::Viewer], &[Role::Viewer]),
            (&[Role::Support], &[Role::Viewer], &[]),
            (&[], Role::ALL, &[]),
            (Role::ALL, &[], &[]),
        ] {
            assert_eq!(in_both(token, person), want, "{token:?} of {person:?}");
        }
    }
}
