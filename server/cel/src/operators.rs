//! Equality, order and arithmetic, as CEL's specification has them: numbers of all kinds are compared by value, other
//! kinds are never equal, and what overflows fails.

use crate::{
    evaluate::{Frame, Stop},
    node::Binary,
    value::Value,
};
use std::{borrow::Cow, cmp::Ordering, rc::Rc};

/// Longest text, bytes or list that an expression makes.
const LARGEST_MADE: usize = 64 * 1024;

pub(crate) fn binary<'a>(frame: &mut Frame<'a>, op: Binary, a: Value<'a>, b: Value<'a>) -> Result<Value<'a>, Stop> {
    Ok(match op {
        Binary::Equal => Value::Bool(equal(frame, &a, &b)?),
        Binary::NotEqual => Value::Bool(!equal(frame, &a, &b)?),
        Binary::In => Value::Bool(is_in(frame, &a, &b)?),
        Binary::Less => Value::Bool(ordered(frame, &a, &b, Ordering::is_lt)?),
        Binary::AtMost => Value::Bool(ordered(frame, &a, &b, Ordering::is_le)?),
        Binary::Greater => Value::Bool(ordered(frame, &a, &b, Ordering::is_gt)?),
        Binary::AtLeast => Value::Bool(ordered(frame, &a, &b, Ordering::is_ge)?),
        Binary::Add => add(frame, a, b)?,
        Binary::Subtract => match (&a, &b) {
            (Value::Time(a), Value::Time(b)) => Value::Duration(a.checked_sub(*b).ok_or(Stop::Failed)?),
            (Value::Time(a), Value::Duration(b)) => Value::Time(a.checked_sub(*b).ok_or(Stop::Failed)?),
            (Value::Duration(a), Value::Duration(b)) => Value::Duration(a.checked_sub(*b).ok_or(Stop::Failed)?),
            _ => numbers(&a, &b, i64::checked_sub, u64::checked_sub, |a, b| Some(a - b))?,
        },
        Binary::Multiply => numbers(&a, &b, i64::checked_mul, u64::checked_mul, |a, b| Some(a * b))?,
        Binary::Divide => numbers(&a, &b, i64::checked_div, u64::checked_div, |a, b| Some(a / b))?,
        Binary::Remainder => numbers(&a, &b, i64::checked_rem, u64::checked_rem, |_, _| None)?,
    })
}

fn numbers<'a>(
    a: &Value<'a>,
    b: &Value<'a>,
    ints: fn(i64, i64) -> Option<i64>,
    uints: fn(u64, u64) -> Option<u64>,
    doubles: fn(f64, f64) -> Option<f64>,
) -> Result<Value<'a>, Stop> {
    let made = match (a, b) {
        (Value::Int(a), Value::Int(b)) => ints(*a, *b).map(Value::Int),
        (Value::UInt(a), Value::UInt(b)) => uints(*a, *b).map(Value::UInt),
        (Value::Double(a), Value::Double(b)) => doubles(*a, *b).map(Value::Double),
        // JSON knows one kind of number: what is written 3 in one event is 3.5 in the next.
        (Value::Double(a), Value::Int(b)) => doubles(*a, *b as f64).map(Value::Double),
        (Value::Int(a), Value::Double(b)) => doubles(*a as f64, *b).map(Value::Double),
        _ => None,
    };
    made.ok_or(Stop::Failed)
}

fn add<'a>(frame: &mut Frame<'a>, a: Value<'a>, b: Value<'a>) -> Result<Value<'a>, Stop> {
    let fits = |a: usize, b: usize| if a + b > LARGEST_MADE { Err(Stop::TooMuch) } else { Ok(()) };
    frame.pays(a.weight() + b.weight())?;
    Ok(match (a, b) {
        (Value::Text(a), Value::Text(b)) => {
            fits(a.len(), b.len())?;
            Value::Text(Cow::Owned(a.into_owned() + &b))
        }
        (Value::Bytes(a), Value::Bytes(b)) => {
            fits(a.len(), b.len())?;
            Value::Bytes(Cow::Owned([a, b].concat()))
        }
        (a, b) if a.is_list() && b.is_list() => {
            let (first, second) = (a.len().unwrap_or(0), b.len().unwrap_or(0));
            fits(first, second)?;
            let all = (0..first).filter_map(|i| a.element(i)).chain((0..second).filter_map(|i| b.element(i)));
            Value::List(Rc::new(all.collect()))
        }
        (Value::Time(a), Value::Duration(b)) | (Value::Duration(b), Value::Time(a)) => {
            Value::Time(a.checked_add(b).ok_or(Stop::Failed)?)
        }
        (Value::Duration(a), Value::Duration(b)) => Value::Duration(a.checked_add(b).ok_or(Stop::Failed)?),
        (a, b) => numbers(&a, &b, i64::checked_add, u64::checked_add, |a, b| Some(a + b))?,
    })
}

