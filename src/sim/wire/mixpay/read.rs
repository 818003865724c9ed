//! Reading parameters: from a query, a form or a JSON body.

use crate::sim::{
    wire::Asked,
    world::mixpay::{Param, Params, Refused},
};

/// The parameters of a query.
pub(super) fn query(query: &str) -> Params {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    Params(
        pairs.map(|(name, value)| (name.into_owned(), Param::Text(value.into_owned()))).collect(),
    )
}

/// The parameters of a body: JSON or a form, as its content type says.
pub(super) fn body(asked: &Asked) -> Result<Params, Refused> {
    let media = asked.header("content-type").unwrap_or_default();
    if media.starts_with("application/json") {
        Params::from_json(&asked.body)
    } else if media.starts_with("application/x-www-form-urlencoded") {
        Ok(form(&asked.body))
    } else {
        Err(Refused::PARAMETER)
    }
}

/// A form; `name[]` repeated is a list.
fn form(body: &[u8]) -> Params {
    let mut params = Params::default();
    for (name, value) in url::form_urlencoded::parse(body) {
        match name.strip_suffix("[]") {
            None => {
                params.0.insert(name.into_owned(), Param::Text(value.into_owned()));
            }
            Some(name) => {
                let list = params.0.entry(name.to_owned()).or_insert(Param::List(Vec::new()));
                if let Param::List(list) = list {
                    list.push(value.into_owned());
                }
            }
        }
    }
    params
}
