// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import DataSquare

/// That a blob is in a block, from its shares down to a header hash that somebody trusts.
///
/// Subtree roots of the blob's shares lead to row roots, these to the data root, that to the
/// header, the header to the votes of its validators, and a path of headers to the trusted one. It
/// needs no node and no network. Specified in Protocol/10-chain-and-ledger.md#blob-proof; it travels as JSON
/// (Protocol/schemas/blob-proof.schema.json).
public struct BlobProof: Hashable, Sendable {
    /// The most headers between the trusted one and the blob's that are followed by signatures.
    public static let blocksMax = 1_024
    /// The most headers between the trusted one and the blob's that are followed by parents.
    public static let parentsMax = 4_096

    /// The way from the trusted header to the blob's.
    public enum Path: Hashable, Sendable {
        /// There is none: the blob's header is the trusted one.
        case none
        /// The trusted block is older: it and those between, the lowest first, each verified from
        /// the one before as a light client does.
        case later([LightBlock])
        /// The trusted header is newer: it and those between, the highest first, each naming the
        /// next as its parent.
        case earlier([BlockHeader])
    }

    /// What the document says in plain words about what it proves; it must all be so.
    public struct Claims: Hashable, Sendable {
        /// The block.
        public var height: UInt64
        /// Whose data.
        public var namespace: Namespace
        /// The commitment.
        public var commitment: ShareCommitment
        /// The block's data root.
        public var dataRoot: Bytes32
        /// The indexes of the blob's shares in the original square.
        public var shares: Range<Int>

        /// Takes what is said.
        public init(
            height: UInt64, namespace: Namespace, commitment: ShareCommitment,
            dataRoot: Bytes32, shares: Range<Int>
        ) {
            self.height = height
            self.namespace = namespace
            self.commitment = commitment
            self.dataRoot = dataRoot
            self.shares = shares
        }
    }

    /// What it says that it proves.
    public var claims: Claims
    /// From the commitment to the data root.
    public var inclusion: CommitmentProof
    /// The block's header, its votes and its validators.
    public var block: LightBlock
    /// From the trusted header to the block's.
    public var path: Path
    /// The blob, where it was sent along.
    public var blob: Blob?

    /// Takes the parts as they came; `verify` judges them.
    public init(
        claims: Claims, inclusion: CommitmentProof, block: LightBlock, path: Path,
        blob: Blob? = nil
    ) {
        self.claims = claims
        self.inclusion = inclusion
        self.block = block
        self.path = path
        self.blob = blob
    }

    /// Checks all of it from a header hash that the caller trusts.
    ///
    /// `now` and `rules` matter only where signatures lead on from an older header.
    public func verify(
        trusting hash: Bytes32, now: Timestamp, rules: LightRules = .celestia
    ) throws(BlobProofFault) {
        try checkInclusion()
        try Self.checkVotes(block)
        switch path {
        case .none:
            guard block.header.hash == hash else {
                throw .untrusted(begins: block.header.hash)
            }
        case .later(let blocks):
            try follow(blocks, from: hash, now: now, rules: rules)
        case .earlier(let headers):
            try descend(headers, from: hash)
        }
    }

    /// From the blob, where it is here, to the data root of the header, and all that is claimed.
    private func checkInclusion() throws(BlobProofFault) {
        guard let dataRoot = block.header.dataHash else { throw .claim("data root") }
        let shares: Range<Int>
        do throws(VerificationFault) {
            shares = try inclusion.verify(commitment: claims.commitment, dataRoot: dataRoot)
        } catch {
            throw .inclusion(error)
        }
        guard claims.height == block.height.value else { throw .claim("height") }
        guard claims.namespace == inclusion.namespace else { throw .claim("namespace") }
        guard claims.dataRoot == dataRoot else { throw .claim("data root") }
        guard claims.shares == shares else { throw .claim("shares") }
        guard let blob else { return }
        guard blob.namespace == claims.namespace,
            ShareCommitment(of: blob) == claims.commitment
        else { throw .blob }
    }

    private static func checkVotes(_ block: LightBlock) throws(BlobProofFault) {
        do throws(HeaderFault) {
            try block.checkEveryVote()
        } catch {
            throw .header(block.height, error)
        }
    }

    /// Skipping verification: each block by the power of the one before that signed it.
    private func follow(
        _ blocks: [LightBlock], from hash: Bytes32, now: Timestamp, rules: LightRules
    ) throws(BlobProofFault) {
        guard let first = blocks.first, first.header.hash == hash else {
            throw .untrusted(begins: blocks.first?.header.hash ?? block.header.hash)
        }
        guard blocks.count <= Self.blocksMax else { throw .pathTooLong(blocks.count) }
        try Self.checkVotes(first)
        var trusted: TrustedState
        do throws(HeaderFault) {
            trusted = try TrustedState(first)
        } catch {
            throw .header(first.height, error)
        }
        for next in blocks.dropFirst() + [block] {
            try Self.checkVotes(next)
            do throws(LightFault) {
                trusted = try LightVerification.verify(
                    trusted: trusted, untrusted: next, now: now, rules: rules)
            } catch {
                throw .step(next.height, error)
            }
        }
    }

    /// Each header's hash covers the hash of its parent, so no signature is needed going down.
    private func descend(
        _ headers: [BlockHeader], from hash: Bytes32
    ) throws(BlobProofFault) {
        guard headers.count <= Self.parentsMax else { throw .pathTooLong(headers.count) }
        guard let first = headers.first, first.hash == hash else {
            throw .untrusted(begins: headers.first?.hash ?? block.header.hash)
        }
        for (header, parent) in zip(headers, headers.dropFirst() + [block.header]) {
            guard header.lastBlockID.hash == parent.hash, parent.height.next == header.height
            else { throw .parent(header.height) }
        }
    }
}

/// Why a proof of a blob does not hold.
public enum BlobProofFault: Error, Hashable, Sendable {
    /// What it says in plain words is not what it proves; the word says what.
    case claim(String)
    /// The blob is not under the data root.
    case inclusion(VerificationFault)
    /// The blob that was sent along is another one.
    case blob
    /// A header, its validators and its votes do not belong together.
    case header(Height, HeaderFault)
    /// It begins at another header than the trusted one.
    case untrusted(begins: Bytes32)
    /// A header does not follow from the one before it.
    case step(Height, LightFault)
    /// A header names another parent.
    case parent(Height)
    /// There are more headers on the way than are followed.
    case pathTooLong(Int)
}

extension BlobProofFault: CustomStringConvertible {
    /// One line: what does not hold.
    public var description: String {
        switch self {
        case .claim(let what): "its \(what) is not the one that it proves"
        case .inclusion(let fault): "the blob is not under the data root: \(fault)"
        case .blob: "the blob inside is not the commitment's"
        case .header(let height, let fault): "header \(height) is not valid: \(fault)"
        case .untrusted(let hash):
            "it begins at header \(Hex.encode(hash.array, uppercase: true)), not at the trusted one"
        case .step(let height, let fault): "header \(height) does not follow: \(fault)"
        case .parent(let height): "header \(height) names another parent"
        case .pathTooLong(let count): "\(count) headers on the way are too many"
        }
    }
}
