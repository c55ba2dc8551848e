// SPDX-License-Identifier: Apache-2.0

internal import Availability
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
        let roots: DataAvailabilityHeader
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
