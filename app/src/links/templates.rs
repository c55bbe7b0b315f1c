use super::of_event::list;
use crate::{
    RequestContext,
    drawn::{self, Address, DrawnPage, Echo, head},
    events::line,
    ui::Empty,
};
use leptos::prelude::*;
use weir_domain::{
    EventId,
    access::Permission,
    links::{EventLink, LinkTemplate},
};

const TITLE: &str = "Link templates";
const DONE: &[(&str, &str)] = &[
    ("added", "The template is kept. Values of its field are links now, for everybody who may see them."),
    ("removed", "The template is removed. Its links are gone with it."),
];

/// What a template would make of a recent event.
#[derive(Debug, Clone)]
pub struct TemplatePreview {
    /// The newest event of the channels that it is for; `None`: there is none among the newest.
    pub event: Option<EventId>,
    pub links: Vec<EventLink>,
}

/// The page at `/links/templates`, which also answers its forms.
pub(crate) async fn templates(cx: &RequestContext, address: &Address) -> DrawnPage {
    let found = match cx.caller() {
        Ok(caller) => cx.told(cx.cases.links.templates(&caller).await).map(|all| (caller, all)),
        Err(failure) => Err(failure),
    };
    let (caller, all) = match found {
        Ok(found) => found,
        Err(failure) => return drawn::not_known(TITLE, failure),
    };
    let edits = caller.roles.iter().any(|r| r.allows(Permission::PoliciesEdit));
    drawn::page(TITLE, || {
        let echo = Echo::here();
        view! {
            <div class="page page--text">
                {head(TITLE, "from values of events to other systems", ().into_any())} {drawn::failure(&echo)}
                {drawn::done(address, DONE)} {kept(&all, edits)} {edits.then(|| form(&echo))}
                <p class="soft small">
                    "A link stands beside a value in the inspector, for those who may see the value, with the host that it leads to. Weir asks that host nothing: it learns the value when somebody follows the link. Hosts are part of the template; of a value only letters, digits and - _ . ~ go into an address as they are."
                </p>
            </div>
        }
        .into_any()
    })
}

fn kept(all: &[LinkTemplate], edits: bool) -> AnyView {
    if all.is_empty() {
        return view! {
            <section class="panel" aria-label=TITLE>
                <Empty title="No value leads anywhere yet">
                    <p>"A template makes links of a field: data.orderId to a CRM, header.traceparent to tracing."</p>
                </Empty>
            </section>
        }
        .into_any();
    }
    let rows = all.iter().map(|template| row(template, edits)).collect_view();
    view! {
        <section class="panel" aria-label=TITLE>
            <div class="tablewrap">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Leads to"</th>
                            <th scope="col">"Field"</th>
                            <th scope="col">"Channels"</th>
                            <th scope="col">"Address"</th>
                            <th scope="col">
                                <span class="vh">"Change"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(template: &LinkTemplate, edits: bool) -> AnyView {
    // Opening it is the question whether one means it.
    let act = edits.then(|| {
        view! {
            <details class="sure">
                <summary class="btn btn--sm">"Remove…" <span class="vh">{format!(" {}", template.name)}</span></summary>
                <form method="post" action="/links/templates/remove">
                    <input type="hidden" name="id" value=template.id.0.clone() />
                    <button type="submit" class="btn btn--sm btn--danger-solid">
                        "Remove it now"
                    </button>
                </form>
            </details>
        }
    });
    view! {
        <tr>
            <th scope="row" class="wrap">{line(&template.name)}</th>
            <td class="mono wrap">{line(&template.field.text())}</td>
            <td class="mono wrap">{line(&template.channels)}</td>
            <td class="mono wrap">{line(template.target.as_str())}</td>
            <td class="num">{act}</td>
        </tr>
    }
    .into_any()
}

fn form(echo: &Echo) -> AnyView {
    let field = |name: &'static str, label: &'static str, hint: &'static str, placeholder: &'static str| {
        let (id, hint_id) = (format!("link-{name}"), format!("link-{name}-hint"));
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input
                    class="input"
                    class:input--mono=name != "name"
                    id=id
                    name=name
                    value=echo.typed(name).unwrap_or_default().to_owned()
                    required=name != "channels"
                    maxlength="1000"
                    placeholder=placeholder
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    aria-describedby=hint_id.clone()
                />
                <span class="field__hint" id=hint_id>
                    {hint}
                </span>
            </div>
        }
        .into_any()
    };
    let name = field("name", "Name", "The system that it leads to.", "CRM");
    let of = field("field", "Field", "A path of the payload, header.<name>, or key.", "data.orderId");
    let channels = field("channels", "Channels", "With * for whatever differs; empty: every channel.", "orders.*");
    let target = field(
        "target",
        "Address",
        "https or http; {value} is where the value goes, {trace_id} takes the trace's id out of a traceparent.",
        "https://crm.example/orders/{value}",
    );
    view! {
        <section class="panel" aria-labelledby="new-template">
            <div class="panel__head">
                <h2 class="panel__title" id="new-template">
                    "A new template"
                </h2>
            </div>
            <form class="panel__body stack stack--lg" method="post" action="/links/templates">
                {name} {of} {channels} {target} {echo.told::<TemplatePreview>().map(preview)} <div class="row">
                    <button type="submit" class="btn btn--primary" name="act" value="add">
                        "Add it"
                    </button>
                    <button type="submit" class="btn" name="act" value="preview">
                        "Try it on a recent event"
                    </button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

fn preview(preview: &TemplatePreview) -> AnyView {
    let of = preview.event.map(|id| {
        view! {
            " "
            <a href=format!("/events/{id}")>{format!("event {id}")}</a>
        }
    });
    let told = match (&preview.event, preview.links.is_empty()) {
        (None, _) => view! { <p class="small">"None of the newest events that you may see is of these channels."</p> }.into_any(),
        (Some(_), true) => view! {
            <p class="small">
                "It makes no link of" {of} ": the field is not there, its value is no part of an address, or your roles do not show it."
            </p>
        }
        .into_any(),
        (Some(_), false) => view! {
            <p class="small">"Of" {of} ":"</p>
            {list(&preview.links)}
        }
        .into_any(),
    };
    view! { <div role="status" class="links-preview">{told}</div> }.into_any()
}
