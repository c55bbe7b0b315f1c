//! What can be called: the functions of CEL's standard library, and a few of its strings extension.

use crate::{
    evaluate::{Frame, Stop},
    times,
    value::Value,
};
use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Size,
    Contains,
    StartsWith,
    EndsWith,
    LowerAscii,
    UpperAscii,
    Trim,
    Int,
    UInt,
    Double,
    String,
    Bool,
    Bytes,
    Type,
    Dyn,
    Timestamp,
    Duration,
    Part(times::Part),
}

/// Where a function's first argument may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// `size(x)`
    Plain,
    /// `x.contains(y)`
    Method,
    Either,
}

impl Function {
    /// By its name, with the least and most arguments it takes, the one before the dot included.
    pub(crate) fn named(name: &str) -> Option<(Self, Call, usize, usize)> {
        use Call::{Either, Method, Plain};
        Some(match name {
            "size" => (Self::Size, Either, 1, 1),
            "contains" => (Self::Contains, Method, 2, 2),
            "startsWith" => (Self::StartsWith, Method, 2, 2),
            "endsWith" => (Self::EndsWith, Method, 2, 2),
            "lowerAscii" => (Self::LowerAscii, Method, 1, 1),
            "upperAscii" => (Self::UpperAscii, Method, 1, 1),
            "trim" => (Self::Trim, Method, 1, 1),
            "int" => (Self::Int, Plain, 1, 1),
            "uint" => (Self::UInt, Plain, 1, 1),
            "double" => (Self::Double, Plain, 1, 1),
            "string" => (Self::String, Plain, 1, 1),
            "bool" => (Self::Bool, Plain, 1, 1),
            "bytes" => (Self::Bytes, Plain, 1, 1),
            "type" => (Self::Type, Plain, 1, 1),
            "dyn" => (Self::Dyn, Plain, 1, 1),
            "timestamp" => (Self::Timestamp, Plain, 1, 1),
            "duration" => (Self::Duration, Plain, 1, 1),
            _ => (Self::Part(times::Part::named(name)?), Method, 1, 2),
        })
    }
}

pub(crate) fn call<'a>(frame: &mut Frame<'a>, function: Function, given: &[Value<'a>]) -> Result<Value<'a>, Stop> {
    let first = given.first().ok_or(Stop::Failed)?;
    frame.pays(given.iter().map(Value::weight).sum())?;
    let texts = || match given {
        [Value::Text(a), Value::Text(b)] => Ok((a, b)),
        _ => Err(Stop::Failed),
    };
    let text = || match first {
        Value::Text(text) => Ok(text),
        _ => Err(Stop::Failed),
    };
    Ok(match function {
        Function::Size => Value::Int(first.len().and_then(|n| i64::try_from(n).ok()).ok_or(Stop::Failed)?),
        Function::Contains => texts().map(|(a, b)| Value::Bool(a.contains(&**b)))?,
        Function::StartsWith => texts().map(|(a, b)| Value::Bool(a.starts_with(&**b)))?,
        Function::EndsWith => texts().map(|(a, b)| Value::Bool(a.ends_with(&**b)))?,
        Function::LowerAscii => Value::Text(Cow::Owned(text()?.to_ascii_lowercase())),
        Function::UpperAscii => Value::Text(Cow::Owned(text()?.to_ascii_uppercase())),
        Function::Trim => Value::Text(Cow::Owned(text()?.trim().to_owned())),
        Function::Type => Value::Type(first.type_name()),
        Function::Dyn => first.clone(),
        Function::Int => Value::Int(int(first)?),
        Function::UInt => Value::UInt(match first {
            Value::UInt(n) => *n,
            Value::Int(n) => u64::try_from(*n).map_err(|_| Stop::Failed)?,
            Value::Double(n) if (0.0..18_446_744_073_709_551_616.0).contains(&n.trunc()) => *n as u64,
            Value::Text(text) => text.parse().map_err(|_| Stop::Failed)?,
            _ => return Err(Stop::Failed),
        }),
        Function::Double => Value::Double(match first {
            Value::Double(n) => *n,
            Value::Int(n) => *n as f64,
            Value::UInt(n) => *n as f64,
            Value::Text(text) => text.parse().map_err(|_| Stop::Failed)?,
            _ => return Err(Stop::Failed),
        }),
        Function::Bool => Value::Bool(match first {
            Value::Bool(b) => *b,
            Value::Text(text) if matches!(&**text, "true" | "True" | "TRUE" | "t" | "1") => true,
            Value::Text(text) if matches!(&**text, "false" | "False" | "FALSE" | "f" | "0") => false,
            _ => return Err(Stop::Failed),
        }),
        Function::Bytes => Value::Bytes(match first {
            Value::Bytes(bytes) => bytes.clone(),
            Value::Text(text) => Cow::Owned(text.as_bytes().to_vec()),
            _ => return Err(Stop::Failed),
        }),
        Function::String => Value::Text(written(first)?),
        Function::Timestamp => Value::Time(match first {
            Value::Time(at) => *at,
            Value::Int(seconds) => seconds.checked_mul(1_000_000).ok_or(Stop::Failed)?,
            Value::Text(text) => times::timestamp(text).ok_or(Stop::Failed)?,
            _ => return Err(Stop::Failed),
        }),
        Function::Duration => Value::Duration(match first {
            Value::Duration(long) => *long,
            Value::Int(seconds) => seconds.checked_mul(1_000_000).ok_or(Stop::Failed)?,
            Value::Text(text) => times::duration(text).ok_or(Stop::Failed)?,
            _ => return Err(Stop::Failed),
        }),
        Function::Part(part) => Value::Int(
            match (first, given.get(1)) {
                (Value::Time(at), None) => part.of_time(*at, 0),
                (Value::Time(at), Some(Value::Text(zone))) => part.of_time(*at, times::zone(zone).ok_or(Stop::Failed)?),
                (Value::Duration(long), None) => part.of_duration(*long),
                _ => None,
            }
            .ok_or(Stop::Failed)?,
        ),
    })
}

fn int(of: &Value<'_>) -> Result<i64, Stop> {
    match of {
        Value::Int(n) => Some(*n),
        Value::UInt(n) => i64::try_from(*n).ok(),
        Value::Double(n) if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(n) => Some(*n as i64),
        Value::Text(text) => text.parse().ok(),
        Value::Time(at) => Some(at.div_euclid(1_000_000)),
        _ => None,
    }
    .ok_or(Stop::Failed)
}

fn written<'a>(of: &Value<'a>) -> Result<Cow<'a, str>, Stop> {
    Ok(match of {
        Value::Text(text) => text.clone(),
        Value::Int(n) => Cow::Owned(n.to_string()),
        Value::UInt(n) => Cow::Owned(n.to_string()),
        Value::Double(n) => Cow::Owned(n.to_string()),
        Value::Bool(b) => Cow::Owned(b.to_string()),
        Value::Bytes(bytes) => Cow::Owned(std::str::from_utf8(bytes).map_err(|_| Stop::Failed)?.to_owned()),
        Value::Time(at) => Cow::Owned(weir_domain::Timestamp(*at).rfc3339()),
        Value::Duration(long) => Cow::Owned(format!("{}s", *long as f64 / 1e6)),
        _ => return Err(Stop::Failed),
    })
}
