// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Machinery

/// Reads every stored square again, slowly, so that rot is found while others still have the data.
///
/// One square at a time, lowest height first, and after each a pause as long as its bytes take at
/// the allowed rate. The position survives a restart. A pass begins a day after the one before it
/// began, or when that ends. Specified in Protocol/16-retention.md#scrub.
package struct ScrubMachine: Machine {
    /// What can happen during a pass.
    package enum Event: Sendable {
        /// A moment has come; these squares are held.
        case woke(held: HeightRanges)
        /// A square was read, so many bytes, and is what it should be.
        case intact(UInt64, bytes: UInt64)
        /// A square is not what it should be.
        case damaged(UInt64)
        /// A square is gone since, or could not be read for another reason.
        case gone(UInt64)
    }

    /// What the host must do.
    package enum Effect: Equatable, Sendable {
        /// Read the square of a height and hold it to its checksums and roots.
        case check(UInt64)
        /// Make this position durable, when convenient.
        case save(ScrubPosition)
        /// A pass has ended: so many squares were read, so many were damaged.
        case completed(checked: UInt64, damaged: UInt64)
        /// Send `Event.woke` at this moment.
        case wake(at: Instant)
    }

    /// How many squares are read between two saved positions; `scrub.savedEvery`.
    package static let savedEvery: UInt64 = 64
    /// The least time from one pass's beginning to the next; `scrub.passMilliseconds`.
    package static let passMilliseconds: UInt64 = 86_400_000
    /// The rate when nothing else is asked for, in bytes a second; `scrub.bytesPerSecond`.
    package static let bytesPerSecond: UInt64 = 16 << 20

    private let bytesPerSecond: UInt64
    /// Where the pass is.
    package private(set) var position: ScrubPosition
    private var isRunning = false
    private var due: Instant?
    private var unsaved: UInt64 = 0
    private var wakeAsked: Instant?

    /// Goes on where an earlier run was; `bytesPerSecond` of 0 reads nothing.
    package init(bytesPerSecond: UInt64, position: ScrubPosition = ScrubPosition()) {
        self.bytesPerSecond = bytesPerSecond
        self.position = position
    }

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .woke(let held):
            begin(held, at: now, into: &effects)
        case .intact(let height, let bytes):
            let (scaled, overflow) = bytes.multipliedReportingOverflow(by: 1_000)
            let pause = overflow ? bytes / bytesPerSecond * 1_000 : scaled / bytesPerSecond
            done(height, at: now, pauseMilliseconds: pause, into: &effects)
        case .damaged(let height):
            position.damaged &+= 1
            done(height, at: now, pauseMilliseconds: 0, into: &effects)
        case .gone(let height):
            done(height, at: now, pauseMilliseconds: 0, isChecked: false, into: &effects)
        }
    }

    private mutating func begin(
        _ held: HeightRanges, at now: Instant, into effects: inout [Effect]
    ) {
        guard bytesPerSecond > 0, !isRunning else { return }
        if let due, due > now { return wake(at: due, now, into: &effects) }
        if position.height == 0 {
            guard !held.ranges.isEmpty else { return }
            let next = position.beganMilliseconds + Self.passMilliseconds
            let nowMilliseconds = now.nanoseconds / 1_000_000
            if position.beganMilliseconds > 0, next > nowMilliseconds {
                return wake(at: Instant(nanoseconds: next * 1_000_000), now, into: &effects)
            }
            position = ScrubPosition(beganMilliseconds: nowMilliseconds)
        }
        guard let height = held.first(above: position.height) else {
            effects.append(.completed(checked: position.checked, damaged: position.damaged))
            // The counts stay to be read until the next pass.
            position.height = 0
            save(into: &effects)
            let next = position.beganMilliseconds + Self.passMilliseconds
            wake(at: Instant(nanoseconds: next * 1_000_000), now, into: &effects)
            return
        }
        isRunning = true
        effects.append(.check(height))
    }

    private mutating func done(
        _ height: UInt64, at now: Instant, pauseMilliseconds: UInt64, isChecked: Bool = true,
        into effects: inout [Effect]
    ) {
        isRunning = false
        position.height = height
        if isChecked { position.checked &+= 1 }
        unsaved += 1
        if unsaved >= Self.savedEvery { save(into: &effects) }
        let next = now.advanced(byMilliseconds: min(pauseMilliseconds, Self.passMilliseconds))
        due = next
        wake(at: next, now, into: &effects)
    }

    /// Once for each moment: between passes it is far away.
    private mutating func wake(
        at moment: Instant, _ now: Instant, into effects: inout [Effect]
    ) {
        guard wakeAsked != moment || moment <= now else { return }
        wakeAsked = moment
        effects.append(.wake(at: moment))
    }

    private mutating func save(into effects: inout [Effect]) {
        unsaved = 0
        effects.append(.save(position))
    }
}

/// How far a scrub is, as it survives a restart.
///
/// On disk: `height u64 ‖ began u64 (milliseconds since 1970) ‖ checked u64 ‖ damaged u64`,
/// big-endian.
package struct ScrubPosition: Hashable, Sendable {
    /// The last height that was read in this pass; 0 between passes.
    package var height: UInt64
    /// When the pass began, in milliseconds since 1970; 0 before the first.
    package var beganMilliseconds: UInt64
    /// How many squares of the pass were read.
    package var checked: UInt64
    /// How many of them were damaged.
    package var damaged: UInt64

    /// The name of the small record that holds it.
    package static let record = "scrub.position"

    /// The latest beginning that is taken, so that sums stay numbers: the year 2554.
    private static let beganMax: UInt64 = 18_400_000_000_000

    /// A pass that has read nothing yet.
    package init(beganMilliseconds: UInt64 = 0) {
        height = 0
        self.beganMilliseconds = beganMilliseconds
        checked = 0
        damaged = 0
    }

    /// The bytes on disk.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        for number in [height, beganMilliseconds, checked, damaged] {
            bytes.append(bigEndian: number)
        }
        return bytes
    }

    /// Reads the bytes on disk.
    package init(decoding bytes: [UInt8]) throws(DecodeFault) {
        var reader = ByteReader(bytes)
        height = try reader.bigEndian()
        beganMilliseconds = try reader.bigEndian()
        guard beganMilliseconds <= Self.beganMax else {
            throw .malformed("a scrub began after the year 2554", at: 8)
        }
        checked = try reader.bigEndian()
        damaged = try reader.bigEndian()
        try reader.finish()
    }
}

extension ScrubMachine.Effect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .check(let height): "check \(height)"
        case .save(let position): "save position \(position.height)"
        case .completed(let checked, let damaged):
            "completed, \(checked) checked, \(damaged) damaged"
        case .wake(let instant): "wake at \(instant)"
        }
    }
}
