// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Bytes
internal import Chain

/// What a committee's member keeps on disk beside the chain and its signer's log.
///
/// Names begin with `agreement/`: `epoch` is where the present one begins; `certificate/…` are those
/// above the last final block; `proposal/…` are proposals whose rows were held, and
/// `square.pending/…`, read only when wanted, the squares of those that were found available.
enum CommitteeRecord {
    static let epochName = "agreement/epoch"
    static let certificatePrefix = "agreement/certificate/"
    static let proposalPrefix = "agreement/proposal/"
    static let squarePrefix = "square.pending/"

    static func certificateName(_ certificate: QuorumCertificate) -> String {
        let statement = certificate.statement
        return certificatePrefix
            + "\(statement.epoch).\(statement.view).\(statement.kind.rawValue)"
    }

    static func proposalName(_ slot: Int) -> String { proposalPrefix + "\(slot)" }

    static func squareName(_ slot: Int) -> String { squarePrefix + "\(slot)" }

    /// `epoch u64 ‖ seed 32`, then length-prefixed the base's name, time and certificate, the members
    /// and those of the epoch before.
    static func encode(_ start: EpochStart) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: start.epoch.value)
        bytes.append(start.seed)
        bytes.append(lengthPrefixed: start.base.block?.protobuf ?? [])
        bytes.append(lengthPrefixed: start.base.time?.protobuf ?? [])
        bytes.append(lengthPrefixed: start.base.certificate?.protobuf ?? [])
        bytes.append(lengthPrefixed: start.validatorSet.protobuf)
        bytes.append(lengthPrefixed: start.earlierSet.protobuf)
        return bytes
    }

    static func epoch(decoding bytes: [UInt8]) throws(DecodeFault) -> EpochStart {
        var reader = ByteReader(bytes)
        let epoch = Epoch(try reader.bigEndian(UInt64.self))
        let seed: Bytes32 = try reader.fixed()
        let limit = QuorumCertificate.sizeMax
        let block = try reader.lengthPrefixed(limit: limit)
        let time = try reader.lengthPrefixed(limit: limit)
        let certificate = try reader.lengthPrefixed(limit: limit)
        let set = try ValidatorSet(protobuf: try reader.lengthPrefixed(limit: limit))
        let earlierSet = try ValidatorSet(protobuf: try reader.lengthPrefixed(limit: limit))
        try reader.finish()
        return EpochStart(
            epoch: epoch, validatorSet: set, earlierSet: earlierSet, seed: seed,
            base: ChainPoint(
                block: block.isEmpty ? nil : try BlockReference(protobuf: block),
                time: time.isEmpty ? nil : try Timestamp(protobuf: time),
                certificate: certificate.isEmpty
                    ? nil : try QuorumCertificate(protobuf: certificate)))
    }

    /// `hash 32 ‖ shares`.
    static func encode(_ block: Bytes32, square bytes: [UInt8]) -> [UInt8] {
        block.array + bytes
    }
}

/// What a member takes up at its start.
struct CommitteeRecords {
    let start: AgreementStart
    /// Open proposals with the slots that they lie in.
    let proposals: [(slot: Int, proposal: Proposal)]
    /// Blocks that are final, with what says so, lowest first.
    let finals: [(Proposal, QuorumCertificate)]
    let kept: [CommitteeState.Kept]

    init(
        _ restored: RestoredState, genesis: Genesis
    ) throws(DecodeFault) {
        var epoch = EpochStart(
            genesis: genesis.time, validatorSet: genesis.validatorSet, seed: genesis.hash)
        if let bytes = restored.value(CommitteeRecord.epochName) {
            epoch = try CommitteeRecord.epoch(decoding: bytes)
        }
        var certificates: [QuorumCertificate] = []
        var kept: [CommitteeState.Kept] = []
        var proposals: [(slot: Int, proposal: Proposal)] = []
        for (name, bytes) in restored.values where !bytes.isEmpty {
            if name.hasPrefix(CommitteeRecord.certificatePrefix) {
                let certificate = try QuorumCertificate(protobuf: bytes)
                kept.append(
                    CommitteeState.Kept(
                        name: name, epoch: certificate.statement.epoch,
                        view: certificate.statement.view))
                if certificate.statement.epoch == epoch.epoch { certificates.append(certificate) }
            } else if name.hasPrefix(CommitteeRecord.proposalPrefix),
                let slot = Int(name.dropFirst(CommitteeRecord.proposalPrefix.count))
            {
                proposals.append((slot, try Proposal(protobuf: bytes)))
            }
        }
        let head = restored.head
        self.kept = kept
        self.proposals = proposals.filter {
            $0.proposal.header.height.value > head?.height.value ?? 0
        }
        let byHash = Dictionary(
            proposals.map { ($0.proposal.block.hash, $0.proposal) }, uniquingKeysWith: { $1 })
        let final = certificates.filter { $0.statement.kind == .finalize }
            .max { $0.statement.view < $1.statement.view }
        var point: ChainPoint?
        var open: [BlockReference] = []
        if let final, let block = final.statement.block {
            let time =
                head?.hash == block.hash ? head?.header.time : byHash[block.hash]?.header.time
            point = ChainPoint(block: block, time: time, certificate: final)
            var lowest = block
            while let parent = byHash[lowest.hash]?.parentBlock,
                parent.height.value > head?.height.value ?? 0
            {
                let isClosed = certificates.contains {
                    $0.statement.kind == .finalize && $0.statement.block == parent
                }
                if !isClosed { open.append(parent) }
                lowest = parent
            }
        }
        finals = certificates.filter { $0.statement.kind == .finalize }
            .sorted { $0.statement.view < $1.statement.view }
            .compactMap { certificate in
                certificate.statement.block.flatMap { byHash[$0.hash] }.map { ($0, certificate) }
            }
        start = AgreementStart(
            epoch: epoch, final: point, openCommits: open.reversed(), said: restored.said,
            certificates: certificates, proposals: self.proposals.map(\.proposal))
    }
}
