//! The forms of the pages below `/alerts`.

use axum::{
    Extension,
    extract::{Path, Request, State},
    response::Response,
};
use weir_domain::{
    AlertId, CaseError, OutletId, RuleId, Secret, WindowId,
    monitors::{
        MailTls, OutletDraft, OutletField, OutletKind, RuleDraft, RuleKind, Scope, Severity, SnoozeFor, Takes,
        WindowDraft,
    },
};

use super::{
    act::{Fields, act},
    erasures::{invalid, moment},
};
use crate::http::{
    site::Site,
    visit::{Visit, Who},
};

type At<T> = Extension<T>;

/// `POST /alerts/{id}/acknowledge`
pub async fn acknowledge(
    site: State<Site>,
    visit: At<Visit>,
    who: At<Who>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let in_hand = fields.ticked("in_hand");
        let done = site.cases.monitors.acknowledge(&caller, &AlertId(id.clone()), in_hand).await?;
        let code = if in_hand { "acknowledged" } else { "released" };
        there(done, "alert", format!("/alerts/{id}?done={code}"))
    })
    .await
}

/// `POST /alerts/{id}/snooze`
pub async fn snooze(
    site: State<Site>,
    visit: At<Visit>,
    who: At<Who>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let wanted = SnoozeFor::parse(fields.text("for"));
        let wanted = wanted.ok_or_else(|| invalid("It is not said for how long.", "Use one of the buttons."))?;
        let done = site.cases.monitors.snooze(&caller, &AlertId(id.clone()), wanted).await?;
        let code = if done == Some(None) { "woken" } else { "snoozed" };
        there(done.is_some(), "alert", format!("/alerts/{id}?done={code}"))
    })
    .await
}

/// `POST /alerts/rules/set`
pub async fn set_rule(site: State<Site>, visit: At<Visit>, who: At<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let kind = RuleKind::parse(fields.text("kind"));
        let kind = kind.ok_or_else(|| invalid("It is not said what the rule looks for.", "Choose one of the list."))?;
        let draft = RuleDraft {
            kind,
            scope: scope(&fields)?,
            severity: Severity::parse(fields.text("severity"))
                .ok_or_else(|| invalid("It is not said how loudly somebody is told.", "Choose page or notify."))?,
            on: fields.ticked("on"),
            limit_min: fields
                .text("minutes")
                .parse()
                .map_err(|_| invalid("The limit is no number of minutes.", "Write a number from 1 to 10,080."))?,
        };
        let id = Some(fields.text("id")).filter(|id| !id.is_empty()).map(|id| RuleId(id.to_owned()));
        site.cases.monitors.set_rule(&caller, id.as_ref(), draft).await?;
        Ok("/alerts/rules?done=set".to_owned())
    })
    .await
}

/// `POST /alerts/rules/remove`
pub async fn remove_rule(site: State<Site>, visit: At<Visit>, who: At<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let done = site.cases.monitors.remove_rule(&caller, &RuleId(fields.text("id").to_owned())).await?;
        there(done, "rule", "/alerts/rules?done=removed".to_owned())
    })
    .await
}

/// `POST /alerts/maintenance`
pub async fn maintenance(site: State<Site>, visit: At<Visit>, who: At<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let draft = WindowDraft {
            scope: scope(&fields)?,
            from: moment(fields.text("from"))?,
            to: moment(fields.text("to"))?,
            reason: fields.text("reason").to_owned(),
        };
        site.cases.monitors.maintenance(&caller, draft).await?;
        Ok("/alerts/maintenance?done=set".to_owned())
    })
    .await
}

/// `POST /alerts/maintenance/end`
pub async fn end_maintenance(site: State<Site>, visit: At<Visit>, who: At<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let done = site.cases.monitors.end_maintenance(&caller, &WindowId(fields.text("id").to_owned())).await?;
        there(done, "window that is not over", "/alerts/maintenance?done=ended".to_owned())
    })
    .await
}

