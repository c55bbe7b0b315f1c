/// A closure for a place in a view that follows signals, behind a pointer: each closure's own type would cost the
/// browser a copy of all that can be done with a place.
pub fn varying<T>(f: impl FnMut() -> T + Send + 'static) -> Box<dyn FnMut() -> T + Send> {
    Box::new(f)
}
