// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
internal import Ledger

/// What a validator knows of faults: pairs that no block has yet, and what blocks had.
///
/// Names of records are `evidence/N` for the pairs that wait and `slashed/N` for those that the chain
/// has, each in as many places as are kept.
struct EvidenceBook: Sendable {
    static let pendingPrefix = "evidence/"
    static let slashedPrefix = "slashed/"

    /// What is told when this node makes a block, oldest first.
    private(set) var pending: [(place: Int, evidence: FaultEvidence)] = []
    /// What the chain has seen, oldest first.
    private(set) var slashed: [SlashedEvidence] = []
    private var pendingCount = 0
    private var slashedCount = 0

    /// Takes up what the disk has.
    ///
    /// - Throws: at the first record that does not decode.
    init(_ restored: RestoredState) throws(DecodeFault) {
        var kept: [(place: Int, record: SlashedEvidence)] = []
        for (name, bytes) in restored.values where !bytes.isEmpty {
            if let place = Self.place(name, Self.pendingPrefix) {
                pending.append((place, try FaultEvidence(protobuf: bytes)))
            } else if let place = Self.place(name, Self.slashedPrefix) {
                kept.append((place, try SlashedEvidence(decoding: bytes)))
            }
        }
        pending.sort { $0.place < $1.place }
        pendingCount = (pending.last?.place ?? -1) + 1
        slashed = kept.map(\.record).sorted { $0.number < $1.number }
        slashedCount = (slashed.last?.number ?? -1) + 1
    }

    /// The bytes of what waits, oldest first.
    var told: [[UInt8]] { pending.map(\.evidence.protobuf) }

    /// Takes evidence up; gives its record, or nil when it waits already.
    mutating func add(_ evidence: FaultEvidence) -> (name: String, bytes: [UInt8])? {
        guard !pending.contains(where: { $0.evidence == evidence }) else { return nil }
        let place = pendingCount % NodeLimits.slashingEvidenceMax
        pendingCount += 1
        pending.removeAll { $0.place == place }
        pending.append((place, evidence))
        return (Self.pendingPrefix + "\(place)", evidence.protobuf)
    }

    /// Drops what would have no effect; gives the records that go.
    mutating func drop(
        where isIdle: (FaultEvidence) -> Bool
    ) -> [(name: String, bytes: [UInt8])] {
        let idle = pending.filter { isIdle($0.evidence) }.map(\.place)
        pending.removeAll { idle.contains($0.place) }
        return idle.map { (Self.pendingPrefix + "\($0)", []) }
    }

    /// Notes what a block's evidence has cost; gives the record.
    mutating func note(
        _ punishment: Punishment, at height: UInt64
    ) -> (name: String, bytes: [UInt8]) {
        let record = SlashedEvidence(number: slashedCount, height: height, punishment)
        slashedCount += 1
        slashed.append(record)
        if slashed.count > NodeLimits.slashingEvidenceMax { slashed.removeFirst() }
        let place = record.number % NodeLimits.slashingEvidenceMax
        return (Self.slashedPrefix + "\(place)", record.encode())
    }

    private static func place(_ name: String, _ prefix: String) -> Int? {
        name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count)) : nil
    }
}

/// Evidence that stands in the chain, as a node that executed its block keeps it.
///
/// Byte form: number (8) ‖ height (8) ‖ coins (8) ‖ reporter (20) ‖ the evidence.
package struct SlashedEvidence: Hashable, Sendable {
    /// The largest byte form.
    static let sizeMax = 65_536 + 44

    /// Counts what this node has seen.
    package let number: Int
    /// The height of the block that has it.
    package let height: UInt64
    /// The coins that it took at once.
    package let coins: UInt64
    /// Who told.
    package let reporter: Bytes20
    /// The evidence.
    package let evidence: [UInt8]

    init(number: Int, height: UInt64, _ punishment: Punishment) {
        self.number = number
        self.height = height
        coins = punishment.coins
        reporter = punishment.reporter
        evidence = punishment.evidence
    }

    /// Reads the byte form.
    package init(decoding bytes: [UInt8]) throws(DecodeFault) {
        guard bytes.count <= Self.sizeMax else {
            throw DecodeFault(
                .overLimit(field: "slashed", limit: Self.sizeMax, actual: bytes.count))
        }
        var reader = ByteReader(bytes)
        number = Int(clamping: try reader.bigEndian(UInt64.self))
        height = try reader.bigEndian()
        coins = try reader.bigEndian()
        reporter = try reader.fixed()
        evidence = [UInt8](reader.rest())
    }

    /// The byte form.
    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: UInt64(number))
        bytes.append(bigEndian: height)
        bytes.append(bigEndian: coins)
        bytes.append(reporter)
        return bytes + evidence
    }

    /// What it shows; nil where that cannot be read.
    package var fault: FaultEvidence? {
        do throws(DecodeFault) { return try FaultEvidence(protobuf: evidence) } catch {
            return nil
        }
    }

    /// The two statements; nil where it is evidence of another kind.
    package var pair: SlashingEvidence? {
        if case .pair(let pair) = fault { pair } else { nil }
    }
}