/// `POST /alerts/outlets/new`
pub async fn add_outlet(site: State<Site>, visit: At<Visit>, who: At<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        site.cases.monitors.add_outlet(&caller, &outlet(&fields)?).await?;
        Ok("/alerts/outlets?done=added".to_owned())
    })
    .await
}

/// `POST /alerts/outlets/{id}`
pub async fn edit_outlet(
    site: State<Site>,
    visit: At<Visit>,
    who: At<Who>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let version = fields.text("version").parse().unwrap_or(0);
        let done = site.cases.monitors.edit_outlet(&caller, &OutletId(id), version, &outlet(&fields)?).await?;
        there(done, "outlet", "/alerts/outlets?done=changed".to_owned())
    })
    .await
}

/// `POST /alerts/outlets/remove`
pub async fn remove_outlet(site: State<Site>, visit: At<Visit>, who: At<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let done = site.cases.monitors.remove_outlet(&caller, &OutletId(fields.text("id").to_owned())).await?;
        there(done, "outlet", "/alerts/outlets?done=removed".to_owned())
    })
    .await
}

/// `POST /alerts/outlets/test`
pub async fn test_outlet(site: State<Site>, visit: At<Visit>, who: At<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        match site.cases.monitors.test_outlet(&caller, &OutletId(fields.text("id").to_owned())).await? {
            Some(Ok(None)) => Ok("/alerts/outlets?done=tested".to_owned()),
            Some(Ok(Some(but))) => Err(CaseError::Conflict {
                what: format!("The test arrived in part. {but}"),
                what_to_do: "Change the outlet, and try again.".into(),
            }),
            Some(Err(why)) => Err(CaseError::Conflict {
                what: format!("The test did not arrive. {why}"),
                what_to_do: "Change the outlet, and try again.".into(),
            }),
            None => there(false, "outlet", String::new()),
        }
    })
    .await
}

/// `POST /alerts/outlets/heartbeat`
pub async fn heartbeat(site: State<Site>, visit: At<Visit>, who: At<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        site.cases.monitors.set_heartbeat(&caller, &Secret::new(fields.exact("secret_url"))).await?;
        Ok("/alerts/outlets?done=heartbeat".to_owned())
    })
    .await
}

fn there(done: bool, what: &str, next: String) -> Result<String, CaseError> {
    match done {
        true => Ok(next),
        false => Err(CaseError::Conflict {
            what: format!("There is no such {what}."),
            what_to_do: "The list shows those there are.".into(),
        }),
    }
}

fn scope(fields: &Fields) -> Result<Scope, CaseError> {
    Scope::read(fields.text("source"), fields.text("environment"), fields.text("group"))
}

fn outlet(fields: &Fields) -> Result<OutletDraft, CaseError> {
    let kind = OutletKind::parse(fields.text("kind"));
    let secrets = [
        (OutletField::Url, "secret_url"),
        (OutletField::Secret, "secret_sign"),
        (OutletField::RoutingKey, "secret_key"),
        (OutletField::Password, "password"),
    ];
    Ok(OutletDraft {
        name: fields.text("name").to_owned(),
        on: fields.ticked("on"),
        kind: kind.ok_or_else(|| invalid("It is not said what kind of outlet it is.", "Choose one of the list."))?,
        takes: Takes { page: fields.ticked("page"), notify: fields.ticked("notify"), scope: scope(fields)? },
        server: fields.text("server").to_owned(),
        tls: MailTls::parse(fields.text("tls")).unwrap_or(MailTls::StartTls),
        user: fields.text("user").to_owned(),
        from: fields.text("from").to_owned(),
        to: fields.text("to").to_owned(),
        secrets: secrets
            .into_iter()
            .filter(|(_, name)| !fields.exact(name).is_empty())
            .map(|(field, name)| (field, Secret::new(fields.exact(name))))
            .collect(),
    })
}
