// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Why a message has no effect; numbers, name spaces and texts are Cosmos's where it has them.
///
/// Specified in Protocol/21-staking.md#faults.
public enum StakingFault: Error, Hashable, Sendable {
    /// The bytes are no message.
    case undecodable(DecodeFault)
    /// An address does not parse or is not of this chain.
    case invalidAddress(String)
    /// Coins of another kind, or none.
    case invalidCoins
    /// A field has a value that it cannot have, or a limit is reached.
    case invalidRequest(String)
    /// The account holds less than is to be staked or laid down.
    case insufficientFunds(available: UInt64, needed: UInt64)
    /// There is no such validator.
    case noValidator
    /// The operator has a validator already.
    case validatorExists
    /// The key is or was a validator's.
    case keyUsed
    /// The key is of another kind than Ed25519.
    case keyKind(String)
    /// The commission is below the least.
    case commissionTooLow
    /// The commission is above its most.
    case commissionTooHigh
    /// The commission rose less than a day ago.
    case commissionTooSoon
    /// The commission rises by more than it may in a day.
    case commissionRise
    /// The self-bond is below the least.
    case selfBondTooLow(least: UInt64)
    /// The operator's promise of self-bond cannot shrink.
    case selfMinimumFell
    /// There is no such delegation.
    case noDelegation
    /// There are fewer coins in the delegation.
    case notEnough(available: UInt64)
    /// There is no such entry.
    case noUnbonding
    /// There are as many entries as there may be.
    case tooManyEntries
    /// Source and destination are one.
    case selfRedelegation
    /// The coins went from one validator to another already.
    case redelegationOpen
    /// The destination is not there.
    case noDestination
    /// The amount is worth no share.
    case tooLittle
    /// All of the validator's stake was taken, or some of it may yet be.
    case notAccepting
    /// There is no commission to pay out.
    case noCommission
    /// It is too early, or a new key is needed.
    case stillJailed
    /// The validator is not jailed.
    case notJailed
    /// The validator is out for ever.
    case tombstoned
    /// Evidence that names nobody who voted then, is too old, or was slashed already.
    case evidence(String)
    /// A challenge, an answer or an audit that does not fit.
    case challenge(String)
    /// A number is out of its range.
    case arithmetic
    /// The state contradicts itself; no message causes this.
    case state(String)
}

/// What ABCI answers carry.
extension StakingFault {
    /// Who defines the number.
    public var codespace: String {
        switch self {
        case .undecodable, .invalidAddress, .invalidCoins, .invalidRequest, .insufficientFunds,
            .arithmetic, .state:
            "sdk"
        case .noCommission: "distribution"
        case .stillJailed, .notJailed, .tombstoned: "slashing"
        case .evidence, .challenge: "quadrat.staking"
        default: "staking"
        }
    }

    /// The number in its name space.
    public var code: UInt32 {
        switch self {
        case .undecodable: 2
        case .insufficientFunds: 5
        case .invalidAddress: 7
        case .invalidCoins: 10
        case .invalidRequest, .arithmetic: 18
        case .state: 35
        case .noValidator: 3
        case .validatorExists: 4
        case .keyUsed: 5
        case .keyKind: 6
        case .commissionTooHigh: 11
        case .commissionTooSoon: 12
        case .commissionRise: 15
        case .selfBondTooLow: 16
        case .selfMinimumFell: 17
        case .noDelegation: 19
        case .notEnough: 22
        case .noUnbonding: 26
        case .tooManyEntries: 27
        case .selfRedelegation: 29
        case .tooLittle: 30
        case .noDestination: 31
        case .redelegationOpen: 32
        case .notAccepting: 34
        case .commissionTooLow: 40
        case .noCommission: 7
        case .stillJailed: 4
        case .notJailed: 5
        case .tombstoned: 9
        case .evidence: 2
        case .challenge: 3
        }
    }
}

extension StakingFault: CustomStringConvertible {
    /// The log line, its last words the ones that clients look for.
    public var description: String {
        switch self {
        case .undecodable(let fault): "\(fault): tx parse error"
        case .invalidAddress(let what): "\(what): invalid address"
        case .invalidCoins: "one kind of coin, and more than none: invalid coins"
        case .invalidRequest(let what): "\(what): invalid request"
        case .insufficientFunds(let available, let needed):
            "spendable balance \(available) is smaller than \(needed): insufficient funds"
        case .noValidator: "validator does not exist"
        case .validatorExists:
            "validator already exist for this operator address; must use new validator operator "
                + "address"
        case .keyUsed: "validator already exist for this pubkey; must use new validator pubkey"
        case .keyKind(let kind): "\(kind): validator pubkey type is not supported"
        case .commissionTooLow: "commission cannot be less than min rate"
        case .commissionTooHigh: "commission cannot be more than the max rate"
        case .commissionTooSoon: "commission cannot be changed more than once in 24h"
        case .commissionRise: "commission cannot be changed more than max change rate"
        case .selfBondTooLow(let least):
            "\(least) are needed: validator's self delegation must be greater than their minimum "
                + "self delegation"
        case .selfMinimumFell: "minimum self delegation cannot be decrease"
        case .noDelegation: "no delegation for (address, validator) tuple"
        case .notEnough(let available):
            "the delegation has \(available): insufficient delegation shares"
        case .noUnbonding: "no unbonding delegation found"
        case .tooManyEntries:
            "too many unbonding delegation entries for (delegator, validator) tuple"
        case .selfRedelegation: "cannot redelegate to the same validator"
        case .tooLittle: "too few tokens to redelegate (truncates to zero tokens)"
        case .noDestination: "redelegation destination validator not found"
        case .redelegationOpen:
            "redelegation to this validator already in progress; first redelegation to this "
                + "validator must complete before next redelegation"
        case .notAccepting: "cannot delegate to validators with invalid (zero) ex-rate"
        case .noCommission: "no validator commission to withdraw"
        case .stillJailed: "validator still jailed; cannot be unjailed"
        case .notJailed: "validator not jailed; cannot be unjailed"
        case .tombstoned: "validator already tombstoned"
        case .evidence(let what): "\(what): invalid evidence"
        case .challenge(let what): "\(what): invalid challenge"
        case .arithmetic: "a number is out of its range: invalid request"
        case .state(let what): "\(what): internal logic error"
        }
    }
}
