//! Environments: every source belongs to one (decision 15).

use super::section::{Found, Key, Section};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    pub name: String,
    /// Marked in words wherever somebody acts.
    pub production: bool,
    /// One of [`COLOURS`].
    pub colour: Option<&'static str>,
}

pub use weir_domain::sources::{COLOURS, is_name};

const KIND: Key = Key {
    name: "kind",
    expected: "\"production\" or \"other\"; production is named in words wherever somebody acts",
    example: "kind = \"production\"",
};
const COLOUR: Key = Key {
    name: "colour",
    expected: "one of red, orange, yellow, green, teal, blue, violet, grey",
    example: "colour = \"red\"",
};
/// Names of environments and sources: they stand in addresses, client ids and variables.
pub const NAME: Key = Key {
    name: "name",
    expected: "a name of 1 to 40 lower-case letters, digits, - and _, beginning with a letter or a digit",
    example: "[environments.production]\n[sources.shop-eu]",
};

pub fn read(tables: Vec<(Found<String>, Section<'_, '_>)>) -> Vec<Environment> {
    let mut all = Vec::new();
    for (name, section) in tables {
        if !is_name(&name.value) {
            section.wrong_name(&NAME, &name);
        }
        let production = section.needed_text(&KIND).is_some_and(|found| match found.value.as_str() {
            "production" => true,
            "other" => false,
            other => {
                section.wrong(&KIND, &found.place, format!("is {other:?}"));
                false
            }
        });
        let colour = section.text(&COLOUR).and_then(|found| {
            let known = COLOURS.iter().copied().find(|c| *c == found.value);
            if known.is_none() {
                section.wrong(&COLOUR, &found.place, format!("is {:?}", found.value));
            }
            known
        });
        section.end();
        // Kept even if something in it is wrong, so that sources may refer to it.
        all.push(Environment { name: name.value, production, colour });
    }
    all
}
