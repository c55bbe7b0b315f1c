//! A range by offset: the third way to say which events, beside relative and absolute times.

use crate::{
    RequestContext,
    drawn::{self, Address, DrawnPage},
    events::Place,
};
use leptos::prelude::*;
use weir_domain::search::{CEL_MARK, Query};

/// A form for a stretch of a partition, and, once it is filled in, the search that it means. As a part (`part=1`) it is
/// the form alone.
pub(crate) fn offsets(_: &RequestContext, query: &str) -> DrawnPage {
    let place = Place::parse(query).list_part().first_page();
    let address = Address::parse(&format!("/offsets?{query}"));
    let part = address.given("part").is_some();
    let asked = Asked::of(&address);
    drawn::page("By offset", || {
        let form = form(&place, &address);
        let answer = match asked {
            Ok(None) => ().into_any(),
            Ok(Some(terms)) => {
                let there = Place { q: Some(narrowed(place.q.as_deref(), &terms)), ..place.clone() };
                view! {
                    <p>
                        <a class="btn btn--primary btn--sm" href=there.href()>
                            "Show these events"
                        </a>
                    </p>
                }
                .into_any()
            }
            Err(wrong) => view! { <p class="field__error" role="alert">{wrong}</p> }.into_any(),
        };
        match part {
            true => form,
            false => view! {
                <div class="page page--text">
                    {drawn::head("By offset", "a stretch of one partition, or of all", ().into_any())}
                    <section class="panel">
                        <div class="panel__body stack">{form} {answer}</div>
                    </section>
                </div>
            }
            .into_any(),
        }
    })
}

/// Terms of the query language.
struct Asked;

impl Asked {
    fn of(address: &Address) -> Result<Option<Vec<String>>, &'static str> {
        const WRONG: &str = "Partition and offsets are whole numbers.";
        let number = |name: &str| match address.given(name) {
            Some(text) => text.parse::<i64>().map(Some).map_err(|_| WRONG),
            None => Ok(None),
        };
        let (partition, first, last) = (number("partition")?, number("first")?, number("last")?);
        if let (Some(first), Some(last)) = (first, last)
            && last < first
        {
            return Err("The last offset is below the first: swap them.");
        }
        let term = |name: &str, n: Option<i64>| n.map(|n| format!("{name}{n}"));
        let terms = [term("partition=", partition), term("offset>=", first), term("offset<=", last)];
        let terms: Vec<_> = terms.into_iter().flatten().collect();
        Ok((!terms.is_empty()).then_some(terms))
    }
}

/// Joined to what is searched already, in its language.
fn narrowed(query: Option<&str>, terms: &[String]) -> String {
    match query.map(|query| (query, Query::cel(query))) {
        Some((_, Some(expression))) => {
            let terms = terms.iter().map(|term| format!(" && {}", term.replacen("partition=", "partition ==", 1)));
            format!("{CEL_MARK} ({}){}", expression.trim(), terms.collect::<String>())
        }
        Some((query, None)) => format!("({query}) {}", terms.join(" ")),
        None => terms.join(" "),
    }
}

fn form(place: &Place, address: &Address) -> AnyView {
    let kept = [
        ("env", &place.env),
        ("source", &place.source),
        ("channel", &place.channel),
        ("type", &place.event_type),
        ("key", &place.key),
        ("q", &place.q),
        ("from", &place.from),
        ("to", &place.to),
    ];
    let kept = kept.into_iter().filter_map(|(name, value)| Some((name, value.clone()?)));
    let kept = kept.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
    let field = |name: &'static str, label: &'static str| {
        view! {
            <label class="small">
                {label}
                <input
                    class="input input--mono found__number"
                    name=name
                    value=address.given(name).map(str::to_owned)
                    inputmode="numeric"
                    pattern="-?[0-9]{1,19}"
                    maxlength="20"
                    autocomplete="off"
                />
            </label>
        }
    };
    view! {
        <form class="row row--wrap found__offsets" method="get" action="/offsets">
            {kept} {field("partition", "Partition ")} {field("first", "from offset ")} {field("last", "to ")}
            <button type="submit" class="btn btn--sm">
                "Set range"
            </button>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_of_offsets_is_a_query() {
        let of = |query: &str| Asked::of(&Address::parse(&format!("/offsets?{query}")));
        let terms = of("partition=3&first=120000&last=129999").unwrap().unwrap();
        assert_eq!(terms.join(" "), "partition=3 offset>=120000 offset<=129999");
        for query in [None, Some("a OR b")] {
            let all = narrowed(query, &terms);
            assert!(Query::parse(&all).is_ok(), "{all}");
        }
        let expression = narrowed(Some("cel: n > 1 || n < 0"), &terms);
        assert_eq!(expression, "cel: (n > 1 || n < 0) && partition ==3 && offset>=120000 && offset<=129999");
        assert!(weir_cases::events::readable(&expression).is_ok());
        assert_eq!(of("last=5").unwrap(), Some(vec!["offset<=5".to_owned()]));
        assert_eq!(of("q=a").unwrap(), None);
        assert!(of("first=x").is_err() && of("first=5&last=4").is_err());
    }
}
