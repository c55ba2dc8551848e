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
    var isSaving = false
    /// Verdicts that are not on disk yet.
    private(set) var unsaved: [SamplingRecord] = []

    init(schedule: SamplingSchedule) {
        self.schedule = schedule
    }

    mutating func keep(_ record: SamplingRecord) {
        if verdicts.count >= NodeLimits.receiptsKept { verdicts.removeFirst() }
        verdicts.append(record)
        unsaved.append(record)
    }

    /// What goes to disk next: the heights found available, and each new verdict's receipts.
    mutating func takeUnsaved() -> [(name: String, bytes: [UInt8])] {
        defer { unsaved = [] }
        return [(Self.record, schedule.sampled.encoded)]
            + unsaved.map { (SamplingRecord.name($0.height), $0.encode()) }
    }
}
