use std::{io, sync::Arc};

use axum::{Extension, extract::State, response::Response};
use bytes::Bytes;
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use weir_cases::lag::export::{Completeness, Exported};
use weir_domain::lag::{GroupsWanted, TimeLag};

use super::list::{Filter, Group, GroupsObserved, filter};
use crate::{
    csv,
    http::{
        export::{Form, json_lines},
        groups_export::answer,
        site::Site,
        v1::{
            asked::Asked,
            bearer::Program,
            kinds::INVALID,
            problem::Problem,
            shared::{InEnvironment, Time},
        },
    },
};

const COLUMNS: [&str; 22] = [
    "status",
    "group",
    "kind",
    "state",
    "source",
    "channels",
    "lag",
    "committed_lag",
    "time_lag_ms",
    "time_lag_exact",
    "in_per_s",
    "out_per_s",
    "forecast",
    "drains_at",
    "loses_data_at",
    "members",
    "active_members",
    "owner",
    "since",
    "reason",
    "observed_at",
    "id",
];

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is written down for the documentation; the handler reads the parameter")]
pub struct Export {
    /// `ndjson` or `csv`.
    #[param(default = "ndjson", example = "csv")]
    format: Option<String>,
}

/// The last line of a whole export: what it does not hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupsExportEnd {
    /// It ends here: nothing was cut off.
    pub complete: bool,
    /// Groups in the export.
    pub groups: u64,
    /// Groups of which the token reaches no channel.
    pub hidden_groups: u32,
    /// Archived, ephemeral and deleted ones that match and are left out.
    pub left_out: u64,
    /// How the last observation of each source went.
    pub sources: Vec<GroupsObserved>,
    /// The server's clock.
    pub at: Time,
}

impl From<Completeness> for GroupsExportEnd {
    fn from(end: Completeness) -> Self {
        Self {
            complete: true,
            groups: end.groups,
            hidden_groups: end.hidden,
            left_out: end.left_out,
            sources: end.sources.into_iter().map(GroupsObserved::from).collect(),
            at: end.at.into(),
        }
    }
}

impl GroupsExportEnd {
    /// What is missing or old, in words; `None`: nothing is.
    fn but(&self) -> Option<String> {
        let old = self.sources.iter().filter(|s| s.paused || s.failed.is_some() || !s.problems.is_empty());
        let old: Vec<&str> = old.map(|s| s.source.name.as_str()).collect();
        let all = [
            (self.hidden_groups > 0)
                .then(|| format!("Left out, because their channels may not be seen: {} groups.", self.hidden_groups)),
            (self.left_out > 0).then(|| {
                format!("Left out, because they come and go, are archived or gone: {} groups.", self.left_out)
            }),
            (!old.is_empty()).then(|| format!("Not observed now, or not whole: {}.", old.join(", "))),
        ];
        let all: Vec<_> = all.into_iter().flatten().collect();
        (!all.is_empty()).then(|| all.join(" "))
    }
}

/// One line of an export: a group, and at last its end.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum GroupsExportLine {
    Group(Box<Group>),
    End(GroupsExportEnd),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Lines,
    Table,
}

impl Format {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "ndjson" => Some(Self::Lines),
            "csv" => Some(Self::Table),
            _ => None,
        }
    }

    /// For the browser.
    pub const fn disposition(self) -> &'static str {
        match self {
            Self::Lines => "attachment; filename=\"weir-groups.ndjson\"",
            Self::Table => "attachment; filename=\"weir-groups.csv\"",
        }
    }

    pub fn form(self) -> Form<Exported> {
        match self {
            Self::Lines => Form::lines(lines),
            Self::Table => {
                let mut head = COLUMNS.join(",");
                head.push_str("\r\n");
                let write = Box::new(table);
                Form { content_type: csv::CONTENT_TYPE, head: head.into(), write, beat: None }
            }
        }
    }
}

fn lines(part: Exported) -> io::Result<Bytes> {
    let lines: Vec<_> = match part {
        Exported::Groups(rows) => rows.into_iter().map(|r| GroupsExportLine::Group(Box::new(r.into()))).collect(),
        Exported::End(end) => vec![GroupsExportLine::End(end.into())],
    };
    json_lines(&lines)
}

fn table(part: Exported) -> io::Result<Bytes> {
    let mut out = Vec::new();
    match part {
        Exported::Groups(rows) => {
            for r in rows {
                let exact = !matches!(r.time_lag, TimeLag::About { .. } | TimeLag::Unknown { .. });
                row(&mut out, &r.into(), exact);
            }
        }
        Exported::End(end) => {
            let end = GroupsExportEnd::from(end);
            if let Some(but) = end.but() {
                csv::completeness(&mut out, &but, &serde_json::to_string(&end)?, COLUMNS.len());
            }
        }
    }
    Ok(out.into())
}

fn row(out: &mut Vec<u8>, g: &Group, exact: bool) {
    let number = |n: Option<u64>| n.map(|n| n.to_string());
    let rate = |n: Option<f64>| n.map(|n| format!("{n:.2}"));
    let cells: [Option<String>; COLUMNS.len()] = [
        Some(g.status.clone()),
        Some(g.name.clone()),
        Some(g.kind.clone()),
        Some(g.state.clone()),
        Some(g.source.name.clone()),
        Some(g.channels.join(" ")),
        number(g.lag),
        number(g.committed_lag),
        number(g.time_lag.ms),
        g.time_lag.ms.map(|_| exact.to_string()),
        rate(g.in_per_s),
        rate(g.out_per_s),
        Some(g.forecast.kind.clone()),
        g.forecast.at.map(|at| at.text()),
        g.loss.as_ref().map(|loss| loss.first.text()),
        Some(g.members.to_string()),
        Some(g.active_members.to_string()),
        g.owner.clone(),
        Some(g.since.text()),
        Some(g.reason.clone()),
        Some(g.observed_at.text()),
        Some(g.id.clone()),
    ];
    csv::line(out, cells.iter().map(Option::as_deref));
}

/// Export consumer groups
///
/// All groups that the list would show page by page, as it is filtered and sorted. As NDJSON each line is a group as lists
/// have it, and the last line is the end: what is left out, and how the sources were observed. It has `complete` and no
/// `id`. As CSV there is a row for each group; what a spreadsheet would take for a formula has an apostrophe before it. A
/// table that leaves something out, or is old in part, ends with a record that begins with `#weir.export.completeness`:
/// what it is, in words, and the end as JSON. An export that can't go on is cut off in the middle of the answer, never ended
/// as if it were whole.
#[utoipa::path(
    get,
    path = "/api/v1/groups/export",
    operation_id = "lag_export",
    tag = "lag",
    params(Filter, Export, InEnvironment),
    responses((status = 200, description = "Groups, and the end.", content(
        (GroupsExportLine = "application/x-ndjson"),
        (String = "text/csv"),
    ))),
)]
pub async fn export(
    State(site): State<Site>,
    Extension(program): Extension<Program>,
    uri: Uri,
) -> Result<Response, Problem> {
    let mut asked = Asked::of(&uri)?;
    asked.exact("env");
    let wanted: GroupsWanted = filter(&mut asked)?;
    let format = asked.text("format")?.map_or(Some(Format::Lines), |text| Format::parse(&text));
    let Some(format) = format else {
        return Err(Problem::new(INVALID, "There is no such format.", "Ask with format=ndjson or format=csv."));
    };
    asked.end()?;
    let recheck = Arc::new(site.cases.tokens.recheck(program.token.to_string(), &program.caller));
    program.begun(answer(&site, &program.caller, &program.token, wanted, format, recheck).await)
}
