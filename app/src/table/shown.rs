use crate::{drawn::Address, events::encode};
use weir_domain::{
    CaseError,
    events::{Column, ColumnsError, MOST_COLUMNS, Sort},
};

/// How a table is shown: its part of the address of the Events page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableShown {
    /// None: those of the list.
    pub columns: Vec<Column>,
    pub sort: Option<Sort>,
    pub compact: bool,
    /// What is searched first: it is found in this order, whatever it is sorted by.
    pub oldest_first: bool,
}

/// The columns of the list.
const USUAL: [Column; 6] = [Column::Time, Column::Type, Column::Channel, Column::Key, Column::Summary, Column::Size];

impl TableShown {
    /// From a raw query string; what is not about the table is left alone.
    ///
    /// # Errors
    /// When a column is none, or there are too many.
    pub fn parse(query: &str) -> Result<Self, CaseError> {
        let address = Address::parse(&format!("/table?{}", query.trim_start_matches('?')));
        let columns = address.given("columns").map_or(Ok(Vec::new()), Column::list).map_err(no_columns)?;
        let sort = match address.given("sort") {
            Some(text) => Some(Sort::parse(text).ok_or_else(|| no_columns(ColumnsError::Unknown(text.to_owned())))?),
            None => None,
        };
        let oldest_first = address.given("order") == Some("oldest");
        Ok(Self { columns, sort, compact: address.given("density") == Some("compact"), oldest_first })
    }

    /// The columns of the list, as an address has them.
    pub fn usual() -> String {
        Self::written(&USUAL)
    }

    /// The columns that are drawn: what it is sorted by is one of them.
    pub fn drawn(&self) -> Vec<Column> {
        let mut columns = if self.columns.is_empty() { USUAL.to_vec() } else { self.columns.clone() };
        if let Some(sort) = &self.sort
            && !columns.contains(&sort.column)
        {
            columns.push(sort.column.clone());
        }
        columns
    }

    /// The list of columns as an address has it.
    pub fn written(columns: &[Column]) -> String {
        columns.iter().map(Column::text).collect::<Vec<_>>().join(",")
    }

    /// Behind the rest of an address's query: empty, or beginning with `&`.
    pub fn query(&self) -> String {
        let mut out = String::new();
        let mut put = |name: &str, value: &str| {
            if !value.is_empty() {
                out.push('&');
                out.push_str(name);
                out.push('=');
                encode(value, &mut out);
            }
        };
        put("columns", &Self::written(&self.columns));
        put("sort", &self.sort.as_ref().map(Sort::text).unwrap_or_default());
        put("density", if self.compact { "compact" } else { "" });
        put("order", if self.oldest_first { "oldest" } else { "" });
        out
    }
}

fn no_columns(error: ColumnsError) -> CaseError {
    let (what, what_to_do) = match error {
        ColumnsError::Unknown(text) => {
            let mut text = text;
            text.truncate(text.floor_char_boundary(100));
            (
                format!("There is no column `{text}`."),
                "Write time, type, key or another word of the chooser, header.tenant for a header, or a path such as data.amount.".to_owned(),
            )
        }
        ColumnsError::TooMany => (format!("A table has at most {MOST_COLUMNS} columns."), "Leave some out.".to_owned()),
    };
    CaseError::Invalid { what, what_to_do }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_holds_all_of_it() {
        let query =
            "q=declined&columns=time,data.amount,header.tenant&sort=-data.amount&density=compact&order=oldest&sel=1-2";
        let shown = TableShown::parse(query).unwrap();
        assert_eq!(
            shown.query(),
            "&columns=time%2Cdata.amount%2Cheader.tenant&sort=-data.amount&density=compact&order=oldest"
        );
        assert_eq!(TableShown::parse(&shown.query()).unwrap(), shown);
        assert_eq!(TableShown::parse("").unwrap(), TableShown::default());
        assert_eq!(TableShown::default().query(), "");
    }

    #[test]
    fn what_it_is_sorted_by_is_seen() {
        let columns = |query: &str| TableShown::written(&TableShown::parse(query).unwrap().drawn());
        assert_eq!(columns("sort=-data.amount"), "time,type,channel,key,summary,size,data.amount");
        assert_eq!(columns("columns=key&sort=key"), "key");
    }

    #[test]
    fn what_is_no_column_is_said() {
        for bad in ["columns=a%20b", "sort=-", "columns=header."] {
            assert!(matches!(TableShown::parse(bad), Err(CaseError::Invalid { .. })), "{bad}");
        }
    }
}
