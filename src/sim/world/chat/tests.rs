//! Rules of the chat.

use super::{
    Act, Body, Button, Card, Place, Posting, Refusal, SayError, Tapped, contact_id, md5_uuid,
};
use crate::{
    domain::ids::{MessageId, UserId},
    runtime::{clock::HandClock, ids::SeededIds},
    sim::world::{Violation, World, faults::Poison},
};
use std::{collections::HashSet, sync::Arc, time::Duration};

fn world() -> (Arc<World>, HandClock) {
    let clock = HandClock::standing("2026-11-21T14:00:00Z".parse().unwrap());
    (World::new(Arc::new(clock.clone()), Arc::new(SeededIds::new(1))), clock)
}

fn posting(world: &World, to: UserId, text: &str, id: u128) -> Posting {
    Posting {
        id: MessageId::new(uuid::Uuid::from_u128(id)),
        conversation: contact_id(world.bot(), to),
        recipient: Some(to),
        quote: None,
        silent: false,
        category: "PLAIN_TEXT".to_owned(),
        data: text.as_bytes().to_vec(),
        act: Act::Show(Body::Text(text.to_owned())),
    }
}

#[test]
fn a_conversations_id_follows_mixins_formula() {
    assert_eq!(md5_uuid("ab").to_string(), "187ef443-6122-31cc-af40-dc2b92f0eba0");
}

#[test]
fn a_message_id_is_shown_once_and_other_content_under_it_is_noted() {
    let (world, _) = world();
    let alice = world.add_person("Alice");
    world.say(alice, Place::Private, "Hi").unwrap();
    for _ in 0..2 {
        world.post(vec![posting(&world, alice, "Hello", 1)]).unwrap();
    }
    assert_eq!(world.shown(alice, Place::Private).len(), 1);
    assert!(world.violations().is_empty());
    world.post(vec![posting(&world, alice, "Something else", 1)]).unwrap();
    assert_eq!(world.shown(alice, Place::Private).len(), 1);
    let reused = MessageId::new(uuid::Uuid::from_u128(1));
    assert_eq!(world.violations(), [Violation::ReusedMessageId(reused)]);
}

#[test]
fn the_bot_may_only_speak_where_it_was_spoken_to_and_a_batch_is_all_or_none() {
    let (world, _) = world();
    let (alice, bob) = (world.add_person("Alice"), world.add_person("Bob"));
    world.say(alice, Place::Private, "Hi").unwrap();
    let batch = vec![posting(&world, alice, "a", 1), posting(&world, bob, "b", 2)];
    assert_eq!(world.post(batch), Err(Refusal::Forbidden));
    assert!(world.shown(alice, Place::Private).is_empty());
    world.open_contact(bob).unwrap();
    world.post(vec![posting(&world, bob, "b", 2)]).unwrap();
    world.change_person(bob, |bob| bob.blocks_bot = true);
    assert_eq!(world.post(vec![posting(&world, bob, "c", 3)]), Err(Refusal::Forbidden));
}

