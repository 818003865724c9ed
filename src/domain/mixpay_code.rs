//! The numbers that MixPay refuses and refunds with: two tables that share some numbers, so two enums.

macro_rules! codes {
    (
        $(#[$doc:meta])*
        $name:ident { $( $(#[$meaning:meta])* $variant:ident = $code:literal, )* }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $( $(#[$meaning])* $variant, )*
            /// A number that we do not know. It is kept: the tables of MixPay grow.
            Unknown(i64),
        }

        impl $name {
            /// Every number that has a name.
            pub const KNOWN: &[Self] = &[$( Self::$variant, )*];

            /// The number.
            pub const fn code(self) -> i64 {
                match self {
                    $( Self::$variant => $code, )*
                    Self::Unknown(code) => code,
                }
            }
        }

        impl From<i64> for $name {
            fn from(code: i64) -> Self {
                match code {
                    $( $code => Self::$variant, )*
                    other => Self::Unknown(other),
                }
            }
        }
    };
}

codes! {
    /// Why MixPay refused a request (`code` of an answer).
    ///
    /// ```
    /// use mixpay_bot::domain::mixpay_code::ApiCode;
    /// assert_eq!(ApiCode::from(10004), ApiCode::PriceTooLow);
    /// assert_eq!(ApiCode::from(4711).code(), 4711);
    /// ```
    ApiCode {
        /// An error of the server; try later.
        ServerError = -1,
        /// The payment does not exist, or nobody has opened its link yet.
        NotFound = 404,
        /// A parameter is wrong.
        Parameter = 1017,
        /// Too many requests.
        TooManyRequests = 1429,
        /// The permissions do not suffice.
        Permission = 2000,
        /// The authorization by Mixin has expired.
        AuthorizationExpired = 10000,
        /// The user does not exist.
        UserUnknown = 10001,
        /// The currency is unknown, or cannot be exchanged.
        CurrencyUnknown = 10002,
        /// A price cannot be written in this unit.
        QuoteAssetUnsupported = 10003,
        /// The price is too low.
        PriceTooLow = 10004,
        /// The price is too high.
        PriceTooHigh = 10005,
        /// The amount is worth more than 1,000 USDT.
        AmountOverLimit = 10006,
        /// No service for this payee.
        NoService = 10007,
        /// Payments are suspended for maintenance.
        PaymentsSuspended = 10008,
        /// Withdrawals are suspended for maintenance.
        WithdrawalsSuspended = 10009,
        /// The balance of the asset does not suffice.
        BalanceTooLow = 10010,
        /// A parameter is wrong (second number for it).
        ParameterToo = 10011,
        /// Unpaid (removed in 2022).
        Unpaid = 10032,
        /// The same user can be added only three times in 24 hours.
        UserAddedTooOften = 10033,
        /// The price cannot be found at the moment; try later.
        PriceException = 10034,
        /// The multisig id does not belong to the token.
        MultisigNotYours = 10035,
        /// The robot does not exist.
        RobotUnknown = 10036,
        /// The user is not a robot.
        NotARobot = 10037,
        /// The robot is somebody else's.
        RobotNotYours = 10039,
        /// The robot is bound already.
        RobotAlreadyBound = 10040,
        /// The threshold is above the number of members.
        ThresholdTooHigh = 10041,
        /// More than 20 multisig groups.
        TooManyGroups = 10042,
        /// More than 20 robots are bound.
        TooManyRobots = 10043,
        /// The multisig group needs a name first.
        GroupUnnamed = 10044,
    }
}

codes! {
    /// Why money goes back: the last part of an `RF` memo, and `failureCode` of a result.
    RefundReason {
        /// The currency is missing, or cannot be exchanged.
        CurrencyUnknown = 10002,
        /// The quote currency of the memo cannot be used.
        QuoteAssetUnusable = 10003,
        /// A parameter is wrong.
        Parameter = 10011,
        /// The payee does not support the settlement currency of the memo.
        SettlementUnsupported = 10021,
        /// The settlement currency of the memo is not available.
        SettlementUnavailable = 10052,
        /// The currency that was paid cannot be the quote currency.
        PaidCannotQuote = 10053,
        /// The currency that was paid is not available.
        PaidUnavailable = 10054,
        /// The settlement currency was removed.
        SettlementRemoved = 10055,
        /// The quote currency was removed.
        QuoteRemoved = 10056,
        /// The currency that was paid was removed.
        PaidRemoved = 10057,
        /// The payee does not support the settlement currency of the memo (second number for it).
        SettlementUnsupportedToo = 10066,
        /// The payee does not accept the currency that was paid.
        PaidNotAccepted = 10067,
        /// The payee does not accept the currency that was paid as a quote currency.
        PaidNotAcceptedAsQuote = 10068,
        /// Below the minimum.
        BelowMinimum = 10069,
        /// Above the maximum.
        AboveMaximum = 10070,
        /// Below the minimum (second number for it).
        BelowMinimumToo = 10071,
        /// Above the maximum (second number for it).
        AboveMaximumToo = 10072,
        /// The payee is not available.
        PayeeUnavailable = 10074,
        /// The payment came too late, or not at all.
        Overtime = 40000,
        /// The payee of the URL does not exist.
        PayeeUnknown = 40001,
        /// The asset of the URL is unknown, or cannot be exchanged.
        AssetUnknown = 40002,
        /// The amount is worth more than 1,000 USDT.
        AmountOverLimit = 40003,
        /// Too many decimals.
        TooManyDecimals = 40005,
        /// Too many digits before the point.
        TooManyDigits = 40006,
        /// The balance does not suffice.
        BalanceTooLow = 40008,
        /// An error of the server.
        ServerError = 40009,
        /// Temporarily out of service.
        OutOfService = 40011,
        /// The method of withdrawal is unknown.
        WithdrawalMethodUnknown = 40012,
        /// The asset of the withdrawal is unknown.
        WithdrawalAssetUnknown = 40013,
        /// The address of the withdrawal is unknown.
        WithdrawalAddressUnknown = 40014,
        /// An earlier withdrawal is not finished.
        WithdrawalUnfinished = 40015,
        /// The withdrawal is too large.
        WithdrawalTooLarge = 40016,
        /// The withdrawal is too small.
        WithdrawalTooSmall = 40017,
        /// The transfer is too small.
        TransferTooSmall = 40018,
        /// The transfer is too large.
        TransferTooLarge = 40019,
        /// The wrong asset was paid.
        WrongAsset = 40020,
        /// It was paid twice; the first payment counts.
        DoublePayment = 40021,
        /// The trace does not exist.
        TraceUnknown = 40022,
        /// The memo names no payee.
        PayeeMissing = 40023,
        /// The wrong amount was paid.
        WrongAmount = 40024,
        /// The price moved too much.
        TooVolatile = 40025,
        /// The settlement asset is restricted.
        SettlementRestricted = 40027,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of mixpay.md §7.5, as they are listed there.
    const API: &[i64] = &[
        -1, 404, 1017, 1429, 2000, 10000, 10001, 10002, 10003, 10004, 10005, 10006, 10007, 10008,
        10009, 10010, 10011, 10032, 10033, 10034, 10035, 10036, 10037, 10039, 10040, 10041, 10042,
        10043, 10044,
    ];
    const REFUND: &[i64] = &[
        10002, 10003, 10011, 10021, 10052, 10053, 10054, 10055, 10056, 10057, 10066, 10067, 10068,
        10069, 10070, 10071, 10072, 10074, 40000, 40001, 40002, 40003, 40005, 40006, 40008, 40009,
        40011, 40012, 40013, 40014, 40015, 40016, 40017, 40018, 40019, 40020, 40021, 40022, 40023,
        40024, 40025, 40027,
    ];

    #[test]
    fn every_number_of_the_tables_has_a_name_and_keeps_its_number() {
        assert_eq!(ApiCode::KNOWN.iter().map(|code| code.code()).collect::<Vec<_>>(), API);
        assert_eq!(RefundReason::KNOWN.iter().map(|code| code.code()).collect::<Vec<_>>(), REFUND);
        for code in ApiCode::KNOWN {
            assert_eq!(ApiCode::from(code.code()), *code);
        }
        for reason in RefundReason::KNOWN {
            assert_eq!(RefundReason::from(reason.code()), *reason);
        }
    }

    #[test]
    fn a_number_without_a_name_survives() {
        assert_eq!(ApiCode::from(49999), ApiCode::Unknown(49999));
        assert_eq!(RefundReason::from(-7).code(), -7);
    }
}
