//! What anybody who has the code may know of an invoice: amount, payee, and paid or not.

use crate::{
    domain::{
        invoice::{
            Invoice,
            standing::{Standing, State, time_of_ms},
        },
        locale::Locale,
    },
    speech::{
        format::{price, time},
        invoice::paid_unread,
        outside,
    },
};

/// Amount, payee, paid or not.
pub fn public(invoice: &Invoice, standing: &Standing, locale: Locale) -> String {
    let (code, price) = (invoice.code, price(&invoice.terms));
    let payee = outside::signature(&invoice.terms.payee_name);
    let state = match standing.state {
        _ if standing.says_paid_unread() => paid_unread(locale).to_owned(),
        State::Paid | State::Settled => {
            let at = standing.paid.as_ref().map(|paid| time(time_of_ms(paid.at_ms)));
            let at = at.unwrap_or_default();
            match locale {
                Locale::En => format!("It is paid, {at}."),
                Locale::Zh => format!("已支付，{at}。"),
            }
        }
        State::Draft
        | State::Open
        | State::Partial
        | State::Processing
        | State::Review
        | State::Expired
        | State::Failed
        | State::Cancelled => match locale {
            Locale::En => "It is not paid.".to_owned(),
            Locale::Zh => "未支付。".to_owned(),
        },
        State::Held => match locale {
            Locale::En => "It is not paid as asked.".to_owned(),
            Locale::Zh => "未按要求支付。".to_owned(),
        },
    };
    match locale {
        Locale::En => format!("{state}\n{code} is ours: {price}, to\n{payee}"),
        Locale::Zh => format!("{state}\n{code} 属实：{price}，收款方\n{payee}"),
    }
}
