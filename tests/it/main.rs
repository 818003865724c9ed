//! The one integration binary: a module for each part of the product.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

#[test]
fn placeholder() {
    assert_eq!("1".parse::<u8>().unwrap(), 1);
}
