//! Reading a query parameter by parameter. What is unknown, given twice, empty or no such value is a mistake that is
//! named: a filter that is not understood must not silently mean "everything".

use std::{collections::BTreeMap, ops::RangeInclusive};

use http::Uri;
use weir_domain::{Position, Timestamp};

use super::{kinds::INVALID, problem::Problem};
use crate::config::nearest;

/// Bytes of one value, at most; the address as a whole is bounded by the connection.
const LONGEST: usize = 16 * 1024;
/// Names in one message, at most, and how much of each.
const TOLD: usize = 5;
const LONGEST_NAME: usize = 40;

/// What one request asks, read once.
pub struct Asked {
    values: BTreeMap<String, String>,
    known: Vec<&'static str>,
}

impl Asked {
    /// # Errors
    /// When a parameter is given twice.
    pub fn of(uri: &Uri) -> Result<Self, Problem> {
        let mut values = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            if value.len() > LONGEST {
                return Err(wrong(&name, &format!("is longer than {LONGEST} bytes"), "Shorten it."));
            }
            if values.insert(name.to_string(), value.into_owned()).is_some() {
                return Err(wrong(&name, "is given twice", "Give it once."));
            }
        }
        Ok(Self { values, known: Vec::new() })
    }

    /// For routes that take no parameter.
    pub fn nothing(uri: &Uri) -> Result<(), Problem> {
        Self::of(uri)?.end()
    }

    fn take(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        self.values.remove(name)
    }

    /// As it is, empty too.
    pub fn exact(&mut self, name: &'static str) -> Option<String> {
        self.take(name)
    }

    pub fn text(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        match self.take(name) {
            Some(text) if text.is_empty() => Err(wrong(name, "is empty", "Give a value, or leave it out.")),
            text => Ok(text),
        }
    }

    /// Of at most so many characters.
    pub fn text_within(&mut self, name: &'static str, most: usize) -> Result<Option<String>, Problem> {
        match self.text(name)? {
            Some(text) if text.chars().count() > most => {
                Err(wrong(name, &format!("is longer than {most} characters"), "Shorten it."))
            }
            text => Ok(text),
        }
    }

    pub fn number(&mut self, name: &'static str, range: RangeInclusive<u32>) -> Result<Option<u32>, Problem> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match text.parse() {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(wrong(name, "is no such number", &format!("Give one of {} to {}.", range.start(), range.end()))),
        }
    }

    /// An offset at a broker.
    pub fn position(&mut self, name: &'static str) -> Result<Option<Position>, Problem> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match text.parse() {
            Ok(number) if number >= 0 => Ok(Some(Position(number))),
            _ => Err(wrong(name, "is no offset", "Give a whole number, of 0 or more.")),
        }
    }

    /// RFC 3339.
    pub fn time(&mut self, name: &'static str) -> Result<Option<Timestamp>, Problem> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        // A `+` that was not written as %2B came as a space; in a time only an offset can begin there.
        let parsed = chrono::DateTime::parse_from_rfc3339(&text).or_else(|e| {
            text.rsplit_once(' ')
                .map_or(Err(e), |(time, zone)| chrono::DateTime::parse_from_rfc3339(&format!("{time}+{zone}")))
        });
        match parsed {
            Ok(time) => Ok(Some(Timestamp(time.timestamp_micros()))),
            Err(_) => Err(wrong(name, "is no time", "Write it as in RFC 3339, for example 2026-11-22T08:00:00Z.")),
        }
    }

    /// Call last: whatever was not asked for is a mistake.
    pub fn end(self) -> Result<(), Problem> {
        if self.values.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = self.values.keys().take(TOLD).map(|n| shown(n)).collect();
        let more = self.values.len().saturating_sub(TOLD);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let what_to_do = match (self.known.as_slice(), self.near()) {
            ([], _) => "This address takes no parameters.".to_owned(),
            (_, Some(near)) => format!("Did you mean {near}? It takes {}.", self.known.join(", ")),
            (known, None) => format!("It takes {}.", known.join(", ")),
        };
        Err(Problem::new(INVALID, format!("Unknown parameters: {}{more}.", names.join(", ")), what_to_do))
    }

    /// The known name that the first unknown one is nearest to.
    fn near(&self) -> Option<&'static str> {
        nearest(self.values.keys().next()?, self.known.iter().copied())
    }
}

fn shown(name: &str) -> String {
    let cut: String = name.chars().take(LONGEST_NAME).collect();
    format!("{cut:?}")
}

fn wrong(name: &str, what: &str, what_to_do: &str) -> Problem {
    Problem::new(INVALID, format!("The parameter {} {what}.", shown(name)), what_to_do)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Asked {
        Asked::of(&format!("/x?{query}").parse().unwrap()).unwrap()
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let mut read = asked("limit=5&chanel=a&nonsense=b");
        assert_eq!(read.number("limit", 1..=200).unwrap(), Some(5));
        assert_eq!(read.text("channel").unwrap(), None);
        let told = read.end().unwrap_err();
        assert_eq!(told.detail, "Unknown parameters: \"chanel\", \"nonsense\".");
        assert_eq!(told.what_to_do, "Did you mean channel? It takes limit, channel.");
        assert_eq!(asked("a=1").end().unwrap_err().what_to_do, "This address takes no parameters.");
        let twice = Asked::of(&"/x?a=1&a=2".parse().unwrap()).err().unwrap();
        assert_eq!(twice.detail, "The parameter \"a\" is given twice.");
        for bad in ["limit=0", "limit=201", "limit=x", "limit=", "limit=-1", "limit=1.5"] {
            let told = asked(bad).number("limit", 1..=200).unwrap_err();
            assert!(told.detail.contains("\"limit\""), "{bad}: {}", told.detail);
        }
    }

    #[test]
    fn times_are_rfc_3339_and_a_plus_may_be_plain() {
        let at = Timestamp(1_795_334_400_000_000);
        for good in [
            "2026-11-22T08:00:00Z",
            "2026-11-22T09:00:00%2B01:00",
            "2026-11-22T09:00:00+01:00",
            "2026-11-22T07:00:00-01:00",
            "2026-11-22T08:00:00.000000Z",
        ] {
            assert_eq!(asked(&format!("from={good}")).time("from").unwrap(), Some(at), "{good}");
        }
        for bad in ["2026-11-22", "1795334400", "yesterday", "2026-11-22T08:00:00", "%20"] {
            assert!(asked(&format!("from={bad}")).time("from").is_err(), "{bad}");
        }
    }
}
