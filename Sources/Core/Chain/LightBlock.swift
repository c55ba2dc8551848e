// SPDX-License-Identifier: Apache-2.0

/// What light verification looks at: a signed header and the set that signed it.
///
/// It needs neither a data root nor an app version, so it also fits chains without data squares.
public struct LightBlock: Hashable, Sendable {
    /// Header and commit.
    public var signedHeader: SignedHeader
    /// The set that the header names.
    public var validatorSet: ValidatorSet
    /// The next set, where it is known.
    public var nextValidatorSet: ValidatorSet?

    /// Takes the parts.
    public init(
        signedHeader: SignedHeader, validatorSet: ValidatorSet,
        nextValidatorSet: ValidatorSet? = nil
    ) {
        self.signedHeader = signedHeader
        self.validatorSet = validatorSet
        self.nextValidatorSet = nextValidatorSet
    }

    /// The header.
    public var header: BlockHeader { signedHeader.header }
    /// Which block of the chain.
    public var height: Height { header.height }
}

/// A header that is trusted, and the set that later headers are measured by.
///
/// That is the set for the next block where it is known (as IBC clients do), else the header's own
/// (as celestia-node does); nothing else can be put here.
public struct TrustedState: Hashable, Sendable {
    /// The header.
    public let header: BlockHeader
    /// The set whose overlap counts.
    public let validatorSet: ValidatorSet

    /// Trusts a block that was verified, or whose hash somebody vouches for.
    public init(_ block: LightBlock) throws(HeaderFault) {
        try self.init(
            header: block.header, validatorSet: block.nextValidatorSet ?? block.validatorSet)
    }

    /// Trusts a header with one of the two sets that it names.
    public init(header: BlockHeader, validatorSet: ValidatorSet) throws(HeaderFault) {
        guard
            validatorSet.hash == header.nextValidatorsHash
                || validatorSet.hash == header.validatorsHash
        else {
            throw .nextValidatorsHash(
                named: header.nextValidatorsHash, given: validatorSet.hash)
        }
        self.header = header
        self.validatorSet = validatorSet
    }

    /// Which block of the chain.
    public var height: Height { header.height }
}
