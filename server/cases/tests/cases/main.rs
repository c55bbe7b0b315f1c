//! The use cases as one piece, on fakes that leak: every fake port answers with everything it has,
//! whatever the view says, so that what a caller must not see has to be stopped here.

mod access_table;
mod attention;
mod calls;
mod complete;
mod events;
mod fakes;
mod live;
mod set_up;
mod sign_in;
mod sources;
mod tail;
mod views;
mod world;
