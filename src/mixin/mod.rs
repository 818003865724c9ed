//! Adapter: Mixin Messenger and its wallet (mixin.md; the documents followed are named where they are followed).
