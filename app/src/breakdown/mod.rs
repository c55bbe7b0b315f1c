//! How what a search finds is spread: a histogram and the most frequent values. A page of its own, and a part of the
//! Events page, where the page's script puts it (`js/parts.js`).

mod chart;
mod page;
mod values;

pub(crate) use page::breakdown;
