//! What a client asks to follow.

use weir_domain::{
    EnvironmentId,
    events::{EventFilter, TimeRange},
};

/// Each of a browser's tabs follows two things at most.
const MOST_TOPICS: usize = 16;
const LONGEST_VALUE: usize = 4096;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub topics: Vec<Topic>,
    /// Where an earlier stream ended.
    pub last: Option<String>,
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
}

/// Which build the page is of: an `EventSource` can send no header.
pub fn build(query: Option<&str>) -> Option<Vec<u8>> {
    let (_, build) = form_urlencoded::parse(query?.as_bytes()).find(|(k, _)| k == "build")?;
    Some(build.into_owned().into_bytes())
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
        if names.len() > MOST_TOPICS {
            return Err(format!("One stream follows at most {MOST_TOPICS} topics."));
        }
        if pairs.iter().any(|(_, v)| v.len() > LONGEST_VALUE) {
            return Err(format!("A parameter is longer than {LONGEST_VALUE} bytes."));
        }
        let topics = names.iter().map(|name| Topic::parse(name, &value)).collect::<Result<_, _>>()?;
        Ok(Self { topics, last: value("last").map(str::to_owned) })
    }
}

impl Topic {
    fn parse<'q>(name: &str, value: &impl Fn(&str) -> Option<&'q str>) -> Result<Self, String> {
        let parameter = |key: &str| value(&format!("{name}.{key}"));
        let word = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let kind = match word {
            "overview" => Kind::Overview,
            "tail" => Kind::Tail(EventFilter {
                source: id(name, "source", parameter("source"))?,
                channel: id(name, "channel", parameter("channel"))?,
                event_type: parameter("type").map(str::to_owned),
                key: parameter("key").map(str::to_owned),
                // New events are newer than any range's end.
                range: TimeRange::default(),
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
        let many = format!("topics={}", "tail1,".repeat(17));
        let long = format!("topics=tail&tail.key={}", "a".repeat(4097));
        for bad in [
            "",
            "topics=",
            "topics=lag",
            "topics=tail&tail.channel=x",
            "topics=tail1234567890",
            "topics=7",
            "topics=tail\n",
            &many,
            &long,
        ] {
            assert!(Asked::parse(bad).is_err(), "{bad}");
        }
    }
}
