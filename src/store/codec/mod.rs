//! Domain values as the JSON that is stored. Every shape ever written must still be read: fields
//! are only ever added, and are then optional.
//!
//! The shapes stand here and not in the domain, which knows nothing of JSON. A field that the
//! domain gains or loses stops the build here.

mod effects;
pub(super) mod invoices;
mod settings;

use crate::domain::{
    amount::Amount,
    asset::QuoteAsset,
    code::ShortCode,
    ids::{AssetId, ConversationId, EffectId, InvoiceId, MessageId, SnapshotId, TraceId, UserId},
    locale::Locale,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, marker::PhantomData, str::FromStr};

/// Reads a value from its text, without a copy of that.
struct Parsed<T>(PhantomData<T>);

impl<T: FromStr<Err: fmt::Display>> de::Visitor<'_> for Parsed<T> {
    type Value = T;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// Values that are stored as their text.
macro_rules! text {
    ($($name:ty),* $(,)?) => { $(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_str(Parsed(PhantomData))
            }
        }
    )* };
}

text! {
    Amount, QuoteAsset, ShortCode,
    AssetId, ConversationId, EffectId, InvoiceId, MessageId, SnapshotId, TraceId, UserId,
}

/// Structs that are stored as JSON objects with the same field names.
macro_rules! record {
    ($name:ty { $($field:ident: $of:ty),* $(,)? }) => {
        const _: () = {
            #[derive(serde::Serialize)]
            struct Out<'a> { $($field: &'a $of),* }
            #[derive(serde::Deserialize)]
            struct In { $($field: $of),* }

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                    Out { $($field: &self.$field),* }.serialize(to)
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                    let In { $($field),* } = In::deserialize(from)?;
                    Ok(Self { $($field),* })
                }
            }
        };
    };
}

/// Enums that are stored as JSON with the variant's name as the tag.
macro_rules! choice {
    ($name:ident {
        $($variant:ident $(($bind:ident: $inner:ty))? $({ $($field:ident: $of:ty),* $(,)? })?),* $(,)?
    }) => {
        const _: () = {
            #[derive(serde::Serialize)]
            enum Out<'a> {
                $($variant $((&'a $inner))? $({ $($field: &'a $of),* })?,)*
                #[expect(dead_code, reason = "a choice of words alone borrows nothing")]
                Nothing(&'a ()),
            }
            #[derive(serde::Deserialize)]
            enum In { $($variant $(($inner))? $({ $($field: $of),* })?),* }

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                    match self {
                        $(Self::$variant $(($bind))? $({ $($field),* })? => {
                            Out::$variant $(($bind))? $({ $($field),* })?
                        })*
                    }
                    .serialize(to)
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                    Ok(match In::deserialize(from)? {
                        $(In::$variant $(($bind))? $({ $($field),* })? => {
                            Self::$variant $(($bind))? $({ $($field),* })?
                        })*
                    })
                }
            }
        };
    };
}
use {choice, record};

choice!(Locale { En, Zh });

/// The JSON text of a value.
pub(super) fn write<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string(value)
}

/// The value of a JSON text.
pub(super) fn read<T: de::DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text)
}