#[test]
fn what_is_not_acknowledged_is_pushed_to_every_new_connection_for_seven_days() {
    let (world, clock) = world();
    let alice = world.add_person("Alice");
    let first = world.say(alice, Place::Private, "one").unwrap().message;
    let second = world.say(alice, Place::Private, "two").unwrap().message;
    let ids = |world: &World| {
        let push = world.push_to(&HashSet::new());
        push.messages.iter().map(|message| message.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(&world), [first, second]);
    assert!(world.push_to(&HashSet::from([first, second])).messages.is_empty());
    world.acknowledge(&[first]).unwrap();
    assert_eq!(ids(&world), [second]);
    world.faults(|faults, _| faults.lost_acknowledgements = 1);
    world.acknowledge(&[second]).unwrap();
    assert_eq!(ids(&world), [second], "the acknowledgement was lost");
    clock.advance(Duration::from_hours(7 * 24));
    assert!(ids(&world).is_empty());
    assert!(world.activity().is_quiet());
}

#[test]
fn in_a_group_the_bot_hears_only_lines_that_begin_with_its_number() {
    let (world, _) = world();
    let (alice, bob, eve) =
        (world.add_person("Alice"), world.add_person("Bob"), world.add_person("Eve"));
    let group = world.add_group("Shop", alice, &[], &[bob]);
    assert_eq!(world.activity().unacknowledged, 1, "the bot is told that it was added");
    let number = world.bot_number();
    let heard = |text: &str| world.say(bob, Place::Group(group), text).unwrap().heard;
    assert!(heard(&format!("@{number} help")));
    assert!(heard(&format!("@{number} ")));
    assert!(!heard(&format!("@{number}")));
    assert!(!heard("help"));
    assert_eq!(world.say(eve, Place::Group(group), "hi"), Err(SayError::NotThere));
    world.remove_from_group(group, alice, world.bot());
    assert!(!heard(&format!("@{number} help")));
}

#[test]
fn a_tap_says_the_text_or_opens_the_link() {
    let (world, _) = world();
    let (alice, eve) = (world.add_person("Alice"), world.add_person("Eve"));
    world.say(alice, Place::Private, "Hi").unwrap();
    let button = |label: &str, action: &str| Button {
        label: label.to_owned(),
        color: "#3D75E3".to_owned(),
        action: action.to_owned(),
    };
    let mut post = posting(&world, alice, "", 1);
    post.act = Act::Show(Body::Card(Card {
        title: "10.00 USD".to_owned(),
        description: "Code K7Q2MXN".to_owned(),
        buttons: vec![button("Pay", "https://mixpay.me/code/x"), button("Status", "input:status")],
        shareable: true,
    }));
    let id = post.id;
    world.post(vec![post]).unwrap();
    let link = "https://mixpay.me/code/x".to_owned();
    assert_eq!(world.tap(alice, id, 0), Ok(Tapped::Opened(link.clone())));
    assert_eq!(world.link_beside("K7Q2MXN"), Some(link));
    assert!(matches!(world.tap(alice, id, 1), Ok(Tapped::Said(said)) if said.heard));
    assert!(world.tap(alice, id, 2).is_err());
    assert!(world.tap(eve, id, 0).is_err(), "she does not see it");
    let texts: Vec<_> =
        world.push_to(&HashSet::new()).messages.into_iter().map(|message| message.data).collect();
    assert_eq!(texts, [b"Hi".to_vec(), b"status".to_vec()]);
}

#[test]
fn the_same_seed_makes_the_same_world() {
    let keystore = |seed| {
        let clock = HandClock::running();
        World::new(Arc::new(clock), Arc::new(SeededIds::new(seed))).keystore_json()
    };
    assert_eq!(keystore(1), keystore(1));
    assert_ne!(keystore(1), keystore(2));
}

#[test]
fn a_poisoned_message_takes_its_batch_along_each_time_and_its_neighbours_pass_without_it() {
    let (world, _) = world();
    let alice = world.add_person("Alice");
    world.say(alice, Place::Private, "Hi").unwrap();
    world.faults(|faults, _| faults.messages_poisoned_500 = 1);
    let batch = |ids: &[u128]| ids.iter().map(|id| posting(&world, alice, "Hi", *id)).collect();
    let post = |ids: &[u128]| world.post(batch(ids));
    for _ in 0..3 {
        assert_eq!(post(&[1, 3]), Err(Refusal::Poisoned(Poison::Error)));
    }
    world.faults(|faults, _| faults.messages_poisoned_late = 1);
    assert_eq!(post(&[2]), Err(Refusal::Poisoned(Poison::Late)));
    assert_eq!(post(&[3, 4]), Ok(()));
    world.faults(|faults, _| faults.cure());
    assert_eq!(post(&[1, 2]), Ok(()));
    assert_eq!(world.shown(alice, Place::Private).len(), 4);
}

#[test]
fn an_acknowledgement_that_is_refused_takes_nothing_and_is_refused_for_good() {
    let (world, _) = world();
    let alice = world.add_person("Alice");
    world.faults(|faults, _| faults.acknowledgements_refused = 1);
    let say = || world.say(alice, Place::Private, "Hi").unwrap().message;
    let (poisoned, fine) = (say(), say());
    for batch in [vec![poisoned], vec![fine, poisoned]] {
        assert_eq!(world.acknowledge(&batch), Err(Refusal::Field("message_id")));
    }
    assert_eq!(world.activity().unacknowledged, 2);
    world.acknowledge(&[fine]).unwrap();
    world.faults(|faults, _| faults.cure());
    world.acknowledge(&[poisoned]).unwrap();
    assert!(world.activity().is_quiet());
}
