//! What is kept is read as it was written.

use super::{Base, at, property, sample};
use crate::states::stories::story;
use mixpay_bot::{
    domain::{
        catalogue::AssetList,
        invoice::{
            Invoice,
            fact::{Fact, Facts},
        },
        settings::{PersonSettings, PlaceSettings},
    },
    ports::{chat::Body, directory::Person},
    store::Store,
};
use proptest::prop_assert_eq;

contract!(
    one_of_everything_is_read_as_it_was_written,
    what_was_never_kept_is_nothing,
    text_with_a_nul_is_kept_without_it,
);

async fn kept(store: &Store, invoice: &Invoice) -> Invoice {
    let mut tx = store.begin().await.unwrap();
    tx.insert_invoice(invoice).await.unwrap();
    tx.invoice(invoice.id).await.unwrap().unwrap()
}

#[test]
fn facts_are_read_as_they_were_written() {
    property(64, &story(), &async |[store, _], story| {
        let invoice = Invoice { facts: story.into_iter().collect(), ..sample::invoice() };
        prop_assert_eq!(kept(store, &invoice).await, invoice);
        Ok(())
    });
}

#[test]
fn facts_that_are_learned_one_by_one_are_all_kept() {
    property(64, &story(), &async |[store, _], story| {
        let mut invoice = Invoice { facts: Facts::default(), ..sample::invoice() };
        let mut tx = store.begin().await.unwrap();
        tx.insert_invoice(&invoice).await.unwrap();
        for fact in story {
            if let Some(key) = invoice.facts.learn(fact) {
                let fact = invoice.facts.get(&key).unwrap().clone();
                let state = invoice.standing().state;
                tx.save_facts(invoice.id, &[(key, fact)], state, at(0)).await.unwrap();
            }
        }
        prop_assert_eq!(tx.invoice(invoice.id).await.unwrap().unwrap(), invoice);
        Ok(())
    });
}

async fn one_of_everything_is_read_as_it_was_written(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    super::file::write_samples(&mut tx).await;
    tx.commit().await.unwrap();
    super::file::read_samples(&store).await;
}

#[tokio::test]
async fn every_kind_of_fact_is_among_the_samples() {
    let kinds: std::collections::BTreeSet<&str> = sample::facts().iter().map(Fact::kind).collect();
    assert_eq!(kinds.len(), 8);
    assert_eq!(kept(&super::in_memory().await, &sample::invoice()).await, sample::invoice());
}

async fn text_with_a_nul_is_kept_without_it(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    let mut invoice = sample::invoice();
    invoice.terms.order = Some("A\0 17".to_owned());
    tx.insert_invoice(&invoice).await.unwrap();
    tx.keep_person(&Person { name: "B\0b".to_owned(), ..sample::person() }).await.unwrap();
    let mut effect = sample::effects().remove(0);
    effect.errand = sample::say(1, Body::Text("a\0b".to_owned()));
    tx.enqueue(&effect, at(0), at(0)).await.unwrap();
    tx.set_aside(sample::message(1), "a\0b", at(0)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let person = tx.person(sample::person().id).await.unwrap().unwrap();
    assert_eq!(person.name, "B\u{fffd}b");
    let found = tx.invoice_by_order(invoice.creator, "A\0 17").await.unwrap();
    assert_eq!(found, Some(invoice));
    let waiting = tx.due_messages(at(0), 9).await.unwrap();
    assert_eq!(waiting.first().unwrap().effect, effect);
}

async fn what_was_never_kept_is_nothing(base: &Base) {
    let store = base.open().await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.invoice(sample::invoice_id(1)).await.unwrap(), None);
    assert_eq!(tx.person(sample::user(1)).await.unwrap(), None);
    assert_eq!(tx.group(sample::conversation()).await.unwrap(), None);
    assert_eq!(tx.person_settings(sample::user(1)).await.unwrap(), PersonSettings::default());
    assert_eq!(tx.place_settings(sample::conversation()).await.unwrap(), PlaceSettings::default());
    assert_eq!(tx.asset_list(AssetList::Quote).await.unwrap(), None);
    assert_eq!(tx.link(sample::link().code).await.unwrap(), None);
}
