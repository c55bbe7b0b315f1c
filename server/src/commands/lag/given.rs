//! Files of observations.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;
use weir_domain::lag::rules::{Commit, Context, Observations};

/// What a file tells of one partition. The fields of [`Observations`] stand here once more, so that a mistake in one of them
/// is told with its place, which a flattened struct loses.
#[derive(Debug, Deserialize)]
struct Partition {
    #[serde(default)]
    partition: Option<Name>,
    now: i64,
    #[serde(default)]
    allowed_lag: u64,
    #[serde(default)]
    current_lag: Option<u64>,
    #[serde(default)]
    end_offsets: Vec<i64>,
    commits: Vec<Commit>,
    #[serde(default)]
    context: Option<Context>,
}

/// A number or a text.
#[derive(Debug)]
struct Name(Value);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Value::deserialize(from)? {
            name @ (Value::Number(_) | Value::String(_)) => Ok(Self(name)),
            _ => Err(de::Error::custom("a partition has a number or a name")),
        }
    }
}

#[derive(Deserialize)]
struct Whole {
    partitions: Vec<Partition>,
}

/// Which of the forms is it? Nothing is kept.
#[derive(Deserialize)]
struct Form {
    #[serde(default)]
    partitions: Option<de::IgnoredAny>,
}

/// One partition of a file.
#[derive(Debug)]
pub struct Given {
    /// A number or a text; null where the file has none.
    pub name: Value,
    pub seen: Observations,
    pub context: Context,
}

impl From<Partition> for Given {
    fn from(p: Partition) -> Self {
        let Partition { partition, now, allowed_lag, current_lag, end_offsets, commits, context } = p;
        let seen = Observations { now, allowed_lag, current_lag, end_offsets, commits };
        Self { name: partition.map_or(Value::Null, |n| n.0), seen, context: context.unwrap_or_default() }
    }
}

/// One object, an array of them, or `{"partitions": […]}`.
pub fn read(text: &str) -> Result<Vec<Given>, serde_json::Error> {
    let partitions = match text.trim_start().starts_with('[') {
        true => serde_json::from_str(text)?,
        false if serde_json::from_str::<Form>(text)?.partitions.is_some() => {
            serde_json::from_str::<Whole>(text)?.partitions
        }
        false => vec![serde_json::from_str::<Partition>(text)?],
    };
    Ok(partitions.into_iter().map(Given::from).collect())
}

const OF_PARTITION: [&str; 7] = ["partition", "now", "allowed_lag", "current_lag", "end_offsets", "commits", "context"];
const OF_COMMIT: [&str; 3] = ["offset", "at", "lag"];
const OF_CONTEXT: [&str; 6] = ["group_active", "group_empty", "held_by", "usual_interval_ms", "time_lag_ms", "arrived"];

/// Names that mean nothing here and were passed over: one may be a slip of the pen. Of text that was [`read`].
pub fn passed_over(text: &str) -> BTreeSet<String> {
    let mut others = BTreeSet::new();
    let whole: Value = serde_json::from_str(text).unwrap_or_default();
    let partitions = match &whole {
        Value::Array(all) => &all[..],
        Value::Object(of) => match of.get("partitions") {
            Some(Value::Array(all)) => {
                note(&mut others, &whole, &["partitions"]);
                &all[..]
            }
            _ => std::slice::from_ref(&whole),
        },
        _ => &[],
    };
    for partition in partitions {
        note(&mut others, partition, &OF_PARTITION);
        note(&mut others, &partition["context"], &OF_CONTEXT);
        for commit in partition["commits"].as_array().into_iter().flatten() {
            note(&mut others, commit, &OF_COMMIT);
        }
    }
    others
}

fn note(others: &mut BTreeSet<String>, object: &Value, known: &[&str]) {
    let names = object.as_object().into_iter().flat_map(|of| of.keys());
    others.extend(names.filter(|name| !known.contains(&name.as_str())).cloned());
}

/// Are times in order? Whoever has the newest first sees everything rewind.
pub fn in_order(seen: &Observations) -> bool {
    seen.commits.is_sorted_by_key(|c| c.at) && seen.commits.last().is_none_or(|c| c.at <= seen.now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"now": 9, "commits": [{"offset": 1, "at": 2, "lag": 3}]}"#;

    #[test]
    fn a_file_has_one_several_or_named_partitions() {
        let names = |text: &str| read(text).unwrap().into_iter().map(|g| g.name).collect::<Vec<_>>();
        assert_eq!(names(ONE), [Value::Null]);
        assert_eq!(names(&format!(" [{ONE}, {ONE}]")), [Value::Null, Value::Null]);
        let named = ONE.replacen('{', r#"{"partition": 7, "context": {"held_by": "app-1"}, "#, 1);
        let text = format!(r#"{{"partitions": [{named}, {}]}}"#, named.replace('7', "\"orders/0\""));
        assert_eq!(names(&text), [Value::from(7), Value::from("orders/0")]);
        assert_eq!(read(&text).unwrap()[0].context.held_by.as_deref(), Some("app-1"));
        assert_eq!(read(&text).unwrap()[0].seen, serde_json::from_str(ONE).unwrap());
        assert!(names("[]").is_empty() && names(r#"{"partitions": []}"#).is_empty());
    }

    #[test]
    fn a_mistake_has_its_place() {
        for (text, place, why) in [
            ("", (1, 0), "EOF"),
            ("{\"now\": 9,\n \"commits\": [{\"offset\": 1.5, \"at\": 2}]}", (2, 27), "floating point"),
            ("[\n{\"commits\": []}]", (2, 15), "missing field `now`"),
            ("{\"partitions\": 3}", (1, 16), "expected a sequence"),
            ("{\"now\": 9, \"commits\": [], \"partition\": []}", (1, 42), "a number or a name"),
            ("7", (1, 1), "invalid type"),
            ("{\"now\": 9, \"commits\": []} more", (1, 27), "trailing"),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!((error.line(), error.column()), place, "{text}: {error}");
            assert!(error.to_string().contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn names_that_mean_nothing_are_told() {
        let text = r#"{"cluster": "c", "partitions": [{"now": 9, "curent_lag": 1, "context": {"helt_by": "x"},
            "commits": [{"offset": 1, "at": 2, "order": 3}]}]}"#;
        assert_eq!(passed_over(text).into_iter().collect::<Vec<_>>(), ["cluster", "curent_lag", "helt_by", "order"]);
        assert!(passed_over(ONE).is_empty());
    }

    #[test]
    fn order_is_of_time() {
        let of = |times: &[i64]| Observations {
            now: 9,
            commits: times.iter().map(|at| Commit { offset: 0, at: *at, lag: None }).collect(),
            ..Observations::default()
        };
        assert_eq!(
            [in_order(&of(&[])), in_order(&of(&[1, 1, 9])), in_order(&of(&[2, 1])), in_order(&of(&[10]))],
            [true, true, false, false]
        );
    }
}
