//! Forms of `/people`.

use axum::{
    Extension,
    extract::{Path, Request, State},
    response::Response,
};
use weir_cases::people::OneTimeLink;
use weir_domain::{CaseError, PersonId, RequestId, access::Caller};

use super::{
    act::{Fields, Next, act},
    rights::{grants, roles, rows},
};
use crate::http::{
    site::Site,
    visit::{Visit, Who},
};

type At<T> = Extension<T>;

/// `POST /people/new`
pub async fn invite(site: State<Site>, visit: At<Visit>, who: At<Who>, request: Request) -> Response {
    let base = site.origin.base(request.headers());
    act(site, visit, who, request, |site, caller, fields| async move {
        if let Some(edited) = rows(&fields) {
            return Ok(Next::Edit(edited));
        }
        let (login, name) = (fields.text("login"), fields.text("name"));
        let link = site.cases.people.invite(&caller, login, name, &roles(&fields), grants(&fields)?).await?;
        Ok(once(&base, &link))
    })
    .await
}

/// `POST /people/{id}`
pub async fn change(
    site: State<Site>,
    visit: At<Visit>,
    who: At<Who>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, fields| async move {
        if let Some(edited) = rows(&fields) {
            return Ok(Next::Edit(edited));
        }
        let version = fields.text("version").parse().map_err(|_| CaseError::Invalid {
            what: "The form does not say which state of the person it changes.".into(),
            what_to_do: "Open the page again and send its form.".into(),
        })?;
        let id = PersonId(id);
        let (roles, grants) = (roles(&fields), grants(&fields)?);
        site.cases.people.change(&caller, &id, version, fields.text("name"), &roles, grants).await?;
        Ok(Next::Go(format!("/people/{}?done=changed", id.0)))
    })
    .await
}

/// `POST /people/{id}/deactivate`
pub async fn deactivate(
    site: State<Site>,
    visit: At<Visit>,
    who: At<Who>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, _| async move {
        site.cases.people.deactivate(&caller, &PersonId(id.clone())).await?;
        Ok(format!("/people/{}?done=deactivated", in_path(&id)))
    })
    .await
}

/// `POST /people/{id}/reactivate`
pub async fn reactivate(
    site: State<Site>,
    visit: At<Visit>,
    who: At<Who>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, _| async move {
        site.cases.people.reactivate(&caller, &PersonId(id.clone())).await?;
        Ok(format!("/people/{}?done=reactivated", in_path(&id)))
    })
    .await
}

/// `POST /people/{id}/reset`
pub async fn reset(
    site: State<Site>,
    visit: At<Visit>,
    who: At<Who>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let base = site.origin.base(request.headers());
    act(site, visit, who, request, |site, caller, _| async move {
        let link = site.cases.people.reset(&caller, &PersonId(id)).await?;
        Ok(once(&base, &link))
    })
    .await
}

/// `POST /people/{id}/revoke`
pub async fn revoke(
    site: State<Site>,
    visit: At<Visit>,
    who: At<Who>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    act(site, visit, who, request, |site, caller, _| async move {
        site.cases.people.revoke_invite(&caller, &PersonId(id)).await?;
        Ok("/people?done=revoked".to_owned())
    })
    .await
}

/// `POST /people/answer`
pub async fn answer(site: State<Site>, visit: At<Visit>, who: At<Who>, request: Request) -> Response {
    act(site, visit, who, request, |site: Site, caller: Caller, fields: Fields| async move {
        let grant = match fields.text("answer") {
            "give" => true,
            "decline" => false,
            _ => {
                return Err(CaseError::Invalid {
                    what: "The form does not say whether the role is given.".into(),
                    what_to_do: "Press one of its two buttons.".into(),
                });
            }
        };
        let id = RequestId(fields.text("request").to_owned());
        site.cases.people.answer_request(&caller, &id, grant, fields.text("word")).await?;
        Ok(format!("/people?done={}", if grant { "given" } else { "declined" }))
    })
    .await
}

/// The person's page, which shows the link this once.
fn once(base: &str, link: &OneTimeLink) -> Next {
    Next::Once {
        address: format!("/people/{}", in_path(&link.person.0)),
        // In the fragment: no server, proxy or log along the way sees it.
        secret: format!("{base}/invite#token={}", link.token),
    }
}

/// An id of ours, which has passed the store; whatever else stands there must not become another address.
fn in_path(id: &str) -> &str {
    if id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') { id } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_becomes_another_address() {
        assert_eq!(in_path("0193-ab"), "0193-ab");
        for bad in ["/evil", "..", "a?b", "a#b", "a%2fb"] {
            assert_eq!(in_path(bad), "");
        }
    }
}
