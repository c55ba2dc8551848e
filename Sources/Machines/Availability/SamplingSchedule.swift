// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Which block a node samples next: new ones first, then older ones, then those that failed.
///
/// A block that was found withheld is tried again later, since data may come back; until it does,
/// nothing above it counts as a sampled chain. Specified in Protocol/08-sampling.md.
package struct SamplingSchedule: Sendable {
    /// Why a height is being sampled, as `das.SamplingStats` tells it.
    package enum Job: String, Sendable {
        /// It was one of the newest when it began.
        case recent
        /// It lies below those.
        case catchup
        /// It failed before.
        case retry
    }

    /// How many of the newest heights are sampled at once, whatever else is under way.
    ///
    /// One that is withheld takes its whole time, which is that of several blocks: those that come
    /// meanwhile must not wait for it; `sampling.newBlocksAtOnce`.
    package static let newBlocksAtOnce = 8
    /// How many older blocks are sampled at once; `sampling.blocksAtOnce`.
    package static let blocksAtOnce = 4
    /// How many of them may be blocks that failed before; `sampling.retriesAtOnce`.
    ///
    /// One that is still withheld takes its whole time: more of them would keep older blocks that
    /// were never sampled waiting.
    package static let retriesAtOnce = 1
    /// How long a failed height rests before it is tried again; `sampling.retryMilliseconds`.
    package static let retryMilliseconds: UInt64 = 5_000
    /// How many failed heights are remembered; `sampling.failedHeightsMax`.
    package static let failedHeightsMax = 4_096

    /// Heights found available.
    package private(set) var sampled = HeightRanges()
    /// Heights being sampled, in the order they began.
    package private(set) var running: [(height: UInt64, job: Job)] = []
    /// Heights that failed: tries so far and when the next is due, lowest first.
    package private(set) var failed: [(height: UInt64, tries: Int, due: Instant)] = []
    /// The lowest height that is to be sampled.
    package private(set) var tail: UInt64
    /// The highest height whose header is known.
    package private(set) var head: UInt64 = 0

    /// Samples from `tail` on; `sampled` is what earlier runs found available.
    package init(tail: UInt64, sampled: HeightRanges = HeightRanges()) {
        self.tail = tail
        self.sampled = sampled
    }

    /// Headers up to `height` are known.
    package mutating func headIs(_ height: UInt64) {
        head = max(head, height)
    }

    /// Sampling begins at `height`: lower when older headers came, higher when some were pruned.
    package mutating func setTail(_ height: UInt64) {
        tail = max(1, height)
        let left = failed.filter { $0.height >= tail || isRunning($0.height) }
        failed = left
    }

    /// Blocks from `height` on are refused: nothing of them is sampled or counts as sampled.
    package mutating func refuse(from height: UInt64) {
        head = min(head, max(1, height) - 1)
        sampled.removeAll(from: height)
        running.removeAll { $0.height >= height }
        failed.removeAll { $0.height >= height }
    }

    /// The next height to begin, or nil when nothing is due or enough are running.
    package mutating func next(at now: Instant) -> UInt64? {
        guard head >= tail else { return nil }
        let new = running.count { $0.job == .recent }
        let hasRoom = running.count - new < Self.blocksAtOnce
        if let height = newestUntouched() {
            let isNew = head - height < UInt64(Self.newBlocksAtOnce) && new < Self.newBlocksAtOnce
            guard isNew || hasRoom else { return nil }
            running.append((height, isNew ? .recent : .catchup))
            return height
        }
        guard hasRoom, running.count(where: { $0.job == .retry }) < Self.retriesAtOnce,
            let index = failed.indices.filter({
                failed[$0].due <= now && !isRunning(failed[$0].height)
            }).min(by: { failed[$0].due < failed[$1].due })
        else { return nil }
        running.append((failed[index].height, .retry))
        return failed[index].height
    }

    /// A height was found available.
    package mutating func succeeded(_ height: UInt64) {
        running.removeAll { $0.height == height }
        failed.removeAll { $0.height == height }
        sampled.insert(height)
    }

    /// A height was found withheld, or could not be sampled.
    package mutating func failed(_ height: UInt64, at now: Instant) {
        running.removeAll { $0.height == height }
        let due = now.advanced(byMilliseconds: Self.retryMilliseconds)
        if let index = failed.firstIndex(where: { $0.height == height }) {
            failed[index].tries += 1
            failed[index].due = due
        } else if failed.count < Self.failedHeightsMax {
            let index = failed.firstIndex { $0.height > height } ?? failed.count
            failed.insert((height, 1, due), at: index)
        }
    }

    /// When the next retry is due, if one waits.
    package var nextDue: Instant? {
        failed.filter { !isRunning($0.height) }.map(\.due).min()
    }

    /// The last height up to which every block since the tail is available; 0 if none.
    package var headOfSampledChain: UInt64 {
        sampled.end(ofRunWith: tail) ?? 0
    }

    /// Whether every known height is available.
    package var isCaughtUp: Bool {
        head >= tail && headOfSampledChain >= head
    }

    private func newestUntouched() -> UInt64? {
        var height = head
        while height >= tail, height > 0 {
            if let range = sampled.ranges.last(where: { $0.contains(height) }) {
                if range.lowerBound <= 1 { return nil }
                height = range.lowerBound - 1
                continue
            }
            if !isRunning(height), !failed.contains(where: { $0.height == height }) {
                return height
            }
            height -= 1
        }
        return nil
    }

    private func isRunning(_ height: UInt64) -> Bool {
        running.contains { $0.height == height }
    }
}
