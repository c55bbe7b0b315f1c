use super::ChangesCases;
use serde::Serialize;
use weir_domain::{
    CaseError, Timestamp,
    access::Caller,
    audit::{About, Facts, Field},
    changes::{ChangeKind, NewChange},
};

pub const NAME: &str = "changes/report";

/// Characters, at most.
const LONGEST_SUBJECT: usize = 120;
const LONGEST_TITLE: usize = 200;
const LONGEST_DETAIL: usize = 1000;
const LONGEST_LINK: usize = 1000;
/// A pipeline may report late, and its clock may be ahead.
const LATE_SECS: i64 = 30 * 86_400;
const EARLY_SECS: i64 = 300;

/// What a pipeline or a person reports: a deployment, most often.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// `deployment` (if not said), `version`, `configuration` or `other`.
    pub kind: Option<String>,
    /// What was changed: most often an application.
    pub subject: String,
    /// Its new version.
    pub version: Option<String>,
    /// In place of "`subject` `version` deployed".
    pub title: Option<String>,
    pub detail: Option<String>,
    /// The name of an environment; all of them if not said.
    pub environment: Option<String>,
    /// An `https` address that tells more.
    pub link: Option<String>,
    /// When it happened (RFC 3339); now if not said.
    pub at: Option<String>,
    /// The reporter's own name for it: told twice, it is written once.
    pub id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reported {
    /// `None`: it was reported before.
    pub change: Option<i64>,
}

impl ChangesCases {
    /// Writes a reported change to the feed.
    pub async fn report(&self, caller: &Caller, report: Report) -> Result<Reported, CaseError> {
        let sight = self.views.authorise(caller, NAME).await?;
        let now = self.clock.now();
        let environment = match &report.environment {
            None => None,
            Some(name) => {
                let known = sight.environments(self.views.all_environments().await?);
                let found = known.iter().find(|e| e.name == *name).ok_or_else(|| CaseError::Invalid {
                    what: format!("There is no environment {name:?} that you may see."),
                    what_to_do: "Name one of those that the switcher offers, or leave it out.".into(),
                })?;
                Some(found.id)
            }
        };
        let at = time(report.at.as_deref(), now)?;
        let mut change = checked(&report, at)?;
        change.environment = environment;
        change.actor = Some(caller.name.clone());
        change.once = report.id.as_ref().map(|id| format!("report/{}/{id}", caller.person.0));
        // Title, detail and link are free text, and stand in the feed.
        let after = Facts::new()
            .with(Field::Kind, change.kind.as_str())
            .with_some(Field::Name, change.subject.as_deref())
            .with_some(Field::Version, report.version.as_deref().map(str::trim))
            .with_some(Field::Environment, report.environment.as_deref());
        let act = sight.trail.act(About::nothing().change(Facts::new(), after)).await?;
        Ok(Reported { change: act.done(self.changes.append(&change).await).await? })
    }
}

fn checked(report: &Report, at: Timestamp) -> Result<NewChange, CaseError> {
    let kind = match report.kind.as_deref() {
        None | Some("deployment") => ChangeKind::Deployment,
        Some("version") => ChangeKind::Version,
        Some("configuration") => ChangeKind::Configuration,
        Some("other") => ChangeKind::Other,
        Some(other) => {
            return Err(invalid(
                format!("The kind {other:?} can't be reported."),
                "Say deployment, version, configuration or other.",
            ));
        }
    };
    let subject = line("subject", &report.subject, LONGEST_SUBJECT)?;
    let version = report.version.as_deref().map(|v| line("version", v, LONGEST_SUBJECT)).transpose()?;
    let title = report.title.as_deref().map(|t| line("title", t, LONGEST_TITLE)).transpose()?;
    let detail = report.detail.clone().unwrap_or_default();
    if detail.chars().count() > LONGEST_DETAIL {
        return Err(invalid(format!("The detail is longer than {LONGEST_DETAIL} characters."), "Shorten it."));
    }
    if let Some(link) = &report.link
        && !(link.starts_with("https://") && link.len() <= LONGEST_LINK && link.bytes().all(|b| b.is_ascii_graphic()))
    {
        return Err(invalid(
            "The link is not an https address of at most 1,000 characters.".into(),
            "Give one that begins with https://, or leave it out.",
        ));
    }
    if let Some(id) = &report.id {
        line("id", id, LONGEST_TITLE)?;
    }
    let named = match &version {
        Some(version) => format!("{subject} {version}"),
        None => subject.clone(),
    };
    let title = title.unwrap_or_else(|| match kind {
        ChangeKind::Deployment => format!("{named} deployed"),
        ChangeKind::Version => format!("{named} seen"),
        _ => format!("{named} changed"),
    });
    Ok(NewChange {
        at,
        kind,
        environment: None,
        source: None,
        channel: None,
        subject: Some(subject),
        title,
        detail,
        link: report.link.clone(),
        actor: None,
        once: None,
    })
}

