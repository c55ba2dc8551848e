// SPDX-License-Identifier: Apache-2.0

/// What came of a timed committee.
package struct TimedReport: Sendable {
    /// What was run.
    package let scenario: TimedScenario
    /// What must never happen and did, the first few.
    package let violations: [String]
    /// How much happened.
    package let events: Int
    /// Virtual time at the end.
    package let nanoseconds: UInt64
    /// Final blocks that count, lowest first.
    let blocks: [TimedWatch.Times]
    /// How often a member let a view pass.
    package let nullifyVotes: Int
    /// Bytes of rows that each block's proposer sent.
    package let leaderBytes: [Int]
    /// Bytes that each member sent in all.
    package let sentBytes: [Int]
    /// Nanoseconds that the busiest member's loop, and its other cores, worked.
    package let loopWorked: UInt64
    package let coresWorked: UInt64
    /// Bytes of a block's original square.
    package let squareBytes: Int
    /// How many squares were rebuilt from data rows alone, and with parity.
    package let rebuiltPlainly: Int
    package let repaired: Int
    /// The fewest rows that any part with over a third of the power was found to hold.
    package let worstRows: (covered: Int, of: Int)?
}

extension TimedReport {
    /// From when its leader began with a block until each member knew it final, sorted.
    package var finalities: [UInt64] {
        blocks.flatMap { block in block.final.values.map { $0 - block.began } }.sorted()
    }

    /// The same from when its leader had it ready to sign.
    package var finalitiesSinceBuilt: [UInt64] {
        blocks.flatMap { block in
            block.final.values.map { $0 - (block.built ?? block.began) }
        }.sorted()
    }

    /// From when a blob is posted, at any time, in any region, until each member knew it final.
    ///
    /// It takes one median way to the leader, and waits for the next block.
    package var postsToFinal: [UInt64] {
        let way = scenario.latencies.medianNanoseconds
        var all: [UInt64] = []
        for (earlier, block) in zip(blocks, blocks.dropFirst()) where block.began > earlier.began {
            for part in 0..<16 {
                let waited = (block.began - earlier.began) * UInt64(2 * part + 1) / 32
                all += block.final.values.map { $0 - block.began + waited + way }
            }
        }
        return all.sorted()
    }

    /// From one block's beginning to the next one's, sorted.
    package var intervals: [UInt64] {
        zip(blocks, blocks.dropFirst()).map { $1.began - $0.began }.sorted()
    }

    /// Each step of a block at members other than its proposer, after its beginning, sorted.
    package var steps: [(name: String, times: [UInt64])] {
        let steps: [(String, (TimedWatch.Times) -> [Int: UInt64])] = [
            ("proposed", { $0.proposed }), ("rowsOwed", { $0.owed }),
            ("gathered", { $0.gathered }), ("notarized", { $0.notarized }),
            ("secondGate", { $0.certified }),
        ]
        return steps.map { name, times in
            (
                name,
                blocks.flatMap { block in
                    times(block).filter { $0.key != block.proposer }.values.map {
                        $0 - block.began
                    }
                }.sorted()
            )
        }
    }

    /// Bytes of blobs that became final in a second.
    package var blobBytesPerSecond: Double {
        guard let first = blocks.first, let last = blocks.last, last.began > first.began else {
            return 0
        }
        let bytes = Double(scenario.blobBytes) * Double(blocks.count - 1)
        return bytes * 1e9 / Double(last.began - first.began)
    }

    /// How many blocks, counted as original squares, the leader of a block sends.
    package var leaderEgressInBlocks: Double {
        guard !leaderBytes.isEmpty else { return 0 }
        let mean = Double(leaderBytes.reduce(0, +)) / Double(leaderBytes.count)
        return mean / Double(squareBytes)
    }

    /// The time that the leader's rows take on its link, in nanoseconds.
    package var egress: UInt64 {
        guard let rate = scenario.bytesPerSecond, !leaderBytes.isEmpty else { return 0 }
        let mean = leaderBytes.reduce(0, +) / leaderBytes.count
        return UInt64(mean) * 1_000_000_000 / rate
    }

    /// Egress, three median ways and two encodings: what nobody can be much faster than.
    package var bound: UInt64 {
        egress + 3 * scenario.latencies.medianNanoseconds + 2 * scenario.costs.encoding
    }

    /// The value below which so many thousandths of sorted values lie.
    package static func rank(_ perMille: Int, of sorted: [UInt64]) -> UInt64 {
        sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * perMille / 1_000)]
    }
}
