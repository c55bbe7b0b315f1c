//! Tables for people.

use super::{
    WIDTH,
    width::{cut, plain, width},
};

/// Between two columns.
const GAP: &str = "  ";
/// What a column that gives way keeps.
const LEAST: usize = 6;

#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub name: &'static str,
    /// Numbers stand to the right.
    pub right: bool,
    /// Gives way where the line would be too long; otherwise shown whole.
    pub gives: bool,
}

impl Column {
    pub const fn text(name: &'static str) -> Self {
        Self { name, right: false, gives: true }
    }
    pub const fn whole(name: &'static str) -> Self {
        Self { name, right: false, gives: false }
    }
    pub const fn number(name: &'static str) -> Self {
        Self { name, right: true, gives: false }
    }
}

/// Columns and how wide each is. Made of the first rows; later ones keep to it.
pub struct Table {
    columns: Vec<Column>,
    widths: Vec<usize>,
}

impl Table {
    /// As wide as these rows need, and [`WIDTH`] at most. `least` widens columns for what may come later.
    pub fn fitting(columns: &[Column], rows: &[Vec<String>], least: &[usize]) -> Self {
        let mut widths: Vec<usize> = columns.iter().map(|c| width(c.name)).collect();
        for (i, wide) in widths.iter_mut().enumerate() {
            let cells = rows.iter().filter_map(|row| row.get(i)).map(|cell| width(&plain(cell)));
            *wide = cells.chain(least.get(i).copied()).max().unwrap_or(0).max(*wide);
        }
        let room = WIDTH - GAP.len() * columns.len().saturating_sub(1);
        while widths.iter().sum::<usize>() > room {
            let widest =
                (0..columns.len()).filter(|i| columns[*i].gives && widths[*i] > LEAST).max_by_key(|i| widths[*i]);
            match widest {
                Some(i) => widths[i] -= 1,
                None => break,
            }
        }
        Self { columns: columns.to_vec(), widths }
    }

    /// Columns that a line takes.
    pub fn width(&self) -> usize {
        self.widths.iter().sum::<usize>() + GAP.len() * self.widths.len().saturating_sub(1)
    }

    pub fn head(&self) -> String {
        self.row(&self.columns.iter().map(|c| c.name.to_owned()).collect::<Vec<_>>())
    }

    pub fn row(&self, cells: &[String]) -> String {
        let mut out = String::new();
        for (i, column) in self.columns.iter().enumerate() {
            let wide = self.widths[i];
            let cell = cut(&plain(cells.get(i).map_or("", String::as_str)), wide);
            let room = " ".repeat(wide.saturating_sub(width(&cell)));
            if i > 0 {
                out.push_str(GAP);
            }
            out.push_str(&if column.right { room + &cell } else { cell + &room });
        }
        out.truncate(out.trim_end().len());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_columns_give_way_and_numbers_stay_whole() {
        let columns = [Column::whole("ID"), Column::text("CHANNEL"), Column::text("KEY"), Column::number("SIZE")];
        let row = vec!["12-4711".to_owned(), "c".repeat(90), "k\x1b[2J".repeat(10), "1.2 MB".to_owned()];
        let table = Table::fitting(&columns, std::slice::from_ref(&row), &[]);
        let line = table.row(&row);
        assert_eq!(width(&line), WIDTH, "{line}");
        assert!(line.starts_with("12-4711  ccc") && line.ends_with("1.2 MB") && !line.contains('\x1b'), "{line}");
        let small = Table::fitting(&columns, &[], &[]);
        assert_eq!(small.head(), "ID  CHANNEL  KEY  SIZE");
        assert_eq!(small.row(&["1".into(), "a".into()]), "1   a");
    }
}
