//! Sources that people make: tried out, looked at, added, changed, removed. Nothing is stored before "Add source".

mod keep;
mod read;

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, Request, State},
    response::Response,
};
use read::Form;
use weir_app::sources::form::Told;
use weir_cases::sources::{Checked, TrialDraft};
use weir_domain::{
    CaseError, SourceId,
    access::Caller,
    sources::{EnvironmentChoice, FieldProblem, SourceChange, SourceDraft},
};

use super::act::{Fields, Next, act};
use crate::http::{
    site::Site,
    visit::{Visit, Who},
};

type Here = (State<Site>, Extension<Visit>, Extension<Who>);

/// `POST /sources/new`
pub async fn add(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let form = Form::read(&fields, &caller.person);
        let mut problems = form.problems.clone();
        let environment = chosen(&form, &mut problems);
        let draft = SourceDraft {
            name: fields.text("name").to_owned(),
            environment,
            settings: form.settings.clone(),
            secrets: form.secrets.clone(),
        };
        if !problems.is_empty() {
            problems.extend(draft.problems(&site.cases.sources.kinds()));
            return Ok(wrong(&caller, fields, &form, problems));
        }
        Ok(match site.cases.sources.add(&caller, draft).await? {
            Checked::Done(id) => Next::Go(format!("/sources/{id}")),
            Checked::Wrong(problems) => wrong(&caller, fields, &form, problems),
        })
    })
    .await
}

/// `POST /sources/examine`
pub async fn examine(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    try_out((site, visit, who), request, None).await
}

/// `POST /sources/{id}/examine`
pub async fn examine_own(
    site: State<Site>,
    visit: Extension<Visit>,
    who: Extension<Who>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    try_out((site, visit, who), request, Some(id)).await
}

async fn try_out((site, visit, who): Here, request: Request, of: Option<String>) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let mut form = Form::read(&fields, &caller.person);
        let of = of.map(|id| known(&id)).transpose()?;
        if let Some(of) = of {
            stored_policy(&site, &caller, of, &mut form).await?;
        }
        let problems: Vec<_> = form.problems.iter().filter(|p| p.field == "sign_in").cloned().collect();
        if !problems.is_empty() {
            return Ok(wrong(&caller, fields, &form, problems));
        }
        Ok(match site.cases.sources.examine(&caller, trial(of, &fields, &form)).await? {
            Checked::Done(steps) => told(&caller, fields, &form, Told { steps: Some(steps), ..Told::default() }, false),
            Checked::Wrong(problems) => wrong(&caller, fields, &form, problems),
        })
    })
    .await
}

/// `POST /sources/preview`
pub async fn preview(site: State<Site>, visit: Extension<Visit>, who: Extension<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let form = Form::read(&fields, &caller.person);
        if !form.problems.is_empty() {
            let problems = form.problems.clone();
            return Ok(wrong(&caller, fields, &form, problems));
        }
        looked(&site, caller, None, fields, form).await
    })
    .await
}

/// `POST /sources/{id}/preview`: the patterns of the form, with the connection that is stored.
pub async fn preview_own(
    site: State<Site>,
    visit: Extension<Visit>,
    who: Extension<Who>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let id = known(&id)?;
        let mut form = Form::read(&fields, &caller.person);
        form.problems.retain(|p| p.field != "sign_in");
        if !form.problems.is_empty() {
            let problems = form.problems.clone();
            return Ok(wrong(&caller, fields, &form, problems));
        }
        let stored = site.cases.sources.settings(&caller, id).await?.ok_or_else(gone)?;
        let policy = std::mem::replace(&mut form.settings, stored.settings).policy;
        form.settings.policy = policy;
        looked(&site, caller, Some(id), fields, form).await
    })
    .await
}

async fn looked(
    site: &Site,
    caller: Caller,
    of: Option<SourceId>,
    fields: Fields,
    form: Form,
) -> Result<Next, CaseError> {
    Ok(match site.cases.sources.preview(&caller, trial(of, &fields, &form)).await? {
        Checked::Done(preview) => {
            told(&caller, fields, &form, Told { preview: Some(preview), ..Told::default() }, false)
        }
        Checked::Wrong(problems) => wrong(&caller, fields, &form, problems),
    })
}

