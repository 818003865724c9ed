//! What is kept is read as it was written.

use super::{at, in_memory, run, sample};
use crate::states::stories::story;
use mixpay_bot::domain::{
    catalogue::AssetList,
    invoice::{
        Invoice,
        fact::{Fact, Facts},
    },
    settings::{PersonSettings, PlaceSettings},
};
use proptest::prelude::*;

async fn kept(invoice: &Invoice) -> Invoice {
    let store = in_memory().await;
    let mut tx = store.begin().await.unwrap();
    tx.insert_invoice(invoice).await.unwrap();
    tx.invoice(invoice.id).await.unwrap().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn facts_are_read_as_they_were_written(story in story()) {
        let invoice = Invoice { facts: story.into_iter().collect(), ..sample::invoice() };
        prop_assert_eq!(run(kept(&invoice)), invoice);
    }

    #[test]
    fn facts_that_are_learned_one_by_one_are_all_kept(story in story()) {
        let mut invoice = Invoice { facts: Facts::default(), ..sample::invoice() };
        let read = run(async {
            let store = in_memory().await;
            let mut tx = store.begin().await.unwrap();
            tx.insert_invoice(&invoice).await.unwrap();
            for fact in story {
                if let Some(key) = invoice.facts.learn(fact) {
                    let fact = invoice.facts.get(&key).unwrap().clone();
                    let state = invoice.standing().state;
                    tx.save_facts(invoice.id, &[(key, fact)], state, at(0)).await.unwrap();
                }
            }
            tx.invoice(invoice.id).await.unwrap().unwrap()
        });
        prop_assert_eq!(read, invoice);
    }
}

#[tokio::test]
async fn one_of_everything_is_read_as_it_was_written() {
    let store = in_memory().await;
    let mut tx = store.begin().await.unwrap();
    super::file::write_samples(&mut tx).await;
    tx.commit().await.unwrap();
    super::file::read_samples(&store).await;
}

#[tokio::test]
async fn every_kind_of_fact_is_among_the_samples() {
    let kinds: std::collections::BTreeSet<&str> = sample::facts().iter().map(Fact::kind).collect();
    assert_eq!(kinds.len(), 8);
    assert_eq!(kept(&sample::invoice()).await, sample::invoice());
}

#[tokio::test]
async fn what_was_never_kept_is_nothing() {
    let store = in_memory().await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.invoice(sample::invoice_id(1)).await.unwrap(), None);
    assert_eq!(tx.person(sample::user(1)).await.unwrap(), None);
    assert_eq!(tx.group(sample::conversation()).await.unwrap(), None);
    assert_eq!(tx.person_settings(sample::user(1)).await.unwrap(), PersonSettings::default());
    assert_eq!(tx.place_settings(sample::conversation()).await.unwrap(), PlaceSettings::default());
    assert_eq!(tx.asset_list(AssetList::Quote).await.unwrap(), None);
    assert_eq!(tx.link(sample::link().code).await.unwrap(), None);
}
