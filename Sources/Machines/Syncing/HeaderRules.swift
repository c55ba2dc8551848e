// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
internal import Machinery

/// What a header must satisfy before a node follows it.
package struct HeaderRules: Hashable, Sendable {
    /// The one thing that is believed without proof.
    package enum Trust: Hashable, Sendable {
        /// The committee of the first block, by the hash of its set.
        case genesis(validatorsHash: Bytes32)
        /// The header with this hash, got from somebody who is trusted.
        case hash(Bytes32)
    }

    /// What verification of a newer header says.
    package enum Verdict: Equatable, Sendable {
        /// It follows from the trusted one.
        case verified
        /// The trusted committee signed it with too little power to skip that far.
        case tooLittleTrust
        /// It does not follow; the text says why.
        case refused(String)
        /// It is sound by itself, but stands on another header than the trusted one.
        case forked(String)
        /// The trusted header is too old to say anything, or the clocks disagree.
        case undecided
    }

    /// The chain that is followed.
    package let chainID: String
    /// Where trust begins.
    package let trust: Trust
    /// How long a committee is trusted and how much of it must have signed.
    package let light: LightRules
    /// Whether the node helps to decide the chain: what it has decided itself no other header undoes, so
    /// two heads are told of and do not stop it.
    package let isDeciding: Bool
    /// When the genesis was made, where trust begins there and that is known.
    package let genesisTime: Timestamp?

    /// Names a chain and what is believed of it.
    package init(
        chainID: String, trust: Trust, light: LightRules = .celestia, isDeciding: Bool = false,
        genesisTime: Timestamp? = nil
    ) {
        self.genesisTime = genesisTime
        self.isDeciding = isDeciding
        self.chainID = chainID
        self.trust = trust
        self.light = light
    }

    /// What to ask for first.
    var startRequest: HeaderRequest {
        switch trust {
        case .genesis: .range(from: 1, count: 1)
        case .hash(let hash): .hash(hash)
        }
    }

    /// Holds the first header to what is believed.
    func checkStart(_ header: ChainHeader) throws(HeaderRuleFault) {
        try checkBelow(header)
        switch trust {
        case .genesis(let hash):
            guard header.height.value == 1, header.header.validatorsHash == hash else {
                throw .notTheStart
            }
        case .hash(let hash):
            guard header.hash == hash else { throw .notTheStart }
        }
    }

    /// Holds a header whose hash is already proven to its own rules: signatures, roots, chain.
    func checkBelow(_ header: ChainHeader) throws(HeaderRuleFault) {
        guard header.header.chainID == chainID else { throw .chain(header.header.chainID) }
        do {
            try header.validate()
        } catch {
            throw .invalid(error)
        }
    }

    /// Verifies a newer header from a trusted one.
    func verify(
        _ header: ChainHeader, from trusted: ChainHeader, at now: Instant
    ) -> Verdict {
        do {
            try checkBelow(header)
            let state = try TrustedState(trusted.lightBlock)
            _ = try LightVerification.verify(
                trusted: state, untrusted: header.lightBlock,
                now: Timestamp(nanosecondsSince1970: now.nanoseconds), rules: light)
            return .verified
        } catch let fault as LightFault {
            switch fault {
            case .notEnoughTrust: return .tooLittleTrust
            case .expired, .fromFuture: return .undecided
            case .parent, .notNextValidators: return .forked("\(fault)")
            default: return .refused("\(fault)")
            }
        } catch {
            return .refused("\(error)")
        }
    }
}

/// Why a header is not followed.
package enum HeaderRuleFault: Error, Hashable, Sendable {
    /// It belongs to another chain.
    case chain(String)
    /// It breaks a rule of its own.
    case invalid(HeaderFault)
    /// It is not the header that trust begins at.
    case notTheStart
}
