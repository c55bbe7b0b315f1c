use crate::world::{SHOP, World, anybody, caller, event};
use weir_cases::events::TableAsked;
use weir_domain::{
    CaseError,
    access::{Grant, Role},
    events::{Cell, Column, EventFilter, MOST_COLUMNS, Masked, PageCursor},
};

fn asked(columns: &str) -> TableAsked {
    TableAsked { columns: Column::list(columns).unwrap(), ..TableAsked::default() }
}

#[tokio::test]
async fn columns_come_from_the_whole_event() {
    let world = World::new();
    let mut one = event(100, SHOP, 2);
    one.raw.as_mut().unwrap().payload = Some(br#"{"data":{"amount":12.50},"city":["Graz","Lyon"]}"#.to_vec());
    world.ports.data.lock().unwrap().events.push(one);
    let asked = TableAsked { fields: true, ..asked("time,data.amount,city,header.trace,nothing") };
    let table = world.cases.events.table(&anybody(), EventFilter::default(), asked, None, 1).await.unwrap();
    assert_eq!((table.page.rows.len(), table.cells.len()), (1, 1));
    let values = |texts: &[&str]| Cell::Values(Masked::Shown(Some(texts.iter().map(|t| (*t).to_owned()).collect())));
    let want = [Cell::OfRow, values(&["12.50"]), values(&["Graz", "Lyon"]), values(&["header-100"]), values(&[])];
    assert_eq!(table.cells[0], want);
    assert_eq!(table.fields, ["city", "data.amount", "header.trace"]);
    let stored = world.ports.data.lock().unwrap().events.len() as u64;
    assert_eq!(table.stored, Some(stored));
    assert!(table.page.next.is_some(), "one row of several");
}

#[tokio::test]
async fn a_table_goes_on_where_it_stopped_and_is_told_its_size_once() {
    let world = World::new();
    let (mut before, mut met) = (None::<PageCursor>, Vec::new());
    loop {
        let step =
            world.cases.events.table(&anybody(), EventFilter::default(), asked("data.x"), before, 1).await.unwrap();
        assert_eq!(step.stored.is_some(), before.is_none());
        met.extend(step.page.rows.iter().map(|r| r.id));
        before = step.page.next;
        if before.is_none() {
            break;
        }
    }
    let all = world.cases.events.list(&anybody(), EventFilter::default(), None, 200).await.unwrap();
    assert_eq!(met, all.rows.iter().map(|r| r.id).collect::<Vec<_>>());
}

#[tokio::test]
async fn bytes_are_read_only_where_a_column_needs_them() {
    let world = World::new();
    for (columns, port) in [("", "list"), ("time,key,summary", "list"), ("time,data.x", "list_whole")] {
        world.ports.take_asked();
        world.cases.events.table(&anybody(), EventFilter::default(), asked(columns), None, 9).await.unwrap();
        let calls: Vec<_> = world.ports.take_asked().into_iter().map(|a| a.what).collect();
        assert!(calls.contains(&port), "{columns}: {calls:?}");
        assert_eq!(calls.contains(&"list_whole"), port == "list_whole", "{columns}: {calls:?}");
    }
}

#[tokio::test]
async fn what_may_not_be_seen_can_not_be_sorted_by() {
    let world = World::new();
    let viewer = caller(&[Role::Viewer], &[Grant::everything()]);
    for column in ["data.amount", "header.trace", "summary", "key"] {
        let sorted_by = Column::parse(column);
        let by = TableAsked { sorted_by, ..TableAsked::default() };
        let refused = world.cases.events.table(&viewer, EventFilter::default(), by.clone(), None, 9).await;
        assert!(matches!(refused, Err(CaseError::NotAllowed { .. })), "{column}: {refused:?}");
        assert!(world.cases.events.table(&anybody(), EventFilter::default(), by, None, 9).await.is_ok(), "{column}");
    }
    let by = TableAsked { sorted_by: Some(Column::Time), ..TableAsked::default() };
    assert!(world.cases.events.table(&viewer, EventFilter::default(), by, None, 9).await.is_ok());
}

#[tokio::test]
async fn too_many_columns_are_refused_in_words() {
    let world = World::new();
    let columns = vec![Column::Time; MOST_COLUMNS + 1];
    let many = TableAsked { columns, ..TableAsked::default() };
    let refused = world.cases.events.table(&anybody(), EventFilter::default(), many, None, 9).await;
    assert!(matches!(refused, Err(CaseError::Invalid { .. })), "{refused:?}");
}
