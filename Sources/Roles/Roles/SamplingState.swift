// SPDX-License-Identifier: Apache-2.0

package import Availability
internal import Chain
internal import DataSquare
internal import Machinery

/// What a node is sampling and has sampled.
struct SamplingState {
    /// How many heights' receipts are kept at hand; `sampling.receiptsKept`.
    static let receiptsKept = 1_024
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
    var isChangedSinceSave = false

    init(schedule: SamplingSchedule) {
        self.schedule = schedule
    }

    mutating func keep(_ record: SamplingRecord) {
        if verdicts.count >= Self.receiptsKept { verdicts.removeFirst() }
        verdicts.append(record)
    }
}

/// What sampling of one height found, on which receipts.
package struct SamplingRecord: Hashable, Sendable {
    /// The height.
    package let height: UInt64
    /// Rows of the extended square.
    package let width: Int
    /// Shares that were asked for.
    package let wanted: Int
    /// The verdict.
    package let verdict: SamplingVerdict
    /// The shares that came, from whom.
    package let receipts: [SampleReceipt]
    /// In millionths, by Protocol/08-sampling.md.
    package let confidencePartsPerMillion: Int
}
