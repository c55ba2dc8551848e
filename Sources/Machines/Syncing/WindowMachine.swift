// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Finds the lowest height whose block is not older than a window of time, and follows it.
///
/// Times of headers rise with their heights, so a search by halves finds the place in a few reads;
/// from there on each header leaves the window at a moment that is known before. Only a header that
/// was read counts as old: where headers are missing nothing is. Specified in
/// Protocol/16-retention.md#window.
package struct WindowMachine: Machine {
    /// What can happen while a window is followed.
    package enum Event: Sendable {
        /// Headers of these heights are stored, the newest of all among them.
        case headers(ClosedRange<UInt64>)
        /// The times of consecutive headers, as far as they are there.
        case times([Instant], from: UInt64)
        /// The header of that height could not be read.
        case unread(UInt64)
        /// A moment asked for earlier has come.
        case woke
    }

    /// What the host must do.
    package enum Effect: Equatable, Sendable {
        /// Read the times of at most `count` headers from a height on.
        case readTimes(from: UInt64, count: UInt64)
        /// All heights below this one have left the window.
        case moved(to: UInt64)
        /// Send `Event.woke` at this moment.
        case wake(at: Instant)
    }

    /// How many headers are read at once; `retention.timesAtOnce` in Protocol/constants.json.
    package static let timesAtOnce: UInt64 = 64
    /// How long a header that could not be read rests; `retention.restMilliseconds`.
    package static let restMilliseconds: UInt64 = 1_000

    private let lengthMilliseconds: UInt64
    private var known: ClosedRange<UInt64>?
    /// Every lower height has left the window.
    private var low: UInt64 = 1
    /// This height and those above it are within; one above the newest when none is known to be.
    private var inside: UInt64 = 1
    /// Times of the headers from `inside` on.
    private var ahead: [Instant] = []
    private var isReading = false
    private var restsUntil: Instant?
    private var told: UInt64?
    private var wakeAsked: Instant?

    /// Waits for the first headers.
    package init(lengthMilliseconds: UInt64) {
        self.lengthMilliseconds = lengthMilliseconds
    }

    /// The lowest height that has not left the window; nil until the search has ended.
    package var horizon: UInt64? { told }

    /// Whether a block of this time is still within the window.
    package func contains(_ time: Instant, at now: Instant) -> Bool {
        expiry(of: time) > now
    }

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .headers(let range):
            learn(range)
        case .times(let times, let from):
            isReading = false
            take(times, from: from, at: now)
        case .unread(let height):
            isReading = false
            if let known, height < known.lowerBound {
                inside = known.lowerBound
                ahead = []
            } else {
                restsUntil = now.advanced(byMilliseconds: Self.restMilliseconds)
            }
        case .woke:
            break
        }
        goOn(at: now, into: &effects)
    }

    private mutating func learn(_ range: ClosedRange<UInt64>) {
        if inside == (known.map { $0.upperBound + 1 } ?? 1) { inside = range.upperBound + 1 }
        known = range
    }

    private mutating func take(_ times: [Instant], from: UInt64, at now: Instant) {
        guard let first = times.first, from <= inside else { return }
        if from == inside {
            ahead = times
        } else if expiry(of: first) <= now {
            low = max(low, from + 1)
        } else {
            inside = from
            ahead = times
        }
    }

    private mutating func goOn(at now: Instant, into effects: inout [Effect]) {
        guard let known else { return }
        while let first = ahead.first, expiry(of: first) <= now {
            ahead.removeFirst()
            inside += 1
            low = inside
        }
        if let rest = restsUntil {
            guard rest <= now else { return effects.append(.wake(at: rest)) }
            restsUntil = nil
        }
        let lower = max(low, known.lowerBound)
        if lower < inside {
            read(from: lower + (inside - lower) / 2, count: 1, into: &effects)
            return
        }
        if told != low {
            told = low
            effects.append(.moved(to: low))
        }
        if let first = ahead.first {
            let moment = expiry(of: first)
            guard wakeAsked != moment else { return }
            wakeAsked = moment
            effects.append(.wake(at: moment))
        } else if inside <= known.upperBound {
            read(from: inside, count: Self.timesAtOnce, into: &effects)
        }
    }

    private mutating func read(from: UInt64, count: UInt64, into effects: inout [Effect]) {
        guard !isReading else { return }
        isReading = true
        effects.append(.readTimes(from: from, count: count))
    }

    /// Held to the last moment there is: a header's time is its maker's word.
    private func expiry(of time: Instant) -> Instant {
        let (length, isLong) = lengthMilliseconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, isLate) = time.nanoseconds.addingReportingOverflow(length)
        return Instant(nanoseconds: isLong || isLate ? .max : sum)
    }
}

extension WindowMachine.Effect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .readTimes(let from, let count): "read times of \(count) from \(from)"
        case .moved(let height): "horizon \(height)"
        case .wake(let instant): "wake at \(instant)"
        }
    }
}
