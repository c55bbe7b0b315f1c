use super::words::scope_fields;
use crate::{
    RequestContext,
    drawn::{self, Address, DrawnPage, Echo, head, one_of},
    help,
};
use leptos::prelude::*;
use weir_domain::monitors::{MailTls, Outlet, OutletField, OutletKind, OutletSettings};

const NEW: &str = "Add an outlet";
const EDIT: &str = "Outlet";

/// The page at `/alerts/outlets/new`. Its form answers with it.
pub(crate) fn new() -> DrawnPage {
    drawn::page(NEW, || {
        let echo = Echo::here();
        let chosen = echo.typed("kind").and_then(OutletKind::parse);
        let each = OutletKind::ALL.map(|kind| of_kind(&echo, kind, chosen == Some(kind)));
        view! {
            <div class="page page--text">
                {head(NEW, "where alerts are to be sent", back())} {drawn::failure(&echo)} {each.into_iter().collect_view()}
            </div>
        }
        .into_any()
    })
}

/// The page at `/alerts/outlets/{id}`, which also answers its form.
pub(crate) async fn edit(cx: &RequestContext, id: &str, address: &Address) -> DrawnPage {
    let found = match cx.caller_in(address.environment()) {
        Ok(caller) => cx.told(cx.cases.monitors.outlets(&caller).await),
        Err(failure) => Err(failure),
    };
    match found.map(|list| list.outlets.into_iter().map(|o| o.outlet).find(|o| o.id.0 == id)) {
        Ok(Some(outlet)) => drawn::page(EDIT, || {
            let echo = Echo::here();
            let form = form(&echo, outlet.settings.kind(), Some(&outlet));
            view! {
                <div class="page page--text">
                    {head(outlet.name.clone(), outlet.settings.kind().name(), back())} {drawn::failure(&echo)}
                    <section class="panel" aria-label="The outlet">
                        {form}
                    </section>
                </div>
            }
            .into_any()
        }),
        Ok(None) => drawn::page(EDIT, help::not_found),
        Err(failure) => drawn::not_known(EDIT, failure),
    }
}

fn back() -> AnyView {
    view! {
        <a class="btn btn--ghost" href="/alerts/outlets">
            "Outlets"
        </a>
    }
    .into_any()
}

fn of_kind(echo: &Echo, kind: OutletKind, open: bool) -> AnyView {
    let says = match kind {
        OutletKind::Slack => "Slack, Mattermost, Rocket.Chat: an incoming webhook",
        OutletKind::Webhook => "a program of yours: JSON, signed as Standard Webhooks say",
        OutletKind::PagerDuty => "Events API v2: incidents begin and end with their alerts",
        OutletKind::Mail => "by an SMTP server",
    };
    let typed = if open { echo.clone() } else { Echo::default() };
    view! {
        <details class="panel" name="kinds" open=open>
            <summary class="panel__head">
                <span class="panel__title">{kind.name()}</span>
                <span class="panel__note">{says}</span>
            </summary>
            {form(&typed, kind, None)}
        </details>
    }
    .into_any()
}

/// A field whose value goes one way.
fn secret(kind: OutletKind, name: &'static str, label: &'static str, hint: &'static str, kept: bool) -> AnyView {
    let id = format!("{}-{name}", kind.as_str());
    let (hint_id, hint) = (format!("{id}-hint"), if kept { "Left empty, what is kept stays." } else { hint });
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input class="input" id=id name=name type="password" autocomplete="new-password" aria-describedby=hint_id.clone() />
            <span class="field__hint" id=hint_id>
                {hint}
            </span>
        </div>
    }
    .into_any()
}

