use super::fields::Row;
use leptos::prelude::*;
use weir_domain::access::people::{MOST_GRANTS, Places};

/// Where the roles hold: rows to fill in. "Add" and "Remove" send the form to its own page, which draws it anew with one
/// row more or less and carries out nothing.
pub(super) fn grants(rows: &[Row], places: &Places, action: &str) -> AnyView {
    // Comes back to the rows, not to the top of the page.
    let here = format!("{action}#grants");
    let lines = rows.iter().enumerate().map(|(n, row)| line(n, row, places, &here)).collect::<Vec<_>>();
    let (none, full) = (rows.is_empty(), rows.len() >= MOST_GRANTS);
    view! {
        <fieldset class="fieldset" id="grants">
            <legend class="field__label">"Grants: on which channels"</legend>
            <p class="field__hint">
                "A channel is seen if one grant covers it. * stands for any run of characters: order.* covers order.placed. Without a grant nothing of events and sources is seen."
            </p>
            <div class="grant grant--head" aria-hidden="true" hidden=none>
                <span>"Environment"</span>
                <span>"Source"</span>
                <span>"Channels"</span>
            </div>
            {lines}
            <div>
                <button
                    type="submit"
                    class="btn btn--sm"
                    name="row"
                    value="add"
                    formaction=here
                    formnovalidate
                    hidden=full
                >
                    "Add a grant"
                </button>
            </div>
        </fieldset>
    }
    .into_any()
}

fn line(n: usize, row: &Row, places: &Places, here: &str) -> AnyView {
    let of = |what: &str| format!("{what} of grant {}", n + 1);
    let environments: Vec<_> = places.environments.iter().map(|e| (e.id.to_string(), e.name.clone())).collect();
    let sources = places.sources.iter().map(|s| (s.id.to_string(), format!("{} ({})", s.name, s.environment_name)));
    view! {
        <div class="grant">
            <select class="select" name="environment" aria-label=of("Environment")>
                {options("Any environment", environments, &row.environment)}
            </select>
            <select class="select" name="source" aria-label=of("Source")>
                {options("Any source", sources.collect(), &row.source)}
            </select>
            <input
                class="input input--mono"
                name="pattern"
                value=row.pattern.clone()
                maxlength="255"
                placeholder="order.* or *"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                aria-label=of("Channels")
            />
            <button
                type="submit"
                class="btn btn--ghost btn--sm"
                name="row"
                value=format!("remove-{n}")
                formaction=here.to_owned()
                formnovalidate
                aria-label=format!("Remove grant {}", n + 1)
            >
                "Remove"
            </button>
        </div>
    }
    .into_any()
}

fn options(any: &'static str, places: Vec<(String, String)>, chosen: &str) -> AnyView {
    // One that is gone since stays visible, and is refused by name.
    let gone = !chosen.is_empty() && places.iter().all(|(id, _)| id != chosen);
    let gone = gone.then(|| (chosen.to_owned(), format!("#{chosen}, gone")));
    let each = places.into_iter().chain(gone).map(|(id, name)| {
        let on = id == chosen;
        view! {
            <option value=id selected=on>
                {name}
            </option>
        }
    });
    view! {
        <option value="">{any}</option>
        {each.collect_view()}
    }
    .into_any()
}