/// `POST /sources/{id}/edit`
pub async fn edit(
    site: State<Site>,
    visit: Extension<Visit>,
    who: Extension<Who>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let id = known(&id)?;
        let form = Form::read(&fields, &caller.person);
        let mut problems: Vec<_> = form.problems.iter().filter(|p| p.field == "sign_in").cloned().collect();
        let change = SourceChange {
            version: form.version,
            environment: chosen(&form, &mut problems),
            settings: form.settings.clone(),
            secrets: form.secrets.clone(),
        };
        if !problems.is_empty() {
            return Ok(wrong(&caller, fields, &form, problems));
        }
        Ok(match site.cases.sources.edit(&caller, id, change).await?.ok_or_else(gone)? {
            Checked::Done(_) => Next::Go(format!("/sources/{id}/edit?done=edited")),
            Checked::Wrong(problems) => wrong(&caller, fields, &form, problems),
        })
    })
    .await
}

/// `POST /sources/{id}/policy`
pub async fn policy(
    site: State<Site>,
    visit: Extension<Visit>,
    who: Extension<Who>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        let id = known(&id)?;
        let form = Form::read(&fields, &caller.person);
        let problems: Vec<_> = form.problems.iter().filter(|p| p.field != "sign_in").cloned().collect();
        if !problems.is_empty() {
            return Ok(wrong(&caller, fields, &form, problems));
        }
        let policy = form.settings.policy.clone();
        Ok(match site.cases.sources.policy(&caller, id, form.version, policy).await?.ok_or_else(gone)? {
            Checked::Done(_) => Next::Go(format!("/sources/{id}/policy?done=policy")),
            Checked::Wrong(problems) => wrong(&caller, fields, &form, problems),
        })
    })
    .await
}

/// `POST /sources/{id}/remove`
pub async fn remove(
    site: State<Site>,
    visit: Extension<Visit>,
    who: Extension<Who>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, _| async move {
        match site.cases.sources.remove(&caller, known(&id)?).await? {
            true => Ok("/sources".to_owned()),
            false => Err(gone()),
        }
    })
    .await
}

fn known(id: &str) -> Result<SourceId, CaseError> {
    id.parse().map_err(|_| gone())
}

fn gone() -> CaseError {
    CaseError::Invalid {
        what: "There is no such source any more, or none that you may change here.".into(),
        what_to_do: "Look it up on the Sources page: what stands in weir.toml is changed there.".into(),
    }
}

/// A test of a stored source tries what it is set to read.
async fn stored_policy(site: &Site, caller: &Caller, of: SourceId, form: &mut Form) -> Result<(), CaseError> {
    let stored = site.cases.sources.settings(caller, of).await?.ok_or_else(gone)?;
    form.settings.policy = stored.settings.policy;
    Ok(())
}

fn chosen(form: &Form, problems: &mut Vec<FieldProblem>) -> EnvironmentChoice {
    form.environment.clone().unwrap_or_else(|| {
        problems.push(FieldProblem::new("environment", "Choose an environment, or make a new one."));
        EnvironmentChoice::New { name: "new".into(), production: true, colour: None }
    })
}

fn trial(of: Option<SourceId>, fields: &Fields, form: &Form) -> TrialDraft {
    let (settings, secrets) = (form.settings.clone(), form.secrets.clone());
    TrialDraft { of, name: fields.text("name").chars().take(40).collect(), settings, secrets }
}

fn wrong(caller: &Caller, fields: Fields, form: &Form, problems: Vec<FieldProblem>) -> Next {
    told(caller, fields, form, Told { problems, ..Told::default() }, true)
}

/// The page again, with what was typed; secrets go along sealed.
fn told(caller: &Caller, fields: Fields, form: &Form, told: Told, wrong: bool) -> Next {
    let mut fields = fields.into_pairs();
    fields.retain(|(name, _)| name != keep::FIELD);
    fields.push((keep::FIELD.to_owned(), keep::seal(&caller.person, &form.secrets)));
    let held = form.secrets.iter().map(|(f, _)| *f).collect();
    Next::Told { told: Arc::new(Told { held, ..told }), fields, wrong }
}
