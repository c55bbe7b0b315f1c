//! Roles and grants as a form holds them.

use weir_domain::{
    CaseError, EnvironmentId, SourceId,
    access::{Grant, people::MOST_GRANTS},
};

use super::act::Fields;

pub(super) fn roles(fields: &Fields) -> Vec<String> {
    fields.all("role").map(str::to_owned).collect()
}

/// The rows of the form, as texts: environment, source, pattern.
fn lines(fields: &Fields) -> Vec<[String; 3]> {
    let (environments, sources) = (fields.all("environment"), fields.all("source"));
    let lines = environments.zip(sources).zip(fields.all("pattern"));
    // One more than there may be, so that too many are refused and not cut.
    let lines = lines.take(MOST_GRANTS + 1);
    lines.map(|((environment, source), pattern)| [environment, source, pattern].map(str::to_owned)).collect()
}

/// A row in which nothing was chosen or typed is none.
pub(super) fn grants(fields: &Fields) -> Result<Vec<Grant>, CaseError> {
    let filled = lines(fields).into_iter().filter(|line| line.iter().any(|text| !text.trim().is_empty()));
    filled
        .map(|[environment, source, channel_pattern]| {
            let environment = id::<EnvironmentId>(&environment)?;
            Ok(Grant { environment, source: id::<SourceId>(&source)?, channel_pattern })
        })
        .collect()
}

fn id<T: std::str::FromStr>(text: &str) -> Result<Option<T>, CaseError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| CaseError::Invalid {
        what: "A grant names an environment or source by something that is no number.".into(),
        what_to_do: "Choose from the list.".into(),
    })
}

/// The form with a row added or removed, if that is what was pressed.
pub(super) fn rows(fields: &Fields) -> Option<Vec<(String, String)>> {
    let pressed = fields.text("row");
    if pressed.is_empty() {
        return None;
    }
    let mut lines = lines(fields);
    let remove = pressed.strip_prefix("remove-").and_then(|n| n.parse::<usize>().ok()).filter(|n| *n < lines.len());
    match remove {
        Some(n) => drop(lines.remove(n)),
        None if pressed == "add" && lines.len() < MOST_GRANTS => lines.push(Default::default()),
        None => {}
    }
    let rest = fields.clone().into_pairs().into_iter();
    let mut edited: Vec<_> =
        rest.filter(|(name, _)| !["row", "environment", "source", "pattern"].contains(&name.as_str())).collect();
    for [environment, source, pattern] in lines {
        edited.extend(
            [("environment", environment), ("source", source), ("pattern", pattern)].map(|(n, v)| (n.to_owned(), v)),
        );
    }
    Some(edited)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Fields {
        Fields::from_pairs(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn rows_come_and_go_and_the_rest_stays() {
        let rows_of = |fields: &Fields| {
            let edited = rows(fields).unwrap();
            assert!(edited.iter().all(|(n, _)| n != "row"));
            assert!(edited.contains(&("name".into(), "Ann".into())));
            lines(&Fields::from_pairs(edited)).into_iter().map(|[.., pattern]| pattern).collect::<Vec<_>>()
        };
        let pressed = |button: &str| {
            form(&[
                ("name", "Ann"),
                ("environment", "1"),
                ("source", ""),
                ("pattern", "a"),
                ("environment", ""),
                ("source", "2"),
                ("pattern", "b"),
                ("row", button),
            ])
        };
        assert_eq!(rows_of(&pressed("add")), ["a", "b", ""]);
        assert_eq!(rows_of(&pressed("remove-0")), ["b"]);
        for nonsense in ["remove-2", "remove-x", "x"] {
            assert_eq!(rows_of(&pressed(nonsense)), ["a", "b"]);
        }
        assert_eq!(rows(&form(&[("name", "Ann")])), None);
        let [first, second] = grants(&pressed("add")).unwrap().try_into().unwrap();
        assert_eq!((first.environment, first.source, &*first.channel_pattern), (Some(EnvironmentId(1)), None, "a"));
        assert_eq!((second.environment, second.source), (None, Some(SourceId(2))));
    }

    #[test]
    fn an_empty_row_is_none_and_nonsense_is_refused() {
        let row = |e: &str, s: &str, p: &str| grants(&form(&[("environment", e), ("source", s), ("pattern", p)]));
        assert!(row("", "", " ").unwrap().is_empty());
        assert_eq!(row("1", "", "").unwrap().len(), 1, "chosen, and then without a pattern: the use case says so");
        assert!(row("x", "", "*").is_err() && row("", "1.5", "*").is_err());
    }
}
