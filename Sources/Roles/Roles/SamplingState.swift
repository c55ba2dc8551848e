// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery

/// What a node is sampling and has sampled.
struct SamplingState {
    /// The name of the small record that holds the heights found available.
    static let record = "sampling.available"

    /// One block under way.
    struct Running {
        let height: UInt64
        let header: ChainHeader
        var roots: KnownRoots
        /// Shares that can be asked for once the roots above them are known.
        var waitingForRoots: [(coordinate: Coordinate, peer: Peer)] = []
        var isFetchingRoots = false
        var machine = SamplingMachine()
    }

    var schedule: SamplingSchedule
    var running: [Running] = []
    /// Heights whose header is being read from the store.
    var waitingForHeader: [UInt64] = []
    /// The newest verdicts, oldest first.
    private(set) var verdicts: [SamplingRecord] = []
    /// The samples behind the newest of them.
    private(set) var shelf = SampleShelf()
    var isSaving = false
    /// What the drawn places hang on; nil until it is on disk.
    var secret: Bytes32?
    /// When storing the secret is tried again.
    var secretDue: Instant?
    /// Who let this node wait in earlier blocks.
    var late = LatePeers()
    /// Who gave the newest headers, oldest first.
    private var givers: [(header: Bytes32, peer: Peer)] = []
    /// Verdicts that are not on disk yet.
    private(set) var unsaved: [SamplingRecord] = []

    init(schedule: SamplingSchedule, shelf: SampleShelf = SampleShelf()) {
        self.schedule = schedule
        self.shelf = shelf
        verdicts = shelf.kept.map(\.record)
    }

    /// A share came whose proof holds.
    mutating func take(_ sample: VerifiedSample, of height: UInt64) {
        guard running.contains(where: { $0.height == height }) else { return }
        shelf.take(sample, of: height)
    }

    /// The name of the small record that holds the secret, which never leaves the node.
    static let secretRecord = "sampling.secret"

    /// Remembers who gave a header.
    mutating func note(giver: Peer, of header: Bytes32) {
        if givers.count >= NodeLimits.giversKept { givers.removeFirst() }
        givers.append((header, giver))
    }

    /// Who gave a header first, where that is remembered.
    func giver(of header: Bytes32) -> Peer? {
        givers.first { $0.header == header }?.peer
    }

    mutating func keep(_ record: SamplingRecord) {
        shelf.conclude(record)
        if verdicts.count >= NodeLimits.receiptsKept { verdicts.removeFirst() }
        verdicts.append(record)
        unsaved.append(record)
    }

    /// What goes to disk next: the heights found available, and each new verdict's receipts.
    mutating func takeUnsaved() -> [(name: String, bytes: [UInt8])] {
        defer { unsaved = [] }
        return [(Self.record, schedule.sampled.encoded)]
            + unsaved.map { (SamplingRecord.name($0.height), $0.encode()) }
            + unsaved.compactMap { shelf.evidence($0.height) }.map {
                (SamplingEvidence.name($0.record.height), $0.encode())
            }
    }
}