fn line(what: &str, text: &str, longest: usize) -> Result<String, CaseError> {
    let text = text.trim();
    let n = text.chars().count();
    if n == 0 || n > longest || text.chars().any(char::is_control) {
        return Err(invalid(
            format!("The {what} is empty, has line ends, or is longer than {longest} characters."),
            "Correct it.",
        ));
    }
    Ok(text.to_owned())
}

fn time(text: Option<&str>, now: Timestamp) -> Result<Timestamp, CaseError> {
    let Some(text) = text else { return Ok(now) };
    let at = chrono::DateTime::parse_from_rfc3339(text)
        .map(|t| Timestamp(t.timestamp_micros()))
        .map_err(|_| invalid(format!("{text:?} is no time."), "Write it as 2026-11-22T14:32:08Z."))?;
    if at < now.plus_secs(-LATE_SECS) || at > now.plus_secs(EARLY_SECS) {
        return Err(invalid(
            format!("{text} is more than 30 days ago, or still to come."),
            "Give the time at which it happened, or leave it out.",
        ));
    }
    Ok(at)
}

fn invalid(what: String, what_to_do: &str) -> CaseError {
    CaseError::Invalid { what, what_to_do: what_to_do.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn report(subject: &str, version: Option<&str>) -> Report {
        Report { subject: subject.into(), version: version.map(str::to_owned), ..Report::default() }
    }

    #[test]
    fn a_deployment_names_itself() {
        let title = |r: &Report| checked(r, NOW).map(|c| c.title).ok();
        assert_eq!(title(&report("billing", Some("5.18.0"))).as_deref(), Some("billing 5.18.0 deployed"));
        assert_eq!(title(&report("billing", None)).as_deref(), Some("billing deployed"));
        assert_eq!(title(&report(" ", None)), None);
        assert_eq!(title(&report("a\nb", None)), None);
        assert_eq!(title(&report(&"a".repeat(121), None)), None);
        let version = Report { kind: Some("version".into()), ..report("billing", Some("5")) };
        assert_eq!(title(&version).as_deref(), Some("billing 5 seen"));
        assert_eq!(
            title(&Report { kind: Some("gap".into()), ..report("x", None) }),
            None,
            "gaps are observed, not reported"
        );
    }

    #[test]
    fn only_https_links_are_kept() {
        for (link, good) in [
            ("https://ci.example.com/1", true),
            ("http://ci.example.com", false),
            ("javascript:alert(1)", false),
            ("https://a b", false),
        ] {
            let with = Report { link: Some(link.into()), ..report("billing", None) };
            assert_eq!(checked(&with, NOW).is_ok(), good, "{link}");
        }
    }

    #[test]
    fn times_are_near() {
        assert_eq!(time(None, NOW).ok(), Some(NOW));
        for (text, good) in [
            ("2026-09-21T14:00:00Z", true),
            ("2026-01-01T00:00:00Z", false),
            ("2030-01-01T00:00:00Z", false),
            ("now", false),
        ] {
            assert_eq!(time(Some(text), NOW).is_ok(), good, "{text}");
        }
    }
}
