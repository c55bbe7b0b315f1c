use super::{invite::invite, problem::Problem, set_up::set_up, sign_in::sign_in};
use crate::shell::Mark;
use leptos::prelude::*;

/// Pages outside of the console, for nobody in particular. What leads to them or from them loads the page anew.
pub const GATE_PATHS: [&str; 3] = ["/sign-in", "/setup", "/invite"];

/// The page at one of [`GATE_PATHS`].
pub(crate) fn gate_page(path: &str) -> Option<AnyView> {
    match path {
        "/sign-in" => Some(sign_in()),
        "/setup" => Some(set_up()),
        "/invite" => Some(invite()),
        _ => None,
    }
}

/// Draws a page by whether anybody has an account yet; `None`: the database can't tell now.
pub(super) fn by_set_up(draw: impl Fn(Option<bool>) -> AnyView + Clone + Send + Sync + 'static) -> AnyView {
    let cases = use_context::<crate::RequestContext>().map(|cx| cx.cases);
    let page = move || {
        let (cases, draw) = (cases.clone(), draw.clone());
        Suspend::new(async move {
            let known = match cases {
                Some(cases) => cases.access.is_set_up().await.ok(),
                None => None,
            };
            draw(known)
        })
    };
    view! { <Suspense>{page}</Suspense> }.into_any()
}

/// The frame of the pages outside of the console: what the page is for, what went wrong, and its form.
pub(super) fn gate(title: &'static str, intro: &'static str, form: AnyView, note: &'static str) -> AnyView {
    view! {
        <main class="gate" id="main">
            <div class="gate__brand">
                <Mark />
                "Weir"
            </div>
            <section class="panel gate__panel" aria-labelledby="gate-title">
                <h1 class="page__title" id="gate-title">
                    {title}
                </h1>
                <p class="soft" hidden=intro.is_empty()>
                    {intro}
                </p>
                <Problem />
                {form}
                <p class="small muted" hidden=note.is_empty()>
                    {note}
                </p>
            </section>
        </main>
    }
    .into_any()
}
