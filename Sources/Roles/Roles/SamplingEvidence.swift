// SPDX-License-Identifier: Apache-2.0

internal import Availability
package import Bytes
package import Chain
internal import DataSquare
internal import Machinery

/// A verdict with the very samples that it rests on, as it is kept for whoever wants to check it.
///
/// On disk: the length-prefixed record, then for each of its receipts the length-prefixed sample as
/// it came (`shwap.Sample`). Only the newest blocks' are kept, each in the slot of its height.
package struct SamplingEvidence: Hashable, Sendable {
    /// What the names of these small records begin with.
    package static let prefix = "samples/"
    /// The longest record; 128 bytes of a peer's name and 40 more for each receipt.
    private static let recordMax = 1 << 20
    /// The longest sample: a share, and a proof of as many nodes as the widest square's tree needs.
    private static let sampleMax = 8 << 10

    /// What was concluded.
    package let record: SamplingRecord
    /// The samples, in the order of the record's receipts.
    package let samples: [[UInt8]]

    /// Keeps a verdict's samples; there is one for each receipt.
    package init(record: SamplingRecord, samples: [[UInt8]]) {
        precondition(record.receipts.count == samples.count, "one sample for each receipt")
        self.record = record
        self.samples = samples
    }

    /// The name of the small record of a height; heights take turns in the slots.
    package static func name(_ height: UInt64) -> String {
        "\(prefix)\(height % UInt64(NodeLimits.evidenceKept))"
    }

    /// The bytes on disk.
    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: record.encode())
        for sample in samples { bytes.append(lengthPrefixed: sample) }
        return bytes
    }

    /// Reads the bytes on disk.
    package init(decoding bytes: [UInt8]) throws(DecodeFault) {
        var reader = ByteReader(bytes)
        record = try SamplingRecord(
            decoding: [UInt8](
                try reader.lengthPrefixed(limit: Self.recordMax, field: "record")))
        var samples: [[UInt8]] = []
        while !reader.isAtEnd {
            samples.append(
                [UInt8](try reader.lengthPrefixed(limit: Self.sampleMax, field: "sample")))
        }
        guard samples.count == record.receipts.count else {
            throw .malformed("\(samples.count) samples for \(record.receipts.count) receipts")
        }
        self.samples = samples
    }

    /// The receipt that others can check, under the block's header.
    package func receipt(under header: ExtendedHeader) throws(DecodeFault) -> SamplingReceipt {
        var answers: [SamplingReceipt.Answer] = []
        for (receipt, sample) in zip(record.receipts, samples) {
            answers.append(
                SamplingReceipt.Answer(
                    coordinate: receipt.coordinate,
                    sample: try UnverifiedSample(protobuf: sample), digest: receipt.digest,
                    peer: receipt.peer.name))
        }
        return SamplingReceipt(
            height: record.height, block: header.lightBlock,
            roots: header.dataAvailabilityHeader, wanted: record.wanted,
            isAvailable: record.isAvailable,
            confidencePartsPerMillion: record.confidencePartsPerMillion, answers: answers)
    }
}

/// The samples of the newest blocks, and those that are still coming in.
struct SampleShelf {
    private var arriving: [(height: UInt64, coordinate: Coordinate, bytes: [UInt8])] = []
    /// The newest verdicts with their samples, oldest first.
    private(set) var kept: [SamplingEvidence] = []

    init() {}

    /// What an earlier run left; records that do not decode are passed over and told of.
    init(_ restored: RestoredState, faults: inout [DecodeFault]) {
        for value in restored.values where value.name.hasPrefix(SamplingEvidence.prefix) {
            do throws(DecodeFault) {
                kept.append(try SamplingEvidence(decoding: value.bytes))
            } catch {
                faults.append(error)
            }
        }
        kept.sort { $0.record.height < $1.record.height }
    }

    /// A share came whose proof holds.
    mutating func take(_ sample: VerifiedSample, of height: UInt64) {
        arriving.append((height, sample.coordinate, sample.container.protobuf))
    }

    /// A verdict was reached: its samples are kept with it, and others of the height forgotten.
    mutating func conclude(_ record: SamplingRecord) {
        let samples = record.receipts.compactMap { receipt in
            arriving.first {
                $0.height == record.height && $0.coordinate == receipt.coordinate
            }?.bytes
        }
        arriving.removeAll { $0.height == record.height }
        kept.removeAll {
            SamplingEvidence.name($0.record.height) == SamplingEvidence.name(record.height)
        }
        guard samples.count == record.receipts.count else { return }
        kept.append(SamplingEvidence(record: record, samples: samples))
    }

    /// The heights whose samples are kept, as a person is told: `5-8 12`, or `none`.
    var heightsText: String {
        var heights = HeightRanges()
        for evidence in kept { heights.insert(evidence.record.height) }
        let parts = heights.ranges.map {
            $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }
        return parts.isEmpty ? "none" : parts.joined(separator: " ")
    }

    /// The verdict on a height with its samples, while it is kept.
    func evidence(_ height: UInt64) -> SamplingEvidence? {
        kept.last { $0.record.height == height }
    }
}