/// Of numbers, `None` where one is none.
fn order_of_numbers(a: &Value<'_>, b: &Value<'_>) -> Option<Option<Ordering>> {
    Some(match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::UInt(a), Value::UInt(b)) => Some(a.cmp(b)),
        (Value::Double(a), Value::Double(b)) => a.partial_cmp(b),
        (Value::Int(a), Value::UInt(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Value::UInt(a), Value::Int(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Value::Int(a), Value::Double(b)) => with_double(i128::from(*a), *b),
        (Value::UInt(a), Value::Double(b)) => with_double(i128::from(*a), *b),
        (Value::Double(a), Value::Int(b)) => with_double(i128::from(*b), *a).map(Ordering::reverse),
        (Value::Double(a), Value::UInt(b)) => with_double(i128::from(*b), *a).map(Ordering::reverse),
        _ => return None,
    })
}

/// Exactly: no whole number is rounded for it.
fn with_double(a: i128, b: f64) -> Option<Ordering> {
    if b.is_nan() {
        return None;
    }
    // Saturates, far beyond any int or uint.
    let whole = b.trunc() as i128;
    Some(a.cmp(&whole).then_with(|| 0.0_f64.total_cmp(&(b.fract() + 0.0))))
}

fn ordered(frame: &mut Frame<'_>, a: &Value<'_>, b: &Value<'_>, holds: fn(Ordering) -> bool) -> Result<bool, Stop> {
    frame.pays(a.weight().min(b.weight()))?;
    if let Some(order) = order_of_numbers(a, b) {
        // What is no number is neither above nor below one.
        return Ok(order.is_some_and(holds));
    }
    let order = match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b)) | (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
        _ => return Err(Stop::Failed),
    };
    Ok(holds(order))
}

pub(crate) fn equal(frame: &mut Frame<'_>, a: &Value<'_>, b: &Value<'_>) -> Result<bool, Stop> {
    frame.pays(1 + a.weight().min(b.weight()))?;
    if let Some(order) = order_of_numbers(a, b) {
        return Ok(order == Some(Ordering::Equal));
    }
    Ok(match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::Time(a), Value::Time(b)) | (Value::Duration(a), Value::Duration(b)) => a == b,
        (Value::Type(a), Value::Type(b)) => a == b,
        (a, b) if a.is_list() && b.is_list() => {
            let len = a.len();
            if len != b.len() {
                return Ok(false);
            }
            for i in 0..len.unwrap_or(0) {
                let (Some(a), Some(b)) = (a.element(i), b.element(i)) else { return Ok(false) };
                if !equal(frame, &a, &b)? {
                    return Ok(false);
                }
            }
            true
        }
        (a, b) if a.is_map() && b.is_map() => {
            let keys = a.keys().unwrap_or_default();
            if Some(keys.len()) != b.len() {
                return Ok(false);
            }
            for key in keys {
                let (Some(a), Some(b)) = (at(frame, a, &key)?, at(frame, b, &key)?) else { return Ok(false) };
                if !equal(frame, &a, &b)? {
                    return Ok(false);
                }
            }
            true
        }
        _ => false,
    })
}

fn is_in(frame: &mut Frame<'_>, what: &Value<'_>, all: &Value<'_>) -> Result<bool, Stop> {
    if all.is_map() {
        return Ok(at(frame, all, what)?.is_some());
    }
    if !all.is_list() {
        return Err(Stop::Failed);
    }
    for i in 0..all.len().unwrap_or(0) {
        if let Some(element) = all.element(i)
            && equal(frame, what, &element)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a list or map has at a place; `None`: nothing.
pub(crate) fn at<'a>(frame: &mut Frame<'_>, of: &Value<'a>, key: &Value<'_>) -> Result<Option<Value<'a>>, Stop> {
    match (of, key) {
        (of, key) if of.is_list() => {
            let at = match key {
                Value::Int(n) => usize::try_from(*n).ok(),
                Value::UInt(n) => usize::try_from(*n).ok(),
                Value::Double(n) if n.fract() == 0.0 && *n >= 0.0 => Some(*n as usize),
                Value::Double(_) => None,
                _ => return Err(Stop::Failed),
            };
            Ok(at.and_then(|at| of.element(at)))
        }
        (of, Value::Text(name)) if of.is_map() => {
            frame.pays(of.weight() >> 3)?;
            Ok(of.member(name))
        }
        (Value::Map(entries), key) => {
            for (k, value) in entries.iter() {
                if equal(frame, k, key)? {
                    return Ok(Some(value.clone()));
                }
            }
            Ok(None)
        }
        (of, _) if of.is_map() => Ok(None),
        _ => Err(Stop::Failed),
    }
}