fn form(echo: &Echo, kind: OutletKind, kept: Option<&Outlet>) -> AnyView {
    let sent = !echo.fields.is_empty();
    let typed = |name: &str, kept: Option<String>| echo.typed(name).map(str::to_owned).or(kept).unwrap_or_default();
    let text = |name: &'static str, label: &'static str, value: String, placeholder: &'static str, required: bool| {
        let id = format!("{}-{name}", kind.as_str());
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input class="input" id=id name=name value=value placeholder=placeholder required=required autocomplete="off" spellcheck="false" />
            </div>
        }
        .into_any()
    };
    let ticked = |name: &str, kept: bool| if sent { echo.typed(name).is_some() } else { kept };
    let box_of = |name: &'static str, label: &'static str, checked: bool| {
        view! {
            <label class="check">
                <input type="checkbox" name=name value="1" checked=checked />
                {label}
            </label>
        }
    };
    let has = |field| kept.is_some_and(|o| o.secrets.iter().any(|(f, _)| *f == field));
    let settings = kept.map(|o| &o.settings);
    let own = match kind {
        OutletKind::Slack | OutletKind::Webhook => {
            let url = secret(
                kind,
                "secret_url",
                "Address",
                "Kept sealed: whoever knows it can write there. It is shown by its host alone.",
                has(OutletField::Url),
            );
            let sign = (kind == OutletKind::Webhook).then(|| {
                secret(
                    kind,
                    "secret_sign",
                    "Secret to sign with",
                    "Any text, or whsec_ with base64 behind it. The receiver checks webhook-signature by it.",
                    has(OutletField::Secret),
                )
            });
            view! {
                {url}
                {sign}
            }
            .into_any()
        }
        OutletKind::PagerDuty => {
            let endpoint = match settings {
                Some(OutletSettings::PagerDuty { endpoint }) => Some(endpoint.clone()),
                _ => None,
            };
            let key = secret(
                kind,
                "secret_key",
                "Integration key",
                "Of a service's integration \"Events API v2\".",
                has(OutletField::RoutingKey),
            );
            view! {
                {key}
                {text("server", "Endpoint, if not the usual one", typed("server", endpoint), "https://events.eu.pagerduty.com/v2/enqueue", false)}
            }
            .into_any()
        }
        OutletKind::Mail => mail(kind, settings, &typed, &text, has(OutletField::Password)),
    };
    let version = kept.map(|o| view! { <input type="hidden" name="version" value=o.version.to_string() /> });
    let action = kept.map_or_else(|| "/alerts/outlets/new".to_owned(), |o| format!("/alerts/outlets/{}", o.id.0));
    let takes = kept.map(|o| &o.takes);
    view! {
        <form class="panel__body stack stack--lg" method="post" action=action>
            <input type="hidden" name="kind" value=kind.as_str() />
            {version}
            {text("name", "Name", typed("name", kept.map(|o| o.name.clone())), "On call", true)}
            {own}
            <fieldset class="field fieldset">
                <legend class="field__label">"Takes"</legend>
                {box_of("page", "what pages", ticked("page", takes.is_none_or(|t| t.page)))}
                {box_of("notify", "what notifies", ticked("notify", takes.is_none_or(|t| t.notify)))}
            </fieldset>
            {scope_fields(kind.as_str(), echo, takes.map(|t| &t.scope), true)}
            {box_of("on", "On", ticked("on", kept.is_none_or(|o| o.on)))}
            <div class="row">
                <button type="submit" class="btn btn--primary">
                    {if kept.is_some() { "Keep the changes" } else { "Add the outlet" }}
                </button>
            </div>
        </form>
    }
    .into_any()
}

type Text<'a> = &'a dyn Fn(&'static str, &'static str, String, &'static str, bool) -> AnyView;

fn mail(
    kind: OutletKind,
    settings: Option<&OutletSettings>,
    typed: &dyn Fn(&str, Option<String>) -> String,
    text: Text<'_>,
    has_password: bool,
) -> AnyView {
    let (server, tls, user, from, to) = match settings {
        Some(OutletSettings::Mail { host, port, tls, user, from, to }) => {
            (Some(format!("{host}:{port}")), *tls, user.clone(), Some(from.clone()), Some(to.join("\n")))
        }
        _ => (None, MailTls::StartTls, None, None, None),
    };
    let chosen = typed("tls", Some(tls.as_str().to_owned()));
    let choices = [
        ("starttls", "STARTTLS", "Most servers, port 587. Without it nothing is sent."),
        ("implicit", "TLS", "From the first byte, port 465."),
        ("none", "None", "Within a machine or a trusted network; no password then."),
    ];
    let to_id = format!("{}-to", kind.as_str());
    view! {
        {text("server", "Server", typed("server", server), "smtp.example.com:587", true)}
        <fieldset class="field fieldset">
            <legend class="field__label">"Encryption"</legend>
            {one_of("tls", &choices, &chosen)}
        </fieldset>
        {text("user", "User, if it wants one", typed("user", user), "", false)}
        {secret(kind, "password", "Password", "Kept sealed.", has_password)}
        {text("from", "From", typed("from", from), "weir@example.com", true)}
        <div class="field">
            <label for=to_id.clone()>"To, one a line"</label>
            <textarea class="area" id=to_id name="to" rows="2" required>
                {typed("to", to)}
            </textarea>
        </div>
    }
    .into_any()
}
