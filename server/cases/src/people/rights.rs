use weir_domain::{
    CaseError,
    access::{
        Grant, Role,
        people::{LONGEST_PATTERN, MOST_GRANTS, Rights, RightsError},
    },
};

/// Roles and grants as they were typed, checked.
pub(super) fn checked(roles: &[String], grants: Vec<Grant>) -> Result<Rights, CaseError> {
    Rights::new(roles.iter().map(String::as_str), grants).map_err(|wrong| {
        let what_to_do = match &wrong {
            RightsError::UnknownRole(_) => {
                format!("Choose among {}.", Role::ALL.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(", "))
            }
            RightsError::TooMany => format!("Use patterns: {MOST_GRANTS} grants are enough for one person."),
            RightsError::NoPattern { .. } => {
                "Name a channel, write a pattern such as order.*, or write * for every one of them.".into()
            }
            RightsError::LongPattern { .. } => {
                format!("Use at most {LONGEST_PATTERN} bytes; * stands for any run of characters.")
            }
            RightsError::ControlInPattern { .. } => "Write it on one line, without control characters.".into(),
        };
        let what = wrong.to_string();
        let (first, rest) = what.split_at(what.chars().next().map_or(0, char::len_utf8));
        CaseError::Invalid { what: format!("{}{rest}.", first.to_uppercase()), what_to_do }
    })
}
