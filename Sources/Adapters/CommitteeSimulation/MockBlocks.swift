// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Bytes
internal import Chain
internal import Cryptography
internal import DataSquare

/// All blocks of a simulated world, whoever proposed them and whether or not anybody has the data.
///
/// Every block has the same square; what makes blocks differ is their header.
struct MockBlocks {
    /// Who can get a block's data.
    enum Access {
        /// Everybody.
        case all
        /// Nobody ever has it whole; these have their rows.
        case rowsOnly(Set<Int>)
        /// Everybody has it, and it is wrongly encoded.
        case wrong
    }

    struct Entry {
        let header: BlockHeader
        let proposedAt: UInt64
        var access: Access
    }

    static let parameters = ConsensusParameters(blockMaxBytes: -1, blockMaxGas: -1)
    static let chainID = "simulated"

    private let square: ReencodedSquare
    let roots: DataAvailabilityHeader
    private var made: UInt64 = 0
    private(set) var entries: [Bytes32: Entry] = [:]

    /// Blocks of one square, of a padding share where none is given.
    init(_ committed: CommittedSquare, _ proof: ReencodedSquare) {
        square = proof
        roots = committed.header
    }

    init() {
        let share = [UInt8](repeating: 0xFF, count: 28) + [0xFE, 1]
        let bytes = share + [UInt8](repeating: 0, count: 512 - share.count)
        do {
            let (committed, proof) = ReencodedSquare.extending(
                try OriginalDataSquare(width: 1, bytes: bytes))
            self.init(committed, proof)
        } catch {
            preconditionFailure("a padding share is a square: \(error)")
        }
    }

    /// A new block as a request wants it; no two are the same.
    ///
    /// `shift` in nanoseconds is what a liar adds to its time; with a `number` it is always the same.
    mutating func build(
        _ request: BlockRequest, by proposer: Bytes20, at now: UInt64, shift: Int64 = 0,
        number: UInt64? = nil
    ) -> BuiltBlock {
        made += 1
        let `extension` = HeaderExtension(
            view: request.view.value, parentView: request.parentView.value,
            nullifications: request.nullifications.map(\.protobuf))
        let parent = request.parent
        let earliest = (parent.time ?? .zero).advanced(byNanoseconds: ProposalRules.stepNanoseconds)
        var appHash: [UInt8] = []
        appHash.append(bigEndian: number ?? made)
        let header = BlockHeader(
            appVersion: 1, chainID: Self.chainID,
            height: (parent.block?.height ?? Height(0)).next,
            time: Self.time(max(earliest, CommitteeWorld.timestamp(now)), shift: shift),
            lastBlockID: parent.block?.blockID ?? .none,
            lastCommitHash: parent.certificate?.commit(of: request.parentSet)?.hash
                ?? MerkleTree.emptyRoot,
            dataHash: roots.dataRoot, validatorsHash: request.validatorSet.hash,
            nextValidatorsHash: request.validatorSet.hash,
            consensusHash: `extension`.consensusHash(Self.parameters), appHash: appHash,
            lastResultsHash: MerkleTree.emptyRoot, evidenceHash: MerkleTree.emptyRoot,
            proposerAddress: proposer)
        entries[header.hash] = Entry(header: header, proposedAt: now, access: .all)
        return BuiltBlock(header: header, extension: `extension`, roots: roots)
    }

    private static func time(_ time: Timestamp, shift: Int64) -> Timestamp {
        shift == 0 ? time : time.advanced(byNanoseconds: shift)
    }

    mutating func restrict(_ hash: Bytes32, to access: Access) {
        entries[hash]?.access = access
    }

    /// Whether a member gets the rows that it must have before it notarizes.
    func hasRows(_ hash: Bytes32, _ member: Int) -> Bool {
        switch entries[hash]?.access {
        case .all, .wrong: true
        case .rowsOnly(let members): members.contains(member)
        case nil: false
        }
    }

    /// Whether a block's whole square is there and rightly encoded.
    func isAvailable(_ hash: Bytes32) -> Bool {
        if case .all? = entries[hash]?.access { true } else { false }
    }

    /// What verifying a block whole leads to: a certificate, a refusal, or nothing ever.
    enum Outcome { case certified(CertifiedAvailable), refused, never }

    func certify(_ hash: Bytes32, isBlind: Bool = false) -> Outcome {
        guard let entry = entries[hash] else { return .never }
        switch entry.access {
        case _ where isBlind, .all:
            return CertifiedAvailable(entry.header, square: square).map { .certified($0) }
                ?? .refused
        case .wrong: return .refused
        case .rowsOnly: return .never
        }
    }
}

extension MockBlocks {
    /// The ancestors of a block above a height, lowest first; what a node that follows would fetch.
    func ancestors(of block: BlockReference, above height: UInt64) -> [BlockReference] {
        var found: [BlockReference] = []
        var header = entries[block.hash]?.header
        while let child = header, child.height.value > height + 1,
            let parent = child.lastBlockID.hash.flatMap({ entries[$0]?.header })
        {
            if let reference = BlockReference(parent) { found.append(reference) }
            header = parent
        }
        return found.reversed()
    }
}
