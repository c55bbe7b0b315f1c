//! What a client asks to follow.

use weir_domain::{
    EnvironmentId,
    events::{EventFilter, TimeRange},
};

/// Each of a browser's tabs follows two things at most. What is beyond is over at once, and the others go on: one tab
/// must not end what the others follow.
const MOST_TOPICS: usize = 16;
const LONGEST_VALUE: usize = 4096;
/// More are no browser's tabs.
const MOST_NAMES: usize = 512;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub topics: Vec<Topic>,
    /// Where an earlier stream ended.
    pub last: Option<String>,
    /// Wants what there is now instead of a stream.
    pub poll: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// `tail7`; frames carry it as their event.
    pub name: String,
    pub kind: Kind,
    pub environment: Option<EnvironmentId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Overview,
    Tail(EventFilter),
    /// Can't be followed, and why.
    Over(&'static str),
}

/// What the page says of itself, which build it is of and whose: an `EventSource` can send no header.
pub fn said(query: Option<&str>, what: &str) -> Option<Vec<u8>> {
    let (_, said) = form_urlencoded::parse(query?.as_bytes()).find(|(k, _)| k == what)?;
    Some(said.into_owned().into_bytes())
}

impl Asked {
    /// # Errors
    /// What is wrong with the query, in words.
    pub fn parse(query: &str) -> Result<Self, String> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let value = |name: &str| pairs.iter().find(|(k, v)| k == name && !v.is_empty()).map(|(_, v)| v.as_str());
        let names: Vec<_> = value("topics").unwrap_or_default().split(',').filter(|n| !n.is_empty()).collect();
        if names.is_empty() {
            return Err("This stream would follow nothing.".into());
        }
        if names.len() > MOST_NAMES {
            return Err(format!("One stream is asked for at most {MOST_NAMES} topics."));
        }
        let mut topics = names.iter().map(|name| Topic::parse(name, &value)).collect::<Result<Vec<_>, _>>()?;
        let followed = topics.iter_mut().filter(|t| !matches!(t.kind, Kind::Over(_)));
        followed.skip(MOST_TOPICS).for_each(|t| t.kind = Kind::Over("too_many"));
        Ok(Self { topics, last: value("last").map(str::to_owned), poll: value("poll") == Some("1") })
    }
}

impl Topic {
    fn parse<'q>(name: &str, value: &impl Fn(&str) -> Option<&'q str>) -> Result<Self, String> {
        let parameter = |key: &str| value(&format!("{name}.{key}"));
        let word = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let long = |key: &&str| parameter(key).is_some_and(|v| v.len() > LONGEST_VALUE);
        let kind = match word {
            "tail" if ["type", "key", "q"].iter().any(long) => Kind::Over("too_long"),
            "overview" => Kind::Overview,
            "tail" => Kind::Tail(EventFilter {
                source: id(name, "source", parameter("source"))?,
                channel: id(name, "channel", parameter("channel"))?,
                event_type: parameter("type").map(str::to_owned),
                key: parameter("key").map(str::to_owned),
                query: parameter("q").map(str::to_owned),
                // New events are newer than any range's end.
                range: TimeRange::default(),
                oldest_first: false,
            }),
            _ => return Err("A topic is overview or tail, and a number if there are several.".into()),
        };
        if name.len() > word.len() + 9 {
            return Err("A topic's number has at most nine digits.".into());
        }
        let environment = parameter("env").and_then(|v| v.parse().ok());
        Ok(Self { name: name.to_owned(), kind, environment })
    }
}

fn id<T: std::str::FromStr>(topic: &str, key: &str, value: Option<&str>) -> Result<Option<T>, String> {
    value.map(str::parse).transpose().map_err(|_| format!("{topic}.{key} is a number."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::ChannelId;

    #[test]
    fn what_the_browser_sends() {
        let asked =
            Asked::parse("topics=overview5,tail7&overview5.env=2&tail7.channel=3&tail7.key=a%2Bb+c&last=abc").unwrap();
        assert_eq!(asked.last.as_deref(), Some("abc"));
        assert_eq!(
            asked.topics[0],
            Topic { name: "overview5".into(), kind: Kind::Overview, environment: Some(EnvironmentId(2)) }
        );
        let filter = EventFilter { channel: Some(ChannelId(3)), key: Some("a+b c".into()), ..EventFilter::default() };
        assert_eq!(asked.topics[1], Topic { name: "tail7".into(), kind: Kind::Tail(filter), environment: None });
    }

    #[test]
    fn what_it_does_not() {
        let many = format!("topics={}", "tail1,".repeat(513));
        for bad in [
            "",
            "topics=",
            "topics=lag",
            "topics=tail&tail.channel=x",
            "topics=tail1234567890",
            "topics=7",
            "topics=tail\n",
            &many,
        ] {
            assert!(Asked::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_too_much_is_over_by_itself() {
        let kinds = |query: &str| Asked::parse(query).unwrap().topics.into_iter().map(|t| t.kind).collect::<Vec<_>>();
        let long = "a".repeat(4097);
        let one = kinds(&format!("topics=overview,tail1,tail2&tail1.key={long}&tail2.key={}", &long[1..]));
        assert_eq!(one[..2], [Kind::Overview, Kind::Over("too_long")]);
        assert!(matches!(one[2], Kind::Tail(_)));
        let names: Vec<_> = (0..18).map(|n| format!("tail{n}")).collect();
        let many = kinds(&format!("topics=overview,{}&tail3.type={long}", names.join(",")));
        assert_eq!(many.iter().filter(|k| **k == Kind::Over("too_many")).count(), 2);
        assert_eq!(
            (&many[4], &many[17], &many[0]),
            (&Kind::Over("too_long"), &Kind::Over("too_many"), &Kind::Overview)
        );
    }
}
