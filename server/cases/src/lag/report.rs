use super::{LagCases, reports::Told};
use std::collections::BTreeSet;
use weir_domain::{
    CaseError,
    access::Caller,
    audit::{About, Facts, Field, Object, Value},
    lag::{MOST_REPORTED, MOST_REPORTING, NotReported, ReportedGroup, ReportedPosition, SourceObserved},
};

pub const NAME: &str = "lag/report";

/// Characters of names, at most.
const LONGEST_GROUP: usize = 200;
const LONGEST_APPLICATION: usize = 120;
const LONGEST_CHANNEL: usize = 249;

/// Where an application that keeps its positions elsewhere stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// A source, by its name or its id.
    pub source: String,
    pub group: String,
    pub application: String,
    pub positions: Vec<ReportedPosition>,
}

impl LagCases {
    /// Takes a report in, in place of the group's last. Its channels have to be among those that the caller may see; they
    /// need not be captured. A token may do so some times a second, and of what it reports again and again an entry in the
    /// audit log stands for an hour.
    pub async fn report(&self, caller: &Caller, report: Report) -> Result<(), CaseError> {
        let sight = self.0.views.authorise(caller, NAME).await?;
        let now = self.0.clock.now();
        self.1.one_more(caller, now)?;
        let name = line("group", &report.group, LONGEST_GROUP)?;
        let application = line("application", &report.application, LONGEST_APPLICATION)?;
        let channels = checked(&report.positions)?;
        let mut sources = self.0.lag.lag_sources(&sight.view).await?;
        sources.retain(|s| sight.reaches_source(s.environment, s.source));
        let source = named(&sources, &report.source)?;
        if let Some(hidden) = channels.iter().find(|c| !sight.reaches_name(source.environment, source.source, c)) {
            return Err(invalid(
                format!("{hidden:?} is no channel of {} that you may see.", source.name),
                "Report positions on channels that a grant of yours reaches.",
            ));
        }
        let before = self.0.keeper.last_report(&sight.view, source.source, &name).await?;
        let hidden = |c: &String| !sight.reaches_name(source.environment, source.source, c);
        if before.is_some_and(|b| b.positions.iter().any(|p| hidden(&p.channel))) {
            self.1.refused(caller, now);
            return Err(CaseError::Conflict {
                what: format!("{name} reports positions on channels that you may not see: it is another's."),
                what_to_do: "Report under another name.".to_owned(),
            });
        }
        let told = Told::new(caller, source.source, &name, &application, &channels);
        let after = Facts::new()
            .with(Field::Name, name.as_str())
            .with(Field::Channels, channels.into_iter().collect::<Value>());
        let about = About::object(Object::source(source.source, Some(&source.name))).change(Facts::new(), after);
        let about = about.count(report.positions.len() as u64);
        let is_told = self.1.is_told(&told, now);
        let act = if is_told { sight.trail.covered(about) } else { sight.trail.act(about).await? };
        let host = caller.origin.remote.clone();
        let group = ReportedGroup { name, application, host, at: now, positions: report.positions };
        let taken = self.0.keeper.report(&sight.view, source.source, &group).await;
        match &taken {
            Ok(Ok(())) if is_told => {}
            Ok(Ok(())) => self.1.told(told, now),
            // What did not come to be is told each time, and counts for more.
            Ok(Err(_)) => {
                self.1.refused(caller, now);
                self.1.forget(&told);
            }
            Err(_) => self.1.forget(&told),
        }
        act.told(taken, |why| refused(why, &group.name, &source.name)).await
    }
}

fn refused(why: NotReported, group: &str, source: &str) -> CaseError {
    let (what, what_to_do) = match why {
        NotReported::Taken => (
            format!("{source} has a consumer group {group} itself."),
            "Report under another name; what the broker knows it tells by itself.".to_owned(),
        ),
        NotReported::Full => (
            format!("{MOST_REPORTING} groups report of {source} already."),
            "Report several applications as one group, or stop some: who is silent for a week is forgotten.".to_owned(),
        ),
    };
    CaseError::Conflict { what, what_to_do }
}

fn named<'a>(sources: &'a [SourceObserved], name: &str) -> Result<&'a SourceObserved, CaseError> {
    let found = sources.iter().find(|s| s.name == name);
    let found = found.or_else(|| sources.iter().find(|s| s.source.to_string() == name));
    found.ok_or_else(|| {
        invalid(
            format!("There is no source {name:?}, or none that you may see."),
            "Name one of those that /api/v1/sources lists.",
        )
    })
}

/// The channels of a report.
fn checked(positions: &[ReportedPosition]) -> Result<BTreeSet<&str>, CaseError> {
    if positions.is_empty() || positions.len() > MOST_REPORTED {
        return Err(invalid(
            format!("A report has 1 to {MOST_REPORTED} positions, not {}.", positions.len()),
            "Report as several groups what is more.",
        ));
    }
    let mut seen = BTreeSet::new();
    for p in positions {
        if p.partition < 0 || p.next < 0 {
            return Err(invalid("A partition or a position is less than 0.".into(), "Leave out what is not read yet."));
        }
        let n = p.channel.chars().count();
        if n == 0 || n > LONGEST_CHANNEL || p.channel.chars().any(char::is_control) {
            return Err(invalid("A channel's name is empty or too long.".into(), "Give its name at the broker."));
        }
        if !seen.insert((p.channel.as_str(), p.partition)) {
            return Err(invalid(
                format!("Partition {} of {:?} is reported twice.", p.partition, p.channel),
                "Report each once.",
            ));
        }
    }
    Ok(seen.into_iter().map(|(channel, _)| channel).collect())
}

fn line(what: &str, text: &str, longest: usize) -> Result<String, CaseError> {
    let (text, n) = (text.trim(), text.trim().chars().count());
    if n == 0 || n > longest || text.chars().any(char::is_control) {
        return Err(invalid(
            format!("The name of the {what} is empty, has line ends, or is longer than {longest} characters."),
            "Correct it.",
        ));
    }
    Ok(text.to_owned())
}

fn invalid(what: String, what_to_do: &str) -> CaseError {
    CaseError::Invalid { what, what_to_do: what_to_do.into() }
}
