// SPDX-License-Identifier: Apache-2.0

/// Why a header cannot follow from a trusted one.
public enum LightFault: Error, Hashable, Sendable {
    /// The trusted header is older than the trusting period.
    case expired
    /// The header is of another chain.
    case chainID
    /// The height does not grow.
    case heightNotIncreasing(Height)
    /// The time does not grow.
    case timeNotIncreasing(Timestamp)
    /// The time lies ahead of the clock by more than the drift that is allowed.
    case fromFuture(Timestamp)
    /// The set is not the one that the header before named as the next.
    case notNextValidators
    /// The parent is not the trusted header before.
    case parent
    /// The header, its set and its commit do not belong together, or too few signed.
    case invalid(HeaderFault)
    /// Too little of the trusted set signed; a header in between may lead on.
    case notEnoughTrust(signed: Int64, total: Int64)

    /// Whether headers in between may help; all other faults are final.
    public var isSoft: Bool {
        if case .notEnoughTrust = self { true } else { false }
    }
}

extension LightFault: CustomStringConvertible {
    /// One line: why the header does not follow.
    public var description: String {
        switch self {
        case .expired: "the trusted header is older than the trusting period"
        case .chainID: "the header is of another chain"
        case .heightNotIncreasing(let height): "height \(height) is not above the trusted one"
        case .timeNotIncreasing(let time): "time \(time) is not after the trusted one"
        case .fromFuture(let time): "time \(time) lies in the future"
        case .notNextValidators: "the validators are not those that the header before named"
        case .parent: "the parent is not the header before"
        case .invalid(let fault): "\(fault)"
        case .notEnoughTrust(let signed, let total):
            "only \(signed) of \(total) trusted power signed"
        }
    }
}

/// What a light client demands.
public struct LightRules: Hashable, Sendable {
    /// The part of the trusted set that must be exceeded to skip, at least one third.
    public var trustLevel: VotingFraction
    /// How long a header is trusted, in nanoseconds; below the unbonding time.
    public var trustingPeriodNanoseconds: Int64
    /// How far ahead of the clock a header may be, in nanoseconds.
    public var clockDriftNanoseconds: Int64
    /// Whether the next header must name the trusted one as its parent, as celestia-node demands.
    public var demandsParent: Bool

    /// Takes what is demanded; Celestia's values unless told otherwise (7 days, 10 seconds).
    ///
    /// Nil when the trust level is below one third or a time is negative.
    public init?(
        trustLevel: VotingFraction = .oneThird,
        trustingPeriodNanoseconds: Int64 = 7 * 86_400 * 1_000_000_000,
        clockDriftNanoseconds: Int64 = 10_000_000_000, demandsParent: Bool = true
    ) {
        guard trustLevel.isTrustLevel, trustingPeriodNanoseconds >= 0,
            clockDriftNanoseconds >= 0
        else { return nil }
        self.trustLevel = trustLevel
        self.trustingPeriodNanoseconds = trustingPeriodNanoseconds
        self.clockDriftNanoseconds = clockDriftNanoseconds
        self.demandsParent = demandsParent
    }

    /// Celestia's values.
    public static let celestia = LightRules(
        checkedTrustLevel: .oneThird, 7 * 86_400 * 1_000_000_000, 10_000_000_000)

    private init(checkedTrustLevel: VotingFraction, _ period: Int64, _ drift: Int64) {
        trustLevel = checkedTrustLevel
        trustingPeriodNanoseconds = period
        clockDriftNanoseconds = drift
        demandsParent = true
    }
}

/// One step from a trusted header to a later one (CometBFT's light client specification).
///
/// The next header must be signed by the set that the trusted one names; a later one by more than
/// two thirds of its own set and more than the trust level of the trusted set. Specified in
/// Protocol/10-chain-and-ledger.md#light-step.
public enum LightVerification {
    /// Verifies one step and gives the new trusted state.
    public static func verify(
        trusted: TrustedState, untrusted: LightBlock, now: Timestamp, rules: LightRules
    ) throws(LightFault) -> TrustedState {
        let header = untrusted.header
        try checkTimes(trusted: trusted, untrusted: header, now: now, rules: rules)
        var tally = CommitTally(untrusted.signedHeader.commit, chainID: header.chainID)
        do throws(HeaderFault) {
            try untrusted.signedHeader.check(names: untrusted.validatorSet)
            try tally.requireMembers(of: untrusted.validatorSet)
            if let next = untrusted.nextValidatorSet, header.nextValidatorsHash != next.hash {
                throw .nextValidatorsHash(named: header.nextValidatorsHash, given: next.hash)
            }
        } catch {
            throw .invalid(error)
        }
        if header.height == trusted.height.next {
            guard header.validatorsHash == trusted.header.nextValidatorsHash else {
                throw .notNextValidators
            }
            guard !rules.demandsParent || header.lastBlockID.hash == trusted.header.hash else {
                throw .parent
            }
        } else {
            try checkOverlap(&tally, trusted: trusted, rules: rules)
        }
        do throws(HeaderFault) {
            try tally.require(moreThan: .twoThirds, of: untrusted.validatorSet)
            return try TrustedState(untrusted)
        } catch {
            throw .invalid(error)
        }
    }

    /// Whether a header with this time is still inside the trusting period.
    public static func isTrusted(
        _ time: Timestamp, now: Timestamp, rules: LightRules
    ) -> Bool {
        time.advanced(byNanoseconds: rules.trustingPeriodNanoseconds) > now
    }

    private static func checkTimes(
        trusted: TrustedState, untrusted header: BlockHeader, now: Timestamp, rules: LightRules
    ) throws(LightFault) {
        guard header.chainID == trusted.header.chainID else { throw .chainID }
        guard isTrusted(trusted.header.time, now: now, rules: rules) else { throw .expired }
        guard header.height > trusted.height else {
            throw .heightNotIncreasing(header.height)
        }
        guard header.time > trusted.header.time else {
            throw .timeNotIncreasing(header.time)
        }
        guard header.time <= now.advanced(byNanoseconds: rules.clockDriftNanoseconds) else {
            throw .fromFuture(header.time)
        }
    }

    private static func checkOverlap(
        _ tally: inout CommitTally, trusted: TrustedState, rules: LightRules
    ) throws(LightFault) {
        do throws(HeaderFault) {
            try tally.require(moreThan: rules.trustLevel, of: trusted.validatorSet)
        } catch {
            if case .notEnoughPower(let signed, let total) = error {
                throw .notEnoughTrust(signed: signed, total: total)
            }
            throw .invalid(error)
        }
    }
}
