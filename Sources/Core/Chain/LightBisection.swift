// SPDX-License-Identifier: Apache-2.0

/// The way from a trusted header to a far later one, with as few headers in between as needed.
///
/// It asks for a header, is given it, and says what is next; where the headers come from is not its
/// business. The target is tried first; where the trusted set signed too little of it, the header
/// in the middle is tried, and so on (CometBFT's "skipping" verification). The headers that were
/// verified form the trace, which witnesses are compared with. Specified in
/// Protocol/10-chain-and-ledger.md#bisection.
public struct LightBisection: Sendable {
    /// The most headers that are asked for; each halves a distance below 2^63, so honest chains
    /// need far fewer.
    public static let requestLimit = 1024

    /// What is to be done next.
    public enum Step: Hashable, Sendable {
        /// Give the header of this height.
        case need(Height)
        /// The target is verified.
        case done(TrustedState)
        /// It cannot be verified, because of the header at this height.
        case failed(Height, LightFault)
    }

    /// What is wanted.
    public let target: Height
    /// How far verification has come.
    public private(set) var trusted: TrustedState
    /// The headers that were verified on the way, the lowest first.
    public private(set) var trace: [LightBlock] = []
    /// What is to be done next.
    public private(set) var step: Step

    private let rules: LightRules
    private var requests = 1
    /// Headers that are too far ahead, the nearest last.
    private var waiting: [LightBlock] = []

    /// Starts from a trusted header; a target that is not above it is already reached or never is.
    public init(trusted: TrustedState, target: Height, rules: LightRules) {
        self.trusted = trusted
        self.target = target
        self.rules = rules
        if target > trusted.height {
            step = .need(target)
        } else if target == trusted.height {
            step = .done(trusted)
        } else {
            step = .failed(target, .heightNotIncreasing(target))
        }
    }

    /// Takes the header that was asked for, and goes as far as it leads.
    ///
    /// A header of another height is refused; one that was not asked for changes nothing.
    public mutating func give(_ block: LightBlock, now: Timestamp) -> Step {
        guard case .need(let height) = step else { return step }
        guard block.height == height else {
            step = .failed(height, .heightNotIncreasing(block.height))
            return step
        }
        waiting.append(block)
        while let candidate = waiting.last {
            do throws(LightFault) {
                trusted = try LightVerification.verify(
                    trusted: trusted, untrusted: candidate, now: now, rules: rules)
                trace.append(candidate)
                waiting.removeLast()
            } catch {
                step = next(after: error, at: candidate.height)
                return step
            }
        }
        step = .done(trusted)
        return step
    }

    /// The middle when more trust is needed; the end otherwise.
    private mutating func next(after fault: LightFault, at height: Height) -> Step {
        let distance = height.value - trusted.height.value
        guard fault.isSoft, distance > 1, requests < Self.requestLimit else {
            return .failed(height, fault)
        }
        requests += 1
        return .need(Height(trusted.height.value + distance / 2))
    }
}
