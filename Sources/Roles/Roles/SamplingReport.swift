// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import DataSquare
internal import Machinery

/// What a node's sampling found of late and is finding now, for people who watch it.
package struct SamplingReport: Hashable, Sendable {
    /// One block.
    package struct Block: Hashable, Sendable {
        /// Its height.
        package let height: UInt64
        /// Rows of its extended square.
        package let width: Int
        /// Shares that are asked for.
        package let wanted: Int
        /// Who answered, in the order the shares were drawn.
        package let peers: [String]
        /// Whether it was found available; nil while it is being sampled.
        package let isAvailable: Bool?
        /// In millionths, from the shares that came so far.
        package let confidencePartsPerMillion: Int
        /// Whether it is proven to be wrongly encoded; nothing above it is followed.
        package var isRefused = false
    }

    /// The newest blocks, oldest first, those under way last.
    package let blocks: [Block]
}

extension Node {
    /// How many verdicts a report tells; `sampling.reported`.
    private static let reported = 16

    /// What sampling found of late and is finding now.
    package var samplingReport: SamplingReport {
        var blocks = sampling.verdicts.suffix(Self.reported).map { record in
            SamplingReport.Block(
                height: record.height, width: record.width, wanted: record.wanted,
                peers: record.receipts.map(\.peer.name),
                isAvailable: record.isAvailable,
                confidencePartsPerMillion: record.confidencePartsPerMillion)
        }
        for running in sampling.running {
            let receipts = running.machine.receipts
            blocks.append(
                SamplingReport.Block(
                    height: running.height, width: running.roots.width,
                    wanted: running.machine.wanted, peers: receipts.map(\.peer.name),
                    isAvailable: nil,
                    confidencePartsPerMillion: SamplingConfidence.partsPerMillion(
                        width: running.roots.width, samples: receipts.count)))
        }
        if let record = fraud.refusal?.record {
            blocks.removeAll { $0.height >= record.height }
            blocks.append(
                SamplingReport.Block(
                    height: record.height, width: 0, wanted: 0, peers: [], isAvailable: nil,
                    confidencePartsPerMillion: 0, isRefused: true))
        }
        return SamplingReport(blocks: blocks)
    }
}
